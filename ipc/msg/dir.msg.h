/*
 * dir.msg.h - what the directory can be asked.
 *
 * It introduces peers, has the spawner start and stop them, announces deaths.
 * It sees neither keys nor SMB nor JSON.
 */
#ifndef IPC_MSG_DIR_MSG_H
#define IPC_MSG_DIR_MSG_H

#include "ipc/msg.h"

/*
 * "I am sealed and serve."  walls: enum sandbox_wall bits as that process asked them of the kernel.
 * key: the public half of a pair made at this process's birth, for peers on other hosts.
 */
#define DIR_HELLO_REQ(F) \
	F(u32, walls)    \
	F(key32, key)

/*
 * dir_afar: with a descriptor, one end of a seqpacket pair.  A host that holds an authorised key of
 * the role storage has come; the other end carries what its outpost says, beginning with dir_join
 * (which needs no key there).  host: the key's name.
 * dir_lost: the connection to this peer on another host is gone, though the peer may live: introduce
 * us again.
 */
#define DIR_AFAR_REQ(F) \
	F(name, host)
#define DIR_LOST_REQ(F) \
	F(u64, peer)

/*
 * The worker of an identity, spawned if there is none; answered when gate,
 * store and fsd have been introduced to it.  fresh: a worker of its own
 * (anonymous, guest), never shared.
 */
#define DIR_WORKER_GET_REQ(F) \
	F(name, identity)     \
	F(flag, fresh)
#define DIR_WORKER_GET_RSP(F) \
	F(u64, worker)

/* "I have had no connection for the idle time": the directory retires this worker, or refuses
 * (STATUS_RETRY) when it has just promised it to a logon. */

/* The gate accepts on this address: printed as "ready ADDR:PORT" once all have said so. */
#define DIR_LISTENING_REQ(F) \
	F(addr, addr)

/*
 * Row after this peer id, in order of id; STATUS_NO_MORE_ENTRIES at the end.  silent_ms: how long the
 * watchdog has been waiting for its answer; hung: how often a process of this role had to be ended for
 * that, since this directory began.
 */
#define DIR_PROCESSES_REQ(F) \
	F(u64, after)
#define DIR_PROCESSES_RSP(F) \
	F(u64, peer)         \
	F(name, role)        \
	F(u32, pid)          \
	F(u32, uid)          \
	F(u32, gid)          \
	F(u32, restarts)     \
	F(u64, started)      \
	F(flag, serving)     \
	F(name, identity)    \
	F(u32, walls)        \
	F(u8, seccomp)       \
	F(flag, no_new_privs) \
	F(u64, cap_effective) \
	F(u64, cap_permitted) \
	F(flag, net_ns)      \
	F(flag, mount_ns)    \
	F(flag, user_ns)     \
	F(name, storage)     \
	F(u32, silent_ms)    \
	F(u32, hung)

/* This (less trusted) peer talked nonsense to us: its process is ended and restarted. */
#define DIR_CONDEMN_REQ(F) \
	F(u64, peer)       \
	F(text, why)

#define DIR_LOG_LEVEL_REQ(F) \
	F(u8, level)

/* Reads the configuration again; the text lists what a restart is needed for, and problems. */
#define DIR_RELOAD_RSP(F) \
	F(text, problems)

/*
 * A process that our spawner did not start (a container, a service manager) connects to
 * <runtime>/join.sock and says this first; the connection is its channel from then on.  key: what
 * the state directory's join.key holds.  pid: its own, which is another than the kernel tells us
 * where pid namespaces differ.  role PEER_SPAWNER: a spawner, for the roles of that FROM() mask;
 * the connection then carries the words of broker/wire.h.  storage: not empty, for a spawner with the
 * role fsd alone: which of the configuration's storages it is.  Any failure closes the connection.
 */
#define DIR_JOIN_REQ(F) \
	F(u8, role)     \
	F(u32, pid)     \
	F(u32, roles)   \
	F(secret, key)  \
	F(name, storage)
#define DIR_JOIN_RSP(F) \
	F(u64, self)

/*
 * The session process of this script owner ("uid:1000", "key:..."), started if there is none; answered
 * when the api, the keeper of credentials and the dialer have been introduced to it.
 * dir_session_idle: "my owner has had no session for the idle time", as dir_worker_idle.
 */
#define DIR_SESSION_GET_REQ(F) \
	F(name, owner)
#define DIR_SESSION_GET_RSP(F) \
	F(u64, peer)

/* With a descriptor: goes on to that session process as session_give, and is answered by it. */
#define DIR_PASS_REQ(F) \
	F(u64, peer)    \
	F(id16, token)

/*
 * A process that starts when first asked for (cred, net): answered when it serves and all who may ask
 * it have met it.  STATUS_NOT_SUPPORTED where this instance has no such role.
 */
#define DIR_NEED_REQ(F) \
	F(u8, role)

#define DIR_MESSAGES(M)                                                                            \
	M(0x0110, dir_afar,        FROM(BRIDGE),  PHASE_SERVING, DIR_AFAR_REQ,       NO_FIELDS)    \
	M(0x0111, dir_lost,        FROM_ANY,      PHASE_SERVING, DIR_LOST_REQ,       NO_FIELDS)    \
	M(0x0201, dir_hello,       FROM_ANY,      PHASE_ALL,     DIR_HELLO_REQ,      NO_FIELDS)    \
	M(0x0202, dir_worker_get,  FROM(STORE),   PHASE_SERVING, DIR_WORKER_GET_REQ, DIR_WORKER_GET_RSP) \
	M(0x0203, dir_worker_idle, FROM(WORKER),  PHASE_SERVING, NO_FIELDS,          NO_FIELDS)    \
	M(0x0204, dir_listening,   FROM(GATE),    PHASE_ALL,     DIR_LISTENING_REQ,  NO_FIELDS)    \
	M(0x0205, dir_processes,   FROM(API),     PHASE_SERVING, DIR_PROCESSES_REQ,  DIR_PROCESSES_RSP) \
	M(0x0206, dir_reload,      FROM(API),     PHASE_SERVING, NO_FIELDS,          DIR_RELOAD_RSP) \
	M(0x0207, dir_shutdown,    FROM(API),     PHASE_SERVING, NO_FIELDS,          NO_FIELDS)    \
	M(0x0208, dir_log_level,   FROM(API),     PHASE_SERVING, DIR_LOG_LEVEL_REQ,  NO_FIELDS)    \
	M(0x0209, dir_condemn,     FROM_ANY,      PHASE_ALL,     DIR_CONDEMN_REQ,    NO_FIELDS)    \
	M(0x020a, dir_join,        FROM(NONE),    PHASE_ALL | PHASE_ONCE, DIR_JOIN_REQ, DIR_JOIN_RSP) \
	M(0x020b, dir_session_get, FROM(API),     PHASE_SERVING, DIR_SESSION_GET_REQ, DIR_SESSION_GET_RSP) \
	M(0x020c, dir_session_idle, FROM(SESSION), PHASE_SERVING, NO_FIELDS,         NO_FIELDS)    \
	M(0x020d, dir_pass,        FROM(API),     PHASE_SERVING, DIR_PASS_REQ,       NO_FIELDS)    \
	M(0x020e, dir_need,        FROM(API) | FROM(CRED), PHASE_SERVING, DIR_NEED_REQ,       NO_FIELDS)

DIR_MESSAGES(MSG_DECLARE)

#endif
