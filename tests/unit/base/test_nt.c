/*
 * test_nt.c - names, sentences and severities of statuses.  [MS-ERREF] 2.3
 */
#include "tests/unit/check.h"

static void
every_row_is_found_by_number_and_name(void **state)
{
#define NT_DEF(name, value, sentence) { (value), "STATUS_" #name, (sentence) },
	static const struct {
		uint32_t code;
		const char *name, *sentence;
	} rows[] = {
#include "base/nt.def.h"
	};
#undef NT_DEF
	nt s;

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		assert_string_equal(nt_name((nt){ rows[i].code }), rows[i].name);
		assert_true(nt_from_name(rows[i].name, &s) && s.code == rows[i].code);
		assert_true(nt_from_name(rows[i].name + 7, &s) && s.code == rows[i].code);
		assert_true(strlen(rows[i].sentence) > 3);
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(rows[k].code, rows[i].code);
	}
}

static void
unknown_status_prints_as_its_number(void **state)
{
	nt s = STATUS_SUCCESS;

	(void)state;
	assert_string_equal(nt_name((nt){ 0xC0FF1234 }), "STATUS_0xC0FF1234");
	assert_non_null(nt_sentence((nt){ 0xC0FF1234 }));
	assert_false(nt_from_name("STATUS_NO_SUCH_THING", &s));
}

static nt
first_failure(nt a, nt b)
{
	TRY(a);
	TRY(b);
	return STATUS_SUCCESS;
}

static void
warnings_and_errors_end_a_try_but_pending_does_not(void **state)
{
	(void)state;
	assert_status(first_failure(STATUS_PENDING, STATUS_ACCESS_DENIED), STATUS_ACCESS_DENIED);
	assert_status(first_failure(STATUS_NO_MORE_FILES, STATUS_ACCESS_DENIED),
		      STATUS_NO_MORE_FILES);
	assert_false(nt_failed(STATUS_PENDING));
	assert_false(nt_ok(STATUS_PENDING));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_is_found_by_number_and_name),
		cmocka_unit_test(unknown_status_prints_as_its_number),
		cmocka_unit_test(warnings_and_errors_end_a_try_but_pending_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
