/*
 * test_auth_pac.c - PACs of a real domain controller are understood, in no
 * other way than they were meant.  [MS-PAC]
 */
#include "tests/unit/check.h"

#include "proto/auth/pac.h"

#define OFFSET_AT(i) (8 + 16 * (size_t)(i) + 8) /* of the i-th PAC_INFO_BUFFER's Offset */

static struct span
load(const char *name, uint8_t *buf, size_t cap, struct pac *ret)
{
	struct span s = vector_load(name, buf, cap);

	assert_status(pac_decode(s, ret), STATUS_SUCCESS);
	return s;
}

static void
assert_sid(const struct sid *s, const char *want)
{
	char text[SID_TEXT_MAX];

	assert_string_equal(sid_print(s, text), want);
}

static void
pac_says_who_the_user_is(void **state)
{
	uint8_t buf[4096];
	struct pac p;
	struct pac_logon l;
	struct pac_client c;
	struct pac_upn u;
	struct sid sid;

	(void)state;
	load("auth/pac_bob.hex", buf, sizeof buf, &p);
	assert_status(pac_logon_decode(&p, &l), STATUS_SUCCESS);
	assert_string_equal(l.name, "bob");
	assert_string_equal(l.domain, "ADTEST");
	assert_status(pac_client_decode(&p, &c), STATUS_SUCCESS);
	assert_string_equal(c.name, "bob");
	assert_true(pac_user_sid(&l, &sid));
	assert_status(pac_upn_decode(&p, &u), STATUS_SUCCESS);
	assert_true(u.has_sid && sid_eq(&u.sid, &sid));
	assert_int_equal(sid.subs[sid.count - 1], 1103);
	assert_int_equal(p.server_sum.type, PAC_SUM_AES256);
	assert_int_equal(p.server_sum.sum.n, 12);
}

static void
pac_gives_all_groups(void **state)
{
	static const uint32_t want[] = { 513, 1104, 1106, 0, 77 };
	uint8_t buf[4096], out[1024];
	struct wr w = wr_init(out, sizeof out);
	struct pac p;
	static const uint8_t resource[] = { 77, 0, 0, 0, 7, 0, 0, 0x20 };
	struct pac_logon l;
	struct rd r;

	(void)state;
	load("auth/pac_bob.hex", buf, sizeof buf, &p);
	assert_status(pac_logon_decode(&p, &l), STATUS_SUCCESS);
	l.resource_domain = l.domain_sid; /* this controller sends none */
	l.resource_rids	  = SPAN(resource, sizeof resource);
	pac_group_sids(&l, &w);
	assert_true(wr_ok(&w));
	r = rd_init(wr_done(&w));
	for (size_t i = 0; i < NELEM(want); i++) {
		struct sid s = { 0 };

		rd_sid(&r, &s);
		assert_true(rd_ok(&r));
		if (want[i] == 0)
			assert_sid(&s, "S-1-18-1"); /* an identity that the authority asserted */
		else
			assert_int_equal(s.subs[s.count - 1], want[i]);
	}
	assert_int_equal(rd_left(&r), 0);
}

static void
pac_of_any_account_is_read(void **state)
{
	uint8_t buf[4096], out[2048];
	struct wr w = wr_init(out, sizeof out);
	struct pac p;
	struct pac_logon l;

	(void)state;
	load("auth/pac_zoe.hex", buf, sizeof buf, &p);
	assert_status(pac_logon_decode(&p, &l), STATUS_SUCCESS);
	assert_string_equal(l.name, "zoë");
	load("auth/pac_administrator.hex", buf, sizeof buf, &p);
	assert_status(pac_logon_decode(&p, &l), STATUS_SUCCESS);
	assert_string_equal(l.name, "Administrator");
	assert_int_equal(l.user_rid, 500);
	pac_group_sids(&l, &w);
	assert_true(wr_ok(&w));
}

static void
pac_without_a_rid_names_the_user_first_among_the_extra_sids(void **state)
{
	uint8_t buf[4096], out[1024];
	struct wr w = wr_init(out, sizeof out);
	struct pac p;
	struct pac_logon l;
	struct sid sid, first = { 0 };
	struct rd r;

	(void)state;
	load("auth/pac_bob.hex", buf, sizeof buf, &p);
	assert_status(pac_logon_decode(&p, &l), STATUS_SUCCESS);
	l.user_rid = 0;
	assert_true(pac_user_sid(&l, &sid));
	assert_sid(&sid, "S-1-18-1");
	pac_group_sids(&l, &w);
	for (r = rd_init(wr_done(&w)); rd_left(&r) > 0;) {
		rd_sid(&r, &first);
		assert_true(rd_ok(&r) && !sid_eq(&first, &sid));
	}
	l.extra_count = 0;
	l.extra	      = SPAN_NONE;
	assert_false(pac_user_sid(&l, &sid));
}

/* Only the 12 bytes of each sum are zeroed: neither types nor what a newer controller adds. */
static void
pac_unsigned_differs_in_the_sums_only(void **state)
{
	uint8_t buf[4096], out[4096];
	struct wr w = wr_init(out, sizeof out);
	struct pac p;
	struct span s;
	size_t changed = 0;

	(void)state;
	s = load("auth/pac_bob.hex", buf, sizeof buf, &p);
	pac_unsigned(&p, &w);
	assert_true(wr_ok(&w));
	assert_int_equal(w.pos, s.n);
	for (size_t i = 0; i < s.n; i++) {
		if (out[i] == s.p[i])
			continue;
		assert_true((i >= p.server_sum.at && i < p.server_sum.at + 12) ||
			    (i >= p.kdc_sum.at && i < p.kdc_sum.at + 12));
		assert_int_equal(out[i], 0);
		changed++;
	}
	assert_true(changed >= 20);
}

static void
pac_refuses_what_could_be_read_in_two_ways(void **state)
{
	uint8_t buf[4096];
	struct pac p;
	struct span s;

	(void)state;
	s	= load("auth/pac_bob.hex", buf, sizeof buf, &p);
	buf[24] = PAC_LOGON_INFO; /* CLIENT_INFO becomes a second LOGON_INFO */
	assert_status(pac_decode(s, &p), STATUS_INVALID_PARAMETER);
	buf[24] = 99; /* ... or nothing that we know */
	assert_status(pac_decode(s, &p), STATUS_INVALID_PARAMETER);

	s = vector_load("auth/pac_bob.hex", buf, sizeof buf);
	buf[OFFSET_AT(0)] += 4; /* not aligned */
	assert_status(pac_decode(s, &p), STATUS_INVALID_PARAMETER);
	buf[OFFSET_AT(0)] = 8; /* inside the header */
	assert_status(pac_decode(s, &p), STATUS_INVALID_PARAMETER);
}

static void
pac_refuses_one_sum_inside_the_other(void **state)
{
	uint8_t buf[4096], out[4096];
	struct wr w = wr_init(out, sizeof out);
	struct pac p;

	(void)state;
	load("auth/pac_bob.hex", buf, sizeof buf, &p);
	p.kdc_sum = p.server_sum;
	pac_unsigned(&p, &w);
	assert_false(wr_ok(&w));
}

/* All that a PAC is asked; refused or read, but never beyond its end. */
static void
survive(struct span s)
{
	static uint8_t out[PAC_SIZE_MAX];
	struct wr w = wr_init(out, sizeof out);
	struct pac p;
	struct pac_logon l;
	struct pac_client c;
	struct pac_upn u;
	struct sid sid;

	if (nt_failed(pac_decode(s, &p)))
		return;
	check_decided(pac_client_decode(&p, &c));
	check_decided(pac_upn_decode(&p, &u));
	pac_unsigned(&p, &w);
	if (nt_failed(pac_logon_decode(&p, &l)))
		return;
	(void)!pac_user_sid(&l, &sid);
	w = wr_init(out, sizeof out);
	pac_group_sids(&l, &w);
}

static void
refuse(struct span s)
{
	struct pac p;

	assert_true(nt_failed(pac_decode(s, &p)));
}

static void
pac_survives_any_cut_and_any_byte(void **state)
{
	static const char *const names[] = { "auth/pac_bob.hex", "auth/pac_administrator.hex" };
	uint8_t buf[4096];

	(void)state;
	for (size_t i = 0; i < NELEM(names); i++) {
		struct span s = vector_load(names[i], buf, sizeof buf);

		check_cuts(s, refuse);
		check_mutations(s, survive);
	}
}

/* GroupCount that the array does not have: the first u32 after primary group. */
static void
pac_logon_refuses_counts_that_disagree(void **state)
{
	uint8_t buf[4096];
	struct pac p;
	struct pac_logon l;
	size_t at;

	(void)state;
	load("auth/pac_bob.hex", buf, sizeof buf, &p);
	at = (size_t)(p.buffers[PAC_LOGON_INFO].p - buf) + 16 + 4 + 48 + 6 * 8 + 4 + 8;
	assert_int_equal(buf[at], 3);
	buf[at] = 4;
	assert_status(pac_logon_decode(&p, &l), STATUS_INVALID_PARAMETER);
	buf[at]	    = 0xff;
	buf[at + 3] = 0xff;
	assert_status(pac_logon_decode(&p, &l), STATUS_INVALID_PARAMETER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pac_says_who_the_user_is),
		cmocka_unit_test(pac_gives_all_groups),
		cmocka_unit_test(pac_of_any_account_is_read),
		cmocka_unit_test(pac_without_a_rid_names_the_user_first_among_the_extra_sids),
		cmocka_unit_test(pac_unsigned_differs_in_the_sums_only),
		cmocka_unit_test(pac_refuses_what_could_be_read_in_two_ways),
		cmocka_unit_test(pac_refuses_one_sum_inside_the_other),
		cmocka_unit_test(pac_survives_any_cut_and_any_byte),
		cmocka_unit_test(pac_logon_refuses_counts_that_disagree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
