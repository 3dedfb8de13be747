/*
 * admit.c - may this request come in?  Everything that does not need to understand a
 * command is decided here, by the table in commands.h: style of compounds, session,
 * signature, tree, size, credits, file.
 * [MS-SMB2] 3.3.5.2.5 to 3.3.5.2.11
 */
#include "base/log.h"
#include "smbd/rq.h"
#include "smbd/setup.h"

/* 3.3.5.2.5: only dialects with multi-credit operations count more than one. */
uint16_t
rq_charge(const struct conn *c, const struct smb2_hdr *h)
{
	bool multi = (c->params.server_caps & SMB2_GLOBAL_CAP_LARGE_MTU) != 0;

	return multi && h->credit_charge > 0 ? h->credit_charge : 1;
}

/* ---- who asks ---- */

static nt
admit_signature(const struct rq *rq, const struct smb2_element *e)
{
	const struct chan *ch = rq->chan;
	struct iovec iov[2]   = { { (void *)(uintptr_t)e->bytes.p, e->bytes.n },
		  { rq->bulk.p ? rq->bulk.p + rq->bulk_skip : NULL, rq->bulk.n - rq->bulk_skip } };

	if (rq->frame->sealed)
		return STATUS_SUCCESS;
	if (rq->hdr.flags & SMB2_FLAGS_SIGNED) {
		REQUIRE(ch->signer, STATUS_ACCESS_DENIED);
		return smb2_verify(ch->signer, iov, rq->bulk.p ? 2 : 1);
	}
	REQUIRE(!ch->session->policy.must_sign, STATUS_ACCESS_DENIED);
	return STATUS_SUCCESS;
}

/* 3.3.5.2.9: an expired session may still be left, and put in order. */
static bool
session_allows(const struct session *s, uint16_t command)
{
	if (!session_has_expired(s))
		return true;
	return command == SMB2_CMD_logoff || command == SMB2_CMD_close ||
	       command == SMB2_CMD_lock || command == SMB2_CMD_session_setup ||
	       command == SMB2_CMD_echo;
}

/*
 * We differ: a request for no session of this connection, but signed by the key
 * of one, is refused with that key, so that the client can trust the refusal.
 */
static bool
session_signed_by(struct rq *rq, struct chan *ch, const struct iovec *iov)
{
	if (!ch || !ch->signer || nt_failed(smb2_verify(ch->signer, iov, 1)))
		return false;
	rq->chan = chan_hold(ch);
	return true;
}

void
rq_find_signer(struct rq *rq, struct span bytes)
{
	const struct iovec iov = { (void *)(uintptr_t)bytes.p, bytes.n };
	struct session *other  = session_find(rq_worker(rq), rq->hdr.session_id);
	struct chan *ch;

	if (rq->chan || rq->frame->sealed || rq->bulk.p || !(rq->hdr.flags & SMB2_FLAGS_SIGNED))
		return;
	if (other && session_signed_by(rq, other->first, &iov))
		return;
	LIST_FOREACH(ch, &rq->frame->conn->chans, of_conn)
		if (session_signed_by(rq, ch, &iov))
			return;
}

/* status tells people what really happens on the wire, not only what must. */
static void
session_note_sealed(const struct chan *ch)
{
	if (ch->session->sealed || ch->session->policy.encrypts)
		return;
	ch->session->sealed = true;
	setup_report(ch);
}

static nt
admit_session(struct rq *rq, const struct smb2_element *e, enum smb2_need need)
{
	struct frame *f = rq->frame;
	bool inherits   = f->count > 1 && smb2_hdr_is_related(&rq->hdr);
	struct chan *ch = inherits && f->from.placed ? f->from.chan
						     : chan_find(f->conn, rq->hdr.session_id);

	if (!ch && need == NEED_NONE)
		return STATUS_SUCCESS;
	if (!ch) {
		rq_find_signer(rq, e->bytes);
		return inherits ? STATUS_INVALID_PARAMETER : STATUS_USER_SESSION_DELETED;
	}
	rq->chan = chan_hold(ch);
	REQUIRE(!ch->session->over, STATUS_USER_SESSION_DELETED);
	rq->must_seal = ch->session->policy.encrypts && rq->hdr.command != SMB2_CMD_session_setup;
	if (f->sealed)
		REQUIRE(f->seal_chan == ch, STATUS_USER_SESSION_DELETED);
	else if (need != NEED_NONE)
		REQUIRE(!ch->session->policy.rejects_plain, STATUS_ACCESS_DENIED);
	if (f->sealed)
		session_note_sealed(ch);
	TRY(admit_signature(rq, e));
	REQUIRE(session_allows(ch->session, rq->hdr.command), STATUS_NETWORK_SESSION_EXPIRED);
	return STATUS_SUCCESS;
}

/* 3.3.5.2.11 */
static nt
admit_tree(struct rq *rq, const struct smb2_command *row)
{
	struct tree *t;

	if (row->need != NEED_TREE)
		return STATUS_SUCCESS;
	t = rq_tree(rq);
	REQUIRE(t, STATUS_NETWORK_NAME_DELETED);
	rq_place(rq, t->at);
	rq->must_seal |= t->encrypts;
	REQUIRE(rq->frame->sealed || !t->must_encrypt, STATUS_ACCESS_DENIED);
	return STATUS_SUCCESS;
}

/* ---- what is asked ---- */

/* 3.3.5.2.6 and 3.3.5.2.5. */
static nt
admit_body(const struct rq *rq, struct rd body, const struct smb2_command *row)
{
	uint64_t payload = smb2_payload_size(rq->hdr.command, body);
	uint16_t size    = rd_u16(&body);

	REQUIRE(rd_ok(&body), STATUS_INVALID_PARAMETER);
	REQUIRE(size == row->req_size || (row->flags & TWO_SIZES), STATUS_INVALID_PARAMETER);
	REQUIRE(!(rq->frame->conn->params.server_caps & SMB2_GLOBAL_CAP_LARGE_MTU) ||
		    smb2_charge_for(payload) <= rq_charge(rq->frame->conn, &rq->hdr),
	    STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

nt
rq_take_file(struct rq *rq, struct smb2_fid fid)
{
	struct frame *f = rq->frame;
	bool inherits   = f->count > 1 && smb2_hdr_is_related(&rq->hdr) && smb2_fid_is_related(fid);
	struct open *o;

	if (inherits) {
		if (!f->from.has_fid)
			TRY(f->from.status);
		REQUIRE(f->from.has_fid, STATUS_INVALID_HANDLE);
		fid = f->from.fid;
	}
	o = open_find(rq_session(rq), rq->tree_id, fid);
	REQUIRE(o, STATUS_FILE_CLOSED);
	/* An open without number is a CREATE of this chain that has not answered yet. */
	REQUIRE(o->file != 0 || inherits, STATUS_FILE_CLOSED);
	rq->fid  = open_fid(o);
	rq->file = o->file != 0 ? o->file : FILE_CHAIN;
	return STATUS_SUCCESS;
}

static nt
admit_file(struct rq *rq, struct rd body, const struct smb2_command *row)
{
	struct smb2_fid fid;

	if (row->handle_at == NO_FID || rq->cmd->any_file)
		return STATUS_SUCCESS;
	rd_zero(&body, row->handle_at);
	fid = rd_fid(&body);
	REQUIRE(rd_ok(&body), STATUS_INVALID_PARAMETER);
	return rq_take_file(rq, fid);
}

/* 3.3.5.2.7: the first element cannot lean on another.  Windows: styles may be mixed. */
static nt
admit_style(const struct rq *rq)
{
	REQUIRE(rq->frame->count > 1 || !smb2_hdr_is_related(&rq->hdr), STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

nt
rq_admit(struct rq *rq, const struct smb2_element *e, const struct smb2_command *row)
{
	bool inherits = rq->frame->count > 1 && smb2_hdr_is_related(&rq->hdr);

	rq->tree_id = inherits ? rq->frame->from.tree_id : rq->hdr.tree_id;
	TRY(admit_session(rq, e, row ? (enum smb2_need)row->need : NEED_SESSION));
	/* 3.3.5.2.7.2: nothing can be inherited from what had no session or tree itself. */
	REQUIRE(!inherits || rq->frame->from.placed, STATUS_INVALID_PARAMETER);
	TRY(admit_style(rq));
	/* 3.3.5.2.6 would have us disconnect.  Windows: an answer like to any malformed request. */
	REQUIRE(row, STATUS_INVALID_PARAMETER);
	TRY(admit_tree(rq, row));
	rq->placed = true;
	TRY(admit_body(rq, e->body, row));
	return admit_file(rq, e->body, row);
}
