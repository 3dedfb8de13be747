/*
 * test_dns.c - answers of name servers: what we want of them is found, and
 * nothing that is not an answer to our question is taken.  [RFC1035] 4, [RFC2782]
 */
#include "tests/unit/check.h"

#include "proto/dns.h"

struct found {
	size_t n;
	struct dns_record v[4];
};

static void
keep(void *ctx, const struct dns_record *r)
{
	struct found *f = ctx;

	if (f->n < NELEM(f->v))
		f->v[f->n] = *r;
	f->n++;
}

static uint8_t query[512], answer[1024];

static struct span
ask(const char *name, enum dns_type type)
{
	struct wr w = wr_init(query, sizeof query);

	dns_query_encode(&w, 0x1234, name, type);
	assert_true(wr_ok(&w));
	return wr_done(&w);
}

/* Header and question as asked, then the records as hex. */
static struct span
reply(struct span q, const char *head, const char *records)
{
	struct wr w = wr_init(answer, sizeof answer);
	uint8_t hex[512];

	wr_bytes(&w, hex, hex_parse(head, hex, sizeof hex));
	wr_bytes(&w, q.p + 12, q.n - 12 - 11); /* without EDNS */
	wr_bytes(&w, hex, hex_parse(records, hex, sizeof hex));
	assert_true(wr_ok(&w));
	return wr_done(&w);
}

static void
a_question_is_as_the_specification_has_it(void **state)
{
	uint8_t want[128];
	struct span q = ask("dc1.ad", DNS_A);
	size_t n      = hex_parse("1234 0100 0001 0000 0000 0001  03646331 026164 00 0001 0001"
				       "00 0029 04d0 00000000 0000",
				  want, sizeof want);

	(void)state;
	assert_span(q, want, n);
}

static void
names_that_are_none_cannot_be_asked_for(void **state)
{
	static const char *const bad[] = {
		".",
		"a..b",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.b",
	};

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) {
		struct wr w = wr_init(query, sizeof query);

		dns_query_encode(&w, 1, bad[i], DNS_A);
		assert_false(wr_ok(&w));
	}
}

static void
srv_records_are_read_through_compression(void **state)
{
	struct span q  = ask("_k._udp.ad.test", DNS_SRV);
	struct found f = { 0 };
	struct span a  = reply(q, "1234 8180 0001 0002 0000 0000",
			       /* dc1.<ad.test at 12 + 3 + 5> and a name written out */
			       "c00c 0021 0001 00000e10 000c 0000 0064 0058 03646331 c014"
				"c00c 0021 0001 00000e10 000d 0005 0001 1f90 02646302 6178 00");

	(void)state;
	assert_status(dns_answer_decode(a, q, DNS_SRV, keep, &f), STATUS_SUCCESS);
	assert_int_equal(f.n, 2);
	assert_string_equal(f.v[0].target, "dc1.ad.test");
	assert_int_equal(f.v[0].port, 88);
	assert_int_equal(f.v[0].weight, 100);
	assert_string_equal(f.v[1].target, "dc.ax");
	assert_int_equal(f.v[1].priority, 5);
	assert_int_equal(f.v[1].port, 8080);
}

static void
addresses_are_found_behind_an_alias(void **state)
{
	struct span q  = ask("dc1.ad", DNS_A);
	struct found f = { 0 };
	struct span a  = reply(q, "1234 8180 0001 0002 0000 0000",
			       "c00c 0005 0001 00000001 0004 0178 c010"
				"c024 0001 0001 00000001 0004 0a000001");

	(void)state;
	assert_status(dns_answer_decode(a, q, DNS_A, keep, &f), STATUS_SUCCESS);
	assert_int_equal(f.n, 1);
	assert_memory_equal(f.v[0].address.p, "\x0a\x00\x00\x01", 4);
}

static void
only_an_answer_to_the_question_is_one(void **state)
{
	static const struct {
		const char *head;
		nt want;
	} rows[] = {
		{ "1235 8180 0001 0001 0000 0000", { NT_INVALID_PARAMETER } }, /* another id */
		{ "1234 0100 0001 0001 0000 0000", { NT_INVALID_PARAMETER } }, /* a question */
		{ "1234 8180 0000 0001 0000 0000", { NT_INVALID_PARAMETER } }, /* about nothing */
		{ "1234 8183 0001 0001 0000 0000", { NT_NOT_FOUND } },
		{ "1234 8182 0001 0001 0000 0000", { NT_RETRY } },
		{ "1234 8180 0001 0000 0000 0000", { NT_NOT_FOUND } },
		{ "1234 8180 0001 0001 0000 0000", { NT_SUCCESS } },
	};
	struct span q = ask("dc1.ad", DNS_A);
	struct span other;
	struct found f;
	struct span a;

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		f = (struct found){ 0 };
		a = reply(q, rows[i].head, "c00c 0001 0001 00000001 0004 0a000001");
		assert_status(dns_answer_decode(a, q, DNS_A, keep, &f), rows[i].want);
		assert_int_equal(f.n, nt_ok(rows[i].want));
	}
	answer[13] ^= 0x20; /* DC1 instead of dc1: not our bytes */
	other = SPAN(answer, a.n);
	assert_status(dns_answer_decode(other, q, DNS_A, keep, &f), STATUS_INVALID_PARAMETER);
}

static void
names_that_never_end_are_left_out(void **state)
{
	static const char *const targets[] = {
		"c030",	       /* itself */
		"c0ff",	       /* forward */
		"0161 c02e",   /* into its own record, before it */
		"40616161",    /* neither label nor pointer */
		"00",	       /* the root: no such service */
		"03612e62 00", /* a dot inside a label */
		"0161",	       /* nothing behind it */
	};
	struct span q = ask("_k._udp.ad.test", DNS_SRV);

	(void)state;
	for (size_t i = 0; i < NELEM(targets); i++) {
		uint8_t raw[64];
		char record[256];
		struct found f = { 0 };
		struct span a;

		(void)snprintf(record, sizeof record,
			       "c00c 0021 0001 00000001 %04zx 0000 0000 0058 %s",
			       6 + hex_parse(targets[i], raw, sizeof raw), targets[i]);
		a = reply(q, "1234 8180 0001 0001 0000 0000", record);
		if (nt_ok(dns_answer_decode(a, q, DNS_SRV, keep, &f)) && f.n > 0 && i != 2)
			fail_msg("taken: %s as %s", targets[i], f.v[0].target);
	}
}

static void
cut_answers_are_survived(void **state)
{
	struct span q = ask("_k._udp.ad.test", DNS_SRV);
	struct span a = reply(q, "1234 8180 0001 0001 0000 0000",
			      "c00c 0021 0001 00000e10 000c 0000 0064 0058 03646331 c014");

	(void)state;
	for (size_t n = 0; n < a.n; n++) {
		struct found f = { 0 };
		uint8_t *cut   = malloc(n + 1);

		memcpy(cut, a.p, n);
		assert_true(nt_failed(dns_answer_decode(SPAN(cut, n), q, DNS_SRV, keep, &f)));
		assert_int_equal(f.n, 0);
		free(cut);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question_is_as_the_specification_has_it),
		cmocka_unit_test(names_that_are_none_cannot_be_asked_for),
		cmocka_unit_test(srv_records_are_read_through_compression),
		cmocka_unit_test(addresses_are_found_behind_an_alias),
		cmocka_unit_test(only_an_answer_to_the_question_is_one),
		cmocka_unit_test(names_that_never_end_are_left_out),
		cmocka_unit_test(cut_answers_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
