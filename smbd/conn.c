/*
 * conn.c - one TCP connection's life in a worker: begun by a hand-over, read
 * while we can hold what comes, ended by either side.  Its bytes are the
 * business of receive.c and transmit.c.  [MS-SMB2] 3.3.1.7, 3.3.7.1
 */
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/log.h"
#include "smbd/rq.h"
#include "smbd/setup.h"

struct conn *
conn_new(struct worker *w, int fd, const struct handover *h)
{
	struct conn *c = calloc(1, sizeof *c);

	if (!c || w->n_conns >= WORKER_CONNS_MAX) {
		free(c);
		close(fd);
		return NULL;
	}
	c->worker         = w;
	c->fd             = fd;
	c->params         = h->params;
	c->negotiate_hash = h->negotiate_hash;
	c->window         = h->window;
	c->moved          = loop_now(w->smbd->loop);
	c->since          = c->moved;
	c->refs           = 1;
	LIST_INIT(&c->chans);
	LIST_INIT(&c->setups);
	TAILQ_INIT(&c->frames);
	TAILQ_INIT(&c->outgoing);
	TAILQ_INSERT_TAIL(&w->conns, c, all);
	w->n_conns++;
	return c;
}

static void
conn_event(void *ctx, uint32_t events)
{
	struct conn *c = ctx;

	if (events & EPOLLOUT)
		conn_dirty(c);
	if ((events & EPOLLIN) && conn_may_read(c))
		conn_receive(c);
	else if (events & (EPOLLHUP | EPOLLERR))
		conn_close(c, NULL);
}

void
conn_start(struct conn *c)
{
	loop_add(c->worker->smbd->loop, &c->watch, c->fd, EPOLLIN, conn_event, c);
}

/*
 * Between two frames we stop reading while payload memory is short or answers
 * pile up; within one we never do, since it may hold memory that others need.
 */
bool
conn_may_read(const struct conn *c)
{
	return c->rx.want > 0 || (c->starved == 0 && c->n_outgoing < OUTGOING_MAX);
}

void
conn_reading(struct conn *c)
{
	uint32_t events = TAILQ_EMPTY(&c->outgoing) ? 0u : EPOLLOUT;

	if (!conn_is_open(c) || !c->watch.loop)
		return;
	if (conn_may_read(c)) {
		events |= EPOLLIN;
		if (c->rx.stopped)
			conn_dirty(c);	/* bytes in hand: go on at the end of the tick */
	}
	loop_mod(&c->watch, events);
}

void
conn_hold(struct conn *c)
{
	c->refs++;
}

void
conn_release(struct conn *c)
{
	if (--c->refs == 0)
		free(c);
}

/*
 * No byte moves from here on and its sessions end, but frames go only at the
 * end of the tick: their handlers may be on the stack.
 */
void
conn_close(struct conn *c, const char *why)
{
	char text[ADDR_TEXT];
	struct chan *ch;

	if (!conn_is_open(c))
		return;
	if (why)
		log_info("closing a connection client=%s why=%s",
		    addr_print(&c->params.client, text), log_qs(why));
	loop_del(&c->watch);
	close(c->fd);
	c->fd = -1;
	setups_drop(c);
	while ((ch = LIST_FIRST(&c->chans)))
		chan_unlist(ch);
	conn_dirty(c);
}

void
conn_bury(struct conn *c)
{
	struct worker *w = c->worker;
	struct frame *f, *next;

	for (f = TAILQ_FIRST(&c->frames); f; f = next) {
		next = TAILQ_NEXT(f, of_conn);
		frame_reap(f);
	}
	while ((f = TAILQ_FIRST(&c->outgoing))) {
		TAILQ_REMOVE(&c->outgoing, f, of_conn);
		frame_drop(f);
	}
	rx_drop(c);
	TAILQ_REMOVE(&w->conns, c, all);
	w->n_conns--;
	conn_release(c);
	worker_rest(w);
}
