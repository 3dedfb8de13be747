/*
 * dispatch.c - a record has arrived: is this peer allowed to ask that now?
 *
 * Link, caller role, phase and size are checked before a handler sees a byte.
 * What becomes of a request that a handler keeps is in call.c and chain.c.
 */
#include "ipc/internal.h"

#include "base/log.h"

static bool
once_used(struct link *l, const struct msg_desc *d)
{
	uint8_t bit = (uint8_t)(1u << (d->id % 8));

	if (!(d->phase & PHASE_ONCE))
		return false;
	if (l->once[d->id / 8] & bit)
		return true;
	l->once[d->id / 8] |= bit;
	return false;
}

/* STATUS_REQUEST_OUT_OF_SEQUENCE is our own slowness or theirs; the rest is nonsense. */
static nt
request_admit(struct link *l, const struct ipc_method *m)
{
	REQUIRE(m, STATUS_INVALID_DEVICE_REQUEST);
	REQUIRE(m->desc->callers & (1u << l->role), STATUS_ACCESS_DENIED);
	REQUIRE(m->desc->phase & l->node->phase, STATUS_REQUEST_OUT_OF_SEQUENCE);
	REQUIRE(!once_used(l, m->desc), STATUS_ACCESS_DENIED);
	return STATUS_SUCCESS;
}

void
request_run(struct link *l, const struct ipc_rec *rec, struct fds *fds)
{
	bool intro                 = l->node->intro_by_id[rec->msg] != NULL;
	const struct ipc_method *m = intro ? l->node->intro_by_id[rec->msg]
					   : l->node->by_id[rec->msg];
	struct call c = { .link = l, .method = m, .id = rec->id, .chain = rec->chain,
		.data = rec->data };
	nt s = request_admit(l, m);

	if (fds) {
		c.fds  = *fds;
		fds->n = 0;
	}
	if (nt_is(s, STATUS_REQUEST_OUT_OF_SEQUENCE)) {
		call_answer(&c, s, SPAN_NONE);
	} else if (nt_failed(s)) {
		log_warn("refused a message role=%s peer=%llu msg=0x%04x status=%s",
		    peer_role_name(l->role), (unsigned long long)l->peer, rec->msg, nt_name(s));
		link_nonsense(l, "a message that it may not send");
	} else {
		m->serve(intro ? (void *)l->node : l->node->conf.me, &c, rec->body);
	}
	call_release(&c);
}

static void
request_arrived(struct link *l, const struct ipc_rec *rec, struct fds *fds)
{
	struct chain *ch;

	if (l->n_kept >= IPC_CALLS_MAX) {
		link_nonsense(l, "too many requests");
		return;
	}
	ch = rec->chain ? chain_find(l, rec->chain) : NULL;
	if (!ch || !(ch->busy || ch->first)) {
		request_run(l, rec, fds);
		return;
	}
	if ((fds && fds->n > 0) || !chain_queue(ch, rec))
		link_nonsense(l, "a chain too long");
}

static void
reply_arrived(struct link *l, const struct ipc_rec *rec)
{
	struct pending *p = pending_take(l, rec->id);
	struct pending t;

	if (!p)
		return;		/* it came too late for anybody */
	if (p->msg != rec->msg) {
		link_nonsense(l, "an answer to another question");
		return;
	}
	t = *p;
	pending_free(l->node, p);
	if (!t.timed_out)
		t.deliver(t.done, t.ctx, rec->status, rec->body, rec->data);
	else if (t.late)
		t.late(t.ctx);
}

void
dispatch(struct link *l, const struct ipc_rec *rec, struct fds *fds)
{
	if (l->state != LINK_DEAD && rec->kind == IPC_REQUEST)
		request_arrived(l, rec, fds);
	else if (l->state != LINK_DEAD && rec->kind == IPC_REPLY)
		reply_arrived(l, rec);
	if (fds)
		fds_close(fds);
}
