/*
 * bond.c - what the connections of one session share, and what becomes of it when one
 * of them is lost.  [MS-SMB2] 3.2.1.8, 3.2.7.1
 */
#include <stdlib.h>

#include "base/secret.h"
#include "clientd/session/channel.h"

nt
bond_new(struct conn *c, const uint8_t *signing_key)
{
	struct bond *b = calloc(1, sizeof *b);

	REQUIRE(b, STATUS_INSUFFICIENT_RESOURCES);
	b->refs = 1;
	b->out	= c->out;
	b->in	= c->in;
	if (signing_key)
		memcpy(b->signing_key, signing_key, sizeof b->signing_key);
	LIST_INIT(&b->holders);
	c->bond = b;
	return STATUS_SUCCESS;
}

void
bond_share(struct conn *c, struct bond *b)
{
	b->refs++;
	c->bond = b;
	c->out	= b->out;
	c->in	= b->in;
}

void
bond_release(struct bond *b)
{
	if (!b || --b->refs > 0)
		return;
	smb2_sealer_drop(b->out);
	smb2_sealer_drop(b->in);
	secret_wipe(b, sizeof *b);
	free(b);
}

struct conn *
conn_alive(struct conn *c)
{
	struct conn *o;

	if (conn_is_open(c) || !c || !c->bond)
		return c;
	TAILQ_FOREACH(o, &c->client->conns, all)
		if (o->bond == c->bond && conn_is_open(o) && o->ready)
			return o;
	return c;
}

unsigned
channels_count(const struct conn *c)
{
	const struct conn *o;
	unsigned n = 0;

	TAILQ_FOREACH(o, &c->client->conns, all)
		n += c->bond && o->bond == c->bond && conn_is_open(o) && o->ready;
	return n;
}

/* ---- the session's ---- */

static void
channel_leave(struct session *s, struct conn *c)
{
	s->bytes_in += c->bytes_in;
	s->bytes_out += c->bytes_out;
	c->session = NULL;
	conn_release(c);
}

/* 3.2.7.1: those that were lost go; the first that is left becomes the session's own. */
void
channels_sweep(struct session *s)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < s->n_further; i++) {
		struct conn *c = s->further[i];

		if (!conn_is_open(c)) {
			channel_leave(s, c);
		} else if (!conn_is_open(s->conn)) {
			channel_leave(s, s->conn);
			s->conn = c;
		} else {
			s->further[kept++] = c;
		}
	}
	s->n_further = kept;
}

void
channels_drop(struct session *s)
{
	while (s->n_further > 0)
		channel_leave(s, s->further[--s->n_further]);
	if (s->conn)
		channel_leave(s, s->conn);
	s->conn = NULL;
}

void
session_cut(struct session *s, nt why)
{
	for (unsigned i = 0; i < s->n_further; i++)
		conn_close(s->further[i], why);
	if (s->conn)
		conn_close(s->conn, why);
}
