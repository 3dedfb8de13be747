/* test_splice.c - broker/bridge/splice.c: bytes of one socket at the other, all of them, and both ends. */
#include "../check.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "broker/bridge/splice.h"

#define MUCH (8u << 20) /* more than sockets hold */

static struct loop *loop;
static int listener, here, there;
static struct net_addr addr;
static unsigned ends;

static void
ended(void *ctx, bool reached)
{
	(void)ctx;
	(void)reached;
	ends++;
}

static void
stop(void *ctx)
{
	(void)ctx;
	loop_stop(loop, 0);
}

static void
round_once(void)
{
	struct loop_timer t = { 0 };

	loop_timer_set(loop, &t, 1, stop, NULL);
	(void)loop_run(loop);
	loop_timer_clear(&t);
}

/* A port that is ours in any case; nobody answers there unless it listens. */
static void
port_take(bool listens)
{
	struct sockaddr_in in = { .sin_family	   = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n	      = sizeof in;

	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&in, sizeof in), 0);
	assert_int_equal(listens ? listen(listener, 4) : 0, 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&in, &n), 0);
	addr = (struct net_addr){ .family = 4, .port = ntohs(in.sin_port) };
	memcpy(addr.b, &in.sin_addr, 4);
}

static void
non_blocking(int fd)
{
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
}

static int
setup(void **state)
{
	int pair[2];

	(void)state;
	ends = 0;
	loop = loop_new();
	port_take(true);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	here = pair[0];
	non_blocking(here);
	non_blocking(pair[1]);
	(void)splice_new(loop, pair[1], &addr, ended, NULL);
	there = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	assert_true(there >= 0);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	close(here);
	close(there);
	close(listener);
	while (ends == 0)
		round_once();
	assert_int_equal(ends, 1);
	loop_drop(loop);
	return 0;
}

/* The sender is ahead of the reader all the time. */
static void
all_arrives(int from, int to)
{
	uint8_t *sent = malloc(MUCH), *got = malloc(MUCH);
	size_t out = 0, in = 0;

	for (size_t i = 0; i < MUCH; i++)
		sent[i] = (uint8_t)(i * 2654435761u >> 13);
	while (in < MUCH) {
		ssize_t n = out < MUCH ? send(from, sent + out, MUCH - out, MSG_NOSIGNAL) : 0;

		out += n > 0 ? (size_t)n : 0;
		round_once();
		n = recv(to, got + in, 300000, 0);
		assert_int_not_equal(n, 0);
		in += n > 0 ? (size_t)n : 0;
	}
	assert_memory_equal(sent, got, MUCH);
	free(sent);
	free(got);
}

static void
much_arrives_there(void **state)
{
	(void)state;
	all_arrives(here, there);
}

static void
much_arrives_here(void **state)
{
	(void)state;
	all_arrives(there, here);
}

static void
until_closed(int fd)
{
	ssize_t n;

	do {
		round_once();
		n = recv(fd, &(char){ 0 }, 1, 0);
	} while (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)));
}

static void
the_end_here_is_the_end_there(void **state)
{
	(void)state;
	round_once();
	assert_int_equal(shutdown(here, SHUT_RDWR), 0);
	until_closed(there);
}

static void
the_end_there_is_the_end_here(void **state)
{
	(void)state;
	round_once();
	assert_int_equal(shutdown(there, SHUT_RDWR), 0);
	until_closed(here);
}

static void
nobody_there_is_the_end(void **state)
{
	int pair[2];

	(void)state;
	ends = 0;
	loop = loop_new();
	port_take(false);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	non_blocking(pair[0]);
	non_blocking(pair[1]);
	(void)splice_new(loop, pair[1], &addr, ended, NULL);
	until_closed(pair[0]);
	while (ends == 0)
		round_once();
	close(pair[0]);
	close(listener);
	loop_drop(loop);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(much_arrives_there),
		CASE(much_arrives_here),
		CASE(the_end_here_is_the_end_there),
		CASE(the_end_there_is_the_end_here),
		cmocka_unit_test(nobody_there_is_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
