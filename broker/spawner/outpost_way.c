/*
 * outpost_way.c - an outpost's way to its directory: a socket of this machine,
 * or, to a front end on another host, a bridgehead that stands in for one.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/broker.h"
#include "broker/keys.h"
#include "broker/spawner/spawner.h"
#include "ipc/fdpass.h"
#include "ipc/join.h"
#include "ipc/resolve.h"

#define OPEN_MS 15000 /* a bridgehead gives up before */

static bool
is_tcp(const struct post *p)
{
	return strncmp(p->endpoint, "tcp://", 6) == 0;
}

bool
way_is_good(struct post *p)
{
	uint8_t raw[KEY_BYTES];
	struct resolve_target there;

	if (!is_tcp(p))
		return !p->listen_text && !p->server_key;
	return p->storage && p->listen_text && !nt_failed(resolve_target(p->endpoint + 6, &there)) &&
	       !nt_failed(addr_parse(p->listen_text, &p->listen)) &&
	       (!p->server_key || key_read(p->server_key, raw));
}

bool
way_is_long(const struct post *p)
{
	return is_tcp(p);
}

/* A bridgehead's near end, not open yet; -1: none could be started. */
static int
head_start(const struct spawner *sp)
{
	const struct post *p = &sp->post;
	char program[]	     = "bulkhead-broker", role[] = "bridgehead", channel[] = "3";
	char *argv[] = { program, role, channel, (char *)(uintptr_t)p->endpoint,
			 (char *)(uintptr_t)p->key, (char *)(uintptr_t)p->server_key, NULL };
	int pair[2];
	pid_t pid;

	if (nt_failed(fdpass_pair(pair)))
		return -1;
	pid = spawn_program(sp->home, program, argv, &pair[1], 1);
	close(pair[1]);
	if (pid > 0)
		return pair[0];
	close(pair[0]);
	return -1;
}

/* It has said that the front end is there. */
static bool
head_is_open(int fd)
{
	char byte;

	return read(fd, &byte, 1) == 1;
}

int
way_wait(const struct spawner *sp)
{
	struct pollfd p = { .fd = head_start(sp), .events = POLLIN };

	if (p.fd >= 0 && poll(&p, 1, OPEN_MS) == 1 && head_is_open(p.fd))
		return p.fd;
	if (p.fd >= 0)
		close(p.fd);
	return -1;
}

static void
head_spoke(void *ctx, uint32_t events)
{
	struct spawner *sp = ctx;
	int fd		   = sp->post.way.fd;
	bool open	   = head_is_open(fd);

	(void)events;
	loop_del(&sp->post.way);
	if (!open)
		close(fd);
	sp->post.opened(sp, open ? fd : -1);
}

void
way_begin(struct spawner *sp, way_fn *opened)
{
	int fd = head_start(sp);

	sp->post.opened = opened;
	if (fd >= 0)
		loop_add(sp->loop, &sp->post.way, fd, EPOLLIN, head_spoke, sp);
	else
		opened(sp, -1);
}
