/*
 * krb_name.c - principal names as text and back.
 */
#include "proto/auth/krb_file.h"

#include "base/utf16.h"

/* Names are printed, logged and compared as C strings. */
bool
krb_text_ok(struct span s)
{
	struct rd r = rd_init(s);

	if (s.n == 0 || s.n >= KRB_TEXT_MAX)
		return false;
	while (rd_left(&r) > 0) {
		const uint8_t c = rd_u8(&r);

		if (c < 0x20 || c == 0x7f)
			return false;
	}
	return utf8_valid((const char *)s.p, s.n);
}

static void
part_print(struct wr *w, struct span s)
{
	struct rd r = rd_init(s);

	while (rd_left(&r) > 0) {
		const uint8_t c = rd_u8(&r);

		if (c == '/' || c == '@' || c == '\\')
			wr_u8(w, '\\');
		wr_u8(w, c);
	}
}

static void
parts_print(struct wr *w, const struct krb_name *n)
{
	for (size_t i = 0; i < n->n; i++) {
		if (i > 0)
			wr_u8(w, '/');
		part_print(w, n->parts[i]);
	}
}

bool
krb_name_print_short(const struct krb_name *n, char buf[KRB_TEXT_MAX])
{
	struct wr w = wr_init(buf, KRB_TEXT_MAX);

	parts_print(&w, n);
	wr_u8(&w, 0);
	return wr_ok(&w);
}

bool
krb_name_print(const struct krb_name *n, char buf[KRB_TEXT_MAX])
{
	struct wr w = wr_init(buf, KRB_TEXT_MAX);

	parts_print(&w, n);
	wr_u8(&w, '@');
	part_print(&w, n->realm);
	wr_u8(&w, 0);
	return wr_ok(&w);
}

/* One part or the realm, up to a bare stop character; which one is in *ret_stop, 0 the end. */
static struct span
part_parse(struct rd *r, struct wr *room, uint8_t *ret_stop)
{
	const size_t at = room->pos;
	struct rd done;
	uint8_t c = 0;

	*ret_stop = 0;
	while (rd_left(r) > 0) {
		c = rd_u8(r);
		if (c == '/' || c == '@') {
			*ret_stop = c;
			break;
		}
		if (c == '\\')
			c = rd_u8(r);
		wr_u8(room, c);
	}
	done = rd_init(wr_done(room));
	rd_zero(&done, at);
	return rd_rest(&done);
}

nt
krb_name_parse(const char *text, char room[KRB_TEXT_MAX], struct krb_name *ret)
{
	struct krb_name n = { .type = 1 };
	struct rd r	  = rd_init(SPAN_STR(text));
	struct wr w	  = wr_init(room, KRB_TEXT_MAX);
	uint8_t stop	  = '/';

	while (stop == '/') {
		REQUIRE(n.n < KRB_NAME_PARTS, STATUS_INVALID_PARAMETER);
		n.parts[n.n] = part_parse(&r, &w, &stop);
		REQUIRE(krb_text_ok(n.parts[n.n++]), STATUS_INVALID_PARAMETER);
	}
	if (stop == '@') {
		n.realm = part_parse(&r, &w, &stop);
		REQUIRE(krb_text_ok(n.realm) && stop == 0, STATUS_INVALID_PARAMETER);
	}
	REQUIRE(rd_ok(&r) && wr_ok(&w), STATUS_INVALID_PARAMETER);
	if (n.n > 1)
		n.type = 2; /* NT-SRV-INST, [RFC4120] 6.2 */
	*ret = n;
	return STATUS_SUCCESS;
}

bool
krb_name_eq(const struct krb_name *a, const struct krb_name *b)
{
	if (a->n != b->n || !span_eq(a->realm, b->realm))
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!span_eq(a->parts[i], b->parts[i]))
			return false;
	return true;
}

static bool
text_same(struct span a, struct span b)
{
	char x[KRB_TEXT_MAX], y[KRB_TEXT_MAX];
	struct wr wx = wr_init(x, sizeof x), wy = wr_init(y, sizeof y);

	wr_span(&wx, a);
	wr_u8(&wx, 0);
	wr_span(&wy, b);
	wr_u8(&wy, 0);
	return wr_ok(&wx) && wr_ok(&wy) && utf8_casecmp(x, y) == 0;
}

bool
krb_name_same_service(const struct krb_name *a, const struct krb_name *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!text_same(a->parts[i], b->parts[i]))
			return false;
	return true;
}

bool
krb_name_is_tgs(const struct krb_name *n, struct span realm)
{
	return n->n == 2 && span_eq(n->parts[0], SPAN_STR("krbtgt")) &&
	       span_eq(n->parts[1], realm) && span_eq(n->realm, realm);
}
