/*
 * trace.c - what a tap is asked about each message of a frame, in a worker and in
 * a gate.  Here is looked before anything is checked: a request that will be
 * refused is what people trace for.
 */
#include "smbd/trace.h"

#include "proto/smb2/session_setup.h"
#include "proto/smb2/tree_connect.h"
#include "smbd/path.h"

/* ---- a worker's requests ---- */

/* What the next one of a compound may lean on.  3.3.5.2.7.2 */
struct trace_walk {
	struct conn *conn;
	struct chan *chan;
	uint32_t tree_id;
	char share[TEXT_BOUND + 1];	/* of a TREE_CONNECT, which has no tree yet */
};

static struct tap_about
about_session(const struct conn *c, struct session *s, uint32_t tree_id, uint16_t command)
{
	struct tree *t = s ? tree_find(s, tree_id) : NULL;

	return (struct tap_about){ .session = s ? s->id : 0, .user = s ? s->user : NULL,
		.share = t ? t->share : NULL, .client = &c->params.client, .command = command };
}

static void
walk_share(struct trace_walk *k, const struct smb2_element *e, struct tap_about *a)
{
	struct smb2_tree_connect_req req;
	struct rd r = e->body;
	struct str s;

	if (!nt_failed(smb2_tree_connect_req_decode(&r, &req)) &&
	    !nt_failed(path_share_from_wire(req.path, k->share, sizeof k->share, &s)))
		a->share = s.s;
}

static struct tap_about
walk_about(struct trace_walk *k, const struct smb2_element *e)
{
	struct tap_about a;

	if (!smb2_hdr_is_related(&e->hdr)) {
		k->chan    = chan_find(k->conn, e->hdr.session_id);
		k->tree_id = e->hdr.tree_id;
	}
	a = about_session(k->conn, k->chan ? k->chan->session : NULL, k->tree_id, e->hdr.command);
	if (a.session == 0)
		a.session = e->hdr.session_id;
	if (e->hdr.command == SMB2_CMD_tree_connect)
		walk_share(k, e, &a);
	return a;
}

static void
packet_session(struct tap_packet *p, const struct session *s)
{
	if (!s)
		return;
	p->session = s->id;
	p->user    = s->user;
}

static struct tap_packet
packet_of(const struct conn *c)
{
	return (struct tap_packet){ .client = c->params.client, .server = c->params.server };
}

void
trace_request(struct frame *f, const struct frame_in *in)
{
	struct taps *taps       = &f->conn->worker->smbd->taps;
	struct trace_walk k     = { .conn = f->conn };
	struct smb2_chain chain = smb2_chain_init(in->bytes);
	struct tap_packet p     = packet_of(f->conn);
	struct iovec iov[2]     = { { (void *)(uintptr_t)in->bytes.p, in->bytes.n },
		    { f->bulk.p ? f->bulk.p + f->bulk_skip : NULL,
			f->bulk.p ? f->bulk.n - f->bulk_skip : 0 } };
	struct smb2_element e;

	f->looked = true;
	while (smb2_chain_more(&chain) && !nt_failed(smb2_chain_next(&chain, &e))) {
		struct tap_about a = walk_about(&k, &e);

		f->traced |= taps_match(taps, &a);
	}
	packet_session(&p, k.chan ? k.chan->session : NULL);
	p.encrypted = in->sealed;
	p.iov       = iov;
	p.n_iov     = 2;
	if (f->traced != 0)
		taps_show(taps, f->traced, &p);
}

/* ---- its answers ---- */

/* Nobody saw the request: it came to the gate, or before anybody looked, or there was none. */
static uint32_t
answer_match(const struct taps *taps, const struct frame *f)
{
	uint32_t which = 0;

	for (const struct rq *rq = f->first; rq; rq = rq->next) {
		struct tap_about a = about_session(f->conn, rq_session(rq), rq->tree_id,
		    rq->hdr.command);

		which |= taps_match(taps, &a);
	}
	return which;
}

void
trace_answer(struct frame *f)
{
	struct taps *taps   = &f->conn->worker->smbd->taps;
	uint32_t which      = f->looked ? f->traced : answer_match(taps, f);
	struct tap_packet p = packet_of(f->conn);
	struct iovec iov[FRAME_IOV];

	if (which == 0)
		return;
	packet_session(&p, rq_session(f->first));
	p.answer    = true;
	p.encrypted = f->sealed;
	p.iov       = iov;
	p.n_iov     = frame_iov(f, iov);
	taps_show(taps, which, &p);
}

/* ---- a gate's ---- */

/* The worker gets it unread, and shows it.  3.3.5.5 */
static bool
is_binding(const struct smb2_element *e)
{
	struct smb2_session_setup_req req;
	struct rd r = e->body;

	return e->hdr.command == SMB2_CMD_session_setup && e->hdr.session_id != 0 &&
	       !nt_failed(smb2_session_setup_req_decode(&r, &req)) &&
	       (req.flags & SMB2_SESSION_FLAG_BINDING);
}

void
trace_gate(struct gconn *c, struct span message, bool answer)
{
	struct taps *taps       = &c->gate->smbd->taps;
	struct smb2_chain chain = smb2_chain_init(message);
	struct tap_about a      = { .client = &c->params.client, .command = SMB2_CMD_negotiate };
	struct iovec iov        = { (void *)(uintptr_t)message.p, message.n };
	struct tap_packet p     = { .answer = answer, .client = c->params.client,
		    .server = c->params.server, .iov = &iov, .n_iov = 1 };
	struct smb2_element e;
	uint32_t which;

	if (!nt_failed(smb2_chain_next(&chain, &e))) {
		if (!answer && is_binding(&e))
			return;
		a.command = e.hdr.command;
		a.session = e.hdr.session_id;
	}
	which = taps_match(taps, &a);
	if (which != 0)
		taps_show(taps, which, &p);
}
