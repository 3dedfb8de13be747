/*
 * krb_ccache.c - credential cache files and keytabs: counted strings, big end
 * first.  Every count is compared with what is left before anything is read.
 */
#include "proto/auth/krb_file.h"

#define CCACHE_V4 0x0504u
#define CCACHE_V3 0x0503u
#define KEYTAB_V2 0x0502u
#define KEY_MAX	  64u
/* Where Heimdal and MIT keep notes in a cache. */
#define CONF_REALM "X-CACHECONF:"

static uint16_t
rd_u16be(struct rd *r)
{
	const unsigned high = rd_u8(r);

	return (uint16_t)(high << 8 | rd_u8(r));
}

static void
wr_u16be(struct wr *w, uint16_t v)
{
	wr_u8(w, (uint8_t)(v >> 8));
	wr_u8(w, (uint8_t)v);
}

static struct span
data_read(struct rd *r)
{
	const uint32_t n = rd_u32be(r);

	return rd_bytes(r, n);
}

static void
data_put(struct wr *w, struct span s)
{
	if (s.n > UINT32_MAX)
		w->bad = true;
	wr_u32be(w, (uint32_t)s.n);
	wr_span(w, s);
}

static void
name_read(struct rd *r, struct krb_name *ret)
{
	struct krb_name n    = { .type = rd_u32be(r) };
	const uint32_t count = rd_u32be(r);

	if (count > KRB_NAME_PARTS) {
		r->bad = true;
		return;
	}
	n.realm = data_read(r);
	for (n.n = 0; n.n < count; n.n++)
		n.parts[n.n] = data_read(r);
	*ret = n;
}

static bool
name_ok(const struct krb_name *n)
{
	bool ok = n->n > 0 && krb_text_ok(n->realm);

	for (size_t i = 0; i < n->n; i++)
		ok = ok && krb_text_ok(n->parts[i]);
	return ok;
}

static void
name_put(struct wr *w, const struct krb_name *n)
{
	wr_u32be(w, n->type);
	wr_u32be(w, (uint32_t)n->n);
	data_put(w, n->realm);
	for (size_t i = 0; i < n->n; i++)
		data_put(w, n->parts[i]);
}

nt
krb_ccache_open(struct span file, struct krb_ccache *ret)
{
	struct krb_ccache c    = { .r = rd_init(file) };
	const uint16_t version = rd_u16be(&c.r);

	c.old = version == CCACHE_V3;
	if (!c.old) {
		REQUIRE(version == CCACHE_V4, STATUS_INVALID_PARAMETER);
		rd_zero(&c.r, rd_u16be(&c.r)); /* clock offsets of who wrote it */
	}
	name_read(&c.r, &c.owner);
	REQUIRE(rd_ok(&c.r) && name_ok(&c.owner), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

/* Addresses or authorisation data, which we have no use for. */
static void
typed_skip(struct rd *r)
{
	uint32_t n = rd_u32be(r);

	while (rd_ok(r) && n-- > 0) {
		rd_zero(r, 2);
		(void)data_read(r);
	}
}

static void
ticket_read(struct krb_ccache *c, struct krb_ticket *t)
{
	struct rd *r = &c->r;

	name_read(r, &t->client);
	name_read(r, &t->server);
	t->etype = rd_u16be(r);
	if (c->old)
		rd_zero(r, 2); /* the same again */
	t->key	       = data_read(r);
	t->authtime    = rd_u32be(r);
	t->starts      = rd_u32be(r);
	t->ends	       = rd_u32be(r);
	t->renew_until = rd_u32be(r);
	rd_zero(r, 1); /* is_skey */
	t->flags = rd_u32be(r);
	typed_skip(r);
	typed_skip(r);
	t->ticket = data_read(r);
	(void)data_read(r); /* second ticket */
}

nt
krb_ccache_next(struct krb_ccache *c, struct krb_ticket *ret)
{
	struct krb_name inside;

	while (rd_left(&c->r) > 0) {
		struct krb_ticket t = { 0 };

		ticket_read(c, &t);
		REQUIRE(rd_ok(&c->r), STATUS_INVALID_PARAMETER);
		if (span_eq(t.server.realm, SPAN_STR(CONF_REALM)))
			continue;
		REQUIRE(name_ok(&t.client) && name_ok(&t.server), STATUS_INVALID_PARAMETER);
		REQUIRE(t.key.n > 0 && t.key.n <= KEY_MAX, STATUS_INVALID_PARAMETER);
		TRY(krb_ticket_server(t.ticket, &inside));
		*ret = t;
		return STATUS_SUCCESS;
	}
	REQUIRE(rd_ok(&c->r), STATUS_INVALID_PARAMETER);
	return STATUS_NO_MORE_ENTRIES;
}

void
krb_ccache_begin(struct wr *w, const struct krb_name *owner)
{
	wr_u16be(w, CCACHE_V4);
	wr_u16be(w, 0);
	name_put(w, owner);
}

void
krb_ccache_put(struct wr *w, const struct krb_ticket *t)
{
	name_put(w, &t->client);
	name_put(w, &t->server);
	wr_u16be(w, t->etype);
	data_put(w, t->key);
	wr_u32be(w, t->authtime);
	wr_u32be(w, t->starts);
	wr_u32be(w, t->ends);
	wr_u32be(w, t->renew_until);
	wr_u8(w, 0);
	wr_u32be(w, t->flags);
	wr_u32be(w, 0);
	wr_u32be(w, 0);
	data_put(w, t->ticket);
	wr_u32be(w, 0);
}

/* ---- keytabs ---- */

nt
krb_keytab_open(struct span file, struct rd *ret)
{
	struct rd r = rd_init(file);

	REQUIRE(rd_u16be(&r) == KEYTAB_V2 && rd_ok(&r), STATUS_INVALID_PARAMETER);
	*ret = r;
	return STATUS_SUCCESS;
}

static struct span
short_read(struct rd *r)
{
	const uint16_t n = rd_u16be(r);

	return rd_bytes(r, n);
}

static nt
key_read(struct span entry, struct krb_key *ret)
{
	struct krb_key k = { 0 };
	struct rd r	 = rd_init(entry);
	const uint16_t n = rd_u16be(&r);

	REQUIRE(n <= KRB_NAME_PARTS, STATUS_INVALID_PARAMETER);
	k.name.realm = short_read(&r);
	for (k.name.n = 0; k.name.n < n; k.name.n++)
		k.name.parts[k.name.n] = short_read(&r);
	k.name.type = rd_u32be(&r);
	k.timestamp = rd_u32be(&r);
	k.kvno	    = rd_u8(&r);
	k.etype	    = rd_u16be(&r);
	k.key	    = short_read(&r);
	if (rd_left(&r) >= 4) {
		const uint32_t wide = rd_u32be(&r);

		k.kvno = wide ? wide : k.kvno;
	}
	REQUIRE(rd_ok(&r) && name_ok(&k.name), STATUS_INVALID_PARAMETER);
	REQUIRE(k.key.n > 0 && k.key.n <= KEY_MAX, STATUS_INVALID_PARAMETER);
	*ret = k;
	return STATUS_SUCCESS;
}

/* Sizes are signed: a negative one is a hole of that many bytes. */
nt
krb_keytab_next(struct rd *r, struct krb_key *ret)
{
	while (rd_left(r) > 0) {
		const uint32_t size = rd_u32be(r);
		const bool hole	    = size > INT32_MAX;
		struct span entry   = rd_bytes(r, hole ? (size_t)UINT32_MAX + 1 - size : size);

		REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
		if (size == 0)
			return STATUS_NO_MORE_ENTRIES;
		if (!hole)
			return key_read(entry, ret);
	}
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	return STATUS_NO_MORE_ENTRIES;
}

void
krb_keytab_begin(struct wr *w)
{
	wr_u16be(w, KEYTAB_V2);
}

static void
short_put(struct wr *w, struct span s)
{
	if (s.n > UINT16_MAX)
		w->bad = true;
	wr_u16be(w, (uint16_t)s.n);
	wr_span(w, s);
}

void
krb_keytab_put(struct wr *w, const struct krb_key *k)
{
	const size_t at = wr_hole(w, 4);
	struct wr size;

	wr_u16be(w, (uint16_t)k->name.n);
	short_put(w, k->name.realm);
	for (size_t i = 0; i < k->name.n; i++)
		short_put(w, k->name.parts[i]);
	wr_u32be(w, k->name.type);
	wr_u32be(w, k->timestamp);
	wr_u8(w, (uint8_t)k->kvno);
	wr_u16be(w, k->etype);
	short_put(w, k->key);
	wr_u32be(w, k->kvno);
	size = (struct wr){ .base = w->base, .pos = at, .cap = w->pos, .bad = w->bad };
	wr_u32be(&size, (uint32_t)(w->pos - at - 4));
}
