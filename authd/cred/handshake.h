/*
 * handshake.h - the initiator's half of a Kerberos logon, from a ticket that is
 * there: AP-REQ, the check of the AP-REP, session key, mechListMIC.  No KDC is
 * asked.  [RFC4121], [MS-KILE] 3.2.5
 */
#ifndef AUTHD_CRED_HANDSHAKE_H
#define AUTHD_CRED_HANDSHAKE_H

#include "proto/auth/krb_file.h"

#define HANDSHAKE_KEY_MAX 64u

struct handshake;

/* Once, on the thread that shakes hands, before the walls and after acquire_settle(). */
void handshake_settle(void);

/* token: GSS-API framed, borrowed from *ret.  STATUS_LOGON_FAILURE: the library finds it unfit. */
nt handshake_begin(const struct krb_ticket *, struct handshake **ret,
		   struct span *ret_token) MUST_USE;
/* STATUS_LOGON_FAILURE: the server did not prove itself.  The key is the caller's to wipe. */
nt handshake_finish(struct handshake *, struct span token, uint8_t ret_key[HANDSHAKE_KEY_MAX],
		    size_t *ret_n) MUST_USE;
bool handshake_check(struct handshake *, struct span text, struct span mic) MUST_USE;
nt handshake_sign(struct handshake *, struct span text, struct wr *) MUST_USE;
void handshake_drop(struct handshake *); /* NULL is fine */

#endif
