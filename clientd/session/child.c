/*
 * child.c - sessions that were not opened by a script but for one that was: where a
 * referral leads.  They are like it, they end with it, and all of them are its own
 * children, so that two ways to a server end on the same session.
 */
#include <stdlib.h>

#include "base/secret.h"
#include "clientd/session/session.h"

static uint64_t
root_of(const struct session *s)
{
	return s->parent ? s->parent : s->id;
}

/* One that will not come back is none. */
static bool
is_of_use(const struct session *o)
{
	return !o->closed && (o->connecting || conn_is_open(conn_alive(o->conn)) ||
			      ((o->flags & CLIENT_RECONNECT) && !o->adopted));
}

static struct session *
session_like(const struct session *s, const char *host)
{
	struct session *o;
	uint32_t pos = 0;

	while ((o = table_next(s->client->sessions, &pos, NULL)))
		if (o->cred == s->cred && o->port == s->port && is_of_use(o) &&
		    utf8_casecmp(o->host, host) == 0 &&
		    (o == s || o->id == root_of(s) || o->parent == root_of(s)))
			return o;
	return NULL;
}

static struct session *
child_new(const struct session *s, const char *host)
{
	struct session *o = calloc(1, sizeof *o);

	if (!o)
		return NULL;
	*o = (struct session){ .client = s->client, .refs = 1, .port = s->port,
		.min_dialect = s->min_dialect, .max_dialect = s->max_dialect, .cred = s->cred,
		.signing = s->signing, .encrypt = s->encrypt, .timeout_ms = s->timeout_ms,
		.flags = s->flags, .channels = s->channels, .parent = root_of(s), .mechanism = "",
		.opened = clock_real_ns() };
	(void)snprintf(o->host, sizeof o->host, "%s", host);
	memcpy(o->workstation, s->workstation, sizeof o->workstation);
	random_bytes(o->guid.b, sizeof o->guid.b);
	TAILQ_INIT(&o->trees);
	return o;
}

/* Takes it.  It is closed with its parent, even while it connects. */
static nt
child_connect(struct session *taken, struct session **ret)
{
	struct session *o CLEANUP(session_release) = taken;
	nt status;

	if (nt_failed(table_add(o->client->sessions, o, &o->id)))
		return STATUS_QUOTA_EXCEEDED;
	session_hold(o);	/* the table's */
	o->connecting = true;
	status	      = session_connect(o);
	o->connecting = false;
	waitq_wake(&o->connected);
	if (!nt_failed(status) && o->closed)
		status = STATUS_USER_SESSION_DELETED;
	if (nt_failed(status))
		session_close(o);
	else
		*ret = o;
	return status;
}

nt
session_at(struct session *s, const char *host, struct session **ret)
{
	struct session *o = session_like(s, host);

	if (!o) {
		o = child_new(s, host);
		REQUIRE(o, STATUS_INSUFFICIENT_RESOURCES);
		TRY(child_connect(o, &o));
	}
	*ret = o;
	return STATUS_SUCCESS;
}

/* What it is told is not to be believed more than a name server: nothing is asked of it that would be. */
nt
session_nobody(struct session *s, struct session **ret)
{
	struct session *o = child_new(s, s->host);

	REQUIRE(o, STATUS_INSUFFICIENT_RESOURCES);
	o->cred	    = 0;
	o->channels = 1;
	o->signing = o->encrypt = CONF_OFFERED;	/* nobody has no keys */
	o->flags   = 0;
	return child_connect(o, ret);
}

void
children_close(const struct session *s)
{
	struct session *o;
	uint32_t pos = 0;

	while ((o = table_next(s->client->sessions, &pos, NULL)))
		if (o->parent == s->id)
			session_close(o);
}
