/* test_shell_words.c - lines as words, names as lines, and both ways. */
#include "tests/unit/check.h"

#include "cli/shell_words.h"

static struct words w;

/* The words of the first command, '|' between them. */
static const char *
read_line(const char **line)
{
	static char joined[512];

	joined[0] = '\0';
	assert_true(words_read(line, &w));
	for (size_t i = 0; i < w.n; i++) {
		(void)strcat(joined, i > 0 ? "|" : "");
		(void)strcat(joined, w.word[i]);
	}
	return joined;
}

static void
words_are(const char *line, const char *want)
{
	assert_string_equal(read_line(&line), want);
}

static void
quotes_and_backslashes_keep_things_together(void **state)
{
	(void)state;
	words_are("get a  b\tc", "get|a|b|c");
	words_are("get 'a b' \"c d\" e\\ f", "get|a b|c d|e f");
	words_are("a'b c'd\"e f\"g", "ab cde fg");
	words_are("'a\\b' \"a\\b\" \"\\\"\\\\\"", "a\\b|a\\b|\"\\");
	words_are("a '' b", "a||b");
	words_are("  # nothing", "");
	words_are("a#b # c", "a#b");
	words_are("", "");
}

static void
commands_end_at_semicolons_outside_of_quotes(void **state)
{
	const char *line = "cd 'a;b'; ls \\;x;pwd # ; no";

	(void)state;
	assert_string_equal(read_line(&line), "cd|a;b");
	assert_string_equal(read_line(&line), "ls|;x");
	assert_string_equal(read_line(&line), "pwd");
	assert_string_equal(line, "");
}

static void
what_is_open_at_the_end_is_told(void **state)
{
	const char *line = "cat 'a b";

	(void)state;
	(void)read_line(&line);
	assert_int_equal(w.quote, '\'');
	assert_true(w.in_word);
	line = "cat a ";
	(void)read_line(&line);
	assert_int_equal(w.quote, 0);
	assert_false(w.in_word);
}

static void
too_many_words_are_refused(void **state)
{
	char line[4 * WORDS_MAX];
	const char *p = line;

	(void)state;
	for (size_t i = 0; i < sizeof line - 1; i++)
		line[i] = i % 2 ? ' ' : 'x';
	line[sizeof line - 1] = '\0';
	assert_false(words_read(&p, &w));
}

static void
a_quoted_name_reads_as_itself(void **state)
{
	static const char *const names[] = { "plain", "a b", "it's", "\"q\"", "a\\b", "#1;2", "*?" };
	static const char quotes[]       = { 0, '\'', '"' };
	char text[128], line[160];

	(void)state;
	for (size_t i = 0; i < NELEM(names); i++) {
		for (size_t q = 0; q < NELEM(quotes); q++) {
			const char *p = line, mark[2] = { quotes[q], '\0' };

			if (!words_quote(names[i], quotes[q], text, sizeof text)) {
				assert_int_equal(quotes[q], '\'');
				assert_non_null(strchr(names[i], '\''));
				continue;
			}
			(void)snprintf(line, sizeof line, "%s%s%s", mark, text, mark);
			assert_string_equal(read_line(&p), names[i]);
			assert_int_equal(w.n, 1);
		}
	}
	assert_false(words_quote("toolong", 0, text, 8));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quotes_and_backslashes_keep_things_together),
		cmocka_unit_test(commands_end_at_semicolons_outside_of_quotes),
		cmocka_unit_test(what_is_open_at_the_end_is_told),
		cmocka_unit_test(too_many_words_are_refused),
		cmocka_unit_test(a_quoted_name_reads_as_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
