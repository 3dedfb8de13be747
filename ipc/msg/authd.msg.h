/*
 * authd.msg.h - what the store, and the small names process, can be asked.
 *
 * Nobody asks for a key: session keys are pushed to the worker that owns the
 * identity (worker_session), grants to fsd (fsd_grant).  Refusals all look the
 * same to the asker: STATUS_LOGON_FAILURE after the same work and delay.
 */
#ifndef IPC_MSG_AUTHD_MSG_H
#define IPC_MSG_AUTHD_MSG_H

#include "ipc/msg.h"

/*
 * A client sent NTLMSSP NEGOTIATE.  session: 0 for a new logon, else the
 * session that re-authenticates (its own worker asks) or is bound to.
 * flags: NegotiateFlags as the client sent them.  [MS-NLMP] 2.2.1.1
 */
#define AUTH_NTLM_BEGIN_REQ(F) \
	F(addr, client)        \
	F(u64, session)        \
	F(u32, flags)
/*
 * ctx is good for one auth_ntlm_finish from the same link, within 30 s.  For a
 * new logon it is already the SessionId that the client gets to see: an
 * accepted auth_ntlm_finish answers session == ctx.
 */
#define AUTH_NTLM_BEGIN_RSP(F) \
	F(u64, ctx)            \
	F(u64, challenge)      \
	F(u32, flags)          \
	F(name, target)        \
	F(blob, target_info)

/*
 * The decoded AUTHENTICATE and the three raw messages.  mic_at: offset of the
 * MIC in authenticate, 0 if there is none.  mech_list: the DER MechTypeList as
 * received (empty: raw NTLMSSP, or no check due); client_mic: the client's
 * mechListMIC over it, if one came.  [MS-NLMP] 3.3.2, 3.2.5.1.2
 */
#define AUTH_NTLM_FINISH_REQ(F)   \
	F(u64, ctx)               \
	F(name, user)             \
	F(name, domain)           \
	F(name, workstation)      \
	F(u32, flags)             \
	F(blob, lm_response)      \
	F(blob, nt_response)      \
	F(blob, session_key)      \
	F(token, negotiate)       \
	F(token, challenge)       \
	F(token, authenticate)    \
	F(u16, mic_at)            \
	F(blob, mech_list)        \
	F(blob, client_mic)       \
	F(u64, previous_session)  \
	F(u16, dialect)           \
	F(flag, binding)

#define AUTH_GUEST     0x0001u
#define AUTH_ANONYMOUS 0x0002u

/*
 * Accepted: worker has session, key and grant, fsd has the grant.  server_mic:
 * our mechListMIC (16 bytes) or empty.  flags: AUTH_*.
 */
#define AUTH_NTLM_FINISH_RSP(F)   \
	F(u64, session)           \
	F(u64, worker)            \
	F(u32, flags)             \
	F(blob, server_mic)

/*
 * One leg of Kerberos, from NegotiateToken's inner token (GSS-API framed).  ctx: 0 for the first leg.
 * session, previous_session, binding, mech_list, client_mic: as for NTLM.  mic_due: the client's MIC must come
 * before this is over, with this token or alone in a later leg (token empty).  long_key: 3.1.1 with an AES-256
 * cipher.  An expired ticket on a session that re-authenticates ends that session, like any refusal there.
 */
#define AUTH_KRB_REQ(F)           \
	F(u64, ctx)               \
	F(addr, client)           \
	F(u64, session)           \
	F(token, token)           \
	F(flag, long_key)         \
	F(blob, mech_list)        \
	F(blob, client_mic)       \
	F(flag, mic_due)          \
	F(u64, previous_session)  \
	F(u16, dialect)           \
	F(flag, binding)
/*
 * done: accepted, then as auth_ntlm_finish (session == ctx of a new logon); else token goes to the client
 * and another leg is awaited within 30 s, at most three in all.
 */
#define AUTH_KRB_RSP(F)           \
	F(u64, ctx)               \
	F(flag, done)             \
	F(token, token)           \
	F(u64, session)           \
	F(u64, worker)            \
	F(u32, flags)             \
	F(blob, server_mic)

#define AUTH_ABORT_REQ(F) \
	F(u64, ctx)

/* Whose session is this?  For SESSION_SETUP with BINDING; STATUS_USER_SESSION_DELETED if unknown. */
#define AUTH_SESSION_FIND_REQ(F) \
	F(u64, session)
#define AUTH_SESSION_FIND_RSP(F) \
	F(u64, worker)

/* A worker's session has ended (logoff, connection gone). */
#define AUTH_SESSION_END_REQ(F) \
	F(u64, session)

/* What the worker knows of an established session, for status. */
#define AUTH_SESSION_INFO_REQ(F) \
	F(u64, session)          \
	F(addr, client)          \
	F(u16, dialect)          \
	F(u16, cipher)           \
	F(u16, signing)          \
	F(flag, encrypted)       \
	F(flag, signed_)

#define AUTH_SESSIONS_REQ(F) \
	F(u64, after)
#define AUTH_SESSIONS_RSP(F) \
	F(u64, session)      \
	F(name, user)        \
	F(name, domain)      \
	F(addr, client)      \
	F(u64, started)      \
	F(u64, worker)       \
	F(u32, flags)        \
	F(u16, dialect)      \
	F(u16, cipher)       \
	F(u16, signing)      \
	F(flag, encrypted)   \
	F(flag, signed_)     \
	F(name, method)      \
	F(u64, expires)

/* Ends a session from outside (administration). */
#define AUTH_SESSION_CLOSE_REQ(F) \
	F(u64, session)

/*
 * The sessions that there are, for the Server Service, [MS-SRVS] 3.1.4.5, 3.1.4.6: a row a call, after = session of
 * the last one.  asks: the session of the worker on whose behalf.  brief: no more than NetrSessionEnum's levels 0
 * and 10 tell, which the configuration may let every user see; else asks must be a server operator's
 * (fsd_operator); strangers may never.  left: rows behind this one, at most.  STATUS_ACCESS_DENIED.
 */
#define AUTH_PEERS_REQ(F)    \
	F(u64, asks)         \
	F(flag, brief)       \
	F(u64, after)
#define AUTH_PEERS_RSP(F)    \
	F(u64, session)      \
	F(u32, left)         \
	F(name, user)        \
	F(addr, client)      \
	F(u64, started)      \
	F(u32, flags)        \
	F(u32, idle_s)       \
	F(u32, opens)
/* Ends one of them: answered when it is closed. */
#define AUTH_PEER_END_REQ(F) \
	F(u64, asks)         \
	F(u64, session)

/* Accounts.  Either a password or a 32-digit nt_hash.  Names are case-insensitive. */
#define USER_SET_REQ(F)     \
	F(name, name)       \
	F(secret, password) \
	F(secret, nt_hash)
#define USER_NAME_REQ(F) \
	F(name, name)
#define USER_LIST_REQ(F) \
	F(name, after)
#define USER_LIST_RSP(F)  \
	F(name, name)     \
	F(u64, created)   \
	F(u64, changed)   \
	F(flag, disabled)

/*
 * Who is locked out, in no order: after 0 the first, then after the index of the last.  user is empty
 * where the whole address is.  until: Unix ns.
 */
#define USER_LOCKS_REQ(F)  \
	F(u64, after)
#define USER_LOCKS_RSP(F)  \
	F(u64, index)      \
	F(name, user)      \
	F(addr, client)    \
	F(u32, failures)   \
	F(u64, until)
/* who: an account's name or an address.  Its failures are forgotten; how many lock-outs that ended. */
#define USER_UNLOCK_REQ(F) \
	F(name, who)
#define USER_UNLOCK_RSP(F) \
	F(u32, ended)

/* Served by names: the Unix account of that name.  STATUS_NO_SUCH_USER if there is none. */
#define NAMES_USER_REQ(F) \
	F(name, name)
#define NAMES_USER_RSP(F) \
	F(name, name)     \
	F(u32, uid)       \
	F(u32, gid)       \
	F(gids, groups)

#define AUTH_MESSAGES(M)                                                                           \
	M(0x0401, auth_ntlm_begin,    FROM(GATE) | FROM(WORKER), PHASE_SERVING,                    \
	  AUTH_NTLM_BEGIN_REQ, AUTH_NTLM_BEGIN_RSP)                                                \
	M(0x0402, auth_ntlm_finish,   FROM(GATE) | FROM(WORKER), PHASE_SERVING,                    \
	  AUTH_NTLM_FINISH_REQ, AUTH_NTLM_FINISH_RSP)                                              \
	M(0x0403, auth_abort,         FROM(GATE) | FROM(WORKER), PHASE_ALL, AUTH_ABORT_REQ, NO_FIELDS) \
	M(0x0404, auth_session_find,  FROM(GATE),   PHASE_SERVING,                                 \
	  AUTH_SESSION_FIND_REQ, AUTH_SESSION_FIND_RSP)                                            \
	M(0x0405, auth_session_end,   FROM(WORKER), PHASE_ALL, AUTH_SESSION_END_REQ, NO_FIELDS)    \
	M(0x0406, auth_session_info,  FROM(WORKER), PHASE_SERVING, AUTH_SESSION_INFO_REQ, NO_FIELDS) \
	M(0x0407, auth_sessions,      FROM(API),    PHASE_SERVING, AUTH_SESSIONS_REQ, AUTH_SESSIONS_RSP) \
	M(0x0408, auth_session_close, FROM(API),    PHASE_SERVING, AUTH_SESSION_CLOSE_REQ, NO_FIELDS) \
	M(0x0409, auth_krb,           FROM(GATE) | FROM(WORKER), PHASE_SERVING, AUTH_KRB_REQ, AUTH_KRB_RSP) \
	M(0x0410, user_add,           FROM(API),    PHASE_SERVING, USER_SET_REQ,  NO_FIELDS)       \
	M(0x0411, user_passwd,        FROM(API),    PHASE_SERVING, USER_SET_REQ,  NO_FIELDS)       \
	M(0x0412, user_del,           FROM(API),    PHASE_SERVING, USER_NAME_REQ, NO_FIELDS)       \
	M(0x0413, user_list,          FROM(API),    PHASE_SERVING, USER_LIST_REQ, USER_LIST_RSP) \
	M(0x0414, user_locks,         FROM(API),    PHASE_SERVING, USER_LOCKS_REQ, USER_LOCKS_RSP) \
	M(0x0415, user_unlock,        FROM(API),    PHASE_SERVING, USER_UNLOCK_REQ, USER_UNLOCK_RSP) \
	M(0x0338, auth_peers,         FROM(WORKER), PHASE_SERVING, AUTH_PEERS_REQ, AUTH_PEERS_RSP) \
	M(0x0339, auth_peer_end,      FROM(WORKER), PHASE_SERVING, AUTH_PEER_END_REQ, NO_FIELDS)

#define NAMES_MESSAGES(M) \
	M(0x0480, names_user, FROM(STORE), PHASE_SERVING, NAMES_USER_REQ, NAMES_USER_RSP)

AUTH_MESSAGES(MSG_DECLARE)
NAMES_MESSAGES(MSG_DECLARE)

#endif
