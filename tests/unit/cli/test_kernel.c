/* test_kernel.c - a claim that the kernel does not confirm is found. */
#include "tests/unit/check.h"

#include <unistd.h>

#include "cli/kernel.h"

static const char status_text[] = "Name:\tbulkhead-fsd\nUid:\t62001\t62001\t62001\t62001\n"
				  "CapInh:\t0000000000000000\nCapPrm:\t00000000000000cb\n"
				  "CapEff:\t00000000000000c0\nNoNewPrivs:\t1\n"
				  "Seccomp:\t2\nSeccomp_filters:\t1\n";

static void
parse_reads_the_lines_it_needs(void **state)
{
	struct kernel_word k;

	(void)state;
	kernel_parse(status_text, &k);
	assert_true(k.known);
	assert_int_equal(k.seccomp, 2);
	assert_true(k.no_new_privs);
	assert_int_equal(k.cap_effective, 0xc0);
	assert_int_equal(k.cap_permitted, 0xcb);
	assert_int_equal(k.uid, 62001);
}

static void
parse_knows_nothing_if_a_line_is_missing(void **state)
{
	struct kernel_word k;

	(void)state;
	kernel_parse("Uid:\t0\nSeccomp:\t2\n", &k);
	assert_false(k.known);
	kernel_parse("", &k);
	assert_false(k.known);
}

/* This test's own process has no filter, so it may play the liar. */
static void
claimed_seccomp_that_the_kernel_lacks_is_denied(void **state)
{
	char why[256];
	json_t *p = json_pack("{s:s, s:i, s:[s]}", "role", "gate", "pid", (int)getpid(), "walls",
	    "seccomp");
	struct kernel_word k;

	(void)state;
	kernel_look(getpid(), &k);
	assert_true(k.known);
	if (k.seccomp == 2) {
		json_decref(p);
		skip();
	}
	assert_true(kernel_denies(p, why, sizeof why));
	assert_string_equal(why, "gate says it has seccomp, the kernel says it has not");
	json_object_set_new(p, "walls", json_array());
	assert_false(kernel_denies(p, why, sizeof why));
	json_decref(p);
}

static void
process_that_is_gone_is_not_denied(void **state)
{
	char why[256];
	json_t *p = json_pack("{s:i, s:[s]}", "pid", 0x7ffffff0, "walls", "seccomp");

	(void)state;
	assert_false(kernel_denies(p, why, sizeof why));
	kernel_print(p, why, sizeof why);
	assert_string_equal(why, "unreadable");
	json_decref(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse_reads_the_lines_it_needs),
		cmocka_unit_test(parse_knows_nothing_if_a_line_is_missing),
		cmocka_unit_test(claimed_seccomp_that_the_kernel_lacks_is_denied),
		cmocka_unit_test(process_that_is_gone_is_not_denied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
