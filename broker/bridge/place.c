/*
 * place.c - see place.h.
 *
 * A name is looked up when somebody comes and the last answer is old, or led
 * nowhere: containers come back elsewhere.  While name servers are silent the
 * last answer holds.
 */
#include "broker/bridge/place.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/bridge/splice.h"

#define FRESH_NS (30u * UINT64_C(1000000000))

struct place_wait {
	struct place_wait *next;
	int fd;
};

bool
place_has_name(const struct resolve_target *at)
{
	struct net_addr addr;

	return !resolve_literal(at->host, &addr);
}

void
place_begin(struct place *p)
{
	ENSURE(p->resolver || !place_has_name(&p->at));
	if (!p->resolver && resolve_literal(p->at.host, &p->addr[0])) {
		p->addr[0].port = p->at.port;
		p->n		= 1;
	}
}

/* Nobody there: the next address next time, after another look. */
static void
splice_over(void *ctx, bool reached)
{
	struct place *p = ctx;

	if (!reached) {
		p->turn++;
		p->looked = 0;
	}
	p->ended(p->ctx);
}

static void
go(struct place *p, int here)
{
	if (p->n > 0) {
		(void)splice_new(p->loop, here, &p->addr[p->turn % p->n], splice_over, p);
		return;
	}
	close(here);
	p->ended(p->ctx);
}

static bool
addrs_take(struct place *p, const struct net_addr *addr, size_t n)
{
	bool same = n == p->n;

	for (size_t i = 0; i < n; i++) {
		struct net_addr a = addr[i];

		a.port	   = p->at.port;
		same	   = same && memcmp(&p->addr[i], &a, sizeof a) == 0;
		p->addr[i] = a;
	}
	p->n = n;
	return !same;
}

static void
looked_up(void *ctx, nt status, const struct net_addr *addr, size_t n)
{
	struct place *p = ctx;
	struct place_wait *w;
	char text[ADDR_TEXT];

	p->looking = false;
	p->looked  = clock_mono_ns();
	if (nt_failed(status)) {
		log_warn("no address for storage=%s host=%s", p->storage, log_qs(p->at.host));
		p->looked = p->n > 0 ? p->looked : 0;
	} else if (addrs_take(p, addr, n)) {
		p->turn = 0;
		log_info("storage=%s is at addr=%s", p->storage, addr_print(&p->addr[0], text));
	}
	while ((w = p->waiting)) {
		p->waiting = w->next;
		go(p, w->fd);
		free(w);
	}
}

static void
look_up(struct place *p)
{
	p->looking = true;
	if (nt_failed(resolve(p->resolver, p->at.port, p->at.host, looked_up, p)))
		looked_up(p, STATUS_INSUFFICIENT_RESOURCES, NULL, 0);
}

void
place_connect(struct place *p, int here)
{
	struct place_wait *w;

	if (!p->resolver || (p->looked != 0 && clock_mono_ns() - p->looked < FRESH_NS)) {
		go(p, here);
		return;
	}
	w	   = xcalloc(1, sizeof *w);
	*w	   = (struct place_wait){ .next = p->waiting, .fd = here };
	p->waiting = w;
	if (!p->looking)
		look_up(p);
}
