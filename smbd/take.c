/*
 * take.c - what other processes tell a worker: a session, a connection, the end
 * of one, a break, an open that is no more.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "ipc/fdpass.h"
#include "proto/smb2/oplock_break.h"
#include "smbd/hook.h"
#include "smbd/setup.h"

#define MSG_ME struct worker
WORKER_MESSAGES(MSG_HANDLER)

nt
worker_session(struct worker *w, struct call *call, const struct worker_session_req *req,
    struct worker_session_rsp *rsp)
{
	struct session *s;

	(void)call;
	(void)rsp;
	if (session_find(w, req->session))
		return setup_take_key(w, req);
	TRY(session_new(w, req, &s));
	loop_timer_clear(&w->idle);
	return STATUS_SUCCESS;
}

/* 3.3.5.5.3: keys, signing and encryption stay as they were agreed on. */
nt
worker_session_again(struct worker *w, struct call *call, const struct worker_session_again_req *req,
    struct worker_session_again_rsp *rsp)
{
	struct session *s = session_find(w, req->session);

	(void)call;
	(void)rsp;
	REQUIRE(s, STATUS_USER_SESSION_DELETED);
	s->expires    = req->expires;
	s->auth_flags = req->flags;
	memcpy(s->user, req->user.s ? req->user.s : "", req->user.n + 1);
	return STATUS_SUCCESS;
}

/* ---- the end of a session, from outside ---- */

static void
session_end_confirm(void *ctx)
{
	worker_session_end_reply(ctx, STATUS_SUCCESS, NULL, SPAN_NONE);
}

nt
worker_session_end(struct worker *w, struct call *call, const struct worker_session_end_req *req,
    struct worker_session_end_rsp *rsp)
{
	struct session *s = session_find(w, req->session);

	(void)rsp;
	if (!s)
		return STATUS_SUCCESS;	/* it is as gone as the store wants it */
	session_end(s, false, session_end_confirm, call_keep(call));
	return STATUS_PENDING;
}

nt
worker_session_use(struct worker *w, struct call *call, const struct worker_session_use_req *req,
    struct worker_session_use_rsp *rsp)
{
	const struct session *s = session_find(w, req->session);
	uint64_t now            = loop_now(w->smbd->loop), moved = 0;
	const struct chan *ch;

	(void)call;
	REQUIRE(s, STATUS_USER_SESSION_DELETED);
	LIST_FOREACH(ch, &s->chans, of_session)
		if (ch->conn->moved > moved)
			moved = ch->conn->moved;
	rsp->idle_s = moved > 0 && now > moved ? (uint32_t)((now - moved) / 1000000000u) : 0;
	rsp->opens  = s->n_opens;
	return STATUS_SUCCESS;
}

/* ---- a connection ---- */

/* The last SESSION_SETUP of a logon that the gate led: its answer is ours. */
static void
take_answer(struct conn *c, struct chan *ch, const struct handover *h)
{
	struct frame *f = frame_new(c);
	struct rq *rq   = rq_new(f);

	rq->hdr = h->hdr;
	rq->cmd = smbd_cmds[SMB2_CMD_session_setup];
	setup_succeed(rq, ch, h->answer);
	setup_report(ch);
}

static void
take_refuse(struct conn *c, const struct handover *h, nt status)
{
	struct rq *rq = rq_new(frame_new(c));

	log_info("a logon was accepted, but not its connection status=%s", nt_name(status));
	rq->hdr = h->hdr;
	rq->cmd = smbd_cmds[SMB2_CMD_session_setup];
	rq_fail(rq, status);
}

/* The bytes that the gate has not consumed come first. */
static nt
take_unread(struct conn *c, struct span unread)
{
	uint8_t *p;

	if (unread.n == 0)
		return STATUS_SUCCESS;
	REQUIRE(unread.n <= RX_SCRATCH, STATUS_INVALID_PARAMETER);
	p = malloc(unread.n);
	REQUIRE(p, STATUS_INSUFFICIENT_RESOURCES);
	memcpy(p, unread.p, unread.n);
	c->rx.part    = p;
	c->rx.part_n  = unread.n;
	c->rx.stopped = true;	/* read on from these bytes */
	conn_dirty(c);
	return STATUS_SUCCESS;
}

static void
take_finish(struct session *s, struct conn *c, const struct handover *h)
{
	struct chan *ch;
	nt st = session_attach(s, c, h->session_mode, &h->session_hash, &ch);

	if (nt_failed(st)) {
		session_end(s, true, NULL, NULL);
		take_refuse(c, h, st);
	} else {
		take_answer(c, ch, h);
		if (s->worker->hooked)
			hook_tell_session(s, c, HOOK_EVENT_logon);
	}
}

nt
worker_take(struct worker *w, struct call *call, const struct worker_take_req *req,
    struct worker_take_rsp *rsp)
{
	const struct smbd_conf *conf = &w->smbd->conf;
	struct session *s            = session_find(w, req->session);
	int fd                       = call_take_fd(call);
	struct handover h;
	struct conn *c;
	nt st;

	(void)rsp;
	REQUIRE(fd >= 0, STATUS_INVALID_PARAMETER);
	st = handover_read(req, conf->server.max_credits, &h);
	if (!nt_failed(st) && h.mode == TAKE_FINISH &&
	    (!s || s->ctx != h.ctx || !LIST_EMPTY(&s->chans)))
		st = STATUS_USER_SESSION_DELETED;
	if (!nt_failed(st) && !fdpass_is_tcp_on(fd, conf->listen, conf->n_listen))
		st = STATUS_ACCESS_DENIED;
	if (nt_failed(st)) {
		close(fd);
		return st;
	}
	c = conn_new(w, fd, &h);
	REQUIRE(c, STATUS_INSUFFICIENT_RESOURCES);
	loop_timer_clear(&w->idle);
	conn_start(c);
	if (h.mode == TAKE_FINISH)
		take_finish(s, c, &h);
	if (nt_failed(take_unread(c, call_data(call))))
		conn_close(c, "what the gate had read cannot be kept");
	return STATUS_SUCCESS;
}

/* ---- what fsd says of opens ---- */

static struct conn *
session_conn(const struct session *s)
{
	struct chan *ch = LIST_FIRST(&s->chans);

	return ch ? ch->conn : NULL;
}

/* fsd's numbers mean something on its own link only. */
static struct open *
open_told(const struct call *call, uint64_t file)
{
	const struct storage *at = storage_of(call_link(call));

	return at ? idmap_find(&at->files, file) : NULL;
}

/* 3.3.4.6, 3.3.4.7: unsigned, and encrypted where the open's session or share is. */
nt
worker_break(struct worker *w, struct call *call, const struct worker_break_req *req,
    struct worker_break_rsp *rsp)
{
	struct open *o = open_told(call, req->file);
	struct conn *c = o ? session_conn(o->session) : NULL;
	struct smb2_oplock_break_notify n = { .is_lease = req->is_lease, .oplock_level = req->level,
		.new_epoch = req->lease_epoch, .current_state = req->lease_from,
		.new_state   = req->lease_state,
		.lease_flags = req->ack_required ? SMB2_NOTIFY_BREAK_LEASE_FLAG_ACK_REQUIRED : 0 };
	struct tree *t;
	struct rq *rq;
	struct wr *body;

	(void)rsp;
	REQUIRE(c && conn_is_open(c), STATUS_FILE_CLOSED);
	n.fid = open_fid(o);
	memcpy(n.lease_key, req->lease_key.b, sizeof n.lease_key);
	t        = tree_find(o->session, o->tree_id);
	rq       = rq_new(frame_new(c));
	rq->hdr  = (struct smb2_hdr){ .command = SMB2_CMD_oplock_break,
		 .message_id = SMB2_MESSAGE_ID_UNSOLICITED };
	rq->cmd       = smbd_cmds[SMB2_CMD_oplock_break];
	rq->chan      = chan_hold(LIST_FIRST(&o->session->chans));
	rq->no_sign   = true;
	rq->must_seal = o->session->policy.encrypts || (t && t->encrypts);
	body          = rq_body(rq, 128);
	smb2_oplock_break_notify_encode(body, RQ_HDR_AT, &n);
	rq_done(rq, STATUS_SUCCESS);
	if (w->hooked)
		hook_tell_break(o);
	return STATUS_SUCCESS;
}

nt
worker_revoke(struct worker *w, struct call *call, const struct worker_revoke_req *req,
    struct worker_revoke_rsp *rsp)
{
	struct open *o = open_told(call, req->file);

	(void)w;
	(void)rsp;
	if (o)
		open_drop(o);
	return STATUS_SUCCESS;
}
