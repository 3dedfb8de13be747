/*
 * internal.h - what the files of ipc/ share: the record on the wire, links and
 * calls from the inside.  Private to ipc/ and its tests.
 */
#ifndef IPC_INTERNAL_H
#define IPC_INTERNAL_H

#include "base/table.h"
#include "ipc/arena.h"
#include "ipc/fdpass.h"
#include "ipc/msg/conf.msg.h"
#include "ipc/node.h"
#include "ipc/ring.h"
#include "ipc/strangers.h"

#define IPC_VERSION     1u
#define IPC_HDR         24u			/* bytes of a record header */
#define IPC_BATCH_MAX   (4u * 1024 * 1024)	/* bytes of one batch frame */
#define IPC_CALLS_MAX   8192u			/* requests in flight on one link, either way */
#define IPC_QUEUE_MAX   4096u			/* datagrams waiting for a full channel */
#define IPC_STALLED_MAX (64u * 1024 * 1024)	/* bytes waiting for room in a ring */
#define IPC_CHAINS_MAX  256u			/* chains waiting on one link */
#define IPC_CHAIN_RUN   64u			/* requests waiting in one chain */
#define IPC_INTRO_MS    5000u			/* to greet a peer that we connect to */
#define IPC_DOUBT_MS    30000u			/* for a new directory to introduce all that live */
#define IPC_ID_MAX      0x0800u			/* message ids are below this */

enum ipc_kind {
	IPC_REQUEST = 1,
	IPC_REPLY,
	IPC_NOTE	/* no answer wanted: the part at birth */
};

/* One record: header, body; its payload follows inline or as a frame of its own. */
struct ipc_rec {
	uint8_t kind;
	uint16_t msg;
	uint32_t chain;		/* requests */
	nt status;		/* replies */
	uint64_t id;
	struct span body;
	uint32_t data_n;
	struct span data;
};

enum lane { LANE_NONE, LANE_ROUTER, LANE_DEALER, LANE_CHANNEL };
enum link_state { LINK_EXPECTED, LINK_UP, LINK_DEAD };

struct frame {			/* an owned payload frame of the batch */
	struct frame *next;
	size_t n;
	uint8_t b[];
};

struct datagram {		/* waiting for room in a channel */
	struct datagram *next;
	size_t n;
	struct fds fds;
	uint8_t b[];
};

struct chain_item {
	struct chain_item *next;
	struct ipc_rec rec;	/* points into b */
	uint8_t b[];
};

struct chain {
	struct chain *next;
	uint32_t id;
	uint32_t waiting;
	bool busy;
	struct chain_item *first, **last;
};

struct pending {		/* a request of ours */
	struct pending *prev, *next;	/* of its link */
	struct link *link;
	uint64_t id;
	uint16_t msg;
	bool timed_out;
	msg_deliver *deliver;
	msg_done *done;
	void *ctx;
	void (*late)(void *ctx);
	struct loop_timer timer;
};

struct call {			/* a request of theirs */
	struct call *prev, *next;	/* kept ones, of their link */
	struct link *link;	/* NULL once the peer is gone */
	const struct ipc_method *method;
	uint64_t id;
	uint32_t chain;
	bool kept;
	struct fds fds;
	struct span data;	/* of the request */
	struct span out;	/* of the answer */
	struct scratch *scratch;
	struct call *moved;	/* where call_keep() went */
};

struct scratch {
	struct scratch *next;
	size_t wipe;		/* bytes, when it is freed */
	_Alignas(16) uint8_t b[];
};

struct link {
	struct link *next;
	struct node *node;
	uint64_t peer;
	enum peer_role role;
	uint32_t uid, pid;
	struct key32 key;	/* of a peer on another host; it has neither uid nor pid here */
	char storage[STORAGE_BOUND + 1];	/* of an fsd that has joined */
	enum link_state state;
	enum lane lane;
	void *ctx;
	struct arena *arena;
	uint64_t arena_ino, ring_ino;	/* which memory, for the directory */

	/* what this tick has for the peer */
	uint8_t *out;
	size_t out_n, out_cap;
	struct frame *frames, **frames_last;
	bool dirty;
	bool unsure;		/* the new directory has not introduced it again */
	struct link *next_dirty;

	/* lanes */
	void *sock;		/* DEALER */
	void *monitor;		/* to another host: has the connection ended? */
	struct loop_fd monitor_watch;
	uint8_t rid[256];	/* ROUTER: the peer's routing id */
	size_t rid_n;
	uint64_t connection;	/* ROUTER: the number that zap.c gave it */
	bool returns;		/* it ends because its peer has connected anew */
	int fd;			/* CHANNEL */
	struct loop_fd watch;
	bool woken;		/* DEALER: look for messages */
	struct ring *ring;	/* shared with this peer, besides the ZeroMQ lane */
	struct loop_fd bell;
	bool ring_tx;		/* we send through it; they may still use both */
	bool stalled;		/* it is full: the bell says when to go on */
	uint8_t *in;		/* a record that has come in part */
	size_t in_n, in_cap;
	struct datagram *queue, **queue_last;
	size_t queued;

	struct pending *pending;
	size_t n_pending;
	struct call *kept;
	size_t n_kept;
	struct chain *chains;
	size_t n_chains;
	uint8_t once[IPC_ID_MAX / 8];	/* PHASE_ONCE rows already used */
	struct call *greeting;	/* link_connect waiting for link_hello's answer */
};

struct admit {
	struct admit *next;
	char domain[32];
	node_admit_fn *fn;
	void *ctx;
};

struct node {
	struct node_conf conf;
	struct loop *loop;
	uint32_t phase;
	uint32_t walls;
	bool serving;
	struct link *links;
	struct link *directory;
	struct link *dirty;
	struct table *calls;		/* pending, by id */
	struct pending *free_pending;
	const struct ipc_method *by_id[IPC_ID_MAX];
	const struct ipc_method *intro_by_id[IPC_ID_MAX];
	void *zmq, *router, *zap;
	struct strangers strangers;	/* of a ROUTER that other hosts reach */
	struct key32 public;		/* our CURVE pair: of this incarnation, for other hosts */
	uint8_t secret[32];
	struct admit *admits;
	struct taps *taps;
	struct loop_tick tick;
	struct loop_timer doubt;
	struct loop_poll poll;
	struct loop_fd router_watch, zap_watch;
	bool router_woken, zap_woken;
	uint64_t connections;		/* admitted so far */
	uint64_t refusals_since;
	uint32_t refusals;	/* connections, since then */
	uint8_t *recv_room;		/* one channel datagram */
};

/* rec.c: one record's bytes */
void rec_write(struct wr *, const struct ipc_rec *);	/* without data */
nt rec_read(struct rd *, struct ipc_rec *ret) MUST_USE;	/* without data */

/* link.c */
struct link *link_new(struct node *, uint64_t peer, enum peer_role, uint32_t uid, uint32_t pid);
void link_up(struct link *, bool tell);
/* Fails its calls, forgets its kept ones, closes its lane; freed at the end of the tick. */
void link_down(struct link *);
void links_bury(struct node *);
void link_put(struct link *, const struct ipc_rec *, struct fds *);	/* takes fds, which may be NULL */
void link_room(struct link *, size_t n);	/* that much more in l->out */
void frames_drop(struct link *);		/* payload that has not left */
void link_mark_dirty(struct link *);
void link_flush_all(struct node *);

/* pending.c: requests of ours */
/* The one that this link may answer, or NULL. */
struct pending *pending_take(struct link *, uint64_t id);
void pending_free(struct node *, struct pending *);
void link_fail_pending(struct link *);

/* condemn.c */
/* Nonsense from this link: condemn a less trusted peer, die of a more trusted one. */
void link_nonsense(struct link *, const char *why);
/* The connection is no more, the peer may be: the directory introduces the two again. */
void link_lost(struct link *);

/* dispatch.c */
void dispatch(struct link *, const struct ipc_rec *, struct fds *);	/* takes fds, which may be NULL */
void request_run(struct link *, const struct ipc_rec *, struct fds *);	/* one whose turn it is */

/* chain.c */
struct chain *chain_find(struct link *, uint32_t id);
/* A call of this chain was kept: what follows in it has to wait.  False: too many chains do. */
bool chain_block(struct link *, uint32_t id);
bool chain_queue(struct chain *, const struct ipc_rec *);	/* copies; false: too many wait */
/* That call has been answered: the chain runs on until one is kept again. */
void chain_resume(struct link *, uint32_t id);
void chains_drop(struct link *);

/* call.c: a request of theirs */
void call_release(struct call *);	/* what it holds: scratch memory, descriptors */

/* lane_zmq.c: the ZeroMQ lanes */
void zmq_lanes_open(struct node *);
void zmq_lanes_close(struct node *);
bool zmq_lanes_poll(void *node);	/* true: something came, or has to leave */
nt dealer_open(struct link *, const char *endpoint) MUST_USE;
void dealer_close(struct link *);

/* lane_zmq_send.c */
void zmq_lane_send(struct link *);	/* all that this tick has for it */

/* curve.c: lanes to other hosts */
bool key_is_set(const struct key32 *) MUST_USE;
void curve_birth(struct node *);	/* makes our pair */
void curve_listen(struct node *);	/* the ROUTER, on the listener of node_conf */
void curve_connect(struct link *, void *sock);
void curve_watch(struct link *);	/* the DEALER's end is the link's */
void curve_close(struct link *);

/* lane_ring.c: the shared ring */
void lane_ring_open(struct link *, struct ring *);
void lane_ring_close(struct link *);
bool lane_ring_ready(struct link *);		/* may the next record travel there? */
void lane_ring_put(struct link *, const struct ipc_rec *);
void lane_ring_flush(struct link *);
bool lane_ring_poll(struct link *);		/* true if anything came */

/* channel.c: the seqpacket lane */
void channel_open(struct link *, int fd);
void channel_close(struct link *);
void channel_send(struct link *, const struct ipc_rec *, struct fds *);

/* zap.c */
void zap_open(struct node *);
void zap_close(struct node *);
bool zap_poll(struct node *);

/* introduce.c */
extern const struct ipc_method intro_methods[];
extern const size_t n_intro_methods;

/* orders.c */
nt part_map(int fd, struct span *ret) MUST_USE;	/* takes fd; the part stays mapped */

#endif
