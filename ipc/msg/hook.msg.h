/*
 * hook.msg.h - server scripting: what scripts want to decide or hear of, from the api to every
 * worker; what workers ask and tell, to the api; and what scripts say themselves.
 */
#ifndef IPC_MSG_HOOK_MSG_H
#define IPC_MSG_HOOK_MSG_H

#include "ipc/msg.h"

enum hook_kind { HOOK_COMMAND = 1, HOOK_CREATE, HOOK_CLOSE, HOOK_EVENT, HOOK_KIND_MAX };

/* What hook_ask is answered with.  ANSWER is for ECHO, whose answer holds nothing else. */
enum hook_action { HOOK_BUILTIN, HOOK_DENY, HOOK_ANSWER, HOOK_ACTION_MAX };

/* The kinds of event: bits of worker_hook.events, and words outside. */
#define HOOK_EVENTS(E) \
	E(logon)       \
	E(logoff)      \
	E(tree_connect) \
	E(open)        \
	E(close)       \
	E(rename)      \
	E(delete)      \
	E(denied)      \
	E(lease_break) \
	E(logon_failed) \
	E(lockout)

#define HOOK_EVENT_NUMBER(name) HOOK_EVENT_##name,
enum hook_event { HOOK_EVENTS(HOOK_EVENT_NUMBER) HOOK_EVENT_MAX };
#undef HOOK_EVENT_NUMBER

#define HOOK_TIMEOUT_MS     1000u	/* if none was named */
#define HOOK_TIMEOUT_MAX_MS 5000u
#define HOOKS_MAX	    64u		/* of an instance */

/*
 * From now on requests of that kind are asked about, or told of.  share, pattern, user, client empty: all; a pattern without
 * '/' is for the last component.  command: of HOOK_COMMAND.  deny: what a hook that is not answered
 * in time means.  An id is never used again by the same api.
 */
#define WORKER_HOOK_REQ(F) \
	F(u32, hook)       \
	F(u8, kind)        \
	F(u16, command)    \
	F(name, share)     \
	F(name, pattern)   \
	F(name, user)      \
	F(addr, client)    \
	F(u32, events)     \
	F(u32, timeout_ms) \
	F(flag, deny)

#define WORKER_UNHOOK_REQ(F) \
	F(u32, hook)

/* What a script is told of a request: to is a rename's, the numbers are a CREATE's as [MS-SMB2] 2.2.13 has them. */
#define HOOK_FACTS(F)      \
	F(u64, session)    \
	F(name, user)      \
	F(addr, client)    \
	F(name, share)     \
	F(path, path)      \
	F(path, to)        \
	F(u32, access)     \
	F(u32, attributes) \
	F(u32, share_access) \
	F(u32, disposition) \
	F(u32, options)

/*
 * May it go on?  STATUS_NOT_FOUND: that hook has ended; any other failure: nobody decided.
 * status: of a denial.  It can refuse what would have been granted, never the other way round.
 */
#define HOOK_ASK_REQ(F)  \
	F(u32, hook)     \
	F(name, command) \
	HOOK_FACTS(F)
#define HOOK_ASK_RSP(F) \
	F(u8, action)   \
	F(u32, status)

/* It has happened.  lost: events for this hook that were not told before this one. */
#define HOOK_TELL_REQ(F) \
	F(u32, hook)     \
	F(name, kind)    \
	F(u32, status)   \
	F(u64, lost)     \
	HOOK_FACTS(F)

/*
 * kind: command, create, close or event.  command: its name (ECHO, ...), for kind command; NEGOTIATE, SESSION_SETUP
 * and CANCEL cannot be had.  share, pattern: only there; empty is everywhere, a pattern without '/' is for the last
 * component of a path.  events: words with commas, for kind event: logon, logoff, tree_connect, open, close, rename,
 * delete, denied, lease_break, logon_failed, lockout (the last two have fields of their own, logon_tell's, and neither share
 * nor path).  user: of that user alone, case ignored.  client: of that address alone, perhaps with a port.  timeout_ms: at most 5000, 0 is 1000.  on_timeout: builtin (or empty) or deny.
 * Answered when every worker knows.  Questions and events come with this request's id, as method "event"; a question
 * has a number "ask", and waits for hook.answer.
 */
#define HOOK_ADD_REQ(F)    \
	F(name, kind)      \
	F(name, command)   \
	F(name, share)     \
	F(name, pattern)   \
	F(name, user)      \
	F(name, client)    \
	F(text, events)    \
	F(u32, timeout_ms) \
	F(name, on_timeout)
#define HOOK_ADD_RSP(F) \
	F(u32, hook)

#define HOOK_DEL_REQ(F) \
	F(u32, hook)

/* action: builtin, deny or (ECHO) answer.  result: the status by its name; empty: ACCESS_DENIED, or success. */
#define HOOK_ANSWER_REQ(F) \
	F(u32, hook)       \
	F(u64, ask)        \
	F(name, action)    \
	F(name, result)

#define WORKER_HOOK_MESSAGES(M)                                                            \
	M(0x0510, worker_hook,   FROM(API), PHASE_ALL, WORKER_HOOK_REQ, NO_FIELDS)         \
	M(0x0511, worker_unhook, FROM(API), PHASE_ALL, WORKER_UNHOOK_REQ, NO_FIELDS)

#define API_HOOK_MESSAGES(M)                                                               \
	M(0x0672, hook_ask,      FROM(WORKER), PHASE_ALL, HOOK_ASK_REQ, HOOK_ASK_RSP)      \
	M(0x0673, hook_tell,     FROM(WORKER), PHASE_ALL, HOOK_TELL_REQ, NO_FIELDS)

/*
 * A logon was refused, or an account or address is locked out from now on (kind, a number here, the word outside).
 * user: as sent, or the domain's word.  mechanism: ntlm, kerberos.  class: wrong_password (also of an unknown user),
 * locked_out, ticket, domain, not_allowed, protocol.  reason: the log's sentence.  session: of who proved themselves
 * again.  hook: the api's to fill in.
 */
#define LOGON_TELL_REQ(F)    \
	F(u32, hook)         \
	F(u8, kind)          \
	F(u32, status)       \
	F(u64, lost)         \
	F(u64, session)      \
	F(name, user)        \
	F(addr, client)      \
	F(name, workstation) \
	F(name, mechanism)   \
	F(name, class_)      \
	F(text, reason)

#define API_LOGON_MESSAGES(M)                                                              \
	M(0x0758, logon_tell,    FROM(STORE), PHASE_ALL, LOGON_TELL_REQ, NO_FIELDS)

/* What scripts say to the api itself: never calls. */
#define HOOK_ROWS(M)                                                        \
	M(0x0690, hook_add,    0, PHASE_ALL, HOOK_ADD_REQ, HOOK_ADD_RSP)    \
	M(0x0691, hook_del,    0, PHASE_ALL, HOOK_DEL_REQ, NO_FIELDS)       \
	M(0x0692, hook_answer, 0, PHASE_ALL, HOOK_ANSWER_REQ, NO_FIELDS)

WORKER_HOOK_MESSAGES(MSG_DECLARE)
API_HOOK_MESSAGES(MSG_DECLARE)
API_LOGON_MESSAGES(MSG_DECLARE)
HOOK_ROWS(MSG_DECLARE)

#endif
