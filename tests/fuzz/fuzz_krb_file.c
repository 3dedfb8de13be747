/*
 * fuzz_krb_file.c - ticket and key files that a script hands in.  Reaches
 * krb_ccache_open and _next, krb_keytab_open and _next, krb_cred_open and
 * _next, krb_ticket_server and the writers: what was read must be read again
 * after it was written.
 */
#include <stdlib.h>

#include "proto/auth/krb_file.h"

#define TICKETS_MAX 64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t room[1 << 20];

static bool
same(const struct krb_ticket *a, const struct krb_ticket *b)
{
	return krb_name_eq(&a->client, &b->client) && krb_name_eq(&a->server, &b->server) &&
	       span_eq(a->key, b->key) && span_eq(a->ticket, b->ticket) && a->etype == b->etype &&
	       a->starts == b->starts && a->ends == b->ends && a->flags == b->flags;
}

static void
ccache_again(const struct krb_name *owner, const struct krb_ticket *t, size_t n)
{
	struct wr w = wr_init(room, sizeof room);
	struct krb_ccache c;
	struct krb_ticket back;

	krb_ccache_begin(&w, owner);
	for (size_t i = 0; i < n; i++)
		krb_ccache_put(&w, &t[i]);
	if (!wr_ok(&w))
		return;
	if (!nt_ok(krb_ccache_open(wr_done(&w), &c)))
		abort();
	for (size_t i = 0; i < n; i++)
		if (!nt_ok(krb_ccache_next(&c, &back)) || !same(&t[i], &back))
			abort();
}

/* DER elements here stay below 64 KiB, which one more wrapping may pass. */
static void
cred_again(const struct krb_ticket *t, size_t n)
{
	struct wr w = wr_init(room, sizeof room);
	struct krb_cred c;
	struct krb_ticket back;

	krb_cred_encode(&w, t, n);
	if (!wr_ok(&w) || n == 0)
		return;
	if (!nt_ok(krb_cred_open(wr_done(&w), &c)))
		abort();
	for (size_t i = 0; i < n; i++)
		if (!nt_ok(krb_cred_next(&c, &back)) || !same(&t[i], &back))
			abort();
}

static void
keys_again(struct rd *r)
{
	struct wr w = wr_init(room, sizeof room);
	struct krb_key k, back;
	struct rd again;

	while (nt_ok(krb_keytab_next(r, &k))) {
		w = wr_init(room, sizeof room);
		krb_keytab_begin(&w);
		krb_keytab_put(&w, &k);
		if (!wr_ok(&w))
			continue;
		if (!nt_ok(krb_keytab_open(wr_done(&w), &again)) ||
		    !nt_ok(krb_keytab_next(&again, &back)) || !krb_name_eq(&k.name, &back.name) ||
		    !span_eq(k.key, back.key))
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct krb_ticket t[TICKETS_MAX];
	const struct span file = SPAN(data, size);
	struct krb_ccache c;
	struct krb_cred k;
	struct rd r;
	size_t n = 0;

	if (nt_ok(krb_ccache_open(file, &c))) {
		while (n < TICKETS_MAX && nt_ok(krb_ccache_next(&c, &t[n])))
			n++;
		ccache_again(&c.owner, t, n);
		cred_again(t, n);
	}
	n = 0;
	if (nt_ok(krb_cred_open(file, &k))) {
		while (n < TICKETS_MAX && nt_ok(krb_cred_next(&k, &t[n])))
			n++;
		cred_again(t, n);
	}
	if (nt_ok(krb_keytab_open(file, &r)))
		keys_again(&r);
	return 0;
}
