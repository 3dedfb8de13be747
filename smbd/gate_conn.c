/*
 * gate_conn.c - bytes of one unauthenticated connection: one message is read,
 * handled and answered before the next byte is looked at.  So nothing that the
 * worker must get is ever left in a buffer here.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "proto/smb2/commands.h"
#include "proto/smb2/echo.h"
#include "proto/smb2/error.h"
#include "smbd/gate.h"
#include "smbd/limits.h"
#include "smbd/trace.h"

static void gconn_event(void *ctx, uint32_t events);

void
gconn_drop(struct gconn *c, const char *why)
{
	struct gate *g = c->gate;

	if (why) {
		char text[ADDR_TEXT];

		g->dropped++;
		log_debug("dropping a connection client=%s why=%s",
		    addr_print(&c->params.client, text), log_qs(why));
	}
	loop_timer_clear(&c->deadline);
	loop_timer_clear(&c->patience);
	loop_del(&c->watch);
	logon_drop(c->logon);
	gate_ask_orphan(c->ask);
	close(c->fd);
	TAILQ_REMOVE(&g->conns, c, all);
	g->table[c->index]        = g->table[--g->n_conns];
	g->table[c->index]->index = c->index;
	free(c->answer);
	free(c->in);
	free(c);
}

static void
gconn_too_slow(void *ctx)
{
	gconn_drop(ctx, "too slow to authenticate");
}

static void
gconn_out_of_patience(void *ctx)
{
	struct gconn *c = ctx;

	log_warn("a logon waited in vain for=%s",
	    c->state == GCONN_WANTS_STORE ? "store" : "worker");
	gconn_drop(c, "a process of ours is missing");
}

void
gconn_start(struct gconn *c)
{
	struct smbd *s = c->gate->smbd;

	window_init(&c->window, GATE_CREDITS);
	loop_timer_set(s->loop, &c->deadline, s->conf.server.auth_timeout_ms, gconn_too_slow, c);
	loop_add(s->loop, &c->watch, c->fd, EPOLLIN, gconn_event, c);
}

/* Nothing is read while a state other than GCONN_READ lasts; an end shows as EPOLLHUP. */
void
gconn_wait(struct gconn *c, enum gconn_state state, uint32_t ms)
{
	bool waits = c->state == state;

	c->state = state;
	loop_mod(&c->watch, state == GCONN_READ ? EPOLLIN : 0);
	if (ms == 0)
		loop_timer_clear(&c->patience);
	else if (!waits || c->patience.slot == 0)
		loop_timer_set(c->gate->smbd->loop, &c->patience, ms, gconn_out_of_patience, c);
}

void
gconn_next(struct gconn *c)
{
	c->have = 0;
	gconn_wait(c, GCONN_READ, 0);
}

/* ---- in ---- */

static bool
gconn_room(struct gconn *c, size_t need)
{
	uint8_t *p;

	if (need <= c->cap)
		return true;
	if (need < GATE_FRAME_FIRST)
		need = GATE_FRAME_FIRST;
	p = realloc(c->in, need);
	if (!p)
		return false;
	c->in  = p;
	c->cap = need;
	return true;
}

/* Bytes that the message in hand still lacks; 0 when it is whole, SIZE_MAX if it is none. */
static size_t
gconn_lacks(const struct gconn *c)
{
	uint32_t n;

	if (c->have < TRANSPORT_HDR_SIZE)
		return TRANSPORT_HDR_SIZE - c->have;
	if (nt_failed(transport_decode(c->in, &n)) || n == 0 || n > GATE_FRAME_MAX)
		return SIZE_MAX;
	return TRANSPORT_HDR_SIZE + n - c->have;
}

static void
gconn_event(void *ctx, uint32_t events)
{
	struct gconn *c = ctx;
	size_t lacks;

	if (c->state != GCONN_READ) {
		if (events & (EPOLLHUP | EPOLLERR))
			gconn_drop(c, "the client is gone");
		return;
	}
	while ((lacks = gconn_lacks(c)) > 0) {
		ssize_t n;

		if (lacks == SIZE_MAX || !gconn_room(c, c->have + lacks)) {
			gconn_drop(c, "no message of ours, or too long");
			return;
		}
		n = recv(c->fd, c->in + c->have, lacks, 0);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			gconn_drop(c, "the client is gone");
			return;
		}
		c->have += (size_t)n;
	}
	if (++c->messages > GATE_MESSAGES_MAX)
		gconn_drop(c, "too many messages");
	else
		gconn_handle(c);
}

/* ---- what it is ---- */

static void
gconn_echo(struct gconn *c, const struct smb2_element *e)
{
	uint8_t room[GATE_ANSWER_MAX];
	struct wr w  = wr_init(room, sizeof room);
	struct rd r  = e->body;
	struct smb2_echo_req req;

	if (nt_failed(smb2_echo_req_decode(&r, &req))) {
		gconn_answer(c, &e->hdr, STATUS_INVALID_PARAMETER, NULL, NULL);
	} else {
		wr_zero(&w, ANSWER_BODY_AT);
		smb2_echo_rsp_encode(&w, ANSWER_HDR_AT, &(struct smb2_echo_rsp){ 0 });
		gconn_answer(c, &e->hdr, STATUS_SUCCESS, &w, NULL);
	}
}

/* 3.3.5.2: before anything else was negotiated only NEGOTIATE may come. */
static void
gconn_command(struct gconn *c, const struct smb2_element *e)
{
	const struct smb2_command *row = smb2_command_find(e->hdr.command);
	bool negotiated                = c->params.dialect != 0 && !c->multiprotocol;

	if (!row || !e->last || (e->hdr.flags & SMB2_FLAGS_SERVER_TO_REDIR) ||
	    smb2_hdr_is_related(&e->hdr)) {
		gconn_drop(c, "no request that may come here");
		return;
	}
	if (!negotiated && e->hdr.command != SMB2_CMD_negotiate) {
		gconn_drop(c, "no NEGOTIATE first");
		return;
	}
	switch (e->hdr.command) {
	case SMB2_CMD_negotiate:
		gconn_negotiate(c, e);
		return;
	case SMB2_CMD_session_setup:
		gconn_setup(c, e);
		return;
	case SMB2_CMD_echo:
		gconn_echo(c, e);
		return;
	case SMB2_CMD_cancel:
		gconn_next(c);
		return;
	default:	/* 3.3.5.2.9 */
		gconn_answer(c, &e->hdr, STATUS_USER_SESSION_DELETED, NULL, NULL);
	}
}

static void
gconn_smb2(struct gconn *c, struct span frame)
{
	struct smb2_chain chain = smb2_chain_init(frame);
	bool again              = c->state == GCONN_WANTS_STORE;
	struct smb2_element e;

	if (nt_failed(smb2_chain_next(&chain, &e))) {
		gconn_drop(c, "no SMB2 header");
		return;
	}
	if (!again)
		c->before = c->window;
	/* 3.3.5.2.3; a message that waited for the store has used its id already. */
	if (!again && e.hdr.command != SMB2_CMD_cancel &&
	    nt_failed(window_use(&c->window, e.hdr.message_id, 1))) {
		gconn_drop(c, "a message id outside of the window");
		return;
	}
	gconn_command(c, &e);
}

void
gconn_handle(struct gconn *c)
{
	struct span frame = SPAN(c->in + TRANSPORT_HDR_SIZE, c->have - TRANSPORT_HDR_SIZE);

	if (smbd_is_traced(c->gate->smbd) && c->state == GCONN_READ)
		trace_gate(c, frame, false);
	switch (smb2_kind_of(frame)) {
	case SMB2_KIND_SMB1:
		gconn_negotiate_smb1(c, frame);
		return;
	case SMB2_KIND_SMB2:
		gconn_smb2(c, frame);
		return;
	default:
		gconn_drop(c, "no SMB");
	}
}

/* ---- out ---- */

/*
 * A client that does not even take one small answer is let go, so no answer is
 * ever kept here.
 */
static void
gconn_send(struct gconn *c, const struct wr *w)
{
	ssize_t n = send(c->fd, w->base, w->pos, MSG_NOSIGNAL);

	if (smbd_is_traced(c->gate->smbd))
		trace_gate(c, SPAN(w->base + ANSWER_HDR_AT, w->pos - ANSWER_HDR_AT), true);
	if (n < 0 || (size_t)n != w->pos) {
		gconn_drop(c, "the client does not read");
		return;
	}
	gconn_next(c);
}

void
gconn_answer(struct gconn *c, const struct smb2_hdr *req, nt status, struct wr *body,
    struct smb2_preauth *hash)
{
	uint8_t room[256];
	struct wr own       = wr_init(room, sizeof room);
	struct wr *w        = body ? body : &own;
	struct smb2_hdr hdr = { .credit_charge = 1, .status = status, .command = req->command,
		.flags = SMB2_FLAGS_SERVER_TO_REDIR | (req->flags & SMB2_FLAGS_PRIORITY_MASK),
		.message_id = req->message_id, .process_id = req->process_id,
		.tree_id = req->tree_id, .session_id = req->session_id };
	struct wr head      = wr_init(w->base, ANSWER_BODY_AT);

	if (!body) {
		wr_zero(w, ANSWER_BODY_AT);
		smb2_error_rsp_encode(w, ANSWER_HDR_AT, &(struct smb2_error_rsp){ 0 });
	}
	hdr.credits = window_grant(&c->window, 1, req->credits, GATE_CREDITS);
	if (!wr_ok(w)) {
		gconn_drop(c, "an answer too long for its buffer");
		return;
	}
	transport_encode(head.base, (uint32_t)(w->pos - TRANSPORT_HDR_SIZE));
	head.pos = ANSWER_HDR_AT;
	smb2_hdr_encode(&head, &hdr);
	if (hash && nt_failed(smb2_preauth_update(hash,
			SPAN(w->base + ANSWER_HDR_AT, w->pos - ANSWER_HDR_AT))))
		gconn_drop(c, "no hash");
	else
		gconn_send(c, w);
}
