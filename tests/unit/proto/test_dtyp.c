/*
 * test_dtyp.c - SIDs, descriptors and the access check.
 * [MS-DTYP] 2.4.2, 2.4.6, 2.5.3.2, 2.5.3.4
 */
#include "tests/unit/check.h"

#include "proto/dtyp/access.h"
#include "proto/dtyp/sd.h"
#include "proto/dtyp/sid.h"

static void
sids_print_and_parse(void **state)
{
	static const char *const good[] = { "S-1-1-0", "S-1-5-32-544",
					    "S-1-5-21-4294967295-2-3-1000", "S-1-0x0123456789ab-7",
					    "S-1-22-1-1000" };
	static const char *const bad[]	= {
		 "",	     "S-1",	 "S-1-",     "S-2-1-0",
		 "S-1-1-",   "S-1-1-0 ", "S-1-1--1", "S-1-1-4294967296",
		 "S-1-1- 5", "X-1-1-0",	 "S-1-1-0x", "S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16"
	};
	char text[SID_TEXT_MAX];
	struct sid s;

	(void)state;
	for (size_t i = 0; i < NELEM(good); i++) {
		assert_true(sid_parse(good[i], &s));
		assert_string_equal(sid_print(&s, text), good[i]);
	}
	for (size_t i = 0; i < NELEM(bad); i++) {
		if (sid_parse(bad[i], &s))
			fail_msg("accepted '%s'", bad[i]);
	}
}

static void
sids_round_trip_on_the_wire(void **state)
{
	static const uint8_t admins[] = { 1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0 };
	uint8_t buf[SID_SIZE_MAX];
	struct wr w = wr_init(buf, sizeof buf);
	struct rd r = rd_init(SPAN(admins, sizeof admins));
	struct sid s;

	(void)state;
	rd_sid(&r, &s);
	assert_true(rd_ok(&r));
	assert_true(sid_eq(&s, &sid_builtin_admins));
	wr_sid(&w, &s);
	assert_span(wr_done(&w), admins, sizeof admins);
	assert_int_equal(sid_size(&s), sizeof admins);
}

static void
sid_of_too_many_parts_or_another_revision_is_refused(void **state)
{
	uint8_t buf[8 + 16 * 4] = { 1, 16 };
	struct rd r		= rd_init(SPAN(buf, sizeof buf));
	struct sid s		= { 0 };

	(void)state;
	rd_sid(&r, &s);
	assert_false(rd_ok(&r));
	buf[0] = 2;
	buf[1] = 1;
	r      = rd_init(SPAN(buf, sizeof buf));
	rd_sid(&r, &s);
	assert_false(rd_ok(&r));
}

static void
unix_ids_have_sids_and_back(void **state)
{
	struct sid u = sid_of_uid(1000);
	struct sid g = sid_of_gid(100);
	uint32_t id;

	(void)state;
	assert_true(sid_to_uid(&u, &id) && id == 1000);
	assert_true(sid_to_gid(&g, &id) && id == 100);
	assert_false(sid_to_uid(&g, &id));
	assert_false(sid_to_uid(&sid_everyone, &id));
}

/* What POSIX would answer for each mode, against the descriptor made from it. */
static void
descriptor_of_a_mode_grants_what_posix_grants(void **state)
{
	const struct sid u = sid_of_uid(1), g = sid_of_gid(2), other = sid_of_uid(9);
	const struct sid owner_sids[]	    = { u, g, sid_everyone };
	const struct sid group_sids[]	    = { other, g, sid_everyone };
	const struct sid other_sids[]	    = { other, sid_everyone };
	const struct access_token tokens[3] = { { other_sids, 2, false, false },
						{ group_sids, 3, false, false },
						{ owner_sids, 3, false, false } };
	uint8_t buf[SD_UNIX_MAX];
	struct sd sd;

	(void)state;
	for (uint32_t mode = 0; mode < 512; mode++) {
		sd_from_mode(&u, &g, mode, false, buf, &sd);
		assert_true(acl_check(sd.dacl));
		for (unsigned class = 0; class < 3; class++) {
			unsigned rwx	 = mode >> (3 * class) & 7;
			uint32_t granted = access_maximum(&sd, &tokens[class]);

			assert_int_equal(!!(granted & FILE_READ_DATA), !!(rwx & 4));
			assert_int_equal(!!(granted & FILE_WRITE_DATA), !!(rwx & 2));
			assert_int_equal(!!(granted & FILE_EXECUTE), !!(rwx & 1));
			assert_int_equal(!!(granted & WRITE_DAC), class == 2);
			assert_true(granted & READ_CONTROL);
		}
	}
}

static size_t
sample_encode(uint8_t *buf, size_t cap)
{
	const struct sid u = sid_of_uid(1), g = sid_of_gid(2);
	uint8_t acl[SD_UNIX_MAX];
	struct wr w = wr_init(buf, cap);
	struct sd sd;

	sd_from_mode(&u, &g, 0640, false, acl, &sd);
	sd_encode(&w, &sd,
		  OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION |
		      DACL_SECURITY_INFORMATION);
	assert_true(wr_ok(&w));
	assert_int_equal(w.pos, sd_size(&sd, 7));
	return w.pos;
}

static void
descriptor_round_trips(void **state)
{
	uint8_t buf[1024], again[1024];
	size_t n    = sample_encode(buf, sizeof buf);
	struct wr w = wr_init(again, sizeof again);
	struct sd sd;

	(void)state;
	assert_status(sd_decode(SPAN(buf, n), &sd), STATUS_SUCCESS);
	assert_true(sd.has_owner && sd.has_group && sd.dacl.n > 0 && sd.sacl.n == 0);
	sd_encode(&w, &sd, 0xf);
	assert_span(wr_done(&w), buf, n);
	w = wr_init(again, sizeof again);
	sd_encode(&w, &sd, OWNER_SECURITY_INFORMATION);
	assert_status(sd_decode(wr_done(&w), &sd), STATUS_SUCCESS);
	assert_true(sd.has_owner && !sd.has_group && sd.dacl.n == 0);
	assert_false(sd.control & SE_DACL_PRESENT);
}

static void
descriptors_of_samba_are_written_as_they_were_read(void **state)
{
	static const char *const names[] = { "dtyp/canonical.hex", "dtyp/audit.hex",
					     "dtyp/null_dacl.hex" };
	uint8_t buf[1024], out[1024];
	struct sd sd;

	(void)state;
	for (size_t i = 0; i < NELEM(names); i++) {
		struct span want = vector_load(names[i], buf, sizeof buf);
		struct wr w	 = wr_init(out, sizeof out);

		assert_status(sd_decode(want, &sd), STATUS_SUCCESS);
		sd_encode(&w, &sd, 0xf);
		assert_span(wr_done(&w), want.p, want.n);
	}
	assert_true((sd.control & SE_DACL_PRESENT) && sd.dacl.n == 0);
}

static void
descriptor_refuses_offsets_into_its_header(void **state)
{
	uint8_t buf[1024];
	size_t n = sample_encode(buf, sizeof buf);
	struct sd sd;

	(void)state;
	buf[4] = 8; /* OffsetOwner */
	assert_status(sd_decode(SPAN(buf, n), &sd), STATUS_INVALID_SECURITY_DESCR);
	buf[4] = (uint8_t)n;
	assert_status(sd_decode(SPAN(buf, n), &sd), STATUS_INVALID_SECURITY_DESCR);
}

static void
acl_refuses_a_count_it_does_not_hold(void **state)
{
	uint8_t buf[256];
	struct wr w = wr_init(buf, sizeof buf);
	struct acl_build b;

	(void)state;
	acl_begin(&b, &w);
	acl_put(&b, ACCESS_ALLOWED_ACE_TYPE, 0, 1, &sid_everyone);
	acl_end(&b);
	assert_true(acl_check(wr_done(&w)));
	buf[4] = 2;
	assert_false(acl_check(wr_done(&w)));
	buf[4]	= 1;
	buf[10] = 4; /* AceSize below its own header and mask */
	assert_false(acl_check(wr_done(&w)));
}

static void
acl_slack_is_no_entry(void **state)
{
	uint8_t buf[256];
	struct wr w = wr_init(buf, sizeof buf);
	struct acl_build b;
	struct ace ace;
	struct rd r;

	(void)state;
	acl_begin(&b, &w);
	acl_put(&b, ACCESS_DENIED_ACE_TYPE, 0, 1, &sid_everyone);
	acl_put(&b, ACCESS_ALLOWED_ACE_TYPE, 0, FILE_ALL_ACCESS, &sid_everyone);
	acl_end(&b);
	buf[4] = 1; /* AceCount: the second is slack now */
	assert_true(acl_check(wr_done(&w)));
	r = acl_walk(wr_done(&w));
	assert_true(ace_next(&r, &ace));
	assert_int_equal(ace.type, ACCESS_DENIED_ACE_TYPE);
	assert_false(ace_next(&r, &ace));
	assert_true(rd_ok(&r));
}

/* A one-entry or two-entry DACL and what it gives a member of Users. */
static uint32_t
granted_by(const struct ace *aces, size_t n, uint32_t desired, nt *ret_status)
{
	const struct sid sids[]	    = { sid_of_uid(5), sid_builtin_users };
	const struct access_token t = { sids, 2, false, false };
	uint8_t buf[256];
	struct wr w = wr_init(buf, sizeof buf);
	struct acl_build b;
	uint32_t granted = 0;

	acl_begin(&b, &w);
	for (size_t i = 0; i < n; i++)
		acl_put(&b, aces[i].type, aces[i].flags, aces[i].mask, &aces[i].sid);
	acl_end(&b);
	const struct sd sd = { .control = SE_DACL_PRESENT, .dacl = wr_done(&w) };
	*ret_status	   = access_check(&sd, &t, desired, &granted);
	return granted;
}

static void
first_entry_that_names_a_bit_decides_it(void **state)
{
	const struct ace allow = { .type = 0,
				   .mask = FILE_READ_DATA | FILE_WRITE_DATA,
				   .sid	 = sid_builtin_users };
	const struct ace deny  = { .type = 1, .mask = FILE_WRITE_DATA, .sid = sid_of_uid(5) };
	const struct ace deny_first[]  = { deny, allow };
	const struct ace allow_first[] = { allow, deny };
	nt s;

	(void)state;
	(void)granted_by(deny_first, 2, FILE_WRITE_DATA, &s);
	assert_status(s, STATUS_ACCESS_DENIED);
	assert_int_equal(granted_by(allow_first, 2, FILE_WRITE_DATA, &s), FILE_WRITE_DATA);
	assert_status(s, STATUS_SUCCESS);
	assert_int_equal(granted_by(deny_first, 2, MAXIMUM_ALLOWED, &s), FILE_READ_DATA);
	assert_status(s, STATUS_SUCCESS);
}

static void
generic_and_inherit_only_entries_count_as_they_should(void **state)
{
	const struct ace generic = { .type = 0, .mask = GENERIC_READ, .sid = sid_builtin_users };
	const struct ace only	 = { .type  = 0,
				     .flags = INHERIT_ONLY_ACE | CONTAINER_INHERIT_ACE,
				     .mask  = FILE_ALL_ACCESS,
				     .sid   = sid_builtin_users };
	nt s;

	(void)state;
	assert_int_equal(granted_by(&generic, 1, GENERIC_READ, &s), FILE_GENERIC_READ);
	(void)granted_by(&only, 1, FILE_READ_DATA, &s);
	assert_status(s, STATUS_ACCESS_DENIED);
	(void)granted_by(&only, 1, MAXIMUM_ALLOWED, &s);
	assert_status(s, STATUS_ACCESS_DENIED);
	(void)granted_by(&generic, 1, ACCESS_SYSTEM_SECURITY, &s);
	assert_status(s, STATUS_PRIVILEGE_NOT_HELD);
}

static void
owner_reads_and_changes_the_dacl_unless_owner_rights_say_otherwise(void **state)
{
	const struct sid me	    = sid_of_uid(5);
	const struct access_token t = { &me, 1, false, false };
	uint8_t buf[256];
	struct wr w = wr_init(buf, sizeof buf);
	struct acl_build b;
	struct sd sd = { .control = SE_DACL_PRESENT, .has_owner = true, .owner = me };

	(void)state;
	acl_begin(&b, &w);
	acl_end(&b);
	sd.dacl = wr_done(&w);
	assert_int_equal(access_maximum(&sd, &t), READ_CONTROL | WRITE_DAC);
	w = wr_init(buf, sizeof buf);
	acl_begin(&b, &w);
	acl_put(&b, ACCESS_ALLOWED_ACE_TYPE, 0, READ_CONTROL, &sid_owner_rights);
	acl_end(&b);
	sd.dacl = wr_done(&w);
	assert_int_equal(access_maximum(&sd, &t), READ_CONTROL);
	sd.dacl = SPAN_NONE; /* a null DACL allows everything */
	assert_int_equal(access_maximum(&sd, &t), FILE_ALL_ACCESS);
}

static void
children_inherit_what_is_theirs(void **state)
{
	const struct sid u = sid_of_uid(1), g = sid_of_gid(2);
	uint8_t buf[512], child[512];
	struct wr w = wr_init(buf, sizeof buf);
	struct wr c = wr_init(child, sizeof child);
	struct acl_build b;
	struct ace ace;
	struct rd r;

	(void)state;
	acl_begin(&b, &w);
	acl_put(&b, 0, 0, FILE_ALL_ACCESS, &u);
	acl_put(&b, 0, OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE, GENERIC_ALL, &sid_creator_owner);
	acl_put(&b, 0, CONTAINER_INHERIT_ACE, FILE_GENERIC_READ, &sid_everyone);
	acl_end(&b);

	assert_true(acl_inherit(&c, wr_done(&w), false, &u, &g));
	assert_true(acl_check(wr_done(&c)));
	r = acl_walk(wr_done(&c));
	assert_true(ace_next(&r, &ace));
	assert_true(sid_eq(&ace.sid, &u));
	assert_int_equal(ace.mask, FILE_ALL_ACCESS);
	assert_int_equal(ace.flags, INHERITED_ACE);
	assert_false(ace_next(&r, &ace));

	c = wr_init(child, sizeof child);
	assert_true(acl_inherit(&c, wr_done(&w), true, &u, &g));
	r = acl_walk(wr_done(&c));
	assert_true(ace_next(&r, &ace) && sid_eq(&ace.sid, &u));
	assert_true(ace_next(&r, &ace) && sid_eq(&ace.sid, &sid_creator_owner));
	assert_true(ace.flags & INHERIT_ONLY_ACE);
	assert_true(ace_next(&r, &ace) && sid_eq(&ace.sid, &sid_everyone));
	assert_int_equal(ace.flags, CONTAINER_INHERIT_ACE | INHERITED_ACE);
	assert_false(ace_next(&r, &ace));
}

static void
try_decode(struct span s)
{
	struct sd sd;
	struct ace ace;
	struct rd r;

	if (!nt_ok(sd_decode(s, &sd)))
		return;
	r = acl_walk(sd.dacl);
	while (ace_next(&r, &ace))
		assert_true(ace.raw.n >= 8);
}

static void
refuse_decode(struct span s)
{
	struct sd sd;

	assert_status(sd_decode(s, &sd), STATUS_INVALID_SECURITY_DESCR);
}

static void
descriptor_survives_cuts_and_mutations(void **state)
{
	uint8_t buf[1024];
	size_t n = sample_encode(buf, sizeof buf);

	(void)state;
	check_cuts(SPAN(buf, n), refuse_decode);
	check_mutations(SPAN(buf, n), try_decode);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sids_print_and_parse),
		cmocka_unit_test(sids_round_trip_on_the_wire),
		cmocka_unit_test(sid_of_too_many_parts_or_another_revision_is_refused),
		cmocka_unit_test(unix_ids_have_sids_and_back),
		cmocka_unit_test(descriptor_of_a_mode_grants_what_posix_grants),
		cmocka_unit_test(descriptor_round_trips),
		cmocka_unit_test(descriptors_of_samba_are_written_as_they_were_read),
		cmocka_unit_test(descriptor_refuses_offsets_into_its_header),
		cmocka_unit_test(acl_refuses_a_count_it_does_not_hold),
		cmocka_unit_test(acl_slack_is_no_entry),
		cmocka_unit_test(first_entry_that_names_a_bit_decides_it),
		cmocka_unit_test(generic_and_inherit_only_entries_count_as_they_should),
		cmocka_unit_test(
		    owner_reads_and_changes_the_dacl_unless_owner_rights_say_otherwise),
		cmocka_unit_test(children_inherit_what_is_theirs),
		cmocka_unit_test(descriptor_survives_cuts_and_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
