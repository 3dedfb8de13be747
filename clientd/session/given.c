/*
 * given.c - descriptors that others handed in, under the token by which a call
 * will name them.  The two come on different links, so either may be first.
 */
#include <stdlib.h>
#include <unistd.h>

#include "clientd/session/client.h"

#define NS_PER_MS 1000000u

static void
given_expire(struct client *me)
{
	uint64_t now = loop_now(me->loop);

	for (size_t i = 0; i < GIVEN_MAX; i++)
		if (me->given[i].fd >= 0 && me->given[i].until < now) {
			close(me->given[i].fd);
			me->given[i].fd = -1;
		}
}

static struct given *
given_find(struct client *me, const struct id16 *token)
{
	for (size_t i = 0; i < GIVEN_MAX; i++)
		if (me->given[i].fd >= 0 &&
		    memcmp(&me->given[i].token, token, sizeof *token) == 0)
			return &me->given[i];
	return NULL;
}

nt
given_put(struct client *me, const struct id16 *token, int fd, const struct net_addr *server)
{
	struct given *g = me->given;

	given_expire(me);
	while (g < me->given + GIVEN_MAX && g->fd >= 0)
		g++;
	if (g == me->given + GIVEN_MAX || given_find(me, token)) {
		close(fd);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	*g = (struct given){ .token = *token, .fd = fd, .server = *server,
			     .until = loop_now(me->loop) + (uint64_t)GIVEN_MS * NS_PER_MS };
	waitq_wake(&me->given_more);
	return STATUS_SUCCESS;
}

nt
given_take(struct client *me, const struct id16 *token, int *ret, struct net_addr *ret_addr)
{
	uint64_t until = clock_mono_ns() + (uint64_t)GIVEN_WAIT_MS * NS_PER_MS;
	struct given *g;

	while (!(g = given_find(me, token))) {
		uint64_t now = clock_mono_ns();

		REQUIRE(now < until, STATUS_NOT_FOUND);
		nt s = fiber_wait_ms(&me->given_more, (until - now) / NS_PER_MS + 1);
		if (nt_failed(s) && !nt_is(s, STATUS_IO_TIMEOUT))
			return s;
	}
	*ret = g->fd;
	if (ret_addr)
		*ret_addr = g->server;
	g->fd = -1;
	return STATUS_SUCCESS;
}

nt
session_give(struct client *me, struct job *j, const struct session_give_req *req,
	     struct session_give_rsp *rsp)
{
	static const struct net_addr nowhere = { 0 };
	int fd				     = call_take_fd(j->call);

	(void)rsp;
	REQUIRE(fd >= 0, STATUS_INVALID_PARAMETER);
	return given_put(me, &req->token, fd, &nowhere);
}
