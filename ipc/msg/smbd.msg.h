/*
 * smbd.msg.h - what a worker can be asked, and the hand-over.  The gate serves nothing.
 */
#ifndef IPC_MSG_SMBD_MSG_H
#define IPC_MSG_SMBD_MSG_H

#include "ipc/msg.h"

/*
 * The store pushes an accepted logon: the only way a session key ever travels.
 * key: SessionKey, 16 bytes (NTLM, Kerberos RC4/AES-128) or 32.  ctx ties it to
 * the gate's hand-over, which follows.  expires: Unix ns, 0 never.
 */
#define WORKER_SESSION_REQ(F) \
	F(u64, session)       \
	F(u64, ctx)           \
	F(secret, key)        \
	F(name, user)         \
	F(name, domain)       \
	F(name, sid)          \
	F(id16, grant)        \
	F(u64, expires)       \
	F(u32, flags)

/* The store ends a session (previous session, administration): confirmed when its opens are closed. */
#define WORKER_SESSION_END_REQ(F) \
	F(u64, session)

/*
 * The session has authenticated again, perhaps as somebody else: keys and opens stay.  Sent before the answer
 * to the worker's last auth_ntlm_finish or auth_krb.
 */
#define WORKER_SESSION_AGAIN_REQ(F) \
	F(u64, session)       \
	F(name, user)         \
	F(name, domain)       \
	F(name, sid)          \
	F(u64, expires)       \
	F(u32, flags)

/*
 * The gate hands a connection over, with its socket.
 *   mode TAKE_FINISH: the last SESSION_SETUP was accepted by the store; the worker
 *     derives keys, signs and sends the answer to message_id, then reads on.
 *   mode TAKE_BIND: unread begins with an unconsumed SESSION_SETUP binding request.
 * negotiate_hash, session_hash: the SHA-512 chains, 3.1.4.4.1; session_hash already covers
 * the request in hand.  token: the SPNEGO (or raw) answer to send.  Frames not yet read, whole
 * or in part, are in the data frame.
 */
#define TAKE_FINISH 1u
#define TAKE_BIND   2u

#define WORKER_TAKE_REQ(F)          \
	F(u8, mode)                 \
	F(u64, session)             \
	F(u64, ctx)                 \
	F(addr, client)             \
	F(addr, server)             \
	F(u16, dialect)             \
	F(u16, cipher)              \
	F(u16, signing_alg)         \
	F(u32, client_caps)         \
	F(u32, server_caps)         \
	F(u16, client_mode)         \
	F(u16, server_mode)         \
	F(id16, client_guid)        \
	F(blob, client_dialects)    \
	F(hash64, negotiate_hash)   \
	F(hash64, session_hash)     \
	F(u64, message_id)          \
	F(u16, command_credits)     \
	F(u32, request_flags)       \
	F(u8, session_mode)         \
	F(u16, credits)             \
	F(u64, window_low)          \
	F(blob, window_used)        \
	F(token, answer)

/*
 * fsd: an oplock is broken to level, or a lease to lease_state; answered at once, the client's
 * acknowledgement comes back as fsd_oplock_ack.  [MS-SMB2] 3.3.4.6, 3.3.4.7
 */
#define WORKER_BREAK_REQ(F)    \
	F(u64, file)           \
	F(u8, level)           \
	F(flag, is_lease)      \
	F(id16, lease_key)     \
	F(u32, lease_from)     \
	F(u32, lease_state)    \
	F(u16, lease_epoch)    \
	F(flag, ack_required)

/* fsd has closed this open (another's AppInstanceId, previous session, share taken away). */
#define WORKER_REVOKE_REQ(F) \
	F(u64, file)

/* How much a session is used: seconds since bytes moved on its connections, files and pipes open. */
#define WORKER_SESSION_USE_REQ(F) \
	F(u64, session)
#define WORKER_SESSION_USE_RSP(F) \
	F(u32, idle_s)            \
	F(u32, opens)

#define WORKER_MESSAGES(M)                                                                       \
	M(0x0501, worker_session,     FROM(STORE), PHASE_SERVING, WORKER_SESSION_REQ, NO_FIELDS) \
	M(0x0502, worker_session_end, FROM(STORE), PHASE_ALL, WORKER_SESSION_END_REQ, NO_FIELDS) \
	M(0x0503, worker_take,        FROM(GATE),  PHASE_SERVING, WORKER_TAKE_REQ, NO_FIELDS)    \
	M(0x0504, worker_break,       FROM(FSD),   PHASE_ALL, WORKER_BREAK_REQ, NO_FIELDS)       \
	M(0x0505, worker_revoke,      FROM(FSD),   PHASE_ALL, WORKER_REVOKE_REQ, NO_FIELDS)     \
	M(0x0506, worker_session_again, FROM(STORE), PHASE_SERVING, WORKER_SESSION_AGAIN_REQ, NO_FIELDS) \
	M(0x033c, worker_session_use, FROM(STORE), PHASE_SERVING, WORKER_SESSION_USE_REQ, WORKER_SESSION_USE_RSP)

WORKER_MESSAGES(MSG_DECLARE)

#endif
