/*
 * cmd_open.c - client.open, close, info, sessions and use: a script's sessions.
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/secret.h"
#include "clientd/session/dfs.h"
#include "proto/smb2/echo.h"

#define SETTLE_MS 2000u	/* for what nobody waits for, when a session is closed */

static nt
open_check(const struct client_open_req *req)
{
	uint16_t min = req->min_dialect ? req->min_dialect : SMB2_DIALECT_202;
	uint16_t max = req->max_dialect ? req->max_dialect : SMB2_DIALECT_311;

	REQUIRE(req->host.n > 0 && utf8_valid(req->host.s, req->host.n) &&
		    !strpbrk(req->host.s, "\\/"),
		STATUS_BAD_NETWORK_PATH);
	REQUIRE(min <= max && max >= SMB2_DIALECT_202, STATUS_INVALID_PARAMETER);
	REQUIRE(req->signing == CONF_OFFERED || req->signing == CONF_REQUIRED,
		STATUS_INVALID_PARAMETER);
	REQUIRE(req->encrypt == CONF_OFFERED || req->encrypt == CONF_REQUIRED,
		STATUS_INVALID_PARAMETER);
	/* 3.0 is the first that can encrypt: refused before a byte is sent */
	REQUIRE(req->encrypt != CONF_REQUIRED || max >= SMB2_DIALECT_300, STATUS_NOT_SUPPORTED);
	REQUIRE(req->timeout_ms <= TIMEOUT_MAX_MS, STATUS_INVALID_PARAMETER);
	REQUIRE(req->channels <= CHANNELS_MAX, STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

static void
text_copy(char ret[NAME_BOUND + 1], struct str s)
{
	(void)snprintf(ret, NAME_BOUND + 1, "%s", s.s ? s.s : "");
}

static struct session *
session_new(struct client *me, const struct client_open_req *req)
{
	struct session *s = calloc(1, sizeof *s);

	if (!s)
		return NULL;
	s->client      = me;
	s->refs	       = 1;
	s->port	       = req->port ? req->port : 445;
	s->cred	       = req->cred;
	s->min_dialect = req->min_dialect ? req->min_dialect : SMB2_DIALECT_202;
	s->max_dialect = req->max_dialect ? req->max_dialect : SMB2_DIALECT_311;
	s->signing     = req->signing;
	s->encrypt     = req->encrypt;
	s->timeout_ms  = req->timeout_ms ? req->timeout_ms : REQUEST_TIMEOUT_MS;
	s->flags       = req->flags;
	s->channels    = req->channels;
	s->mechanism   = "";
	s->opened      = clock_real_ns();
	/* what only 3.x can give must not be lost to a server that says less */
	if (s->encrypt == CONF_REQUIRED && s->min_dialect < SMB2_DIALECT_300)
		s->min_dialect = SMB2_DIALECT_300;
	text_copy(s->host, req->host);
	text_copy(s->spn, req->spn);
	text_copy(s->workstation, req->workstation);
	random_bytes(s->guid.b, sizeof s->guid.b);
	TAILQ_INIT(&s->trees);
	return s;
}

static nt
open_connect(struct session *s, const struct client_open_req *req)
{
	static const struct id16 none = { 0 };
	struct net_addr server;
	int fd;

	if (memcmp(&req->socket, &none, sizeof none) == 0)
		return domain_connect(s);
	s->adopted = true;
	TRY(given_take(s->client, &req->socket, &fd, &server));
	return session_stand(s, fd, &server);
}

nt
client_open(struct client *me, struct job *j, const struct client_open_req *req,
	    struct client_open_rsp *rsp)
{
	struct session *s CLEANUP(session_release) = NULL;
	nt status;

	(void)j;
	TRY(open_check(req));
	s = session_new(me, req);
	REQUIRE(s, STATUS_INSUFFICIENT_RESOURCES);
	REQUIRE(!nt_failed(table_add(me->sessions, s, &s->id)), STATUS_QUOTA_EXCEEDED);
	session_hold(s);	/* the table's */
	s->connecting = true;
	status	      = open_connect(s, req);
	s->connecting = false;
	waitq_wake(&s->connected);
	if (nt_failed(status)) {
		session_close(s);
		return status;
	}
	session_fields(s, rsp);
	return STATUS_SUCCESS;
}

/*
 * What was sent without waiting, a CLOSE or the removal of half a file, may still be
 * without credits: an ECHO is answered after it.
 */
static void
settle(struct session *s)
{
	struct session *held CLEANUP(session_release) = s;
	const struct smb2_echo_req body		      = { 0 };
	struct msg m CLEANUP(msg_end)		      = { 0 };
	struct conn *c				      = conn_alive(s->conn);

	session_hold(held);
	if (!conn_is_open(c) || !c->ready || TAILQ_EMPTY(&c->in_flight) ||
	    nt_failed(msg_begin(&m, c, MSG_ROOM)))
		return;
	m.timeout_ms = SETTLE_MS;
	smb2_echo_req_encode(&m.w, msg_add(&m, SMB2_CMD_echo, 0, 0), &body);
	if (nt_failed(msg_run(&m)))
		log_info("a session is closed with requests unanswered host=%s", log_qs(s->host));
}

nt
client_close(struct client *me, struct job *j, const struct client_close_req *req,
	     struct client_close_rsp *rsp)
{
	struct session *s = session_find(me, req->session), *o;
	uint32_t pos	  = 0;

	(void)j;
	(void)rsp;
	REQUIRE(s, STATUS_USER_SESSION_DELETED);
	while ((o = table_next(me->sessions, &pos, NULL)))
		if (o->id == req->session || o->parent == req->session)
			settle(o);
	s = session_find(me, req->session);	/* another call may have been quicker */
	REQUIRE(s, STATUS_USER_SESSION_DELETED);
	session_close(s);
	return STATUS_SUCCESS;
}

nt
client_info(struct client *me, struct job *j, const struct client_info_req *req,
	    struct client_info_rsp *rsp)
{
	struct session *s = session_find(me, req->session);
	struct client_open_rsp fields;

	(void)j;
	REQUIRE(s, STATUS_USER_SESSION_DELETED);
	session_fields(s, &fields);
	static_assert(sizeof fields == sizeof *rsp, "the same row");
	memcpy(rsp, &fields, sizeof *rsp);
	return STATUS_SUCCESS;
}

/* The row after `after`, in the order of ids. */
nt
client_sessions(struct client *me, struct job *j, const struct client_sessions_req *req,
		struct client_sessions_rsp *rsp)
{
	struct session *s, *best = NULL;
	struct client_open_rsp fields;
	uint32_t pos = 0;

	(void)j;
	while ((s = table_next(me->sessions, &pos, NULL)))
		if (s->id > req->after && (!best || s->id < best->id))
			best = s;
	REQUIRE(best, STATUS_NO_MORE_ENTRIES);
	session_fields(best, &fields);
	static_assert(sizeof fields == sizeof *rsp, "the same row");
	memcpy(rsp, &fields, sizeof *rsp);
	return STATUS_SUCCESS;
}

/* The share, or the root of the namespace of that name, if this session follows referrals. */
static nt
use_find(struct job *j, uint64_t session, const char *share, struct where *ret)
{
	struct job_at at = { .session = session, .share = share, .path = "" };
	nt s		 = where_find(j, session, share, ret);

	if (!nt_is(s, STATUS_BAD_NETWORK_NAME) || nt_failed(at_follow(j, &at, false, s)))
		return s;
	return where_find(j, at.session, at.share, ret);
}

nt
client_use(struct client *me, struct job *j, const struct client_use_req *req,
	   struct client_use_rsp *rsp)
{
	struct where w CLEANUP(where_end) = { 0 };

	(void)me;
	TRY(use_find(j, req->session, req->share.s, &w));
	rsp->tree	  = w.tree_id;
	rsp->type	  = w.is.type;
	rsp->flags	  = w.is.flags;
	rsp->capabilities = w.is.capabilities;
	rsp->access	  = w.is.access;
	rsp->encrypted	  = w.seal || w.conn->seal;
	return STATUS_SUCCESS;
}
