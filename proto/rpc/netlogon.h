/*
 * netlogon.h - the questions a domain member asks its controller, and the
 * answers, which may be anything.  [MS-NRPC] 3.5.4.4, 3.5.4.5
 */
#ifndef PROTO_RPC_NETLOGON_H
#define PROTO_RPC_NETLOGON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/rpc/pdu.h"
#include "proto/rpc/sam_info.h"

extern const struct rpc_syntax netlogon_syntax;

enum netlogon_opnum {
	NETLOGON_REQ_CHALLENGE = 4,
	NETLOGON_AUTHENTICATE3 = 26,
	NETLOGON_LOGON_EX = 39,
	NETLOGON_LOGON_FLAGS = 45
};

/* NegotiateFlags, 3.1.4.2. */
#define NETLOGON_STRONG_KEYS 0x00004000u
#define NETLOGON_AES	     0x01000000u
#define NETLOGON_SECURE_RPC  0x40000000u
/* What a member of today says it can do: all of it, but for what only controllers do. */
#define NETLOGON_FLAGS	     0x610fffffu

/* server: "\\\\DC1"; computer: our NetBIOS name; account: "NAME$". */
struct netlogon_who {
	const char *server, *account, *computer;
};

void netlogon_req_challenge_encode(struct wr *, const struct netlogon_who *,
				   const uint8_t challenge[8]);
/* ret_challenge is the server's.  *ret_status: what the controller says. */
nt netlogon_req_challenge_decode(struct span stub, uint8_t ret_challenge[8],
				 nt *ret_status) MUST_USE;

void netlogon_authenticate3_encode(struct wr *, const struct netlogon_who *,
				   const uint8_t credential[8], uint32_t flags);
struct netlogon_authenticated {
	uint8_t credential[8];
	uint32_t flags, rid;
};
nt netlogon_authenticate3_decode(struct span stub, struct netlogon_authenticated *ret,
				 nt *ret_status) MUST_USE;

/* A network logon, level 2: what the client answered to our challenge. */
struct netlogon_logon {
	const char *user, *domain, *workstation; /* as the client sent them */
	const uint8_t *challenge;		 /* eight bytes */
	struct span nt_response, lm_response;
	uint32_t parameters;
};
void netlogon_logon_ex_encode(struct wr *, const struct netlogon_who *,
			      const struct netlogon_logon *);
/* The same with an authenticator.  2.2.1.1.5, 3.5.4.5.2 */
struct netlogon_authenticator {
	uint8_t credential[8];
	uint32_t time;
};
void netlogon_logon_flags_encode(struct wr *, const struct netlogon_who *,
				 const struct netlogon_authenticator *,
				 const struct netlogon_logon *);
/* ret_credential: the controller's own authenticator; zeroes if there is none. */
nt netlogon_logon_flags_decode(struct span stub, uint8_t ret_credential[8], struct sam_info *ret,
			       struct wr *sids, nt *ret_status) MUST_USE;
/* info and sids are set only where *ret_status is success.  See sam_info.h. */
nt netlogon_logon_ex_decode(struct span stub, struct sam_info *ret, struct wr *sids,
			    nt *ret_status) MUST_USE;

#endif
