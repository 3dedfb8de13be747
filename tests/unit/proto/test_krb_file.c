/*
 * test_krb_file.c - tickets and keys as other programs write them, what comes
 * out again, and files that mean harm.
 */
#include "tests/unit/check.h"

#include "proto/auth/krb_file.h"

#define ROOM 8192

static uint8_t room[ROOM], again[ROOM];

static void
assert_name(const struct krb_name *n, const char *want)
{
	char text[KRB_TEXT_MAX];

	assert_true(krb_name_print(n, text));
	assert_string_equal(text, want);
}

static void
ccache_of_heimdal_is_read(void **state)
{
	struct krb_ccache c;
	struct krb_ticket t;

	(void)state;
	assert_status(krb_ccache_open(vector_load("krb/ccache.hex", room, ROOM), &c),
		      STATUS_SUCCESS);
	assert_name(&c.owner, "alice@TEST.EXAMPLE");
	assert_status(krb_ccache_next(&c, &t), STATUS_SUCCESS);
	assert_name(&t.server, "krbtgt/TEST.EXAMPLE@TEST.EXAMPLE");
	assert_true(krb_name_is_tgs(&t.server, SPAN_STR("TEST.EXAMPLE")));
	assert_int_equal(t.etype, KRB_ETYPE_AES256);
	assert_int_equal(t.key.n, 32);
	assert_int_equal(t.ticket.n, 344);
	assert_true(t.flags & KRB_FLAG_RENEWABLE && t.flags & KRB_FLAG_INITIAL);
	assert_int_equal(t.ends - t.authtime, 86400);
	assert_int_equal(t.renew_until - t.authtime, 7 * 86400);
	assert_status(krb_ccache_next(&c, &t), STATUS_SUCCESS);
	assert_name(&t.server, "cifs/localhost@TEST.EXAMPLE");
	assert_false(t.flags & KRB_FLAG_INITIAL);
	assert_status(krb_ccache_next(&c, &t), STATUS_NO_MORE_ENTRIES);
}

/* What we write is what was read, byte for byte where nothing was left out. */
static void
ccache_comes_out_as_it_went_in(void **state)
{
	struct span file = vector_load("krb/ccache.hex", room, ROOM), out;
	struct wr w	 = wr_init(again, ROOM);
	struct krb_ccache c, d;
	struct krb_ticket t, u;

	(void)state;
	assert_status(krb_ccache_open(file, &c), STATUS_SUCCESS);
	krb_ccache_begin(&w, &c.owner);
	while (nt_ok(krb_ccache_next(&c, &t)))
		krb_ccache_put(&w, &t);
	out = wr_done(&w);
	assert_true(out.n > 0);
	assert_status(krb_ccache_open(file, &c), STATUS_SUCCESS);
	assert_status(krb_ccache_open(out, &d), STATUS_SUCCESS);
	for (int i = 0; i < 2; i++) {
		assert_status(krb_ccache_next(&c, &t), STATUS_SUCCESS);
		assert_status(krb_ccache_next(&d, &u), STATUS_SUCCESS);
		assert_true(krb_name_eq(&t.server, &u.server) && krb_name_eq(&t.client, &u.client));
		assert_true(span_eq(t.key, u.key) && span_eq(t.ticket, u.ticket));
		assert_int_equal(t.flags, u.flags);
		assert_int_equal(t.ends, u.ends);
	}
}

static void
keytab_of_heimdal_is_read_and_written(void **state)
{
	struct span file = vector_load("krb/keytab.hex", room, ROOM);
	struct wr w	 = wr_init(again, ROOM);
	struct krb_key k;
	size_t n[32] = { 0 };
	struct rd r;

	(void)state;
	assert_status(krb_keytab_open(file, &r), STATUS_SUCCESS);
	krb_keytab_begin(&w);
	while (nt_ok(krb_keytab_next(&r, &k))) {
		assert_span(k.name.realm, "TEST.EXAMPLE", 12);
		assert_int_equal(k.kvno, 1);
		assert_int_equal(k.key.n, k.etype == KRB_ETYPE_AES256 ? 32 : 16);
		n[k.etype]++;
		krb_keytab_put(&w, &k);
	}
	assert_int_equal(n[KRB_ETYPE_AES256], 4);
	assert_status(krb_keytab_open(wr_done(&w), &r), STATUS_SUCCESS);
	assert_status(krb_keytab_next(&r, &k), STATUS_SUCCESS);
	assert_name(&k.name, "cifs/localhost@TEST.EXAMPLE");
}

static void
keytab_holes_are_passed_over(void **state)
{
	static const uint8_t holes[] = { 5, 2, 0xff, 0xff, 0xff, 0xfe, 1, 2, 0x80, 0, 0, 0 };
	struct krb_key k;
	struct rd r;

	(void)state;
	assert_status(krb_keytab_open(SPAN(holes, 8), &r), STATUS_SUCCESS);
	assert_status(krb_keytab_next(&r, &k), STATUS_NO_MORE_ENTRIES);
	assert_status(krb_keytab_open(SPAN(holes, sizeof holes), &r), STATUS_SUCCESS);
	assert_status(krb_keytab_next(&r, &k), STATUS_INVALID_PARAMETER);
}

static void
cred_of_impacket_is_read(void **state)
{
	struct krb_cred c;
	struct krb_ticket t, same;
	static uint8_t cache[ROOM];
	struct krb_ccache cc;

	(void)state;
	assert_status(krb_cred_open(vector_load("krb/cred.hex", room, ROOM), &c), STATUS_SUCCESS);
	assert_status(krb_cred_next(&c, &t), STATUS_SUCCESS);
	assert_status(krb_ccache_open(vector_load("krb/ccache.hex", cache, ROOM), &cc),
		      STATUS_SUCCESS);
	assert_status(krb_ccache_next(&cc, &same), STATUS_SUCCESS);
	assert_true(krb_name_eq(&t.client, &same.client) && krb_name_eq(&t.server, &same.server));
	assert_true(span_eq(t.key, same.key) && span_eq(t.ticket, same.ticket));
	assert_int_equal(t.ends, same.ends); /* its flags lack their leading zero bit */
	assert_status(krb_cred_next(&c, &t), STATUS_NO_MORE_ENTRIES);
}

static void
cred_is_read_as_it_was_written(void **state)
{
	struct krb_ccache cc;
	struct krb_ticket t[2], back;
	struct wr w = wr_init(again, ROOM);
	struct krb_cred c;

	(void)state;
	assert_status(krb_ccache_open(vector_load("krb/ccache.hex", room, ROOM), &cc),
		      STATUS_SUCCESS);
	assert_status(krb_ccache_next(&cc, &t[0]), STATUS_SUCCESS);
	assert_status(krb_ccache_next(&cc, &t[1]), STATUS_SUCCESS);
	t[1].ends = 4000000000u; /* beyond 31 bits */
	krb_cred_encode(&w, t, 2);
	assert_true(wr_ok(&w));
	assert_status(krb_cred_open(wr_done(&w), &c), STATUS_SUCCESS);
	for (int i = 0; i < 2; i++) {
		assert_status(krb_cred_next(&c, &back), STATUS_SUCCESS);
		assert_true(krb_name_eq(&t[i].server, &back.server));
		assert_true(span_eq(t[i].key, back.key) && span_eq(t[i].ticket, back.ticket));
		assert_int_equal(t[i].starts, back.starts);
		assert_int_equal(t[i].ends, back.ends);
		assert_int_equal(t[i].renew_until, back.renew_until);
		assert_int_equal(t[i].flags, back.flags);
	}
	assert_status(krb_cred_next(&c, &back), STATUS_NO_MORE_ENTRIES);
}

static void
names_survive_text(void **state)
{
	static const struct {
		const char *text;
		size_t parts;
	} rows[] = {
		{ "alice@REALM", 1 }, { "cifs/host@REALM", 2 }, { "al\\@ice@REALM", 1 },
		{ "a\\/b/c@R", 2 },   { "back\\\\slash@R", 1 }, { "j\xc3\xbcrgen@R", 1 },
	};
	char buf[KRB_TEXT_MAX];
	struct krb_name n;

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		assert_status(krb_name_parse(rows[i].text, buf, &n), STATUS_SUCCESS);
		assert_int_equal(n.n, rows[i].parts);
		assert_name(&n, rows[i].text);
	}
	assert_status(krb_name_parse("alice", buf, &n), STATUS_SUCCESS);
	assert_int_equal(n.realm.n, 0);
}

static void
names_that_are_none_are_refused(void **state)
{
	static const char *const bad[] = { "",
					   "@R",
					   "a@",
					   "a//b@R",
					   "a@R@S",
					   "a@R/b",
					   "a\n@R",
					   "/@R",
					   "a\\",
					   "\xff@R",
					   "a/b/c/d/e/f/g/h/i@R" };
	char buf[KRB_TEXT_MAX];
	struct krb_name n;

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++)
		assert_status(krb_name_parse(bad[i], buf, &n), STATUS_INVALID_PARAMETER);
}

static void
services_are_the_same_in_any_case_and_realm(void **state)
{
	char x[KRB_TEXT_MAX], y[KRB_TEXT_MAX];
	struct krb_name a, b;

	(void)state;
	assert_status(krb_name_parse("cifs/Server.example", x, &a), STATUS_SUCCESS);
	assert_status(krb_name_parse("CIFS/server.EXAMPLE@EXAMPLE", y, &b), STATUS_SUCCESS);
	assert_true(krb_name_same_service(&a, &b));
	assert_status(krb_name_parse("cifs/server.example2@EXAMPLE", y, &b), STATUS_SUCCESS);
	assert_false(krb_name_same_service(&a, &b));
}

static void
walk(struct span s)
{
	struct krb_ccache c;
	struct krb_ticket t;
	struct krb_cred k;
	struct krb_key key;
	struct rd r;

	if (nt_ok(krb_ccache_open(s, &c)))
		while (nt_ok(krb_ccache_next(&c, &t)))
			assert_true(t.ticket.n <= s.n);
	if (nt_ok(krb_cred_open(s, &k)))
		while (nt_ok(krb_cred_next(&k, &t)))
			assert_true(t.ticket.n <= s.n);
	if (nt_ok(krb_keytab_open(s, &r)))
		while (nt_ok(krb_keytab_next(&r, &key)))
			assert_true(key.key.n <= s.n);
}

static void
broken_files_are_survived(void **state)
{
	static const char *const files[] = { "krb/ccache.hex", "krb/keytab.hex", "krb/cred.hex" };

	(void)state;
	for (size_t i = 0; i < NELEM(files); i++) {
		struct span s = vector_load(files[i], room, ROOM);

		check_cuts(s, walk);
		check_mutations(s, walk);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ccache_of_heimdal_is_read),
		cmocka_unit_test(ccache_comes_out_as_it_went_in),
		cmocka_unit_test(keytab_of_heimdal_is_read_and_written),
		cmocka_unit_test(keytab_holes_are_passed_over),
		cmocka_unit_test(cred_of_impacket_is_read),
		cmocka_unit_test(cred_is_read_as_it_was_written),
		cmocka_unit_test(names_survive_text),
		cmocka_unit_test(names_that_are_none_are_refused),
		cmocka_unit_test(services_are_the_same_in_any_case_and_realm),
		cmocka_unit_test(broken_files_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
