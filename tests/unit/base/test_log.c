/*
 * test_log.c - records on the channel, levels, and quoting of foreign bytes.
 */
#include "tests/unit/check.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"

static int reader = -1;

static int
channel_open(void **state)
{
	int fds[2];

	(void)state;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds) != 0)
		return -1;
	reader = fds[0];
	log_channel(fds[1]);
	return 0;
}

/* The next record's text, its level in *level; NULL if there is none. */
static const char *
record(unsigned *level)
{
	static char buf[2048];
	ssize_t n = recv(reader, buf, sizeof buf - 1, 0);

	if (n < 2)
		return NULL;
	assert_int_equal(buf[0], 'L');
	*level = (unsigned char)buf[1];
	buf[n] = '\0';
	return buf + 2;
}

static void
record_is_one_datagram_with_its_level(void **state)
{
	unsigned level = 99;

	(void)state;
	log_warn("share refused name=%s", "x");
	assert_string_equal(record(&level), "share refused name=x");
	assert_int_equal(level, LOG_LEVEL_WARN);
}

static void
level_holds_back_all_but_audit(void **state)
{
	unsigned level = 99;

	(void)state;
	assert_int_equal(log_get_level(), LOG_LEVEL_INFO);
	log_debug("not seen");
	log_set_level(LOG_LEVEL_ERROR);
	log_info("not seen either");
	log_audit("logon user=alice");
	log_set_level(LOG_LEVEL_INFO);
	assert_string_equal(record(&level), "logon user=alice");
	assert_null(record(&level));
}

static void
long_record_is_cut_with_dots(void **state)
{
	char text[3000];
	const char *got;
	unsigned level;

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	log_info("%s", text);
	got = record(&level);
	assert_non_null(got);
	assert_int_equal(strlen(got), LOG_TEXT_MAX - 1);
	assert_string_equal(got + LOG_TEXT_MAX - 4, "...");
}

static void
full_channel_loses_records_and_says_how_many(void **state)
{
	const char *got = NULL;
	unsigned level;
	bool said = false;

	(void)state;
	for (int i = 0; i < 5000; i++)
		log_info("record %d", i);
	while (record(&level))
		;
	log_info("after");
	for (int i = 0; i < 3 && (got = record(&level)) != NULL; i++)
		said |= strncmp(got, "log records lost count=", 23) == 0;
	assert_true(said);
}

static void
quoting_escapes_what_steers_terminals(void **state)
{
	(void)state;
	assert_string_equal(log_qs("plain"), "\"plain\"");
	assert_string_equal(log_qs("a b\n\x1b[0m"), "\"a b\\x0a\\x1b[0m\"");
	assert_string_equal(log_qs("q\"\\"), "\"q\\x22\\x5c\"");
	assert_string_equal(log_qs("gr\xc3\xbc\xc3\x9f"), "\"gr\xc3\xbc\xc3\x9f\"");
	assert_string_equal(log_qs("\xff\xc3"), "\"\\xff\\xc3\"");
	assert_string_equal(log_qs("\xc2\x9b"), "\"\\xc2\\x9b\""); /* CSI in one character */
	assert_string_equal(log_q("a\0b", 3), "\"a\\x00b\"");
}

static void
quoting_cuts_long_strings_and_keeps_eight_at_once(void **state)
{
	char text[1000];
	const char *q[8];

	(void)state;
	memset(text, 0xff, sizeof text);
	assert_int_equal(strlen(log_q(text, sizeof text)), 200 * 4 + 5);
	for (int i = 0; i < 8; i++) {
		char c = (char)('a' + i);

		q[i] = log_q(&c, 1);
	}
	for (int i = 0; i < 8; i++)
		assert_int_equal(q[i][1], 'a' + i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(record_is_one_datagram_with_its_level),
		cmocka_unit_test(level_holds_back_all_but_audit),
		cmocka_unit_test(long_record_is_cut_with_dots),
		cmocka_unit_test(full_channel_loses_records_and_says_how_many),
		cmocka_unit_test(quoting_escapes_what_steers_terminals),
		cmocka_unit_test(quoting_cuts_long_strings_and_keeps_eight_at_once),
	};

	return cmocka_run_group_tests(tests, channel_open, NULL);
}
