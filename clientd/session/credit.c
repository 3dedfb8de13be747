/*
 * credit.c - credits and message ids.  A request of more than 64 KiB spends one
 * id and one credit for each 64 KiB; before 2.1 everything costs one.  What the
 * server grants beyond our bound is ignored.  [MS-SMB2] 3.2.4.1.2, 3.2.4.1.5, 3.2.5.1.4
 */
#include "clientd/session/request.h"

bool
credit_covers(const struct conn *c, const struct packet *p)
{
	return p->charge <= c->credits && c->n_in_flight + p->n <= IN_FLIGHT_MAX;
}

uint32_t
credit_ceiling(const struct conn *c)
{
	return c->credits + c->charged;
}

void
credit_spend(struct conn *c, struct packet *p)
{
	uint32_t total = credit_ceiling(c);
	uint32_t more  = total < CREDITS_WANTED ? CREDITS_WANTED - total : 0;

	for (unsigned i = 0; i < p->n; i++) {
		struct request *rq = p->rq[i];
		struct wr w = { .base = p->buf, .pos = p->at[i], .cap = p->at[i] + SMB2_HDR_SIZE };
		uint32_t wish	= rq->charge + (i == 0 ? more : 0);

		rq->message_id = c->next_id;
		c->next_id += rq->charge;
		w.pos = p->at[i] + SMB2_HDR_AT_MESSAGE_ID;
		wr_u64(&w, rq->message_id);
		w.pos = p->at[i] + SMB2_HDR_AT_CREDITS;
		wr_u16(&w, (uint16_t)wish);
		if (c->nego.dialect >= SMB2_DIALECT_300 && c->bond) {	/* 3.2.4.1.8 */
			w.pos = p->at[i] + SMB2_HDR_AT_STATUS;
			wr_u16(&w, c->bond->sequence);
		}
	}
	c->credits -= p->charge;
	c->charged += p->charge;
}

/* An interim answer grants as well; the charge is given back with the first answer. */
void
credit_grant(struct conn *c, const struct request *rq, const struct smb2_hdr *h)
{
	if (rq->interims == 0 && !rq->raw)
		c->charged -= rq->charge < c->charged ? rq->charge : c->charged;
	c->credits += h->credits;
	if (c->credits > CREDITS_WANTED * 2)
		c->credits = CREDITS_WANTED * 2;
	if (!TAILQ_EMPTY(&c->waiting))
		conn_dirty(c);
}
