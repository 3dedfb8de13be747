/*
 * test_sddl.c - descriptors as text and back.  [MS-DTYP] 2.5.1
 */
#include "proto/dtyp/sddl.h"
#include "tests/unit/check.h"

static nt
again(const char *text, char *ret, size_t cap)
{
	static uint8_t acls[8192], bytes[8192];
	struct wr a = wr_init(acls, sizeof acls), b = wr_init(bytes, sizeof bytes);
	struct wr out = wr_init(ret, cap - 1);
	struct sd sd, seen;

	TRY(sddl_parse(text, &a, &sd));
	sd_encode(&b, &sd, OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION |
				   DACL_SECURITY_INFORMATION | SACL_SECURITY_INFORMATION);
	assert_true(wr_ok(&b));
	TRY(sd_decode(wr_done(&b), &seen));
	sddl_print(&out, &seen);
	assert_true(wr_ok(&out));
	ret[out.pos] = '\0';
	return STATUS_SUCCESS;
}

static void
text_comes_back_as_it_went(void **state)
{
	static const char *const rows[] = {
		"O:BA",
		"O:S-1-5-21-1-2-3-500G:S-1-5-21-1-2-3-513",
		"O:SYG:BAD:(A;;FA;;;SY)(D;OICI;FR;;;WD)",
		"D:PAI(A;OICIIOID;0x1301bf;;;S-1-5-21-1-2-3-1000)",
		"D:NO_ACCESS_CONTROL",
		"D:",
		"D:(A;;GA;;;CO)S:(AU;SAFA;FA;;;WD)",
	};
	char text[512];

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		assert_status(again(rows[i], text, sizeof text), STATUS_SUCCESS);
		assert_string_equal(text, rows[i]);
	}
}

static void
rights_add_up(void **state)
{
	char text[512];

	(void)state;
	assert_status(again("D:(A;;RCWDWOSD;;;WD)", text, sizeof text), STATUS_SUCCESS);
	assert_string_equal(text, "D:(A;;0xf0000;;;WD)");
}

static void
what_is_no_sddl_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "x", "O:", "O:S-1", "O:ZZ", "D:(", "D:(A)", "D:(A;;FA;;;)", "D:(A;;FA;;;WD",
		"D:(A;;FA;;;WD)x", "D:(Q;;FA;;;WD)", "D:(A;XX;FA;;;WD)", "D:(A;;QQ;;;WD)",
		"D:(A;;0x;;;WD)", "D:(A;;0x1ffffffff;;;WD)", "D:(A;;FA;guid;;WD)", "G:BAO:BA",
	};
	uint8_t acls[1024];
	struct sd sd;

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) {
		struct wr a = wr_init(acls, sizeof acls);

		if (nt_ok(sddl_parse(bad[i], &a, &sd)))
			fail_msg("accepted: %s", bad[i]);
	}
}

static void
a_list_that_does_not_fit_is_refused(void **state)
{
	uint8_t acls[24];
	struct wr a = wr_init(acls, sizeof acls);
	struct sd sd;

	(void)state;
	assert_status(sddl_parse("D:(A;;FA;;;WD)(A;;FA;;;SY)", &a, &sd),
		      STATUS_INVALID_SECURITY_DESCR);
}

static void
an_entry_that_says_more_than_text_can_is_not_cut_short(void **state)
{
	/* ACCESS_ALLOWED_CALLBACK with a condition behind its SID */
	static const uint8_t ace[] = { 9, 0, 24, 0, 0xff, 1, 0x1f, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0,
				       0, 'a', 'r', 't', 'x' };
	uint8_t room[128];
	char text[128];
	struct wr w = wr_init(room, sizeof room), out = wr_init(text, sizeof text);
	struct acl_build b;
	struct sd sd = { .control = SE_SELF_RELATIVE | SE_DACL_PRESENT };

	(void)state;
	acl_begin(&b, &w);
	acl_put_raw(&b, SPAN(ace, sizeof ace));
	acl_end(&b);
	sd.dacl = wr_done(&w);
	sddl_print(&out, &sd);
	assert_false(wr_ok(&out));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_comes_back_as_it_went),
		cmocka_unit_test(rights_add_up),
		cmocka_unit_test(what_is_no_sddl_is_refused),
		cmocka_unit_test(a_list_that_does_not_fit_is_refused),
		cmocka_unit_test(an_entry_that_says_more_than_text_can_is_not_cut_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
