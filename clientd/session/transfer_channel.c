/*
 * transfer_channel.c - over which of a session's connections a piece goes: the one
 * with the fewest unanswered, of those whose credits can ever cover it.
 */
#include "clientd/session/transfer.h"

static unsigned
load_of(const struct transfer *t, const struct conn *c)
{
	unsigned n = 0;

	for (unsigned i = 0; i < t->count; i++) {
		const struct piece *p = &t->ring[(t->first + i) % PIECES_MAX];

		n += p->m.conn == c && !p->answered;
	}
	return n;
}

struct conn *
transfer_channel(const struct transfer *t, uint32_t len)
{
	struct conn *c, *best = conn_alive(t->w->conn);

	if (!best->bond)
		return best;
	TAILQ_FOREACH(c, &best->client->conns, all)
		if (c != best && c->bond == best->bond && conn_is_open(c) && c->ready &&
		    credit_ceiling(c) >= smb2_charge_for(len) && load_of(t, c) < load_of(t, best))
			best = c;
	return best;
}
