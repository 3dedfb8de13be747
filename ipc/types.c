/*
 * types.c - encoders and decoders of the field types, one pair a word.
 */
#include "ipc/types.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

void
wr_msg_u8(struct wr *w, const msg_u8 *v)
{
	wr_u8(w, *v);
}

void
rd_msg_u8(struct rd *r, msg_u8 *v)
{
	*v = rd_u8(r);
}

void
wr_msg_u16(struct wr *w, const msg_u16 *v)
{
	wr_u16(w, *v);
}

void
rd_msg_u16(struct rd *r, msg_u16 *v)
{
	*v = rd_u16(r);
}

void
wr_msg_u32(struct wr *w, const msg_u32 *v)
{
	wr_u32(w, *v);
}

void
rd_msg_u32(struct rd *r, msg_u32 *v)
{
	*v = rd_u32(r);
}

void
wr_msg_u64(struct wr *w, const msg_u64 *v)
{
	wr_u64(w, *v);
}

void
rd_msg_u64(struct rd *r, msg_u64 *v)
{
	*v = rd_u64(r);
}

void
wr_msg_flag(struct wr *w, const msg_flag *v)
{
	wr_u8(w, *v ? 1 : 0);
}

void
rd_msg_flag(struct rd *r, msg_flag *v)
{
	uint8_t b = rd_u8(r);

	if (b > 1)
		r->bad = true;
	*v = b == 1;
}

/* Length, bytes, NUL; no other NUL, or two readers would see two names. */
static void
str_write(struct wr *w, const struct str *v, size_t bound)
{
	if (v->n > bound || (v->n > 0 && memchr(v->s, 0, v->n))) {
		w->bad = true;
		return;
	}
	wr_u16(w, (uint16_t)v->n);
	wr_bytes(w, v->s, v->n);
	wr_u8(w, 0);
}

static void
str_read(struct rd *r, struct str *v, size_t bound)
{
	size_t n         = rd_u16(r);
	const uint8_t *p = rd_take(r, n + 1);

	*v = (struct str){ "", 0 };
	if (!p || n > bound || memchr(p, 0, n + 1) != p + n) {
		r->bad = true;
		return;
	}
	*v = (struct str){ (const char *)p, n };
}

static void
span_write(struct wr *w, const struct span *v, size_t bound)
{
	if (v->n > bound) {
		w->bad = true;
		return;
	}
	wr_u32(w, (uint32_t)v->n);
	wr_span(w, *v);
}

static void
span_read(struct rd *r, struct span *v, size_t bound)
{
	size_t n = rd_u32(r);

	if (n > bound)
		r->bad = true;
	*v = rd_bytes(r, n);
}

#define STR_TYPE(word, bound)                               \
	void wr_msg_##word(struct wr *w, const msg_##word *v) \
	{                                                   \
		str_write(w, v, bound);                     \
	}                                                   \
	void rd_msg_##word(struct rd *r, msg_##word *v)     \
	{                                                   \
		str_read(r, v, bound);                      \
	}

#define SPAN_TYPE(word, bound)                              \
	void wr_msg_##word(struct wr *w, const msg_##word *v) \
	{                                                   \
		span_write(w, v, bound);                    \
	}                                                   \
	void rd_msg_##word(struct rd *r, msg_##word *v)     \
	{                                                   \
		span_read(r, v, bound);                     \
	}

STR_TYPE(name, NAME_BOUND)
STR_TYPE(text, TEXT_BOUND)
STR_TYPE(path, PATH_BOUND)
SPAN_TYPE(blob, BLOB_BOUND)
SPAN_TYPE(secret, SECRET_BOUND)
SPAN_TYPE(token, TOKEN_BOUND)

void
wr_msg_id16(struct wr *w, const msg_id16 *v)
{
	wr_bytes(w, v->b, sizeof v->b);
}

void
rd_msg_id16(struct rd *r, msg_id16 *v)
{
	rd_copy(r, v->b, sizeof v->b);
}

void
wr_msg_hash64(struct wr *w, const msg_hash64 *v)
{
	wr_bytes(w, v->b, sizeof v->b);
}

void
rd_msg_hash64(struct rd *r, msg_hash64 *v)
{
	rd_copy(r, v->b, sizeof v->b);
}

void
wr_msg_key32(struct wr *w, const msg_key32 *v)
{
	wr_bytes(w, v->b, sizeof v->b);
}

void
rd_msg_key32(struct rd *r, msg_key32 *v)
{
	rd_copy(r, v->b, sizeof v->b);
}

void
wr_msg_addr(struct wr *w, const msg_addr *v)
{
	wr_u8(w, v->family);
	wr_u16(w, v->port);
	wr_bytes(w, v->b, sizeof v->b);
}

void
rd_msg_addr(struct rd *r, msg_addr *v)
{
	v->family = rd_u8(r);
	v->port   = rd_u16(r);
	rd_copy(r, v->b, sizeof v->b);
	if (v->family != 0 && v->family != 4 && v->family != 6)
		r->bad = true;
}

void
wr_msg_gids(struct wr *w, const msg_gids *v)
{
	if (v->n > GIDS_MAX) {
		w->bad = true;
		return;
	}
	wr_u16(w, v->n);
	for (uint16_t i = 0; i < v->n; i++)
		wr_u32(w, v->v[i]);
}

void
rd_msg_gids(struct rd *r, msg_gids *v)
{
	uint16_t n = rd_u16(r);

	v->n = 0;
	if (n > GIDS_MAX) {
		r->bad = true;
		return;
	}
	for (uint16_t i = 0; i < n; i++)
		v->v[i] = rd_u32(r);
	v->n = n;
}

const char *
addr_print_host(const struct net_addr *a, char *buf)
{
	const char *s = NULL;

	if (a->family == 4)
		s = inet_ntop(AF_INET, a->b, buf, ADDR_TEXT);
	else if (a->family == 6)
		s = inet_ntop(AF_INET6, a->b, buf, ADDR_TEXT);
	return s ? s : "-";
}

const char *
addr_print(const struct net_addr *a, char *buf)
{
	char host[ADDR_TEXT];
	const char *s = addr_print_host(a, host);

	if (a->family == 0)
		return "-";
	snprintf(buf, ADDR_TEXT, a->family == 6 ? "[%s]:%u" : "%s:%u", s, a->port);
	return buf;
}

nt
addr_parse(const char *s, struct net_addr *ret)
{
	struct net_addr a = { 0 };
	char host[ADDR_TEXT];
	const char *colon = strrchr(s, ':');
	size_t n          = colon ? (size_t)(colon - s) : 0;
	unsigned long port;
	char *end;

	REQUIRE(n > 0 && n < sizeof host, STATUS_INVALID_PARAMETER);
	REQUIRE(colon[1] >= '0' && colon[1] <= '9', STATUS_INVALID_PARAMETER);
	port = strtoul(colon + 1, &end, 10);
	REQUIRE(*end == '\0' && port <= 65535, STATUS_INVALID_PARAMETER);
	a.port = (uint16_t)port;
	memcpy(host, s, n);
	host[n] = '\0';
	if (host[0] == '[' && n > 2 && host[n - 1] == ']') {
		host[n - 1] = '\0';
		a.family    = 6;
		REQUIRE(inet_pton(AF_INET6, host + 1, a.b) == 1, STATUS_INVALID_PARAMETER);
	} else {
		a.family = 4;
		REQUIRE(inet_pton(AF_INET, host, a.b) == 1, STATUS_INVALID_PARAMETER);
	}
	*ret = a;
	return STATUS_SUCCESS;
}

nt
addr_parse_host(const char *s, struct net_addr *ret)
{
	char whole[ADDR_TEXT + 4];
	struct net_addr a;

	REQUIRE(strlen(s) < ADDR_TEXT, STATUS_INVALID_PARAMETER);
	(void)snprintf(whole, sizeof whole, strchr(s, ':') ? "[%s]:0" : "%s:0", s);
	TRY(addr_parse(whole, &a));
	*ret = a;
	return STATUS_SUCCESS;
}

bool
addr_matches(const struct net_addr *want, const struct net_addr *a)
{
	if (want->family == 0)
		return true;
	return a && a->family == want->family && memcmp(a->b, want->b, sizeof a->b) == 0 &&
	       (want->port == 0 || want->port == a->port);
}
