/* test_fdpass.c - descriptors across, the end of a peer, and what is no client's socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ipc/fdpass.h"
#include "tests/unit/check.h"

static void
a_descriptor_arrives_close_on_exec(void **state)
{
	struct iovec iov = { "x", 1 };
	int p[2], pipefd[2], fds[FDPASS_MAX];
	size_t n, n_fds;
	char buf[8];

	(void)state;
	assert_status(fdpass_pair(p), STATUS_SUCCESS);
	assert_int_equal(pipe(pipefd), 0);
	assert_status(fdpass_send(p[0], &iov, 1, pipefd, 1), STATUS_SUCCESS);
	assert_status(fdpass_recv(p[1], buf, sizeof buf, &n, fds, &n_fds), STATUS_SUCCESS);
	assert_int_equal(n, 1);
	assert_int_equal(n_fds, 1);
	assert_true(fcntl(fds[0], F_GETFD) & FD_CLOEXEC);
	assert_status(fdpass_recv(p[1], buf, sizeof buf, &n, fds, &n_fds), STATUS_RETRY);
	close(fds[0]);
	close(p[0]);
	assert_status(fdpass_recv(p[1], buf, sizeof buf, &n, fds, &n_fds), STATUS_PIPE_BROKEN);
	close(p[1]);
	close(pipefd[0]);
	close(pipefd[1]);
}

static void
a_datagram_that_does_not_fit_is_refused(void **state)
{
	struct iovec iov = { "too long", 8 };
	int p[2], fds[FDPASS_MAX];
	size_t n, n_fds;
	char buf[4];

	(void)state;
	assert_status(fdpass_pair(p), STATUS_SUCCESS);
	assert_status(fdpass_send(p[0], &iov, 1, NULL, 0), STATUS_SUCCESS);
	assert_status(fdpass_recv(p[1], buf, sizeof buf, &n, fds, &n_fds), STATUS_INVALID_PARAMETER);
	close(p[0]);
	close(p[1]);
}

/* A listener on a free loopback port, a client of it and the accepted end. */
static void
tcp_trio(int *listener, int *client, int *accepted, uint16_t *port)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len         = sizeof in;

	*listener = socket(AF_INET, SOCK_STREAM, 0);
	*client   = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(*listener, (struct sockaddr *)&in, sizeof in), 0);
	assert_int_equal(listen(*listener, 1), 0);
	assert_int_equal(getsockname(*listener, (struct sockaddr *)&in, &len), 0);
	assert_int_equal(connect(*client, (struct sockaddr *)&in, sizeof in), 0);
	*accepted = accept(*listener, NULL, NULL);
	*port     = ntohs(in.sin_port);
}

static void
only_a_connection_accepted_on_our_address_is_taken(void **state)
{
	struct net_addr ours = { .family = 4, .b = { 127, 0, 0, 1 } };
	struct net_addr any  = { .family = 4 };
	struct net_addr other;
	int listener, client, accepted, p[2];

	(void)state;
	tcp_trio(&listener, &client, &accepted, &ours.port);
	other = ours;
	other.port++;
	any.port = ours.port;
	assert_true(fdpass_is_tcp_on(accepted, &ours, 1));
	assert_true(fdpass_is_tcp_on(accepted, &any, 1));
	assert_false(fdpass_is_tcp_on(accepted, &other, 1));
	assert_false(fdpass_is_tcp_on(client, &ours, 1));	/* its local port is another */
	assert_false(fdpass_is_tcp_on(listener, &ours, 1));
	assert_status(fdpass_pair(p), STATUS_SUCCESS);
	assert_false(fdpass_is_tcp_on(p[0], &ours, 1));
	close(p[0]);
	close(p[1]);
	close(listener);
	close(client);
	close(accepted);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_descriptor_arrives_close_on_exec),
		cmocka_unit_test(a_datagram_that_does_not_fit_is_refused),
		cmocka_unit_test(only_a_connection_accepted_on_our_address_is_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
