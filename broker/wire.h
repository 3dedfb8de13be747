/*
 * wire.h - what spawner and directory say to each other: one fixed-size record
 * per datagram over one seqpacket pair.
 *
 * The spawner is root and the directory is not, so the spawner takes from here
 * only numbers that it checks against its own table.  name is opaque to it: it
 * keeps the bytes for the next directory.
 */
#ifndef BROKER_WIRE_H
#define BROKER_WIRE_H

#include "base/loop.h"
#include "base/nt.h"
#include "ipc/types.h"

#define WIRE_SIZE 416u		/* bytes of every datagram */

enum wire_kind {
	/* directory -> spawner */
	WIRE_SPAWN = 1,		/* row, tag, index, name: start one; answered by WIRE_SPAWNED or _FAILED */
	WIRE_KILL,		/* peer: end it now */
	WIRE_WALLS,		/* peer: what the kernel says of it; answered by the same kind */
	WIRE_ALIVE,		/* the spawner asks, the directory says it back */
	WIRE_RELOAD,		/* read the configuration again; answered by WIRE_CONFIG */
	WIRE_SHUTDOWN,		/* an administrator said so */
	WIRE_READY,		/* SMB is served (or, private, the api answers) */

	/* spawner -> directory */
	WIRE_PROBLEMS = 32,	/* with a memfd: what the configuration child said, comes before ... */
	WIRE_CONFIG,		/* ... this.  status 0: with a memfd of records; else the old ones stay.
				 * id: the server's GUID.  index: how many sockets the gate inherits.
				 * To an outpost, the other way: peer: which directory this is */
	WIRE_SPAWNED,		/* with the far end of its channel.  status 1: it has known a directory before */
	WIRE_FAILED,		/* row, tag: there will be none */
	WIRE_EXITED,		/* peer, pid, status as of waitpid(2) */
	WIRE_STOP,		/* the instance, or the outpost, ends: have all finish */
	WIRE_JOIN,		/* with the listener of join.sock; name: the key */
};

struct wire {
	uint32_t kind;
	uint32_t row;
	uint64_t peer;
	uint32_t pid;
	uint32_t uid, gid;
	uint32_t status;
	uint64_t tag;		/* of the identity; 0: none */
	uint32_t index;		/* of the uid among the workers */
	uint32_t restarts;	/* of the row */
	uint64_t started;	/* Unix ns */
	/* WIRE_WALLS */
	uint32_t seccomp, no_new_privs;
	uint64_t cap_effective, cap_permitted;
	uint32_t namespaces;	/* WIRE_NS_*: not the spawner's own */
	struct id16 id;
	char name[NAME_BOUND + 1];
};

#define WIRE_NS_NET   0x01u
#define WIRE_NS_MOUNT 0x02u
#define WIRE_NS_USER  0x04u

#define WIRE_FDS 1

/* The spawner among the peers, for its log and its walls; above all that are counted. */
#define WIRE_SPAWNER ((uint64_t)1 << 52)

/* One end: what does not fit into the socket at once waits here, in order. */
struct wire_end;
struct wire_parcel;

/* fds: -1 where none came; they are the callee's. */
typedef void wire_fn(void *ctx, const struct wire *, int fds[WIRE_FDS]);

struct wire_end {
	struct loop_fd watch;	/* watch.loop NULL: closed */
	int sock;
	struct wire_parcel *first, **last;
	wire_fn *got;
	loop_fn *gone;		/* the other side has closed, or talks nonsense; already closed here */
	void *ctx;
};

void wire_open(struct wire_end *, struct loop *, int sock, wire_fn *, loop_fn *gone, void *ctx);
void wire_close(struct wire_end *);
bool wire_is_open(const struct wire_end *);
/* Duplicates the descriptors.  On a closed end: nothing happens. */
void wire_post(struct wire_end *, const struct wire *, const int *fds, size_t n_fds);

/* The codec alone. */
void wire_write(struct wr *, const struct wire *);
nt wire_read(struct span, struct wire *ret) MUST_USE;

#endif
