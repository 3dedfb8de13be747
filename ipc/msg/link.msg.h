/*
 * link.msg.h - what the directory tells every process, over its channel.
 *
 * Served inside ipc/ (introduce.c, orders.c), not by the daemons.  All are idempotent
 * for the same peer id, since a restarted directory introduces everybody again.
 */
#ifndef IPC_MSG_LINK_MSG_H
#define IPC_MSG_LINK_MSG_H

#include "ipc/msg.h"

/*
 * A peer is going to connect to our ROUTER: admit this uid and pid as this peer id.  With a key the
 * peer is on another host: admit who proves this CURVE key, whatever uid and pid say.
 */
#define LINK_EXPECT_REQ(F) \
	F(u64, peer)       \
	F(u8, role)        \
	F(u32, uid)        \
	F(u32, pid)        \
	F(key32, key)

/*
 * Connect a DEALER to links/<endpoint>; answered when the peer has greeted us.  storage: of an fsd, by
 * its name in the configuration; empty for the instance's own.  With a key the peer is on another host: it
 * has to prove that key, and we prove the one of our dir_hello.
 */
#define LINK_CONNECT_REQ(F) \
	F(u64, peer)        \
	F(u8, role)         \
	F(u32, uid)         \
	F(u32, pid)         \
	F(name, endpoint)   \
	F(name, storage)    \
	F(key32, key)

/* With a descriptor: a seqpacket socket to this peer, the only lane of that link. */
#define LINK_CHANNEL_REQ(F) \
	F(u64, peer)        \
	F(u8, role)         \
	F(u32, uid)         \
	F(u32, pid)

/* With a descriptor: the sealed arena shared with this (already introduced) peer. */
#define LINK_ARENA_REQ(F) \
	F(u64, peer)      \
	F(u32, slots)

/* memory: which shared memory this link uses, old or new; both ends must have named the same. */
#define LINK_MEMORY_RSP(F) \
	F(u64, memory)

/*
 * With three descriptors: the sealed ring shared with this peer, the bell that wakes us, the bell
 * that wakes them.  side: 0 or 1.
 */
#define LINK_RING_REQ(F) \
	F(u64, peer)     \
	F(u8, side)

/* This incarnation is dead; what waits for it fails now. */
#define LINK_GONE_REQ(F) \
	F(u64, peer)

#define LINK_LOG_LEVEL_REQ(F) \
	F(u8, level)

/*
 * link_alive: answered from the event loop, whatever else is going on: who owes it for too long hangs.
 * link_reload: with a descriptor, a sealed memfd holding the process's new part of the configuration.
 * link_stop: finish what is in flight, then exit.
 * link_hello: the first message over a fresh DEALER, so that the ROUTER learns its routing id.
 * link_again: a new directory has taken over; calls to the old one have failed, say dir_hello again.
 */

#define LINK_MESSAGES(M)                                                                          \
	M(0x0101, link_expect,    FROM(DIRECTORY), PHASE_ALL, LINK_EXPECT_REQ,    NO_FIELDS)      \
	M(0x0102, link_connect,   FROM(DIRECTORY), PHASE_ALL, LINK_CONNECT_REQ,   NO_FIELDS)      \
	M(0x0103, link_channel,   FROM(DIRECTORY), PHASE_ALL, LINK_CHANNEL_REQ,   NO_FIELDS)      \
	M(0x0104, link_share_arena, FROM(DIRECTORY), PHASE_ALL, LINK_ARENA_REQ,   LINK_MEMORY_RSP)      \
	M(0x010b, link_share_ring, FROM(DIRECTORY), PHASE_ALL, LINK_RING_REQ,   LINK_MEMORY_RSP)      \
	M(0x0105, link_gone,      FROM(DIRECTORY), PHASE_ALL, LINK_GONE_REQ,      NO_FIELDS)      \
	M(0x0106, link_log_level, FROM(DIRECTORY), PHASE_ALL, LINK_LOG_LEVEL_REQ, NO_FIELDS)      \
	M(0x0107, link_reload,    FROM(DIRECTORY), PHASE_ALL, NO_FIELDS,          NO_FIELDS)      \
	M(0x0108, link_stop,      FROM(DIRECTORY), PHASE_ALL, NO_FIELDS,          NO_FIELDS)      \
	M(0x0109, link_hello,     FROM_ANY,        PHASE_ALL, NO_FIELDS,          NO_FIELDS)      \
	M(0x010a, link_again,     FROM(DIRECTORY), PHASE_ALL, NO_FIELDS,          NO_FIELDS)      \
	M(0x010c, link_alive,     FROM(DIRECTORY), PHASE_ALL, NO_FIELDS,          NO_FIELDS)

LINK_MESSAGES(MSG_DECLARE)

#endif
