/*
 * session.c - see session.h.  A session's connection is made by the first call
 * that needs it, and where the script allowed that, made again after a loss;
 * calls that come meanwhile wait for the one that makes it.
 */
#include <stdlib.h>

#include "base/log.h"
#include "clientd/session/cache.h"
#include "clientd/session/channel.h"
#include "clientd/session/referral.h"
#include "proto/smb2/logoff.h"

#define RECONNECT_TRIES	  6u
#define RECONNECT_FIRST_MS 200u	/* doubled each time */
#define AGAIN_NS	   1000000000ull

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
	channels_drop(s);
	referrals_drop(s);
	free(s);
}

/* Negotiates and logs on; the session stands on c afterwards. */
nt
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
	channels_drop(s);
	c->session = s;
	c->epoch   = ++s->epochs;
	s->conn	   = STEAL(c);
	return STATUS_SUCCESS;
}

nt
session_connect(struct session *s)
{
	struct net_addr server;
	int fd;

	TRY(dial(s->client, session_dialled(s), s->port, s->timeout_ms, &fd, &server));
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
	struct session *held CLEANUP(session_release) = s;	/* a script may close it meanwhile */
	nt status = STATUS_SUCCESS;

	session_hold(held);
	while (s->connecting)
		TRY(fiber_wait(&s->connected));
	REQUIRE(!s->closed, STATUS_USER_SESSION_DELETED);
	channels_sweep(s);
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

/* Many calls learn of it at once; one proves, and what came a moment later is content with that. */
nt
session_again(struct session *s)
{
	struct session *held CLEANUP(session_release) = s;
	struct conn *c CLEANUP(conn_release) = NULL;
	nt status;

	session_hold(held);
	while (s->connecting)
		TRY(fiber_wait(&s->connected));
	channels_sweep(s);
	REQUIRE(!s->closed && conn_is_open(s->conn), STATUS_CONNECTION_RESET);
	if (s->again_at + AGAIN_NS > clock_mono_ns())
		return STATUS_SUCCESS;
	conn_hold(s->conn);
	c	      = s->conn;
	s->connecting = true;
	status	      = conn_logon_again(s, c);
	s->connecting = false;
	if (!nt_failed(status))
		s->again_at = clock_mono_ns();
	waitq_wake(&s->connected);
	return status;
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
	children_close(s);
	s->closed = true;
	cache_forget_session(s);
	session_logoff(conn_alive(s->conn));
	session_cut(s, STATUS_USER_SESSION_DELETED);
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
		.opened = s->opened, .expires = s->expires, .channels = c ? channels_count(c) : 0,
		.reconnects = s->reconnects, .bytes_in = s->bytes_in, .bytes_out = s->bytes_out,
		.cached = s->cached, .kept = s->kept, .breaks = s->breaks };
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
	for (unsigned i = 0; i < s->n_further; i++) {
		ret->bytes_in += s->further[i]->bytes_in;
		ret->bytes_out += s->further[i]->bytes_out;
	}
}
