/*
 * trace.msg.h - packets as a process saw them, for people who look for a fault: the api says
 * which are wanted, the process that speaks them tells, and what scripts say themselves.
 */
#ifndef IPC_MSG_TRACE_MSG_H
#define IPC_MSG_TRACE_MSG_H

#include "ipc/msg.h"

#define TRACES_MAX	8u		    /* of an instance */
#define TRACE_SNAP	(64u * 1024)	    /* bytes of one message, unless more are asked for */
#define TRACE_SNAP_MAX	(1024u * 1024 + 4096)

/*
 * From now on messages like that are told.  session, user, share, client: 0 and empty are all; client without port is
 * all of that address.  commands: bits by number, 0 is all.  payload: also what READ, WRITE and IOCTL carry, else
 * zeros stand there.  Told twice it is one.
 */
#define TRACE_TAP_REQ(F) \
	F(u32, trace)    \
	F(u64, session)  \
	F(name, user)    \
	F(name, share)   \
	F(addr, client)  \
	F(u32, commands) \
	F(flag, payload) \
	F(u32, snap)

#define TRACE_UNTAP_REQ(F) \
	F(u32, trace)
/* lost: messages that were not told since the last one that was. */
#define TRACE_UNTAP_RSP(F) \
	F(u64, lost)

/*
 * One message, its bytes as the payload: in the clear, what SESSION_SETUP carries as zeros.  answer: the server sent
 * it.  zeros: so many bytes behind them are zeros, missing: so many were too much.  blank: payload was left
 * out.  connection: tells those apart whose client has no address here.  lost: messages not told before this one.
 */
#define TRACE_PACKET_REQ(F) \
	F(u32, trace)       \
	F(u64, time)        \
	F(flag, answer)     \
	F(flag, encrypted)  \
	F(flag, blank)      \
	F(addr, client)     \
	F(addr, server)     \
	F(u32, connection)  \
	F(u64, session)     \
	F(name, user)       \
	F(u32, zeros)       \
	F(u32, missing)     \
	F(u64, lost)

/*
 * client: the address of the server's client (or, in client.trace, of the server), perhaps with a port.  commands: words
 * with commas, as CREATE,CLOSE; empty is all.  snap: bytes of one message, 0 is 65536, at most 1052672.  payload: with
 * what READ, WRITE and IOCTL carry.  What SESSION_SETUP carries is never shown.  Packets come with this request's id, as
 * events of kind "packet" with the bytes as binary frame.
 */
#define TRACE_ADD_REQ(F)  \
	F(u64, session)   \
	F(name, user)     \
	F(name, share)    \
	F(name, client)   \
	F(text, commands) \
	F(flag, payload)  \
	F(u32, snap)
#define TRACE_ADD_RSP(F) \
	F(u32, trace)

#define TRACE_REMOVE_REQ(F) \
	F(u32, trace)
/* lost: packets that did not come since the last one that did. */
#define TRACE_REMOVE_RSP(F) \
	F(u64, lost)

#define TAP_MESSAGES(M)                                                                  \
	M(0x0750, trace_tap,    FROM(API), PHASE_ALL, TRACE_TAP_REQ, NO_FIELDS)          \
	M(0x0751, trace_untap,  FROM(API), PHASE_ALL, TRACE_UNTAP_REQ, TRACE_UNTAP_RSP)

#define API_TRACE_MESSAGES(M)                                                            \
	M(0x0752, trace_packet, FROM(GATE) | FROM(WORKER) | FROM(SESSION), PHASE_ALL,    \
	    TRACE_PACKET_REQ, NO_FIELDS)

/* What scripts say to the api itself: never calls. */
#define TRACE_ROWS(M)                                                                    \
	M(0x0754, trace_add,    0, PHASE_ALL, TRACE_ADD_REQ, TRACE_ADD_RSP)              \
	M(0x0755, trace_remove, 0, PHASE_ALL, TRACE_REMOVE_REQ, TRACE_REMOVE_RSP)

TAP_MESSAGES(MSG_DECLARE)
API_TRACE_MESSAGES(MSG_DECLARE)
TRACE_ROWS(MSG_DECLARE)

#endif
