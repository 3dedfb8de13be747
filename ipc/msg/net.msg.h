/*
 * net.msg.h - what the process that reaches KDCs and domain controllers can be asked.
 *
 * Every question has a time limit of its own; a controller that lies, hangs or
 * closes costs nobody but who asked.
 */
#ifndef IPC_MSG_NET_MSG_H
#define IPC_MSG_NET_MSG_H

#include "ipc/msg.h"

/* One exchange with a KDC of that realm, UDP or TCP.  STATUS_NO_LOGON_SERVERS if none answers in time. */
#define NET_KDC_REQ(F)      \
	F(name, realm)      \
	F(token, request)
#define NET_KDC_RSP(F)      \
	F(token, reply)

/*
 * Pass-through of an NTLMv2 logon by the secure channel.  [MS-NRPC] 3.5.4.5.1, [MS-APDS] 3.1.5.2
 * The password is in none of it.  parameters: ParameterControl.
 * key: UserSessionKey.  sids: binary, primary group first.  STATUS_WRONG_PASSWORD, STATUS_NO_SUCH_USER,
 * STATUS_ACCOUNT_DISABLED, STATUS_ACCOUNT_LOCKED_OUT, STATUS_PASSWORD_EXPIRED ... as the controller says;
 * STATUS_NO_LOGON_SERVERS when none answers in time; STATUS_TRUSTED_RELATIONSHIP_FAILURE when our own
 * machine account is refused.
 */
#define NET_LOGON_REQ(F)        \
	F(name, user)           \
	F(name, domain)         \
	F(name, workstation)    \
	F(u64, challenge)       \
	F(blob, nt_response)    \
	F(blob, lm_response)    \
	F(u32, parameters)
#define NET_LOGON_RSP(F)        \
	F(secret, key)          \
	F(name, user)           \
	F(name, domain)         \
	F(u32, user_flags)      \
	F(blob, user_sid)       \
	F(token, sids)

/*
 * Where we stand, for status: one row, after 0; STATUS_NO_MORE_ENTRIES behind it and where there is no
 * machine account.  controller: empty without a secure channel; since: Unix ns, that it stands or not.
 */
#define NET_STATE_REQ(F)        \
	F(u64, after)
#define NET_STATE_RSP(F)        \
	F(u64, index)           \
	F(name, domain)         \
	F(name, machine)        \
	F(name, controller)     \
	F(u64, since)           \
	F(name, last_error)

#define NET_MESSAGES(M)                                                                       \
	M(0x0780, net_kdc,   FROM(CRED),  PHASE_SERVING, NET_KDC_REQ, NET_KDC_RSP)            \
	M(0x0781, net_logon, FROM(STORE), PHASE_SERVING, NET_LOGON_REQ, NET_LOGON_RSP)        \
	M(0x0782, net_state, FROM(API) | FROM(STORE), PHASE_SERVING, NET_STATE_REQ, NET_STATE_RSP)

NET_MESSAGES(MSG_DECLARE)

#endif
