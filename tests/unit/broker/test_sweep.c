/*
 * test_sweep.c - sockets of the dead are cleared away, and of nobody else: several spawners share a
 * directory of sockets, and one may clear it while another's process is being born.
 *
 * listen() below stands before libc's, so that the sweep comes at the worst moment of all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "broker/spawner/spawner.h"
#include "ipc/fdpass.h"
#include "ipc/node.h"

#define ID 959141553089693ull

static char runtime[64], links[80];
static unsigned listened;

/* Between bind() and this call nobody listens at the socket. */
int
listen(int fd, int backlog)
{
	listened++;
	place_links_sweep(runtime, "fsd", false);
	return (int)syscall(SYS_listen, fd, backlog);
}

static int
setup(void **state)
{
	char path[128];

	(void)state;
	(void)snprintf(runtime, sizeof runtime, "/tmp/bh-sweep-XXXXXX");
	assert_non_null(mkdtemp(runtime));
	(void)snprintf(links, sizeof links, "%s/links", runtime);
	(void)snprintf(path, sizeof path, "%s/fsd", links);
	return mkdir(links, 0700) != 0 || mkdir(path, 0700) != 0;
}

static int
teardown(void **state)
{
	char path[128];

	(void)state;
	place_links_sweep(runtime, "fsd", true);
	(void)snprintf(path, sizeof path, "%s/fsd", links);
	return rmdir(path) != 0 || rmdir(links) != 0 || rmdir(runtime) != 0;
}

static struct sockaddr_un
address(const char *name)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int n = snprintf(un.sun_path, sizeof un.sun_path, "%s/fsd/%s", links, name);

	assert_in_range(n, 1, sizeof un.sun_path - 1);
	return un;
}

static bool
is_there(const char *name)
{
	struct sockaddr_un un = address(name);

	return access(un.sun_path, F_OK) == 0;
}

static bool
answers(unsigned long long id)
{
	char name[32];
	struct sockaddr_un un;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok;

	(void)snprintf(name, sizeof name, "%llu", id);
	un = address(name);
	ok = connect(fd, (struct sockaddr *)&un, sizeof un) == 0;
	close(fd);
	return ok;
}

/* A socket file whose process has died: nobody will ever listen. */
static void
dead_make(const char *name)
{
	struct sockaddr_un un = address(name);
	int fd		      = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof un), 0);
	close(fd);
}

static void
a_sweep_while_a_process_is_born_leaves_it_its_socket(void **state)
{
	struct loop *loop = loop_new();
	struct node *node;
	int pair[2];

	(void)state;
	assert_true(nt_ok(fdpass_pair(pair)));
	listened = 0;
	node	 = node_new(&(struct node_conf){ .loop	  = loop,
						 .role	  = PEER_FSD,
						 .self	  = ID,
						 .channel = pair[0],
						 .links	  = links,
						 .listens = true });
	assert_int_equal(listened, 1);
	assert_true(answers(ID));
	place_links_sweep(runtime, "fsd", false);
	assert_true(answers(ID));
	node_drop(node);
	loop_drop(loop);
	close(pair[1]);
}

static void
sockets_of_the_dead_are_removed(void **state)
{
	(void)state;
	dead_make("12");
	dead_make("13");
	place_links_sweep(runtime, "fsd", false);
	assert_false(is_there("12"));
	assert_false(is_there("13"));
}

static void
who_never_came_to_listen_is_removed_when_nobody_else_runs(void **state)
{
	(void)state;
	dead_make(".c");
	place_links_sweep(runtime, "fsd", false);
	assert_true(is_there(".c"));
	place_links_sweep(runtime, "fsd", true);
	assert_false(is_there(".c"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sweep_while_a_process_is_born_leaves_it_its_socket),
		cmocka_unit_test(sockets_of_the_dead_are_removed),
		cmocka_unit_test(who_never_came_to_listen_is_removed_when_nobody_else_runs),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
