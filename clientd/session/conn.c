/*
 * conn.c - a connection's life: begun with a socket that was handed in, ended by
 * either side.  What is sent and received is in transmit.c and receive.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"
#include "clientd/session/client.h"
#include "clientd/session/request.h"

static void
conn_event(void *ctx, uint32_t events)
{
	struct conn *c = ctx;

	if (events & EPOLLOUT)
		conn_dirty(c);
	if (events & ~(uint32_t)EPOLLOUT)
		conn_receive(c);
}

nt
conn_new(struct client *me, int fd, const struct net_addr *server, struct conn **ret)
{
	struct conn *c = calloc(1, sizeof *c);

	if (c)
		c->in_buf = malloc(SCRATCH_SIZE);
	if (!c || !c->in_buf) {
		free(c);
		close(fd);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	c->client     = me;
	c->refs	      = 1;
	c->fd	      = fd;
	c->server     = *server;
	c->credits    = 1;
	c->why	      = STATUS_CONNECTION_RESET;
	c->timeout_ms = REQUEST_TIMEOUT_MS;
	TAILQ_INIT(&c->waiting);
	TAILQ_INIT(&c->outgoing);
	TAILQ_INIT(&c->in_flight);
	smb2_preauth_init(&c->preauth);
	TAILQ_INSERT_TAIL(&me->conns, c, all);
	loop_add(me->loop, &c->watch, fd, EPOLLIN, conn_event, c);
	*ret = c;
	return STATUS_SUCCESS;
}

void
conn_hold(struct conn *c)
{
	c->refs++;
}

static void
packets_lost(struct packets *list)
{
	struct packet *p;

	while ((p = TAILQ_FIRST(list))) {
		TAILQ_REMOVE(list, p, of_conn);
		packet_drop(p);
	}
}

void
conn_close(struct conn *c, nt why)
{
	struct request *rq;

	if (!conn_is_open(c))
		return;
	loop_del(&c->watch);
	loop_timer_clear(&c->sweep);
	close(c->fd);
	c->fd	 = -1;
	c->why	 = why;
	c->ready = false;
	if (c->bond)
		c->bond->sequence++;	/* 3.2.7.1 */
	conn_hold(c);	/* who loses a request may let go of the connection */
	packets_lost(&c->waiting);
	packets_lost(&c->outgoing);
	while ((rq = TAILQ_FIRST(&c->in_flight)))
		request_lost(c, rq, why);
	conn_release(c);
}

void
conn_nonsense(struct conn *c, const char *why)
{
	char text[ADDR_TEXT];

	if (!conn_is_open(c))
		return;
	c->client->nonsense++;
	log_warn("a server broke the protocol server=%s why=%s", addr_print(&c->server, text),
		 log_qs(why));
	conn_close(c, STATUS_INVALID_NETWORK_RESPONSE);
}

void
conn_release(struct conn *c)
{
	if (!c || --c->refs > 0)
		return;
	c->refs = 1;
	conn_close(c, STATUS_CONNECTION_RESET);
	TAILQ_REMOVE(&c->client->conns, c, all);
	if (c->dirty)
		TAILQ_REMOVE(&c->client->dirty, c, of_dirty);
	smb2_signer_drop(c->signer);
	bond_release(c->bond);
	secret_wipe(c->application_key, sizeof c->application_key);
	frame_release(c->frame);
	free(c->in_buf);
	free(c);
}

void
conn_dirty(struct conn *c)
{
	if (c->dirty || !conn_is_open(c))
		return;
	c->dirty = true;
	TAILQ_INSERT_TAIL(&c->client->dirty, c, of_dirty);
}

bool
conns_flush(struct client *me)
{
	struct conn *c;
	bool any = false;

	while ((c = TAILQ_FIRST(&me->dirty))) {
		TAILQ_REMOVE(&me->dirty, c, of_dirty);
		c->dirty = false;
		conn_hold(c);
		conn_transmit(c);
		any |= !conn_is_open(c);
		conn_release(c);
	}
	return any;
}

uint32_t
conn_frame_max(const struct conn *c)
{
	uint32_t max = c->nego.max_read;

	if (!c->ready)
		return FRAME_EARLY_MAX;
	if (c->nego.max_transact > max)
		max = c->nego.max_transact;
	if (max < FRAME_EARLY_MAX)
		max = FRAME_EARLY_MAX;
	return max + FRAME_SLACK;
}
