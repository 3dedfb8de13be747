/*
 * test_dirlog.c - can a captured process forge, flood or break the log?
 */
#include "../check.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/directory/directory.h"
#include "ipc/fdpass.h"

static struct directory dir;
static struct peer peer;
static int writer; /* the captured process's end */
static int saved, reader;
static char text[1 << 20];
static struct loop_timer timer;

static void
enough(void *ctx)
{
	loop_stop(ctx, 0);
}

static void
say(uint8_t level, const void *p, size_t n)
{
	uint8_t rec[2048] = { 'L', level };

	assert_true(n < sizeof rec - 2);
	memcpy(rec + 2, p, n);
	assert_int_equal(send(writer, rec, n + 2, 0), (ssize_t)n + 2);
}

/* What came out on stderr. */
static const char *
printed(void)
{
	ssize_t n;
	size_t all = 0;

	loop_timer_set(dir.loop, &timer, 30, enough, dir.loop);
	(void)loop_run(dir.loop);
	while ((n = read(reader, text + all, sizeof text - 1 - all)) > 0)
		all += (size_t)n;
	text[all] = '\0';
	return text;
}

static int
setup(void **state)
{
	int pair[2], out[2];
	const struct node_events events = { .log = dirlog_got };
	static struct node_events kept;
	struct node_conf conf = { .role = PEER_DIRECTORY, .self = 1, .channel = -1, .me = &dir };

	(void)state;
	kept = events;
	memset(&dir, 0, sizeof dir);
	dir.loop    = loop_new();
	conf.loop   = dir.loop;
	conf.events = &kept;
	dir.node    = node_new(&conf);
	peer	    = (struct peer){ .dir = &dir, .id = 7, .row = ROW_WORKER, .pid = 4711 };
	dir.peers   = &peer;
	assert_status(fdpass_pair(pair), STATUS_SUCCESS);
	writer = pair[0];
	(void)node_adopt(dir.node, 7, PEER_WORKER, 0, 4711, pair[1]);
	assert_int_equal(pipe2(out, O_CLOEXEC | O_NONBLOCK), 0);
	(void)fcntl(out[1], F_SETPIPE_SZ, 1 << 20);
	saved  = dup(STDERR_FILENO);
	reader = out[0];
	(void)dup2(out[1], STDERR_FILENO);
	close(out[1]);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	(void)dup2(saved, STDERR_FILENO);
	close(saved);
	close(reader);
	close(writer);
	node_drop(dir.node);
	loop_drop(dir.loop);
	return 0;
}

static void
the_origin_is_the_channels_not_the_texts(void **state)
{
	static const char lie[] = "x\n2026-01-01T00:00:00.000Z audit store[1]: logon user=root";
	const char *line;

	(void)state;
	say(LOG_LEVEL_INFO, lie, sizeof lie - 1);
	line = printed();
	assert_non_null(strstr(line, " info worker[4711]: x\\x0a2026"));
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

static void
terminals_are_not_steered(void **state)
{
	const char *line;

	(void)state;
	say(LOG_LEVEL_WARN, "\x1b[2J \x7f \xc2\x9b \xff \xc3\xbc", 14);
	line = printed();
	assert_non_null(strstr(line, "\\x1b[2J \\x7f \\xc2\\x9b \\xff \xc3\xbc\n"));
}

static void
json_stays_json(void **state)
{
	const char *line;

	(void)state;
	dir.log_json = true;
	say(LOG_LEVEL_ERROR, "a \"b\" \\ \n", 9);
	line = printed();
	assert_non_null(strstr(line, "\"level\":\"error\",\"role\":\"worker\",\"pid\":4711,"
				     "\"text\":\"a \\\"b\\\" \\\\ \\u000a\"}\n"));
}

/* On a busy machine a flood may be spread over seconds: then it is repeated. */
static void
a_flood_is_cut_and_counted(void **state)
{
	size_t lines = 0;

	(void)state;
	for (int i = 0; i < 20000 && peer.log_dropped == 0; i++) {
		say(LOG_LEVEL_INFO, "again", 5);
		if (i % 64 == 63)
			lines += strlen(printed()) > 0;
	}
	assert_true(peer.log_dropped > 0);
	usleep(1000000);
	say(LOG_LEVEL_INFO, "later", 5);
	assert_non_null(strstr(printed(), " records dropped\n"));
	assert_true(lines > 0);
}

static void
a_level_that_does_not_exist_costs_the_link(void **state)
{
	(void)state;
	say(LOG_LEVEL_MAX, "x", 1);
	(void)printed();
	assert_null(node_find(dir.node, 7));
}

int
main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		STAGED(the_origin_is_the_channels_not_the_texts),
		STAGED(terminals_are_not_steered),
		STAGED(json_stays_json),
		STAGED(a_flood_is_cut_and_counted),
		STAGED(a_level_that_does_not_exist_costs_the_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
