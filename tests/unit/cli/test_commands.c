/* test_commands.c - the table of commands keeps its own rules. */
#include "tests/unit/check.h"

#include "cli/cli.h"

static struct cli_args
operands(const char *a, const char *b)
{
	struct cli_args args = { 0 };

	args.operands[args.n_operands++] = a;
	if (b)
		args.operands[args.n_operands++] = b;
	return args;
}

static void
every_row_finds_itself_by_its_words(void **state)
{
	char name[64];

	(void)state;
	for (size_t i = 0; i < cli_n_commands; i++) {
		struct cli_args args;
		size_t words = 0;
		char *space;

		(void)snprintf(name, sizeof name, "%s", cli_commands[i].name);
		space = strchr(name, ' ');
		if (space)
			*space = '\0';
		args = operands(name, space ? space + 1 : "operand");
		assert_ptr_equal(cmd_find(&args, &words), &cli_commands[i]);
		assert_int_equal(words, space ? 2 : 1);
	}
}

static void
rows_with_help_run_and_rows_without_do_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < cli_n_commands; i++) {
		const struct cli_cmd *c = &cli_commands[i];

		assert_int_equal(c->help != NULL, c->run != NULL);
		assert_true(c->min <= c->max);
		assert_true(c->max <= CLI_OPERANDS);
	}
}

static void
find_refuses_prefixes_and_half_a_name(void **state)
{
	struct cli_args args;
	size_t words;

	(void)state;
	args = operands("stat", NULL);
	assert_string_equal(cmd_find(&args, &words)->name, "stat");
	args = operands("statu", NULL);
	assert_null(cmd_find(&args, &words));
	args = operands("user", NULL);
	assert_null(cmd_find(&args, &words));
	args = operands("user", "ad");
	assert_null(cmd_find(&args, &words));
}

static void
family_is_the_first_of_two_words(void **state)
{
	(void)state;
	assert_true(cmd_is_family("user"));
	assert_true(cmd_is_family("session"));
	assert_false(cmd_is_family("use"));
	assert_false(cmd_is_family("status"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_finds_itself_by_its_words),
		cmocka_unit_test(rows_with_help_run_and_rows_without_do_not),
		cmocka_unit_test(find_refuses_prefixes_and_half_a_name),
		cmocka_unit_test(family_is_the_first_of_two_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
