/*
 * dispatch.c - from a frame's bytes to handlers: its elements one by one, in order,
 * what each inherits from the one before, and when to wait.
 * [MS-SMB2] 3.3.5.2, 3.3.5.2.7
 */
#include <stdlib.h>

#include "smbd/hook.h"
#include "smbd/rq.h"
#include "smbd/trace.h"

/* ---- what elements have from each other ---- */

/* What the next element inherits: what this one used, or is about to make. */
static void
frame_note(struct frame *f, const struct rq *rq)
{
	const struct smb2_command *row = smb2_command_find(rq->hdr.command);
	bool names_file                = rq->hdr.command == SMB2_CMD_create || rq->fid.vol != 0 ||
			  (row && row->handle_at != NO_FID);

	if (rq->chan != f->from.chan) {
		if (f->from.chan)
			chan_release(f->from.chan);
		f->from.chan = rq->chan ? chan_hold(rq->chan) : NULL;
	}
	f->from.tree_id = rq->tree_id;
	f->from.placed  = rq->placed;
	/* One that found nothing to inherit leaves the reason to those behind it. */
	if (!names_file || (rq->fid.vol == 0 && rq->hdr.command != SMB2_CMD_create &&
			       smb2_hdr_is_related(&rq->hdr)))
		return;
	f->from.fid     = rq->fid;
	f->from.has_fid = rq->fid.vol != 0;
	f->from.status  = STATUS_FILE_CLOSED;
	/* A CREATE that its handler refused passes its status on. */
	if (rq->handled && rq->hdr.command == SMB2_CMD_create && rq->done && nt_failed(rq->status))
		f->from.status = rq->status;
}

void
frame_create_failed(struct frame *f, const struct rq *rq, nt status)
{
	if (f->from.fid.vol != rq->fid.vol)
		return;
	f->from.has_fid = false;
	f->from.status  = status;
}

void
frame_create_bound(struct frame *f, const struct open *o)
{
	if (f->from.fid.vol == o->vol)
		f->from.fid = open_fid(o);
}

/* ---- the walk ---- */

static struct rq *
frame_add(struct frame *f, const struct smb2_element *e)
{
	struct rq *rq = rq_new(f);

	rq->hdr = e->hdr;
	rq->cmd = e->hdr.command < SMB2_CMD_MAX ? smbd_cmds[e->hdr.command] : NULL;
	if (f->count == 1) {	/* only a single WRITE comes with its payload apart */
		rq->bulk      = f->bulk;
		rq->bulk_skip = f->bulk_skip;
		f->bulk       = (struct bulk){ 0 };
	}
	return rq;
}

/* False: the connection was closed. */
static bool
frame_element(struct frame *f, const struct smb2_element *e)
{
	const struct smb2_command *row = smb2_command_find(e->hdr.command);
	struct conn *c                 = f->conn;
	struct rq *rq;
	nt s;

	if ((e->hdr.flags & SMB2_FLAGS_SERVER_TO_REDIR) || ++f->count > COMPOUND_MAX) {
		conn_close(c, "no request that may come here");
		return false;
	}
	if (e->hdr.command == SMB2_CMD_cancel) {
		rq_cancel(c, &e->hdr);
		return true;
	}
	if (nt_failed(window_use(&c->window, e->hdr.message_id, rq_charge(c, &e->hdr)))) {
		conn_close(c, "a message id outside of the window");
		return false;
	}
	c->worker->requests++;
	rq = frame_add(f, e);
	s  = rq_admit(rq, e, row);
	rq->handled = !nt_failed(s);
	if (rq->handled)
		s = c->worker->hooked ? hook_request(rq, e) : rq->cmd->request(rq, e->body);
	if (!conn_is_open(c))
		return false;
	if (nt_failed(s))
		rq_fail(rq, s);
	frame_note(f, rq);
	return true;
}

/*
 * May it be looked at while others of its compound wait for fsd?  Not where scripts are asked about
 * files, who want their names.
 */
static bool
frame_may_go_on(const struct frame *f, const struct smb2_element *e)
{
	return f->left == 0 || (f->left == f->in_fsd && !f->conn->worker->hooked &&
				   e->hdr.command < SMB2_CMD_MAX &&
				   smbd_cmds[e->hdr.command]->chains);
}

/* What is left must outlive the receive buffer. */
static void
frame_keep(struct frame *f)
{
	size_t n = f->more.left.n;

	if (f->copy)
		return;
	f->copy = malloc(n);
	if (!f->copy) {
		conn_close(f->conn, "no memory");
		return;
	}
	memcpy(f->copy, f->more.left.p, n);
	f->more = smb2_chain_init(SPAN(f->copy, n));
}

void
frame_walk(struct frame *f)
{
	struct conn *c = f->conn;
	struct smb2_element e;

	f->walking = true;
	while (conn_is_open(c) && smb2_chain_more(&f->more)) {
		struct smb2_chain next = f->more;

		if (nt_failed(smb2_chain_next(&next, &e))) {
			conn_close(c, "a compound that does not fit");
			break;
		}
		if (!frame_may_go_on(f, &e))
			break;
		f->more = next;
		if (!frame_element(f, &e))
			break;
	}
	f->walking = false;
	if (!conn_is_open(c))
		return;		/* conn_close() has it reaped */
	if (smb2_chain_more(&f->more))
		frame_keep(f);
	else if (f->left == 0)
		frame_end(f);
}

void
frame_resume(struct rq *rq, nt (*go)(struct rq *))
{
	struct frame *f = rq->frame;
	struct conn *c  = f->conn;
	nt s;

	f->walking = true;
	s          = go(rq);
	if (conn_is_open(c) && nt_failed(s))
		rq_fail(rq, s);
	if (conn_is_open(c))
		frame_note(f, rq);
	f->walking = false;
	if (conn_is_open(c))
		frame_walk(f);
}

/* Nothing left to wait for: off to the socket, unless it was only a CANCEL. */
void
frame_end(struct frame *f)
{
	if (f->first) {
		frame_finish(f);
		return;
	}
	TAILQ_REMOVE(&f->conn->frames, f, of_conn);
	frame_drop(f);
}

/* ---- a new one ---- */

/* A number for a compound's steps at fsd; 0 would mean none. */
static uint32_t
worker_chain(struct worker *w)
{
	if (++w->next_chain == 0)
		w->next_chain = 1;
	return w->next_chain;
}

void
frame_handle(struct conn *c, const struct frame_in *in)
{
	struct frame *f = frame_new(c);
	struct smb2_chain probe;
	struct smb2_element e;

	f->more      = smb2_chain_init(in->bytes);
	f->sealed    = in->sealed;
	f->seal_chan = in->chan ? chan_hold(in->chan) : NULL;
	if (in->bulk) {
		f->bulk      = *in->bulk;
		f->bulk_skip = in->bulk_skip;
		*in->bulk    = (struct bulk){ 0 };
	}
	probe = f->more;
	if (!nt_failed(smb2_chain_next(&probe, &e)) && smb2_chain_more(&probe))
		f->chain = worker_chain(c->worker);
	if (smbd_is_traced(c->worker->smbd))
		trace_request(f, in);
	frame_walk(f);
}
