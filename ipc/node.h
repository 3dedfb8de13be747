/*
 * node.h - this process among the others: its links and what it serves.
 *
 * One node a process.  A link is one pair of processes, whoever connected;
 * both ends may ask.  How bytes travel (ZeroMQ over ipc or tcp, a seqpacket
 * socket, a shared ring) is the link's business and changes no handler.
 *
 * Identity: the directory introduces every peer with its uid and pid (or CURVE
 * key), and our ZAP handler admits only such a connection.  A peer id names one
 * incarnation and is never used again.
 */
#ifndef IPC_NODE_H
#define IPC_NODE_H

#include <sys/types.h>

#include "base/log.h"
#include "base/loop.h"
#include "ipc/msg.h"

struct node;
struct link;
struct arena;

struct node_events {
	/* A link is usable / is gone (its calls have already failed with STATUS_CONNECTION_RESET
	 * and its kept calls are dead: replying to them is harmless). */
	void (*peer_up)(void *me, struct link *);
	void (*peer_down)(void *me, struct link *);
	/* A new part of the configuration (SIGHUP); same format as at birth. */
	void (*reload)(void *me, struct span part);
	/* Asked to stop: finish what is in flight, then loop_stop(). */
	void (*stop)(void *me);
	/* The directory only: a log record from the process at the other end of this link. */
	void (*log)(void *me, struct link *, enum log_level, struct span text);
};

/* listen_role: the directory under links/ to bind a ROUTER in, or NULL (only connects). */
struct node_conf {
	struct loop *loop;
	enum peer_role role;
	uint64_t self;			/* own peer id, from birth */
	int channel;			/* seqpacket socket to the directory; -1 in the directory itself */
	const char *links;		/* where links/ is seen from here */
	bool listens;
	int afar;			/* a listening TCP socket: the ROUTER is there, by CURVE; 0: below links */
	int io_threads;			/* of ZeroMQ; 0: one.  Links are served by the first */
	const struct ipc_method *methods;
	size_t n_methods;
	const struct node_events *events;
	void *me;
};

struct node *node_new(const struct node_conf *);	/* dies on failure: it is our start-up */
void node_drop(struct node *);
/* Tells the directory that we are sealed and serve; walls as of sandbox_walls(). */
void node_serve(struct node *, uint32_t walls);
void node_set_phase(struct node *, uint32_t phase);

/*
 * The directory's side: the process at the other end of this channel is peer.  Takes fd.  The
 * link is up at once and goes down by itself when the channel closes.
 */
struct link *node_adopt(struct node *, uint64_t peer, enum peer_role, uint32_t uid, uint32_t pid,
    int fd);
/* Drops a link as if the directory had said link_gone. */
void node_forget(struct node *, uint64_t peer);

/*
 * Further ZeroMQ sockets of this process (the api's) share its context and ZAP handler: a
 * connection to a socket with that ZAP domain is put to fn, which writes the User-Id to grant
 * (at most 63 bytes) and returns true, or refuses.  pid and uid are the kernel's; for tcp both
 * are ~0 and key is the 32-byte CURVE key.
 */
typedef bool node_admit_fn(void *ctx, uint32_t uid, uint32_t pid, struct span key, char *user_id);
void *node_zmq(struct node *);
void node_on_admit(struct node *, const char *domain, node_admit_fn *, void *ctx);

/* What this process shows of its packets, for who serves tap/. */
struct taps;
void node_set_taps(struct node *, struct taps *);
struct taps *call_taps(const struct call *);

struct link *node_directory(struct node *);
/* The first live link with that role, or NULL.  For roles that have one process. */
struct link *node_peer(struct node *, enum peer_role);
struct link *node_find(struct node *, uint64_t peer);
/* Walk all links: start with NULL. */
struct link *node_next(struct node *, struct link *);

uint64_t link_peer(const struct link *);
enum peer_role link_role(const struct link *);
uint32_t link_uid(const struct link *);
/* Of an fsd: the storage whose shares it has; "" for the instance's own. */
const char *link_storage(const struct link *);
/* In peer_down: the same process has connected again, and peer_up follows. */
bool link_returns(const struct link *);
struct arena *link_arena(struct link *);		/* NULL: payload travels in data frames */
/* The daemon's own state for this peer. */
void link_set_ctx(struct link *, void *);
void *link_ctx(const struct link *);
/* A less trusted peer talked nonsense: count, log, cut the link; the directory is told. */
void link_condemn(struct link *, const char *why);

/* ---- a request in hand ---- */
struct link *call_link(const struct call *);
uint64_t call_id(const struct call *);
uint32_t call_chain(const struct call *);
struct span call_data(const struct call *);		/* payload frame of the request */
/* Takes over the (next) descriptor that came along, or -1. */
int call_take_fd(struct call *);
/* Payload for the synchronous answer; borrowed until the handler returns. */
void call_set_data(struct call *, struct span);
/* Memory that lives until the answer has been encoded. */
void *call_scratch(struct call *, size_t n);
/*
 * The handler will answer later with name_reply(), exactly once, which frees
 * it.  What the handler returns is then ignored (return STATUS_PENDING).  The
 * kept call owns copies of nothing but its data frame.
 */
struct call *call_keep(struct call *);

#endif
