/*
 * tickets.c - see tickets.h.
 */
#include "authd/cred/tickets.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

#define FILE_MAX TOKEN_BOUND /* what an export can carry */

/* Names that fit the fields they are told in. */
static bool
names_fit(const struct krb_ticket *t)
{
	char client[KRB_TEXT_MAX], server[KRB_TEXT_MAX];

	return krb_name_print(&t->client, client) && krb_name_print(&t->server, server) &&
	       strlen(client) <= NAME_BOUND && strlen(server) <= NAME_BOUND;
}

/* Puts t if there is room for it. */
static bool
put(struct wr *w, const struct krb_ticket *t)
{
	struct wr longer = *w;

	if (!names_fit(t))
		return false;
	krb_ccache_put(&longer, t);
	if (!wr_ok(&longer))
		return false;
	*w = longer;
	return true;
}

static nt
client_set(struct login *l, const struct krb_name *owner)
{
	char text[KRB_TEXT_MAX], name[KRB_TEXT_MAX];

	REQUIRE(krb_name_print(owner, text) && krb_name_print_short(owner, name),
		STATUS_INVALID_PARAMETER);
	REQUIRE(strlen(text) <= NAME_BOUND && owner->realm.n <= NAME_BOUND,
		STATUS_INVALID_PARAMETER);
	/* Who said a name means that one. */
	REQUIRE(!l->user[0] || !l->client[0] || strcmp(l->client, text) == 0,
		STATUS_INVALID_PARAMETER);
	memcpy(l->client, text, strlen(text) + 1);
	memcpy(l->user, name, strlen(name) + 1);
	memcpy(l->domain, owner->realm.p, owner->realm.n);
	l->domain[owner->realm.n] = '\0';
	return STATUS_SUCCESS;
}

nt
tickets_take_ccache(struct login *l, struct span file)
{
	uint8_t *p  = secret_alloc(FILE_MAX);
	struct wr w = wr_init(p, FILE_MAX);
	struct krb_ccache c;
	struct krb_ticket t;
	size_t n  = 0;
	nt status = krb_ccache_open(file, &c);

	if (nt_ok(status))
		status = client_set(l, &c.owner);
	if (nt_ok(status)) {
		krb_ccache_begin(&w, &c.owner);
		while (nt_ok(status = krb_ccache_next(&c, &t)))
			n += put(&w, &t);
		if (nt_is(status, STATUS_NO_MORE_ENTRIES))
			status = n > 0 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
	}
	if (nt_ok(status))
		hidden_set(&l->tickets, wr_done(&w));
	secret_free(p, FILE_MAX);
	return status;
}

nt
tickets_take_cred(struct login *l, struct span der)
{
	uint8_t *p  = secret_alloc(FILE_MAX);
	struct wr w = wr_init(p, FILE_MAX);
	struct krb_cred c;
	struct krb_ticket t;
	size_t n  = 0;
	nt status = krb_cred_open(der, &c);

	while (nt_ok(status)) {
		status = krb_cred_next(&c, &t);
		if (nt_ok(status) && n == 0) {
			status = client_set(l, &t.client);
			krb_ccache_begin(&w, &t.client);
		}
		if (nt_ok(status))
			n += put(&w, &t);
	}
	if (nt_is(status, STATUS_NO_MORE_ENTRIES))
		status = n > 0 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
	if (nt_ok(status))
		hidden_set(&l->tickets, wr_done(&w));
	secret_free(p, FILE_MAX);
	return status;
}

nt
tickets_take_bare(struct login *l, struct span der, uint16_t etype, struct span key, uint32_t now)
{
	char room[KRB_TEXT_MAX];
	struct krb_ticket t = { .etype	  = etype,
				.key	  = key,
				.authtime = now,
				.starts	  = now,
				.ends	  = now + TICKETS_BARE_S, /* inside it, for the server */
				.ticket	  = der };
	uint8_t *p;
	struct wr w;

	TRY(krb_ticket_server(der, &t.server));
	TRY(krb_name_parse(l->client, room, &t.client));
	REQUIRE(t.client.realm.n > 0, STATUS_INVALID_PARAMETER);
	p = secret_alloc(FILE_MAX);
	w = wr_init(p, FILE_MAX);
	krb_ccache_begin(&w, &t.client);
	if (put(&w, &t))
		hidden_set(&l->tickets, wr_done(&w));
	secret_free(p, FILE_MAX);
	return l->tickets.n > 0 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

static nt
open_file(struct span file, struct krb_ccache *ret)
{
	REQUIRE(file.n > 0, STATUS_NO_MORE_ENTRIES);
	return krb_ccache_open(file, ret);
}

static bool
has_server(struct span file, const struct krb_name *server)
{
	struct krb_ccache c;
	struct krb_ticket t;

	if (nt_failed(open_file(file, &c)))
		return false;
	while (nt_ok(krb_ccache_next(&c, &t)))
		if (krb_name_eq(&t.server, server))
			return true;
	return false;
}

/* Puts the TGTs of file or the others, but for what has ended and what newer already has. */
static void
put_some(struct wr *w, struct span file, bool tgts, struct span newer, uint32_t now)
{
	struct krb_ccache c;
	struct krb_ticket t;

	if (nt_failed(open_file(file, &c)))
		return;
	while (nt_ok(krb_ccache_next(&c, &t)))
		if (krb_name_is_tgs(&t.server, t.server.realm) == tgts && t.ends > now &&
		    !has_server(newer, &t.server))
			(void)put(w, &t);
}

/* TGTs come first: whoever asks for many services must not crowd them out. */
void
tickets_merge(struct login *l, struct span got, uint32_t now)
{
	const struct span had = SPAN(l->tickets.p, l->tickets.n);
	uint8_t *p	      = secret_alloc(FILE_MAX);
	struct wr w	      = wr_init(p, FILE_MAX);
	struct krb_ccache c;

	if (nt_ok(open_file(got, &c))) {
		krb_ccache_begin(&w, &c.owner);
		for (int tgts = 1; tgts >= 0; tgts--) {
			put_some(&w, got, tgts, SPAN_NONE, 0);
			put_some(&w, had, tgts, got, now);
		}
		hidden_set(&l->tickets, wr_done(&w));
	}
	secret_free(p, FILE_MAX);
}

bool
tickets_next(const struct login *l, uint32_t after, struct ticket_row *ret)
{
	struct ticket_row r = { 0 };
	struct krb_ccache c;

	if (nt_failed(open_file(SPAN(l->tickets.p, l->tickets.n), &c)))
		return false;
	while (nt_ok(krb_ccache_next(&c, &r.ticket))) {
		if (++r.index > after) {
			*ret = r;
			return true;
		}
	}
	return false;
}

bool
tickets_find(const struct login *l, const char *spn, uint32_t now, struct ticket_row *ret)
{
	struct ticket_row r = { 0 };
	char room[KRB_TEXT_MAX];
	struct krb_name want;

	if (nt_failed(krb_name_parse(spn, room, &want)))
		return false;
	while (tickets_next(l, r.index, &r)) {
		if (krb_name_same_service(&r.ticket.server, &want) &&
		    (want.realm.n == 0 || span_eq(want.realm, r.ticket.server.realm)) &&
		    r.ticket.ends > now + TICKET_FRESH_S) {
			*ret = r;
			return true;
		}
	}
	return false;
}

bool
tickets_find_exact(const struct login *l, const char *server, struct ticket_row *ret)
{
	struct ticket_row r = { 0 };
	char text[KRB_TEXT_MAX];

	while (tickets_next(l, r.index, &r)) {
		if (krb_name_print(&r.ticket.server, text) && strcmp(text, server) == 0) {
			*ret = r;
			return true;
		}
	}
	return false;
}
