/*
 * session.c - see session.h.  A session's connection is made by the first call
 * that needs it, and where the script allowed that, made again after a loss;
 * calls that come meanwhile wait for the one that makes it.
 */
#include "clientd/session/session.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/secret.h"
#include "proto/smb2/logoff.h"

#define RECONNECT_TRIES	  6u
#define RECONNECT_FIRST_MS 200u	/* doubled each time */

struct session *
session_find(struct client *me, uint64_t id)
{
	return table_find(me->sessions, id);
}

void
session_hold(struct session *s)
{
	s->refs++;
}

void
session_release(struct session *s)
{
	struct tree *t;

	if (!s || --s->refs > 0)
		return;
	while ((t = TAILQ_FIRST(&s->trees))) {
		TAILQ_REMOVE(&s->trees, t, of_session);
		free(t);
	}
	conn_release(s->conn);
	free(s);
}

static void
session_drop_conn(struct session *s)
{
	if (!s->conn)
		return;
	s->bytes_in += s->conn->bytes_in;
	s->bytes_out += s->conn->bytes_out;
	s->conn->session = NULL;
	conn_release(s->conn);
	s->conn = NULL;
}

/* Negotiates and logs on; the session stands on c afterwards. */
static nt
session_stand(struct session *s, int fd, const struct net_addr *server)
{
	struct conn *c CLEANUP(conn_release) = NULL;
	nt status;

	TRY(conn_new(s->client, fd, server, &c));
	c->timeout_ms = s->timeout_ms;
	status	      = conn_negotiate(s, c);
	if (!nt_failed(status))
		status = conn_logon(s, c);
	if (nt_failed(status)) {
		conn_close(c, status);
		return status;
	}
	session_drop_conn(s);
	c->session = s;
	c->epoch   = ++s->epochs;
	s->conn	   = STEAL(c);
	return STATUS_SUCCESS;
}

static nt
session_connect(struct session *s)
{
	struct net_addr server;
	int fd;

	TRY(dial(s->client, s->host, s->port, s->timeout_ms, &fd, &server));
	return session_stand(s, fd, &server);
}

/* Worth another try: the server or the way to it may come back. */
static bool
is_passing(nt s)
{
	switch (s.code) {
	case NT_CONNECTION_REFUSED:
	case NT_CONNECTION_RESET:
	case NT_CONNECTION_ABORTED:
	case NT_IO_TIMEOUT:
	case NT_NETWORK_UNREACHABLE:
	case NT_HOST_UNREACHABLE:
	case NT_UNEXPECTED_NETWORK_ERROR:
	case NT_USER_SESSION_DELETED:
		return true;
	default:
		return false;
	}
}

static nt
session_reconnect(struct session *s)
{
	uint64_t pause = RECONNECT_FIRST_MS;
	nt status      = STATUS_CONNECTION_RESET;

	for (unsigned i = 0; i < RECONNECT_TRIES && !s->closed; i++) {
		status = session_connect(s);
		if (!nt_failed(status)) {
			s->reconnects++;
			log_info("came back to a server host=%s", log_qs(s->host));
		}
		if (!is_passing(status))
			return status;
		TRY(fiber_wait_ms(NULL, pause));
		pause *= 2;
	}
	return status;
}

nt
session_ready(struct session *s, struct conn **ret)
{
	nt status = STATUS_SUCCESS;

	while (s->connecting)
		TRY(fiber_wait(&s->connected));
	REQUIRE(!s->closed, STATUS_USER_SESSION_DELETED);
	if (!conn_is_open(s->conn)) {
		REQUIRE((s->flags & CLIENT_RECONNECT) && !s->adopted,
			s->conn ? s->conn->why : STATUS_CONNECTION_RESET);
		s->connecting = true;
		status	      = session_reconnect(s);
		s->connecting = false;
		waitq_wake(&s->connected);
	}
	TRY(status);
	REQUIRE(!s->closed && conn_is_open(s->conn), STATUS_CONNECTION_RESET);
	conn_hold(s->conn);
	*ret = s->conn;
	return STATUS_SUCCESS;
}

/* LOGOFF is said without waiting for the answer: the connection goes with it. */
static void
session_logoff(struct conn *c)
{
	const struct smb2_logoff_req req = { 0 };
	struct msg m			 = { 0 };

	if (!conn_is_open(c) || !c->ready || nt_failed(msg_begin(&m, c, MSG_ROOM)))
		return;
	smb2_logoff_req_encode(&m.w, msg_add(&m, SMB2_CMD_logoff, 0, 0), &req);
	if (nt_failed(msg_submit(&m)))
		msg_end(&m);
	else
		msg_forget(&m);
	conn_transmit(c);
}

void
session_close(struct session *s)
{
	if (s->closed)
		return;
	s->closed = true;
	if (s->conn) {
		session_logoff(s->conn);
		conn_close(s->conn, STATUS_USER_SESSION_DELETED);
	}
	waitq_wake(&s->connected);
	(void)table_remove(s->client->sessions, s->id);
	session_release(s);
}

void
session_fields(const struct session *s, struct client_open_rsp *ret)
{
	const struct conn *c = s->conn;

	*ret = (struct client_open_rsp){ .session = s->id, .host = str_of(s->host),
		.user = str_of(s->user), .domain = str_of(s->domain),
		.mechanism = str_of(s->mechanism), .guest = s->guest, .anonymous = s->anonymous,
		.opened = s->opened, .expires = s->expires, .channels = 1,
		.reconnects = s->reconnects, .bytes_in = s->bytes_in, .bytes_out = s->bytes_out };
	if (!c)
		return;
	ret->server	    = c->server;
	ret->dialect	    = c->nego.dialect;
	ret->cipher	    = c->nego.cipher;
	ret->signing_alg    = c->nego.signing_alg;
	ret->signed_	    = c->sign;
	ret->encrypted	    = c->seal;
	ret->server_guid    = c->nego.server_guid;
	ret->capabilities   = c->nego.server_caps;
	ret->max_transact   = c->nego.max_transact;
	ret->max_read	    = c->nego.max_read;
	ret->max_write	    = c->nego.max_write;
	ret->server_session = c->session_id;
	ret->bytes_in += c->bytes_in;
	ret->bytes_out += c->bytes_out;
}

/* ---- client.open ---- */

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
	REQUIRE(req->channels <= 1, STATUS_NOT_SUPPORTED);
	return STATUS_SUCCESS;
}

static void
text_copy(char ret[NAME_BOUND + 1], struct str s)
{
	memcpy(ret, s.s ? s.s : "", s.n + 1);
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
		return session_connect(s);
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

nt
client_close(struct client *me, struct job *j, const struct client_close_req *req,
	     struct client_close_rsp *rsp)
{
	struct session *s = session_find(me, req->session);

	(void)j;
	(void)rsp;
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

nt
client_use(struct client *me, struct job *j, const struct client_use_req *req,
	   struct client_use_rsp *rsp)
{
	struct where w CLEANUP(where_end) = { 0 };

	(void)me;
	TRY(where_find(j, req->session, req->share.s, &w));
	rsp->tree	  = w.tree_id;
	rsp->type	  = w.is.type;
	rsp->flags	  = w.is.flags;
	rsp->capabilities = w.is.capabilities;
	rsp->access	  = w.is.access;
	rsp->encrypted	  = w.seal || w.conn->seal;
	return STATUS_SUCCESS;
}
