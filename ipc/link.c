/*
 * link.c - one peer: what is to be sent to it, what is awaited from it, its
 * end.  How bytes travel is in channel.c and router.c.
 */
#include "ipc/internal.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"
#include "ipc/msg/dir.msg.h"

/* Nonsense from above ends us, nonsense from below ends them. */
int
peer_rank(enum peer_role role)
{
	static const int ranks[PEER_MAX] = {
		[PEER_SPAWNER] = 9, [PEER_DIRECTORY] = 8, [PEER_STORE] = 7, [PEER_CRED] = 7, [PEER_FSD] = 6,
		[PEER_NAMES] = 5, [PEER_KRB] = 5, [PEER_NET] = 4, [PEER_API] = 3, [PEER_DIALER] = 3,
		[PEER_WORKER] = 2, [PEER_SESSION] = 2, [PEER_BRIDGE] = 2, [PEER_GATE] = 1,
		[PEER_RELAY] = 1,
	};

	return (unsigned)role < PEER_MAX ? ranks[role] : 0;
}

void
rec_write(struct wr *w, const struct ipc_rec *rec)
{
	wr_u8(w, IPC_VERSION);
	wr_u8(w, rec->kind);
	wr_u16(w, rec->msg);
	wr_u32(w, rec->kind == IPC_REPLY ? rec->status.code : rec->chain);
	wr_u32(w, (uint32_t)rec->body.n);
	wr_u32(w, rec->data_n);
	wr_u64(w, rec->id);
	wr_span(w, rec->body);
}

nt
rec_read(struct rd *r, struct ipc_rec *ret)
{
	struct ipc_rec rec = { 0 };
	uint8_t version    = rd_u8(r);
	uint32_t word, n;

	rec.kind   = rd_u8(r);
	rec.msg    = rd_u16(r);
	word       = rd_u32(r);
	n          = rd_u32(r);
	rec.data_n = rd_u32(r);
	rec.id     = rd_u64(r);
	REQUIRE(rd_ok(r) && version == IPC_VERSION, STATUS_INVALID_PARAMETER);
	REQUIRE(n <= MSG_BODY_MAX && rec.data_n <= MSG_DATA_MAX, STATUS_INVALID_PARAMETER);
	REQUIRE(rec.kind >= IPC_REQUEST && rec.kind <= IPC_NOTE, STATUS_INVALID_PARAMETER);
	REQUIRE(rec.msg < IPC_ID_MAX, STATUS_INVALID_PARAMETER);
	if (rec.kind == IPC_REPLY)
		rec.status = (nt){ word };
	else
		rec.chain = word;
	rec.body = rd_bytes(r, n);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret = rec;
	return STATUS_SUCCESS;
}

struct link *
link_new(struct node *node, uint64_t peer, enum peer_role role, uint32_t uid, uint32_t pid)
{
	struct link *l = xcalloc(1, sizeof *l);

	l->node        = node;
	l->peer        = peer;
	l->role        = role;
	l->uid         = uid;
	l->pid         = pid;
	l->fd          = -1;
	l->frames_last = &l->frames;
	l->queue_last  = &l->queue;
	l->next        = node->links;
	node->links    = l;
	return l;
}

void
link_up(struct link *l, bool tell)
{
	const struct node_events *ev = l->node->conf.events;

	if (l->state != LINK_EXPECTED)
		return;
	l->state = LINK_UP;
	if (tell && ev && ev->peer_up)
		ev->peer_up(l->node->conf.me, l);
}

static void
frames_drop(struct link *l)
{
	struct frame *f;

	while ((f = l->frames)) {
		l->frames = f->next;
		free(f);
	}
	l->frames_last = &l->frames;
}

/* Every pending call of a dead link fails now; one that had timed out is reaped. */
void
link_fail_pending(struct link *l)
{
	struct pending *p;

	while ((p = l->pending)) {
		struct pending t = *p;

		pending_free(l->node, p);
		if (!t.timed_out)
			t.deliver(t.done, t.ctx, STATUS_CONNECTION_RESET, SPAN_NONE, SPAN_NONE);
		else if (t.late)
			t.late(t.ctx);
	}
}

static void
link_forget_kept(struct link *l)
{
	for (struct call *c = l->kept; c; c = c->next)
		c->link = NULL;
	l->kept   = NULL;
	l->n_kept = 0;
}

void
link_down(struct link *l)
{
	const struct node_events *ev = l->node->conf.events;
	bool was_up                  = l->state == LINK_UP;

	if (l->state == LINK_DEAD)
		return;
	l->state = LINK_DEAD;
	if (l->node->directory == l)
		l->node->directory = NULL;
	link_forget_kept(l);
	chains_drop(l);
	link_fail_pending(l);
	if (was_up && ev && ev->peer_down)
		ev->peer_down(l->node->conf.me, l);
}

/* Freed only between ticks: a handler may still hold the link it condemned. */
void
links_bury(struct node *node)
{
	struct link **at = &node->links, *l;

	while ((l = *at)) {
		if (l->state != LINK_DEAD) {
			at = &l->next;
			continue;
		}
		*at = l->next;
		dealer_close(l);
		channel_close(l);
		lane_ring_close(l);
		arena_drop(l->arena);
		frames_drop(l);
		free(l->out);
		free(l);
	}
}

void
link_mark_dirty(struct link *l)
{
	if (l->dirty)
		return;
	l->dirty       = true;
	l->next_dirty  = l->node->dirty;
	l->node->dirty = l;
}

void
link_room(struct link *l, size_t n)
{
	size_t cap = l->out_cap ? l->out_cap : 4096;
	uint8_t *more;

	while (cap - l->out_n < n)
		cap *= 2;
	if (cap == l->out_cap)
		return;
	more = xcalloc(1, cap);
	if (l->out_n > 0) {
		memcpy(more, l->out, l->out_n);
		secret_wipe(l->out, l->out_n); /* realloc() would leave it where it was */
	}
	free(l->out);
	l->out	   = more;
	l->out_cap = cap;
}

static void
link_put_frame(struct link *l, struct span data)
{
	struct frame *f = malloc(sizeof *f + data.n);

	ENSURE(f != NULL);
	f->next = NULL;
	f->n    = data.n;
	memcpy(f->b, data.p, data.n);
	*l->frames_last = f;
	l->frames_last  = &f->next;
}

/* Adds a record to what leaves at the end of this tick.  fds: only on a channel. */
void
link_put(struct link *l, const struct ipc_rec *rec, struct fds *fds)
{
	size_t n = IPC_HDR + rec->body.n;
	struct wr w;

	if (l->state == LINK_DEAD) {
		if (fds)
			fds_close(fds);
		return;
	}
	if (l->lane == LANE_CHANNEL) {
		channel_send(l, rec, fds);
		return;
	}
	if (lane_ring_ready(l)) {
		lane_ring_put(l, rec);
		return;
	}
	if (l->out_n > 0 && n > IPC_BATCH_MAX - l->out_n)
		zmq_lane_send(l);
	link_room(l, n);
	w = wr_init(l->out + l->out_n, l->out_cap - l->out_n);
	rec_write(&w, rec);
	ENSURE(wr_ok(&w));
	l->out_n += w.pos;
	if (rec->data_n > 0)
		link_put_frame(l, rec->data);
	link_mark_dirty(l);
}

void
link_flush_all(struct node *node)
{
	struct link *l;

	while ((l = node->dirty)) {
		node->dirty = l->next_dirty;
		l->dirty    = false;
		if (l->state == LINK_DEAD || l->out_n == 0)
			continue;
		if (l->ring_tx)
			lane_ring_flush(l);
		else
			zmq_lane_send(l);
	}
}

static struct pending *
pending_new(struct node *node)
{
	struct pending *p = node->free_pending;

	if (p)
		node->free_pending = p->next;
	else
		p = xcalloc(1, sizeof *p);
	memset(p, 0, sizeof *p);
	return p;
}

void
pending_free(struct node *node, struct pending *p)
{
	loop_timer_clear(&p->timer);
	table_remove(node->calls, p->id);
	if (p->prev)
		p->prev->next = p->next;
	else
		p->link->pending = p->next;
	if (p->next)
		p->next->prev = p->prev;
	p->link->n_pending--;
	p->next            = node->free_pending;
	node->free_pending = p;
}

/* The request of ours that this link may answer, or NULL. */
struct pending *
pending_take(struct link *l, uint64_t id)
{
	struct pending *p = table_find(l->node->calls, id);

	return p && p->link == l ? p : NULL;
}

/* The late answer is awaited further: only it frees what the call lent. */
static void
pending_timeout(void *ctx)
{
	struct pending *p = ctx;
	struct pending t  = *p;

	p->timed_out = true;
	if (!p->late)
		pending_free(p->link->node, p);
	t.deliver(t.done, t.ctx, STATUS_IO_TIMEOUT, SPAN_NONE, SPAN_NONE);
}

/* Copies, so that the caller may close its own at once. */
static struct fds
opt_fds(const struct call_opt *o)
{
	struct fds f = { 0 };

	if (o->has_fd)
		f.fd[f.n++] = dup(o->fd);
	for (size_t i = 0; i < o->n_more_fds; i++)
		f.fd[f.n++] = dup(o->more_fds[i]);
	return f;
}

nt
link_call(struct link *l, const struct msg_desc *d, struct span body, const struct call_opt *o,
    msg_deliver *deliver, msg_done *done, void *ctx, uint64_t *ret_id)
{
	static const struct call_opt none;
	struct ipc_rec rec = { .kind = IPC_REQUEST, .msg = d->id, .body = body };
	struct pending *p;
	struct fds fds;

	o = o ? o : &none;
	REQUIRE(l && l->state != LINK_DEAD, STATUS_CONNECTION_RESET);
	REQUIRE(l->n_pending < IPC_CALLS_MAX, STATUS_INSUFFICIENT_RESOURCES);
	REQUIRE(o->data.n <= MSG_DATA_MAX, STATUS_INVALID_PARAMETER);
	REQUIRE(!o->has_fd || l->lane == LANE_CHANNEL, STATUS_INVALID_PARAMETER);
	REQUIRE(o->n_more_fds < FDPASS_MAX, STATUS_INVALID_PARAMETER);
	p = pending_new(l->node);
	if (nt_failed(table_add(l->node->calls, p, &p->id))) {
		p->next               = l->node->free_pending;
		l->node->free_pending = p;
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	p->link    = l;
	p->msg     = d->id;
	p->deliver = deliver;
	p->done    = done;
	p->ctx     = ctx;
	p->late    = o->late;
	p->next    = l->pending;
	if (p->next)
		p->next->prev = p;
	l->pending = p;
	l->n_pending++;
	if (o->timeout_ms > 0)
		loop_timer_set(l->node->loop, &p->timer, o->timeout_ms, pending_timeout, p);
	if (ret_id)
		*ret_id = p->id;
	rec.id     = p->id;
	rec.chain  = o->chain;
	rec.data   = o->data;
	rec.data_n = (uint32_t)o->data.n;
	fds = opt_fds(o);
	link_put(l, &rec, &fds);
	return STATUS_SUCCESS;
}

static void
condemn_told(void *ctx, nt status, const struct dir_condemn_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)rsp;
	(void)data;
	if (nt_failed(status))
		log_warn("the directory refused to condemn a peer status=%s", nt_name(status));
}

void
link_condemn(struct link *l, const char *why)
{
	struct dir_condemn_req req = { l->peer, str_of(why) };
	struct link *dir           = l->node->directory;

	if (l->state == LINK_DEAD)
		return;
	log_warn("cutting the link to a peer role=%s peer=%llu why=%s", peer_role_name(l->role),
	    (unsigned long long)l->peer, log_qs(why));
	if (dir && dir != l && nt_failed(dir_condemn_call(dir, &req, NULL, condemn_told, NULL)))
		log_warn("the directory cannot be told");
	link_down(l);
}

static void
lost_told(void *ctx, nt status, const struct dir_lost_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)status;
	(void)rsp;
	(void)data;
}

void
link_lost(struct link *l)
{
	struct dir_lost_req req = { l->peer };
	struct link *dir        = l->node->directory;
	bool was_up             = l->state == LINK_UP;

	if (l->state == LINK_DEAD)
		return;
	log_warn("the connection to another host has ended role=%s peer=%llu",
	    peer_role_name(l->role), (unsigned long long)l->peer);
	link_down(l);
	if (was_up && dir && nt_failed(dir_lost_call(dir, &req, NULL, lost_told, NULL)))
		log_warn("the directory cannot be told");
}

bool
link_returns(const struct link *l)
{
	return l->returns;
}

void
link_nonsense(struct link *l, const char *why)
{
	if (peer_rank(l->role) > peer_rank(l->node->conf.role))
		fatal("%s talks nonsense: %s", peer_role_name(l->role), why);
	link_condemn(l, why);
}

uint64_t
link_peer(const struct link *l)
{
	return l->peer;
}

enum peer_role
link_role(const struct link *l)
{
	return l->role;
}

uint32_t
link_uid(const struct link *l)
{
	return l->uid;
}

const char *
link_storage(const struct link *l)
{
	return l->storage;
}

struct arena *
link_arena(struct link *l)
{
	return l->arena;
}

void
link_set_ctx(struct link *l, void *ctx)
{
	l->ctx = ctx;
}

void *
link_ctx(const struct link *l)
{
	return l->ctx;
}
