/* test_options.c - the command line's grammar. */
#include "tests/unit/check.h"

#include "cli/options.h"

static struct cli_args args;
static char why[256];

/* As a command that takes everything, but attributes for operands. */
#define ALL (OPT_ANY & ~OPT_BIT(ATTRIBUTES))

#define PARSE(...)                                                                   \
	options_parse(&args, ALL, (int)NELEM(((const char *[]){ "bulkhead", __VA_ARGS__ })), \
	    (char *const *)(uintptr_t)(const char *[]){ "bulkhead", __VA_ARGS__ }, why, sizeof why)

static void
options_stand_before_between_and_after_operands(void **state)
{
	(void)state;
	assert_true(PARSE("--json", "user", "-c", "x.conf", "add", "alice", "--password-stdin"));
	assert_int_equal(args.n_operands, 3);
	assert_string_equal(args.operands[0], "user");
	assert_string_equal(args.operands[1], "add");
	assert_string_equal(args.operands[2], "alice");
	assert_string_equal(options_value(&args, OPT_CONFIG), "x.conf");
	assert_true(options_has(&args, OPT_JSON));
	assert_true(options_has(&args, OPT_PASSWORD_STDIN));
	assert_false(options_has(&args, OPT_RW));
}

static void
options_take_attached_values(void **state)
{
	(void)state;
	assert_true(PARSE("--config=a=b", "-cother"));
	assert_int_equal(args.n_given, 2);
	assert_string_equal(args.given[0].value, "a=b");
	assert_string_equal(options_value(&args, OPT_CONFIG), "other");
}

static void
options_keep_repeated_values_in_order(void **state)
{
	(void)state;
	assert_true(PARSE("serve", "--share", "a=/x", "--share=b=/y"));
	assert_int_equal(args.n_given, 2);
	assert_string_equal(args.given[0].value, "a=/x");
	assert_string_equal(args.given[1].value, "b=/y");
}

static void
options_end_at_two_dashes_and_one_dash_is_an_operand(void **state)
{
	(void)state;
	assert_true(PARSE("user", "import", "-", "--", "--json", "-c"));
	assert_int_equal(args.n_operands, 5);
	assert_string_equal(args.operands[2], "-");
	assert_string_equal(args.operands[3], "--json");
	assert_int_equal(args.n_given, 0);
}

static void
options_refuse_unknown_words(void **state)
{
	(void)state;
	assert_false(PARSE("status", "--jsonn"));
	assert_string_equal(why, "unknown option --jsonn");
	assert_false(PARSE("status", "--js"));
	assert_false(PARSE("-x"));
	assert_string_equal(why, "unknown option -x; names that begin with '-' go after --");
}

static void
options_refuse_missing_and_unwanted_values(void **state)
{
	(void)state;
	assert_false(PARSE("serve", "--share"));
	assert_string_equal(why, "--share needs NAME=PATH");
	assert_false(PARSE("--json=yes"));
	assert_string_equal(why, "--json takes no value");
}

static void
options_refuse_more_operands_than_there_is_room_for(void **state)
{
	const char *argv[CLI_OPERANDS + 2];

	(void)state;
	for (size_t i = 0; i < NELEM(argv); i++)
		argv[i] = "x";
	assert_true(options_parse(&args, ALL, CLI_OPERANDS + 1, (char *const *)(uintptr_t)argv, why,
	    sizeof why));
	assert_false(options_parse(&args, ALL, CLI_OPERANDS + 2, (char *const *)(uintptr_t)argv, why,
	    sizeof why));
}

static void
option_names_are_the_words_in_lower_case_with_dashes(void **state)
{
	(void)state;
	assert_string_equal(option_name(OPT_PASSWORD_STDIN), "password-stdin");
	assert_string_equal(option_name(OPT_NT_HASH), "nt-hash");
	assert_string_equal(option_name(OPT_RW), "rw");
}

static void
a_letter_means_what_the_command_takes(void **state)
{
	const char *ls[] = { "bulkhead", "ls", "-ltr", "-R" };
	const char *rm[] = { "bulkhead", "rm", "-r" };

	(void)state;
	assert_true(options_parse(&args, OPT_BIT(LONG) | OPT_BIT(BY_TIME) | OPT_BIT(REVERSE) |
	    OPT_BIT(RECURSIVE), 4, (char *const *)(uintptr_t)ls, why, sizeof why));
	assert_int_equal(options_mask(&args), OPT_BIT(LONG) | OPT_BIT(BY_TIME) | OPT_BIT(REVERSE) |
	    OPT_BIT(RECURSIVE));
	assert_true(options_parse(&args, OPT_BIT(RECURSIVE), 3, (char *const *)(uintptr_t)rm, why,
	    sizeof why));
	assert_int_equal(options_mask(&args), OPT_BIT(RECURSIVE));
}

static void
before_the_command_a_letter_is_for_all_commands(void **state)
{
	const char *argv[] = { "bulkhead", "-c", "file", "shell", "-c", "text", "-r" };
	const char *rm[]   = { "bulkhead", "-r", "rm" };

	(void)state;
	assert_true(options_parse(&args, OPT_BIT(COMMAND) | OPT_BIT(RECURSIVE), 7,
	    (char *const *)(uintptr_t)argv, why, sizeof why));
	assert_string_equal(options_value(&args, OPT_CONFIG), "file");
	assert_string_equal(options_value(&args, OPT_COMMAND), "text");
	assert_true(options_has(&args, OPT_RECURSIVE));
	assert_true(options_parse(&args, OPT_BIT(RECURSIVE), 3, (char *const *)(uintptr_t)rm, why,
	    sizeof why));
	assert_true(options_has(&args, OPT_RECURSIVE));
}

static void
attributes_are_operands_of_attrib_alone(void **state)
{
	const char *argv[] = { "bulkhead", "attrib", "+r", "-sa", "-x" };

	(void)state;
	assert_true(options_parse(&args, OPT_BIT(ATTRIBUTES), 4, (char *const *)(uintptr_t)argv, why,
	    sizeof why));
	assert_int_equal(args.n_operands, 3);
	assert_string_equal(args.operands[2], "-sa");
	assert_true(options_parse(&args, OPT_ANY, 5, (char *const *)(uintptr_t)argv, why,
	    sizeof why));
	assert_false(options_parse(&args, OPT_BIT(ATTRIBUTES), 5, (char *const *)(uintptr_t)argv,
	    why, sizeof why));
	assert_false(options_parse(&args, OPT_BIT(JSON), 4, (char *const *)(uintptr_t)argv, why,
	    sizeof why));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_stand_before_between_and_after_operands),
		cmocka_unit_test(options_take_attached_values),
		cmocka_unit_test(options_keep_repeated_values_in_order),
		cmocka_unit_test(options_end_at_two_dashes_and_one_dash_is_an_operand),
		cmocka_unit_test(options_refuse_unknown_words),
		cmocka_unit_test(options_refuse_missing_and_unwanted_values),
		cmocka_unit_test(options_refuse_more_operands_than_there_is_room_for),
		cmocka_unit_test(a_letter_means_what_the_command_takes),
		cmocka_unit_test(before_the_command_a_letter_is_for_all_commands),
		cmocka_unit_test(attributes_are_operands_of_attrib_alone),
		cmocka_unit_test(option_names_are_the_words_in_lower_case_with_dashes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
