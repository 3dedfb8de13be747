/*
 * policy.h - what we choose and what we refuse: dialects, algorithms, signing
 * and encryption.  Pure functions of configuration and offer.  [MS-SMB2]
 * 3.3.5.4, 3.3.5.5.3
 */
#ifndef SMBD_POLICY_H
#define SMBD_POLICY_H

#include "smbd/smbd.h"

/* The greatest common dialect within min and max protocol, or 0. */
uint16_t policy_dialect(const struct conf_server_req *, const struct smb2_negotiate_req *) MUST_USE;
bool policy_allows(const struct conf_server_req *, uint16_t dialect) MUST_USE;

/*
 * Fills ret (all but addresses) for a chosen dialect.  3.1.1: fails as 3.3.5.4
 * says when the pre-authentication context is missing or holds no SHA-512.
 */
nt policy_negotiate(const struct conf_server_req *, const struct smb2_negotiate_req *,
    uint16_t dialect, struct conn_params *ret) MUST_USE;
/* … and when the client only spoke SMB1 so far: nothing of it is known. */
void policy_multiprotocol(const struct conf_server_req *, uint16_t dialect,
    struct conn_params *ret);

struct policy_session {
	bool has_key;		/* neither guest nor anonymous */
	bool must_sign;		/* Session.SigningRequired */
	bool encrypts;		/* Session.EncryptData */
	bool rejects_plain;	/* … and plain requests are refused */
};

/* auth_flags: AUTH_*; client_mode: SecurityMode of SESSION_SETUP. */
nt policy_session(const struct conf_server_req *, const struct conn_params *, uint8_t client_mode,
    uint32_t auth_flags, struct policy_session *ret) MUST_USE;

/*
 * May connection p become a channel of a session that was set up on first?  The
 * statuses are Windows'; 3.3.5.5 step 4.
 */
nt policy_binding(const struct conn_params *first, const struct conn_params *p) MUST_USE;

#endif
