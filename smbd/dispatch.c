/*
 * dispatch.c - from a frame's bytes to handlers.  Everything that does not need
 * to understand a command is decided here, by the table in commands.h: order
 * and style of compounds, ids, credits, session, signature, tree, size, file.
 * [MS-SMB2] 3.3.5.2
 */
#include <stdlib.h>

#include "base/log.h"
#include "smbd/hook.h"
#include "smbd/setup.h"
#include "smbd/trace.h"

/* 3.3.5.2.5: only dialects with multi-credit operations count more than one. */
uint16_t
rq_charge(const struct conn *c, const struct smb2_hdr *h)
{
	bool multi = (c->params.server_caps & SMB2_GLOBAL_CAP_LARGE_MTU) != 0;

	return multi && h->credit_charge > 0 ? h->credit_charge : 1;
}

/* ---- who asks ---- */

static nt
admit_signature(const struct rq *rq, const struct smb2_element *e)
{
	const struct chan *ch = rq->chan;
	struct iovec iov[2]   = { { (void *)(uintptr_t)e->bytes.p, e->bytes.n },
		  { rq->bulk.p ? rq->bulk.p + rq->bulk_skip : NULL, rq->bulk.n - rq->bulk_skip } };

	if (rq->frame->sealed)
		return STATUS_SUCCESS;
	if (rq->hdr.flags & SMB2_FLAGS_SIGNED) {
		REQUIRE(ch->signer, STATUS_ACCESS_DENIED);
		return smb2_verify(ch->signer, iov, rq->bulk.p ? 2 : 1);
	}
	REQUIRE(!ch->session->policy.must_sign, STATUS_ACCESS_DENIED);
	return STATUS_SUCCESS;
}

/* 3.3.5.2.9: an expired session may still be left, and put in order. */
static bool
session_allows(const struct session *s, uint16_t command)
{
	if (!session_has_expired(s))
		return true;
	return command == SMB2_CMD_logoff || command == SMB2_CMD_close ||
	       command == SMB2_CMD_lock || command == SMB2_CMD_session_setup ||
	       command == SMB2_CMD_echo;
}

/*
 * We differ: a request for no session of this connection, but signed by the key
 * of one, is refused with that key, so that the client can trust the refusal.
 */
static bool
session_signed_by(struct rq *rq, struct chan *ch, const struct iovec *iov)
{
	if (!ch || !ch->signer || nt_failed(smb2_verify(ch->signer, iov, 1)))
		return false;
	rq->chan = chan_hold(ch);
	return true;
}

void
rq_find_signer(struct rq *rq, struct span bytes)
{
	const struct iovec iov = { (void *)(uintptr_t)bytes.p, bytes.n };
	struct session *other  = session_find(rq_worker(rq), rq->hdr.session_id);
	struct chan *ch;

	if (rq->chan || rq->frame->sealed || rq->bulk.p || !(rq->hdr.flags & SMB2_FLAGS_SIGNED))
		return;
	if (other && session_signed_by(rq, other->first, &iov))
		return;
	LIST_FOREACH(ch, &rq->frame->conn->chans, of_conn)
		if (session_signed_by(rq, ch, &iov))
			return;
}

/* status tells people what really happens on the wire, not only what must. */
static void
session_note_sealed(const struct chan *ch)
{
	if (ch->session->sealed || ch->session->policy.encrypts)
		return;
	ch->session->sealed = true;
	setup_report(ch);
}

static nt
admit_session(struct rq *rq, const struct smb2_element *e, enum smb2_need need)
{
	struct frame *f = rq->frame;
	bool inherits   = f->count > 1 && smb2_hdr_is_related(&rq->hdr);
	struct chan *ch = inherits && f->from.placed ? f->from.chan
						     : chan_find(f->conn, rq->hdr.session_id);

	if (!ch && need == NEED_NONE)
		return STATUS_SUCCESS;
	if (!ch) {
		rq_find_signer(rq, e->bytes);
		return inherits ? STATUS_INVALID_PARAMETER : STATUS_USER_SESSION_DELETED;
	}
	rq->chan = chan_hold(ch);
	REQUIRE(!ch->session->over, STATUS_USER_SESSION_DELETED);
	rq->must_seal = ch->session->policy.encrypts && rq->hdr.command != SMB2_CMD_session_setup;
	if (f->sealed)
		REQUIRE(f->seal_chan == ch, STATUS_USER_SESSION_DELETED);
	else if (need != NEED_NONE)
		REQUIRE(!ch->session->policy.rejects_plain, STATUS_ACCESS_DENIED);
	if (f->sealed)
		session_note_sealed(ch);
	TRY(admit_signature(rq, e));
	REQUIRE(session_allows(ch->session, rq->hdr.command), STATUS_NETWORK_SESSION_EXPIRED);
	return STATUS_SUCCESS;
}

/* 3.3.5.2.11 */
static nt
admit_tree(struct rq *rq, const struct smb2_command *row)
{
	struct tree *t;

	if (row->need != NEED_TREE)
		return STATUS_SUCCESS;
	t = rq_tree(rq);
	REQUIRE(t, STATUS_NETWORK_NAME_DELETED);
	rq_place(rq, t->at);
	rq->must_seal |= t->encrypts;
	REQUIRE(rq->frame->sealed || !t->must_encrypt, STATUS_ACCESS_DENIED);
	return STATUS_SUCCESS;
}

/* ---- what is asked ---- */

/* 3.3.5.2.6 and 3.3.5.2.5. */
static nt
admit_body(const struct rq *rq, struct rd body, const struct smb2_command *row)
{
	uint64_t payload = smb2_payload_size(rq->hdr.command, body);
	uint16_t size    = rd_u16(&body);

	REQUIRE(rd_ok(&body), STATUS_INVALID_PARAMETER);
	REQUIRE(size == row->req_size || (row->flags & TWO_SIZES), STATUS_INVALID_PARAMETER);
	REQUIRE(!(rq->frame->conn->params.server_caps & SMB2_GLOBAL_CAP_LARGE_MTU) ||
		    smb2_charge_for(payload) <= rq_charge(rq->frame->conn, &rq->hdr),
	    STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

nt
rq_take_file(struct rq *rq, struct smb2_fid fid)
{
	struct frame *f = rq->frame;
	bool inherits   = f->count > 1 && smb2_hdr_is_related(&rq->hdr) && smb2_fid_is_related(fid);
	struct open *o;

	if (inherits) {
		if (!f->from.has_fid)
			TRY(f->from.status);
		REQUIRE(f->from.has_fid, STATUS_INVALID_HANDLE);
		fid = f->from.fid;
	}
	o = open_find(rq_session(rq), rq->tree_id, fid);
	REQUIRE(o, STATUS_FILE_CLOSED);
	/* An open without number is a CREATE of this chain that has not answered yet. */
	REQUIRE(o->file != 0 || inherits, STATUS_FILE_CLOSED);
	rq->fid  = open_fid(o);
	rq->file = o->file != 0 ? o->file : FILE_CHAIN;
	return STATUS_SUCCESS;
}

static nt
admit_file(struct rq *rq, struct rd body, const struct smb2_command *row)
{
	struct smb2_fid fid;

	if (row->handle_at == NO_FID || rq->cmd->any_file)
		return STATUS_SUCCESS;
	rd_zero(&body, row->handle_at);
	fid = rd_fid(&body);
	REQUIRE(rd_ok(&body), STATUS_INVALID_PARAMETER);
	return rq_take_file(rq, fid);
}

/* 3.3.5.2.7: the first element cannot lean on another.  Windows: styles may be mixed. */
static nt
admit_style(const struct rq *rq)
{
	REQUIRE(rq->frame->count > 1 || !smb2_hdr_is_related(&rq->hdr), STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

static nt
rq_admit(struct rq *rq, const struct smb2_element *e, const struct smb2_command *row)
{
	bool inherits = rq->frame->count > 1 && smb2_hdr_is_related(&rq->hdr);

	rq->tree_id = inherits ? rq->frame->from.tree_id : rq->hdr.tree_id;
	TRY(admit_session(rq, e, row ? (enum smb2_need)row->need : NEED_SESSION));
	/* 3.3.5.2.7.2: nothing can be inherited from what had no session or tree itself. */
	REQUIRE(!inherits || rq->frame->from.placed, STATUS_INVALID_PARAMETER);
	TRY(admit_style(rq));
	/* 3.3.5.2.6 would have us disconnect.  Windows: an answer like to any malformed request. */
	REQUIRE(row, STATUS_INVALID_PARAMETER);
	TRY(admit_tree(rq, row));
	rq->placed = true;
	TRY(admit_body(rq, e->body, row));
	return admit_file(rq, e->body, row);
}

/* ---- the walk ---- */

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
