/*
 * krb.msg.h - what the Kerberos acceptor can be asked.
 *
 * It holds the service's keys and reaches no network.  Only the store asks it to
 * accept; the api adds and lists keys for administrators.
 */
#ifndef IPC_MSG_KRB_MSG_H
#define IPC_MSG_KRB_MSG_H

#include "ipc/msg.h"

#define KRB_HAS_PAC 0x0001u

/*
 * ctx: 0 for the first token, else what the answer before gave.  token: GSS-API framed, without SPNEGO.
 * long_key: the dialect and cipher take all 32 bytes of an AES-256 key.  mech_list, client_mic: as in
 * auth_ntlm_finish; a wrong one is STATUS_LOGON_FAILURE.  mic_due: it must come; if it did not with the token
 * that completes the context, the answer has token and server_mic but is not done, and the next leg (empty
 * token) brings it.  [RFC4178] 5
 */
#define KRB_ACCEPT_REQ(F)    \
	F(u64, ctx)          \
	F(token, token)      \
	F(flag, long_key)    \
	F(blob, mech_list)   \
	F(blob, client_mic)  \
	F(flag, mic_due)
/*
 * done: false when another leg is needed; then only ctx and token mean something.  expires: the ticket's
 * end, Unix ns.  flags: KRB_*.  user_sid and sids (binary, one after the other: primary group first, then
 * groups, then extra SIDs) come from a PAC whose server signature is right; empty without.
 * logon_name, logon_domain: the PAC's EffectiveName and LogonDomainName.
 */
#define KRB_ACCEPT_RSP(F)    \
	F(u64, ctx)          \
	F(flag, done)        \
	F(token, token)      \
	F(secret, key)       \
	F(name, principal)   \
	F(name, realm)       \
	F(u64, expires)      \
	F(u32, flags)        \
	F(blob, user_sid)    \
	F(token, sids)       \
	F(name, logon_name)  \
	F(name, logon_domain) \
	F(blob, server_mic)

#define KRB_ABORT_REQ(F) \
	F(u64, ctx)

/* etype: 17, 18 (or 23 if configured); key: that many bytes as hex digits.  Kept in the state directory. */
#define KEYTAB_ADD_REQ(F)    \
	F(name, principal)   \
	F(u32, etype)        \
	F(u32, kvno)         \
	F(secret, key)
#define KEYTAB_DEL_REQ(F)    \
	F(name, principal)
#define KEYTAB_LIST_REQ(F)   \
	F(u64, after)
#define KEYTAB_LIST_RSP(F)   \
	F(u64, index)        \
	F(name, principal)   \
	F(u32, etype)        \
	F(u32, kvno)         \
	F(u64, added)        \
	F(name, origin)

#define KRB_MESSAGES(M)                                                                     \
	M(0x0740, krb_accept,  FROM(STORE), PHASE_SERVING, KRB_ACCEPT_REQ, KRB_ACCEPT_RSP)  \
	M(0x0741, krb_abort,   FROM(STORE), PHASE_ALL,     KRB_ABORT_REQ, NO_FIELDS)        \
	M(0x0742, keytab_add,  FROM(API),   PHASE_SERVING, KEYTAB_ADD_REQ, NO_FIELDS)       \
	M(0x0743, keytab_del,  FROM(API),   PHASE_SERVING, KEYTAB_DEL_REQ, NO_FIELDS)       \
	M(0x0744, keytab_list, FROM(API),   PHASE_SERVING, KEYTAB_LIST_REQ, KEYTAB_LIST_RSP)

KRB_MESSAGES(MSG_DECLARE)

#endif
