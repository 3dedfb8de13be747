/*
 * gate_setup.c - SESSION_SETUP before there is a session.  While the store
 * thinks, not a byte of the connection is read.  [MS-SMB2] 3.3.5.5
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "proto/smb2/session_setup.h"
#include "smbd/gate.h"
#include "smbd/limits.h"

static void
setup_refuse(struct gconn *c, nt status)
{
	char text[ADDR_TEXT];

	log_info("logon refused client=%s status=%s", addr_print(&c->params.client, text),
	    nt_name(status));
	logon_drop(c->logon);
	c->logon = NULL;
	c->gate->refused++;
	gconn_answer(c, &c->hdr, status, NULL, NULL);
}

/* 3.3.5.5.3: the client goes on with the SessionId that this answer names. */
static void
setup_go_on(struct gconn *c, struct span token)
{
	uint8_t room[GATE_ANSWER_MAX];
	struct wr w                       = wr_init(room, sizeof room);
	struct smb2_session_setup_rsp rsp = { .token = token };

	c->hdr.session_id = logon_ctx(c->logon) ? logon_ctx(c->logon) : c->hdr.session_id;
	wr_zero(&w, ANSWER_BODY_AT);
	smb2_session_setup_rsp_encode(&w, ANSWER_HDR_AT, &rsp);
	gconn_answer(c, &c->hdr, STATUS_MORE_PROCESSING_REQUIRED, &w, &c->session_hash);
}

static void
setup_accepted(struct gconn *c, const struct logon_ok *ok, struct span token)
{
	free(c->answer);
	c->answer = malloc(token.n + 1);
	if (!c->answer) {
		setup_refuse(c, STATUS_INSUFFICIENT_RESOURCES);
		return;
	}
	if (token.n > 0) /* raw NTLMSSP ends without a token */
		memcpy(c->answer, token.p, token.n);
	c->answer_n  = token.n;
	c->take_mode = TAKE_FINISH;
	c->session   = ok->session;
	c->worker    = ok->worker;
	gconn_give(c);
}

/* Anything that smells of the account is the same refusal to the outside. */
static nt
setup_outside(nt s)
{
	return nt_is(s, STATUS_INVALID_PARAMETER) || nt_is(s, STATUS_USER_SESSION_DELETED) ||
		       nt_is(s, STATUS_REQUEST_NOT_ACCEPTED) ||
		       nt_is(s, STATUS_INSUFFICIENT_RESOURCES)
		   ? s
		   : STATUS_LOGON_FAILURE;
}

static void
setup_told(void *owner, nt status, const struct logon_ok *ok, struct span token)
{
	struct gconn *c = owner;

	if (nt_is(status, STATUS_MORE_PROCESSING_REQUIRED))
		setup_go_on(c, token);
	else if (nt_is(status, STATUS_CONNECTION_RESET))
		gconn_drop(c, "the store died during a logon");
	else if (nt_failed(status))
		setup_refuse(c, setup_outside(status));
	else
		setup_accepted(c, ok, token);
}

/* ---- the request ---- */

/* A new logon, or the next step of the one in hand; 3.3.5.5 steps 3 to 5. */
static nt
setup_find(struct gconn *c)
{
	if (c->hdr.session_id != 0) {
		REQUIRE(c->logon && c->hdr.session_id == logon_ctx(c->logon),
		    STATUS_USER_SESSION_DELETED);
		return STATUS_SUCCESS;
	}
	if (!c->logon || logon_ctx(c->logon) != 0) {
		logon_drop(c->logon);
		c->logon = logon_new(c->gate->smbd->node, c, setup_told);
		REQUIRE(c->logon, STATUS_INSUFFICIENT_RESOURCES);
		c->session_hash = c->negotiate_hash;
	}
	return STATUS_SUCCESS;
}

static nt
setup_step(struct gconn *c, struct link *store, const struct smb2_session_setup_req *req)
{
	struct logon_about about = logon_about_conn(&c->params, &c->gate->smbd->conf.server);

	about.previous_session = req->previous_session_id;
	c->session_mode        = req->security_mode;
	gconn_wait(c, GCONN_ASKS, 0);
	return logon_step(c->logon, store, &about, req->token);
}

void
gconn_setup(struct gconn *c, const struct smb2_element *e)
{
	struct link *store = node_peer(c->gate->smbd->node, PEER_STORE);
	struct smb2_session_setup_req req;
	struct rd r = e->body;
	nt s;

	if (!store) {
		gconn_wait(c, GCONN_WANTS_STORE, STORE_WAIT_MS);
		return;
	}
	c->hdr = e->hdr;
	if (++c->rounds > GATE_ROUNDS_MAX) {
		gconn_drop(c, "too many rounds of authentication");
		return;
	}
	s = smb2_session_setup_req_decode(&r, &req);
	/* Without a SessionId it is a new logon, whatever it says: 3.3.5.5 step 3. */
	if (!nt_failed(s) && e->hdr.session_id != 0 && (req.flags & SMB2_SESSION_FLAG_BINDING)) {
		gconn_bind(c, store);
		return;
	}
	if (!nt_failed(s))
		s = setup_find(c);
	if (!nt_failed(s))
		s = smb2_preauth_update(&c->session_hash, e->bytes);
	if (!nt_failed(s))
		s = setup_step(c, store, &req);
	if (nt_is(s, STATUS_CONNECTION_RESET))
		gconn_drop(c, "the store is gone");
	else if (nt_failed(s))
		setup_refuse(c, setup_outside(s));
}
