/*
 * krb_cred_put.c - writes a KRB-CRED: values first, their heads put before them.
 * [RFC4120] 5.8.1
 */
#include "proto/auth/krb_file.h"

#include <stdio.h>

#include "proto/auth/der.h"

#define INTEGER	       0x02u
#define TIME	       0x18u /* GeneralizedTime */
#define CONTEXT(n)     (DER_CONTEXT0 + (n))
#define APPLICATION(n) (DER_APPLICATION0 + (n))
#define APP_CRED       APPLICATION(22)
#define APP_CRED_ENC   APPLICATION(29)
#define VERSION	       5
#define TYPE_CRED      22
#define ETYPE_NULL     0

static void
number_put(struct wr *w, unsigned tag, int64_t v)
{
	const size_t at = w->pos;
	unsigned n	= 1;

	while (n < 5 && (v < -(1ll << (8 * n - 1)) || v >= 1ll << (8 * n - 1)))
		n++;
	for (unsigned i = n; i-- > 0;)
		wr_u8(w, (uint8_t)((uint64_t)v >> (8 * i)));
	der_wrap(w, at, INTEGER);
	der_wrap(w, at, CONTEXT(tag));
}

static void
wrapped_put(struct wr *w, unsigned tag, unsigned type, struct span s)
{
	const size_t at = w->pos;

	der_put(w, type, s);
	der_wrap(w, at, CONTEXT(tag));
}

static void
name_put(struct wr *w, unsigned tag, const struct krb_name *n)
{
	const size_t at = w->pos;
	size_t list;

	number_put(w, 0, (int32_t)n->type);
	list = w->pos;
	for (size_t i = 0; i < n->n; i++)
		der_put(w, DER_GENERAL, n->parts[i]);
	der_wrap(w, list, DER_SEQUENCE);
	der_wrap(w, list, CONTEXT(1));
	der_wrap(w, at, DER_SEQUENCE);
	der_wrap(w, at, CONTEXT(tag));
}

/* The civil date of days since 1970. */
static void
date_of(int64_t days, int *ret_y, int *ret_m, int *ret_d)
{
	const int64_t z = days + 719468, era = z / 146097, doe = z - era * 146097;
	const int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	const int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;

	*ret_d = (int)(doy - (153 * mp + 2) / 5 + 1);
	*ret_m = (int)(mp < 10 ? mp + 3 : mp - 9);
	*ret_y = (int)(yoe + era * 400 + (*ret_m <= 2));
}

static void
time_put(struct wr *w, unsigned tag, uint32_t t)
{
	char text[64];
	int y, m, d;

	if (t == 0)
		return;
	date_of(t / 86400, &y, &m, &d);
	(void)snprintf(text, sizeof text, "%04d%02d%02d%02u%02u%02uZ", y, m, d, t / 3600 % 24,
		       t / 60 % 60, t % 60);
	wrapped_put(w, tag, TIME, SPAN_STR(text));
}

static void
info_put(struct wr *w, const struct krb_ticket *t)
{
	const size_t at = w->pos;
	uint8_t flags[5];
	struct wr f = wr_init(flags, sizeof flags);
	size_t key;

	key = w->pos;
	number_put(w, 0, t->etype);
	wrapped_put(w, 1, DER_OCTET_STRING, t->key);
	der_wrap(w, key, DER_SEQUENCE);
	der_wrap(w, key, CONTEXT(0));
	wrapped_put(w, 1, DER_GENERAL, t->client.realm);
	name_put(w, 2, &t->client);
	wr_u8(&f, 0);
	wr_u32be(&f, t->flags);
	wrapped_put(w, 3, DER_BIT_STRING, wr_done(&f));
	time_put(w, 4, t->authtime);
	time_put(w, 5, t->starts);
	time_put(w, 6, t->ends);
	time_put(w, 7, t->renew_until);
	wrapped_put(w, 8, DER_GENERAL, t->server.realm);
	name_put(w, 9, &t->server);
	der_wrap(w, at, DER_SEQUENCE);
}

static void
infos_put(struct wr *w, const struct krb_ticket *tickets, size_t n)
{
	const size_t at = w->pos;

	for (size_t i = 0; i < n; i++)
		info_put(w, &tickets[i]);
	der_wrap(w, at, DER_SEQUENCE);
	der_wrap(w, at, CONTEXT(0));
	der_wrap(w, at, DER_SEQUENCE);
	der_wrap(w, at, APP_CRED_ENC);
	der_wrap(w, at, DER_OCTET_STRING);
	der_wrap(w, at, CONTEXT(2));
}

void
krb_cred_encode(struct wr *w, const struct krb_ticket *tickets, size_t n)
{
	const size_t at = w->pos;
	size_t part;

	number_put(w, 0, VERSION);
	number_put(w, 1, TYPE_CRED);
	part = w->pos;
	for (size_t i = 0; i < n; i++)
		wr_span(w, tickets[i].ticket);
	der_wrap(w, part, DER_SEQUENCE);
	der_wrap(w, part, CONTEXT(2));
	part = w->pos;
	number_put(w, 0, ETYPE_NULL);
	infos_put(w, tickets, n);
	der_wrap(w, part, DER_SEQUENCE);
	der_wrap(w, part, CONTEXT(3));
	der_wrap(w, at, DER_SEQUENCE);
	der_wrap(w, at, APP_CRED);
}
