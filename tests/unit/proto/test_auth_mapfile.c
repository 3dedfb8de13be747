/*
 * test_auth_mapfile.c - which account a domain's user is, and what a group's
 * name stands for, from a file that people write by hand.
 */
#include "tests/unit/check.h"

#include "proto/auth/mapfile.h"

static const char text[] = "# people\n"
			   "EXAMPLE\\alice = alice\r\n"
			   "  bob@EXAMPLE.ORG=bob  \n"
			   "S-1-5-21-1-2-3-1104 = carol\n"
			   "; groups\n"
			   "@S-1-5-21-1-2-3-1120 = 2001\n"
			   "@EXAMPLE\\Domain Users = S-1-5-21-1-2-3-513\n"
			   "@S-1-5-21-1-2-3-1121 = 0\n"
			   "nonsense\n"
			   "= nobody\n"
			   "EXAMPLE\\late = first\n"
			   "EXAMPLE\\late = second";

static struct sid
sid(const char *s)
{
	struct sid ret;

	assert_true(sid_parse(s, &ret));
	return ret;
}

static const char *
account(const struct sid *who, const char *domain, const char *realm, const char *logon)
{
	static char ret[64];

	return mapfile_user(SPAN_STR(text), who, domain, realm, logon, ret, sizeof ret) ? ret
											 : "-";
}

static void
user_is_found_by_name_realm_or_sid(void **state)
{
	struct sid carol = sid("S-1-5-21-1-2-3-1104"), other = sid("S-1-5-21-1-2-3-1105");

	(void)state;
	assert_string_equal(account(NULL, "example", "", "ALICE"), "alice");
	assert_string_equal(account(NULL, "", "EXAMPLE.ORG", "bob"), "bob");
	assert_string_equal(account(&carol, "OTHER", "", "x"), "carol");
	assert_string_equal(account(&other, "OTHER", "", "alice"), "-");
	assert_string_equal(account(NULL, "OTHER", "EXAMPLE.COM", "alice"), "-");
	assert_string_equal(account(NULL, "", "", ""), "-");
}

static void
first_line_that_fits_holds(void **state)
{
	(void)state;
	assert_string_equal(account(NULL, "EXAMPLE", "", "late"), "first");
}

static void
groups_name_is_a_sid_and_its_sid_a_gid(void **state)
{
	struct span rest = SPAN_STR(text);
	struct mapfile_row row;
	unsigned line = 0, gids = 0;
	struct sid found, want = sid("S-1-5-21-1-2-3-513");
	uint32_t gid;

	(void)state;
	assert_true(mapfile_group_sid(SPAN_STR(text), "example\\domain users", &found));
	assert_true(sid_eq(&found, &want));
	assert_false(mapfile_group_sid(SPAN_STR(text), "EXAMPLE\\alice", &found));
	while (mapfile_next(&rest, &line, &row))
		if (mapfile_row_gid(&row, &gid)) {
			gids++;
			assert_int_equal(gid, 2001); /* never 0: nobody becomes root's */
		}
	assert_int_equal(gids, 1);
}

static void
lines_without_sense_are_told_by_number(void **state)
{
	struct span rest = SPAN_STR(text);
	struct mapfile_row row;
	unsigned line = 0, bad = 0;

	(void)state;
	while (mapfile_next(&rest, &line, &row))
		bad = row.value.n == 0 ? bad * 100 + row.line : bad;
	assert_int_equal(bad, 910);
}

static const char ours[] = "alice = 7001:7002,7003\n"
			   "@staff = 7005\n"
			   "@root = 0\n"
			   "Bob = carol\n"
			   "EXAMPLE\\dave = 7009:7009";

static const char *
local(const char *logon)
{
	static char ret[64];

	return mapfile_local(SPAN_STR(ours), logon, ret, sizeof ret) ? ret : "-";
}

static void
user_of_ours_is_found_by_the_bare_name(void **state)
{
	char ret[64];

	(void)state;
	assert_string_equal(local("alice"), "7001:7002,7003");
	assert_string_equal(local("BOB"), "carol");
	assert_string_equal(local("staff"), "-"); /* a group */
	assert_string_equal(local("dave"), "-");
	assert_string_equal(local("EXAMPLE\\dave"), "7009:7009"); /* no account has such a name */
	assert_false(mapfile_user(SPAN_STR(ours), NULL, "OTHER", "", "alice", ret, sizeof ret));
	assert_false(mapfile_user(SPAN_STR(ours), NULL, "", "OTHER", "alice", ret, sizeof ret));
}

static void
group_of_ours_has_its_gid_and_never_roots(void **state)
{
	uint32_t gid;

	(void)state;
	assert_true(mapfile_group_gid(SPAN_STR(ours), "STAFF", &gid));
	assert_int_equal(gid, 7005);
	assert_false(mapfile_group_gid(SPAN_STR(ours), "root", &gid));
	assert_false(mapfile_group_gid(SPAN_STR(ours), "alice", &gid));
}

static void
ids_are_a_uid_a_gid_and_more_gids(void **state)
{
	static const char *const bad[] = { "",	       "7001",	    "7001:",	 ":7001", "0:1",
					   "1:0",      "1:2,",	    "1:2,0",	 "1:2:3", "a:1",
					   "1:2,3,,4", "-1:2",	    "1 :2",	 "4294967295:1",
					   "4294967297:1", "alice", "alice:1" };
	struct mapfile_ids ids;

	(void)state;
	assert_true(mapfile_ids("7001:7002,7003,7004", &ids));
	assert_int_equal(ids.uid, 7001);
	assert_int_equal(ids.gid, 7002);
	assert_int_equal(ids.n, 2);
	assert_int_equal(ids.more[1], 7004);
	for (size_t i = 0; i < NELEM(bad); i++)
		assert_false(mapfile_ids(bad[i], &ids));
	assert_true(mapfile_ids("1:1,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2",
				&ids));
	assert_int_equal(ids.n, MAPFILE_GIDS);
	assert_false(mapfile_ids(
		"1:1,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2,2", &ids));
}

static void
any_bytes(struct span s)
{
	struct mapfile_ids ids;
	uint32_t gid;

	struct sid found, who = sid("S-1-5-21-1-2-3-1104");
	char ret[64];

	(void)mapfile_user(s, &who, "EXAMPLE", "EXAMPLE.ORG", "alice", ret, sizeof ret);
	(void)mapfile_group_sid(s, "EXAMPLE\\x", &found);
	(void)mapfile_group_gid(s, "staff", &gid);
	if (mapfile_local(s, "alice", ret, sizeof ret))
		(void)mapfile_ids(ret, &ids);
}

static void
damaged_text_is_read_within_its_bounds(void **state)
{
	(void)state;
	check_mutations(SPAN_STR(text), any_bytes);
	check_cuts(SPAN_STR(text), any_bytes);
	check_mutations(SPAN_STR(ours), any_bytes);
	check_cuts(SPAN_STR(ours), any_bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(user_is_found_by_name_realm_or_sid),
		cmocka_unit_test(first_line_that_fits_holds),
		cmocka_unit_test(groups_name_is_a_sid_and_its_sid_a_gid),
		cmocka_unit_test(lines_without_sense_are_told_by_number),
		cmocka_unit_test(damaged_text_is_read_within_its_bounds),
		cmocka_unit_test(user_of_ours_is_found_by_the_bare_name),
		cmocka_unit_test(group_of_ours_has_its_gid_and_never_roots),
		cmocka_unit_test(ids_are_a_uid_a_gid_and_more_gids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
