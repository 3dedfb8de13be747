/*
 * limits.h - every bound that smbd keeps, in one place.  What an administrator
 * may change (connections, credits, I/O size, times) is in conf_server instead.
 */
#ifndef SMBD_LIMITS_H
#define SMBD_LIMITS_H

/* ---- gate ---- */
#define GATE_FRAME_MAX	  65536u	/* bytes of one message before authentication */
#define GATE_FRAME_FIRST  2048u		/* what a connection's buffer starts with */
#define GATE_ROUNDS_MAX	  8u		/* SESSION_SETUP requests of one connection */
#define GATE_MESSAGES_MAX 24u		/* messages of any kind: 3 for each round */
#define GATE_CREDITS	  32u		/* that a client may hold before it has a session */
#define GATE_ACCEPT_BURST 64u		/* connections taken in one turn of the loop */
#define GATE_DROP_PERCENT 90u		/* of the table: from here on we drop at random */
#define GATE_RESERVE_FDS  64u		/* descriptors that are not connections */

/* ---- waiting for other processes ---- */
#define STORE_WAIT_MS  10000u	/* a logon waits so long for the store to come (back) */
#define WORKER_WAIT_MS 5000u	/* … and for the link to the worker that got it */
#define CALL_WAIT_MS   30000u	/* the store's longest answer */
#define PUSHED_WAIT_MS 30000u	/* a pushed session waits so long for its connection */

/* ---- worker ---- */
#define CONN_SESSIONS_MAX   64u
#define SESSION_TREES_MAX   1024u
#define SESSION_OPENS_MAX   65536u
#define WORKER_OPENS_MAX    131072u
#define WORKER_CONNS_MAX    10000u
#define WORKER_SESSIONS_MAX 20000u
#define WORKER_PIPES_MAX    256u	/* an RPC pipe is 130 KiB */
#define CONN_ASYNC_MAX	    1024u	/* requests that were answered with PENDING */
#define CONN_LATE_MAX	    256u	/* cancelled ones that fsd has not let go yet */
#define COMPOUND_MAX	    64u		/* elements of one chain; more ends the connection */
#define BULK_SHARE_MIN	    (1024u * 1024)	/* of payload memory for each connection */
#define BULK_UNSHARED	    (16u * 1024 * 1024)	/* for a storage that shares none, all connections */
#define BULK_SPARED_MAX	    (32u * 1024 * 1024)	/* of it outside of the arena, all together */
#define RQ_POOL_MAX	    1024u	/* idle request structs that are kept */
#define QUERY_DIR_MAX	    (1024u * 1024)	/* of a listing, whatever was asked for */
#define MAX_SMALL	    65536u	/* 2.0.2: nothing above one credit's payload */
#define FRAME_SLACK	    (1024u * 1024)	/* of a frame above the largest payload */
#define REAUTH_ROUNDS_MAX   8u
#define OUTGOING_MAX	    256u	/* frames of answers that the client has not taken */
#define STALL_MS	    60000u	/* half a message, or an answer nobody reads */

/* Interim answers, 3.3.4.2: after so long a request is told STATUS_PENDING. */
#define PACE_QUICK_MS 10u	/* what waits for others: locks, notify */
#define PACE_SLOW_MS  250u	/* for a disk; and opens, which rarely wait for an oplock */

/* ---- receiving ---- */
#define RX_PEEK	   176u			/* enough for the fixed part of an encrypted WRITE */
#define RX_SCRATCH (128u * 1024)	/* one recv() */
#define RX_BULK	   16384u		/* frames above this are received where they are wanted */

#endif
