/*
 * cred.msg.h - what the keeper of scripts' credentials can be asked.
 *
 * It alone holds what a script logs on with to other servers: passwords, hashes,
 * keys, tickets.  A session process gets proofs and one session's key, for
 * handles that the api has lent it, and nothing else.
 */
#ifndef IPC_MSG_CRED_MSG_H
#define IPC_MSG_CRED_MSG_H

#include "ipc/msg.h"

#define CRED_ANONYMOUS 0u
#define CRED_PASSWORD  1u	/* secret: UTF-8 */
#define CRED_NT_HASH   2u	/* secret: 32 hex digits */
#define CRED_AES_KEY   3u	/* secret: 32 or 64 hex digits */
#define CRED_KEYTAB    4u	/* material: a keytab file's bytes */
#define CRED_CCACHE    5u	/* material: a ccache file's bytes */
#define CRED_TICKET    6u	/* material: a ticket, DER (a KRB-CRED, or a bare Ticket with secret) */
#define CRED_SERVICE_KEY 7u	/* secret: a service's AES key, hex; material: its SPN: a ticket of our own making */

#define CRED_KRB_DESIRED  0u	/* Kerberos if it can be had, else NTLM */
#define CRED_KRB_REQUIRED 1u
#define CRED_KRB_OFF      2u

/*
 * type: CRED_*; a request's "kind" says which field its binary frame is, secret or material.
 * owner: "uid:1000" or "key:<CURVE key>", the api's word.  A new handle, unguessable, in memory only.
 * Bounded per owner: STATUS_QUOTA_EXCEEDED.
 */
#define CRED_CREATE_REQ(F)    \
	F(name, owner)        \
	F(u8, type)           \
	F(name, user)         \
	F(name, domain)       \
	F(u8, kerberos)       \
	F(secret, secret)     \
	F(token, material)
#define CRED_CREATE_RSP(F)    \
	F(u64, cred)

/* STATUS_NOT_FOUND for somebody else's. */
#define CRED_HANDLE_REQ(F)    \
	F(name, owner)        \
	F(u64, cred)

/* after: handle before this row, 0 the first; STATUS_NO_MORE_ENTRIES. */
#define CRED_LIST_REQ(F)      \
	F(name, owner)        \
	F(u64, after)
#define CRED_LIST_RSP(F)      \
	F(u64, cred)          \
	F(u8, type)           \
	F(name, user)         \
	F(name, domain)       \
	F(u8, kerberos)       \
	F(u64, created)       \
	F(u64, used)          \
	F(u32, tickets)       \
	F(u64, expires)

/* From now on the session process peer, which the directory introduced, may log on with cred. */
#define CRED_LEND_REQ(F)      \
	F(name, owner)        \
	F(u64, cred)          \
	F(u64, peer)

/*
 * NTLM.  STATUS_NOT_SUPPORTED when this credential is not to be used with it.  negotiate: the raw
 * message to send.  ctx: good for one cred_ntlm_finish of the same link, within 60 s.
 */
#define CRED_NTLM_BEGIN_REQ(F) \
	F(u64, cred)           \
	F(name, workstation)
#define CRED_NTLM_BEGIN_RSP(F) \
	F(u64, ctx)            \
	F(token, negotiate)

/*
 * challenge: the server's raw message; flags, server_challenge and target_info: the same, decoded by
 * the asker.  target: the SPN we mean to talk to ("cifs/server"), for MsvAvTargetName.  mech_list: the
 * DER MechTypeList that was sent (empty: raw NTLMSSP).  authenticate: the raw answer; key:
 * ExportedSessionKey; mic: our mechListMIC; user, domain: as whom, for people to read.  [MS-NLMP] 3.1.5.1.2
 */
#define CRED_NTLM_FINISH_REQ(F)  \
	F(u64, ctx)              \
	F(u32, flags)            \
	F(u64, server_challenge) \
	F(blob, target_info)     \
	F(name, target)          \
	F(token, challenge)      \
	F(blob, mech_list)
#define CRED_NTLM_FINISH_RSP(F)  \
	F(token, authenticate)   \
	F(secret, key)           \
	F(blob, mic)             \
	F(flag, anonymous)       \
	F(name, user)            \
	F(name, domain)

/* Is this the server's mechListMIC?  STATUS_LOGON_FAILURE if not.  Ends ctx. */
#define CRED_MIC_CHECK_REQ(F)  \
	F(u64, ctx)            \
	F(blob, mech_list)     \
	F(blob, mic)

/*
 * Kerberos.  STATUS_NOT_SUPPORTED when this credential is not to be used with it or holds nothing for
 * it, so that NTLM may be tried; STATUS_NO_LOGON_SERVERS when no KDC answers in time.  token: the
 * GSS-API framed AP-REQ; user, domain: the ticket's client, its realm.  May wait for a KDC.
 */
#define CRED_KRB_BEGIN_REQ(F)  \
	F(u64, cred)           \
	F(name, spn)
#define CRED_KRB_BEGIN_RSP(F)  \
	F(u64, ctx)            \
	F(token, token)        \
	F(u64, expires)        \
	F(name, user)          \
	F(name, domain)

/*
 * token: the server's AP-REP, GSS-API framed.  key: 16 or 32 bytes.  continued: a third leg, token, has
 * to be sent (DCE style only).  STATUS_LOGON_FAILURE: the server did not prove itself, or its mic is wrong.
 */
#define CRED_KRB_FINISH_REQ(F) \
	F(u64, ctx)            \
	F(token, token)        \
	F(blob, mech_list)     \
	F(blob, server_mic)
#define CRED_KRB_FINISH_RSP(F) \
	F(secret, key)         \
	F(blob, mic)

#define CRED_ABORT_REQ(F)      \
	F(u64, ctx)

/*
 * Tickets.  spn empty: a TGT.  renewable_s, lifetime_s: seconds wished, 0 the KDC's default.
 * renew_until: 0 if it cannot be renewed, which KDCs also say of a renewed one whose own end is
 * as late as that.  [RFC4120] 3.3.3
 */
#define TICKET_REQUEST_REQ(F)  \
	F(name, owner)         \
	F(u64, cred)           \
	F(name, spn)           \
	F(u32, lifetime_s)     \
	F(u32, renewable_s)    \
	F(u32, etype)
#define TICKET_RSP(F)          \
	F(u32, index)          \
	F(name, client)        \
	F(name, server)        \
	F(u32, etype)          \
	F(u32, flags)          \
	F(u64, starts)         \
	F(u64, ends)           \
	F(u64, renew_until)
/* after: row before this one counted from 1, 0 the first. */
#define TICKET_LIST_REQ(F)     \
	F(name, owner)         \
	F(u64, cred)           \
	F(u64, after)
#define TICKET_RENEW_REQ(F)    \
	F(name, owner)         \
	F(u64, cred)
/* form: 0 a ccache file, 1 a keytab of the credential's own keys, 2 KRB-CRED (.kirbi). */
#define TICKET_EXPORT_REQ(F)   \
	F(name, owner)         \
	F(u64, cred)           \
	F(u8, form)
#define TICKET_EXPORT_RSP(F)   \
	F(token, material)

#define CRED_MESSAGES(M)                                                                            \
	M(0x0701, cred_create,      FROM(API),     PHASE_SERVING, CRED_CREATE_REQ, CRED_CREATE_RSP) \
	M(0x0702, cred_drop,        FROM(API),     PHASE_SERVING, CRED_HANDLE_REQ, NO_FIELDS)       \
	M(0x0703, cred_list,        FROM(API),     PHASE_SERVING, CRED_LIST_REQ, CRED_LIST_RSP)     \
	M(0x0704, cred_lend,        FROM(API),     PHASE_SERVING, CRED_LEND_REQ, NO_FIELDS)         \
	M(0x0710, cred_ntlm_begin,  FROM(SESSION), PHASE_SERVING, CRED_NTLM_BEGIN_REQ, CRED_NTLM_BEGIN_RSP) \
	M(0x0711, cred_ntlm_finish, FROM(SESSION), PHASE_SERVING, CRED_NTLM_FINISH_REQ, CRED_NTLM_FINISH_RSP) \
	M(0x0712, cred_mic_check,   FROM(SESSION), PHASE_SERVING, CRED_MIC_CHECK_REQ, NO_FIELDS)    \
	M(0x0713, cred_krb_begin,   FROM(SESSION), PHASE_SERVING, CRED_KRB_BEGIN_REQ, CRED_KRB_BEGIN_RSP) \
	M(0x0714, cred_krb_finish,  FROM(SESSION), PHASE_SERVING, CRED_KRB_FINISH_REQ, CRED_KRB_FINISH_RSP) \
	M(0x0715, cred_abort,       FROM(SESSION), PHASE_ALL,     CRED_ABORT_REQ, NO_FIELDS)        \
	M(0x0720, ticket_request,   FROM(API),     PHASE_SERVING, TICKET_REQUEST_REQ, TICKET_RSP)   \
	M(0x0721, ticket_list,      FROM(API),     PHASE_SERVING, TICKET_LIST_REQ, TICKET_RSP)      \
	M(0x0722, ticket_renew,     FROM(API),     PHASE_SERVING, TICKET_RENEW_REQ, TICKET_RSP)     \
	M(0x0723, ticket_export,    FROM(API),     PHASE_SERVING, TICKET_EXPORT_REQ, TICKET_EXPORT_RSP)

CRED_MESSAGES(MSG_DECLARE)

#endif
