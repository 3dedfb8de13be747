/*
 * ap_req.h - the outside of a Kerberos AP-REQ: which service's ticket this is,
 * by which kind of key it is sealed, and its authenticator, still encrypted.
 * Enough to refuse a ticket for somebody else, and to know one that comes
 * twice, before a library opens it.  [RFC4121] 4.1, [RFC4120] 5.3, 5.5.1
 */
#ifndef PROTO_AUTH_AP_REQ_H
#define PROTO_AUTH_AP_REQ_H

#include "base/cursor.h"
#include "base/nt.h"

#define AP_REQ_REALM_MAX 256u
#define AP_REQ_NAME_MAX	 512u
#define AP_REQ_PARTS_MAX 8u

struct ap_req {
	char realm[AP_REQ_REALM_MAX];
	char service[AP_REQ_NAME_MAX]; /* the parts of sname with '/' between */
	int32_t etype;		       /* of the ticket */
	bool has_kvno;
	uint32_t kvno;
	int32_t session_etype;	   /* of the key between client and service */
	struct span authenticator; /* the ciphertext; borrowed */
	struct span inner;	   /* the AP-REQ without its frame; borrowed */
};

/* The whole token with its GSS-API frame.  Refusals are STATUS_INVALID_PARAMETER. */
nt ap_req_decode(struct span token, struct ap_req *ret) MUST_USE;
/* The inside of a framed KRB-ERROR: what an acceptor tells a client whose clock is wrong. */
nt krb_error_unwrap(struct span token, struct span *ret) MUST_USE;

#endif
