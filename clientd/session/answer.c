/*
 * answer.c - the elements of a received message to the requests they answer:
 * each is authenticated before anything but its message id is believed.
 * [MS-SMB2] 3.2.5.1
 */
#include "base/log.h"
#include "clientd/session/client.h"
#include "clientd/session/request.h"

static struct request *
request_find(struct conn *c, uint64_t message_id)
{
	struct request *rq;

	TAILQ_FOREACH(rq, &c->in_flight, of_conn)
		if (rq->sent && rq->message_id == message_id)
			return rq;
	return NULL;
}

static bool
is_interim(const struct smb2_hdr *h)
{
	return h->status.code == NT_PENDING && smb2_hdr_is_async(h);
}

static bool
element_verify(struct conn *c, const struct smb2_element *e)
{
	struct iovec iov = { (void *)(uintptr_t)e->bytes.p, e->bytes.n };

	return c->signer && !nt_failed(smb2_verify(c->signer, &iov, 1));
}

/*
 * 3.2.5.1.3: an answer to a signed request is signed, one to a sealed request is
 * sealed.  An interim answer may be bare: it moves no data and its number is bounded.
 */
static bool
element_is_authentic(struct conn *c, const struct request *rq, const struct smb2_element *e,
		     bool sealed)
{
	if (sealed || rq->unverified || rq->raw)
		return true;
	if (e->hdr.flags & SMB2_FLAGS_SIGNED && c->signer)
		return element_verify(c, e);
	return is_interim(&e->hdr) || !(rq->sealed || rq->signed_);
}

/* A server that has forgotten the session has no key to say so with: no more than a lost connection. */
static bool
says_session_gone(const struct request *rq, const struct smb2_hdr *h)
{
	return !rq->unverified && !(h->flags & SMB2_FLAGS_SIGNED) &&
	       (h->status.code == NT_USER_SESSION_DELETED ||
		h->status.code == NT_NETWORK_SESSION_EXPIRED);
}

static void
interim(struct conn *c, struct request *rq, const struct smb2_hdr *h)
{
	credit_grant(c, rq, h);
	if (++rq->interims > INTERIM_MAX) {
		conn_nonsense(c, "too many interim answers");
		return;
	}
	rq->async    = true;
	rq->async_id = h->async_id;
}

static const char *
element_refusal(const struct conn *c, const struct request *rq, const struct smb2_hdr *h)
{
	if (!(h->flags & SMB2_FLAGS_SERVER_TO_REDIR))
		return "a request";
	if (!rq)
		return "an answer to no request";
	if (rq->raw)
		return NULL;
	if (h->command != rq->command)
		return "an answer to another command";
	if (!rq->unverified && rq->command != SMB2_CMD_negotiate && h->session_id != 0 &&
	    h->session_id != c->session_id)
		return "an answer for another session";
	if (rq->async && smb2_hdr_is_async(h) && h->async_id != rq->async_id)
		return "an answer with another async id";
	return NULL;
}

static void
element_handle(struct conn *c, struct frame *f, const struct smb2_element *e, bool sealed)
{
	struct request *rq = request_find(c, e->hdr.message_id);
	const char *why	   = element_refusal(c, rq, &e->hdr);
	struct reply rep   = { .status = e->hdr.status, .hdr = e->hdr, .body = e->body,
			       .frame = f, .raw = e->bytes };

	if (why) {
		conn_nonsense(c, why);
	} else if (!element_is_authentic(c, rq, e, sealed)) {
		if (says_session_gone(rq, &e->hdr))
			conn_close(c, STATUS_USER_SESSION_DELETED);
		else
			conn_nonsense(c, "an answer that is not signed or sealed as it must be");
	} else if (is_interim(&e->hdr)) {
		interim(c, rq, &e->hdr);
	} else {
		credit_grant(c, rq, &e->hdr);
		request_answered(c, rq, &rep);
	}
}

/* 3.2.5.19: nobody asked; what it is about is looked up by the file or the lease. */
static void
unsolicited(struct conn *c, const struct smb2_element *e)
{
	struct rd r = e->body;

	if (e->hdr.command == SMB2_CMD_oplock_break && c->ready)
		break_received(c, &r);
}

void
conn_message(struct conn *c, struct frame *f, struct span msg, bool sealed)
{
	struct smb2_chain chain = smb2_chain_init(msg);
	struct smb2_element e;

	if (c->client->taps.n > 0)
		conn_trace(c, msg, true, sealed);
	while (conn_is_open(c) && smb2_chain_more(&chain)) {
		if (nt_failed(smb2_chain_next(&chain, &e)))
			conn_nonsense(c, "a message that does not hang together");
		else if (e.hdr.message_id == SMB2_MESSAGE_ID_UNSOLICITED)
			unsolicited(c, &e);
		else
			element_handle(c, f, &e, sealed);
	}
}
