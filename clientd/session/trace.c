/*
 * trace.c - packets with servers, shown to who looks for a fault: requests
 * numbered and signed, answers before they are believed.  tap/tap.h
 */
#include "clientd/session/session.h"

static const char *
share_of(const struct conn *c, uint32_t tree_id)
{
	const struct tree *t;

	if (!c->session || tree_id == 0)
		return NULL;
	TAILQ_FOREACH(t, &c->session->trees, of_session)
		if (t->epoch == c->epoch && t->id == tree_id)
			return t->share;
	return NULL;
}

/* An asynchronous answer has no TreeId: it goes with the request that it is to. */
static uint32_t
tree_of(const struct conn *c, const struct smb2_hdr *h)
{
	const struct request *rq;

	if (!smb2_hdr_is_async(h))
		return h->tree_id;
	TAILQ_FOREACH(rq, &c->in_flight, of_conn)
		if (rq->message_id == h->message_id)
			return rq->tree_id;
	return 0;
}

static uint32_t
message_match(struct conn *c, struct span msg)
{
	struct smb2_chain chain = smb2_chain_init(msg);
	struct tap_about a	= { .client = &c->server };
	struct smb2_element e;
	uint32_t which = 0, tree = 0;

	if (c->session) {
		a.session = c->session->id;
		a.user	  = c->session->user;
	}
	while (smb2_chain_more(&chain) && !nt_failed(smb2_chain_next(&chain, &e))) {
		if (!smb2_hdr_is_related(&e.hdr))
			tree = tree_of(c, &e.hdr);
		a.share	  = share_of(c, tree);
		a.command = e.hdr.command;
		which |= taps_match(&c->client->taps, &a);
	}
	return which;
}

void
conn_trace(struct conn *c, struct span msg, bool answer, bool sealed)
{
	struct iovec iov    = { (void *)(uintptr_t)msg.p, msg.n };
	struct tap_packet p = { .answer = answer, .encrypted = sealed, .server = c->server,
				.iov = &iov, .n_iov = 1 };
	uint32_t which	    = message_match(c, msg);

	if (which == 0)
		return;
	if (c->traced_as == 0)
		c->traced_as = ++c->client->n_traced;
	p.connection = c->traced_as;
	if (c->session) {
		p.session = c->session->id;
		p.user	  = c->session->user;
	}
	taps_show(&c->client->taps, which, &p);
}
