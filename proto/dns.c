/*
 * dns.c - see dns.h.
 */
#include "proto/dns.h"

#define HEADER_SIZE    12
#define FLAG_RESPONSE  0x8000u
#define FLAG_RECURSE   0x0100u
#define RCODE_MASK     0x000fu
#define RCODE_NXDOMAIN 3u
#define CLASS_IN       1u
#define TYPE_OPT       41u
#define RECORDS_MAX    64u
#define POINTER	       0xc0u
#define JUMPS_MAX      16u

static uint16_t
u16be(struct rd *r)
{
	uint16_t v = rd_u8(r);

	return (uint16_t)(v << 8 | rd_u8(r));
}

static void
u16be_put(struct wr *w, uint16_t v)
{
	wr_u8(w, (uint8_t)(v >> 8));
	wr_u8(w, (uint8_t)v);
}

static void
name_put(struct wr *w, const char *name)
{
	size_t start = w->pos;

	while (*name) {
		size_t n = strcspn(name, ".");

		w->bad |= n == 0 || n > 63;
		wr_u8(w, (uint8_t)n);
		wr_bytes(w, name, n);
		name += n + (name[n] == '.');
	}
	wr_u8(w, 0);
	w->bad |= w->pos - start > DNS_NAME_MAX - 1;
}

void
dns_query_encode(struct wr *w, uint16_t id, const char *name, enum dns_type type)
{
	u16be_put(w, id);
	u16be_put(w, FLAG_RECURSE);
	u16be_put(w, 1);
	u16be_put(w, 0);
	u16be_put(w, 0);
	u16be_put(w, 1); /* the OPT below */
	name_put(w, name);
	u16be_put(w, (uint16_t)type);
	u16be_put(w, CLASS_IN);
	wr_u8(w, 0); /* EDNS, [RFC6891] 6.1.2 */
	u16be_put(w, TYPE_OPT);
	u16be_put(w, DNS_UDP_MAX);
	wr_zero(w, 6);
}

/* Passes over a name where it stands; what it points to is not looked at. */
static void
name_skip(struct rd *r)
{
	uint8_t n;

	while ((n = rd_u8(r)) != 0 && rd_ok(r)) {
		if (n >= POINTER) {
			rd_zero(r, 1);
			return;
		}
		r->bad |= n > 63;
		rd_zero(r, n);
	}
}

static bool
label_is_fine(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] <= ' ' || s.p[i] >= 0x7f || s.p[i] == '.')
			return false;
	}
	return true;
}

/* Moves to where a pointer points: only backwards, so that it ends.  [RFC1035] 4.1.4 */
static void
name_jump(struct rd *r, uint8_t high, size_t *bound)
{
	size_t at = (size_t)(high & 0x3fu) << 8 | rd_u8(r);

	r->bad |= at >= *bound;
	*bound = at;
	if (rd_ok(r))
		r->pos = at;
}

/* r is a copy: what is read does not move the caller's.  False if there is no such name. */
static bool
name_read(struct rd r, char dst[DNS_NAME_MAX])
{
	struct wr w  = wr_init(dst, DNS_NAME_MAX - 1);
	size_t bound = r.pos;
	uint8_t n;

	for (unsigned jumps = 0; jumps < JUMPS_MAX && (n = rd_u8(&r)) != 0;) {
		if (n >= POINTER) {
			name_jump(&r, n, &bound);
			jumps++;
		} else {
			struct span label = rd_bytes(&r, n);

			if (!rd_ok(&r) || n > 63 || !label_is_fine(label))
				return false;
			if (w.pos > 0)
				wr_u8(&w, '.');
			wr_span(&w, label);
		}
	}
	if (!rd_ok(&r) || !wr_ok(&w) || w.pos == 0)
		return false;
	dst[w.pos] = '\0';
	return true;
}

/* What stands in a record's data; false: nothing for us. */
static bool
data_read(struct rd *data, enum dns_type type, struct dns_record *ret)
{
	if (type == DNS_SRV) {
		ret->priority = u16be(data);
		ret->weight   = u16be(data);
		ret->port     = u16be(data);
		return rd_ok(data) && ret->port != 0 && name_read(*data, ret->target);
	}
	ret->address = rd_rest(data);
	return ret->address.n == (type == DNS_A ? 4 : 16);
}

/* One record; true if it is of that type and good. */
static bool
record_read(struct rd *r, enum dns_type type, struct dns_record *ret)
{
	uint16_t is, class, n;
	struct rd data;

	name_skip(r);
	is    = u16be(r);
	class = u16be(r);
	rd_zero(r, 4); /* TTL: we keep what we find a minute at most */
	n    = u16be(r);
	data = *r;
	rd_zero(r, n);
	if (!rd_ok(r))
		return false;
	data.end = r->pos;
	*ret	 = (struct dns_record){ 0 };
	return is == type && class == CLASS_IN && data_read(&data, type, ret);
}

static bool
question_same(struct rd *r, struct span query)
{
	struct rd q = rd_init(query);
	struct span asked;

	rd_zero(&q, HEADER_SIZE);
	name_skip(&q);
	rd_zero(&q, 4);
	if (!rd_ok(&q))
		return false;
	asked = SPAN(query.p + HEADER_SIZE, q.pos - HEADER_SIZE);
	return span_eq(rd_bytes(r, asked.n), asked);
}

nt
dns_answer_decode(struct span answer, struct span query, enum dns_type type,
		  void (*fn)(void *ctx, const struct dns_record *), void *ctx)
{
	struct rd r = rd_init(answer);
	struct rd q = rd_init(query);
	struct dns_record rec;
	uint16_t flags, records;
	bool found = false;

	REQUIRE(u16be(&r) == u16be(&q), STATUS_INVALID_PARAMETER);
	flags = u16be(&r);
	REQUIRE(flags & FLAG_RESPONSE && u16be(&r) == 1, STATUS_INVALID_PARAMETER);
	records = u16be(&r);
	rd_zero(&r, 4);
	REQUIRE(question_same(&r, query), STATUS_INVALID_PARAMETER);
	REQUIRE((flags & RCODE_MASK) != RCODE_NXDOMAIN, STATUS_NOT_FOUND);
	REQUIRE((flags & RCODE_MASK) == 0, STATUS_RETRY);
	for (unsigned i = 0; i < records && i < RECORDS_MAX && rd_ok(&r); i++) {
		if (record_read(&r, type, &rec)) {
			found = true;
			fn(ctx, &rec);
		}
	}
	return found ? STATUS_SUCCESS : STATUS_NOT_FOUND;
}
