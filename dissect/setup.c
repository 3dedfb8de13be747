/*
 * setup.c - the messages that settle keys, watched going by.
 */
#include "dissect/setup.h"

#include "proto/smb2/commands.h"
#include "proto/smb2/const.h"
#include "proto/smb2/negotiate.h"
#include "proto/smb2/session_setup.h"

/* A hash that cannot be had makes keys that fit nothing: that will be said there. */
static void
hash_add(struct smb2_preauth *p, struct span frame)
{
	(void)!nt_ok(smb2_preauth_update(p, frame));
}

/* ---- NEGOTIATE ---- */

static void
negotiate_response(struct setup *s, struct rd body, struct span frame)
{
	struct smb2_negotiate_rsp c;
	struct negotiated n = { 0 };

	if (!nt_ok(smb2_negotiate_rsp_decode(&body, &c)) || c.dialect == SMB2_DIALECT_WILD)
		return;
	hash_add(&s->hash, frame);
	n.dialect = c.dialect;
	if (c.dialect == SMB2_DIALECT_300 || c.dialect == SMB2_DIALECT_302)
		n.cipher = SMB2_CIPHER_AES128_CCM;
	if (c.dialect == SMB2_DIALECT_311 && smb2_neg_has(&c.contexts, SMB2_NEG_ENCRYPTION))
		n.cipher = c.contexts.ciphers.id[0];
	if (c.dialect == SMB2_DIALECT_311 && smb2_neg_has(&c.contexts, SMB2_NEG_SIGNING)) {
		n.signing	= c.contexts.signings.id[0];
		n.signing_known = true;
	}
	s->negotiated = n;
}

static void
negotiate_see(struct setup *s, const struct smb2_element *e, struct span frame)
{
	if (e->hdr.flags & SMB2_FLAGS_SERVER_TO_REDIR) {
		negotiate_response(s, e->body, frame);
		return;
	}
	smb2_preauth_init(&s->hash);
	hash_add(&s->hash, frame);
}

/* ---- SESSION_SETUP ---- */

static struct setup_pending *
pending_find(struct setup *s, uint64_t session_id)
{
	for (size_t i = 0; i < SETUPS_MAX; i++) {
		if (s->pending[i].used && s->pending[i].session_id == session_id)
			return &s->pending[i];
	}
	return NULL;
}

static void
setup_request(struct setup *s, const struct smb2_element *e, struct span frame)
{
	struct smb2_session_setup_req c;
	struct setup_pending *p = NULL;
	struct rd body		= e->body;

	if (!nt_ok(smb2_session_setup_req_decode(&body, &c)))
		return;
	if (e->hdr.session_id != 0)
		p = pending_find(s, e->hdr.session_id);
	if (!p) {
		p  = &s->pending[s->next++ % SETUPS_MAX];
		*p = (struct setup_pending){ .used	 = true,
					     .session_id = e->hdr.session_id,
					     .hash	 = s->hash };
	}
	p->binding    = (c.flags & SMB2_SESSION_FLAG_BINDING) != 0;
	p->message_id = e->hdr.message_id;
	hash_add(&p->hash, frame);
}

static void
bound_add(struct setup *s, uint64_t session_id)
{
	if (!setup_is_bound(s, session_id))
		s->bound[s->n_bound++ % SETUPS_MAX] = session_id;
}

static void
setup_response(struct setup *s, struct keys *keys, const struct smb2_element *e,
	       struct span frame)
{
	struct setup_pending *p = NULL;

	for (size_t i = 0; i < SETUPS_MAX; i++) {
		if (s->pending[i].used && s->pending[i].message_id == e->hdr.message_id)
			p = &s->pending[i];
	}
	if (!p || e->hdr.status.code == NT_PENDING)
		return;
	p->session_id = e->hdr.session_id;
	if (e->hdr.status.code == NT_MORE_PROCESSING_REQUIRED) {
		hash_add(&p->hash, frame);
		return;
	}
	if (nt_ok(e->hdr.status) && p->binding)
		bound_add(s, p->session_id);
	else if (nt_ok(e->hdr.status))
		keys_derive(keys, p->session_id, &s->negotiated, &p->hash);
	p->used = false;
}

void
setup_see(struct setup *s, struct keys *keys, const struct smb2_element *e, struct span frame)
{
	if (e->hdr.command == SMB2_CMD_negotiate)
		negotiate_see(s, e, frame);
	else if (e->hdr.command != SMB2_CMD_session_setup)
		return;
	else if (e->hdr.flags & SMB2_FLAGS_SERVER_TO_REDIR)
		setup_response(s, keys, e, frame);
	else
		setup_request(s, e, frame);
}

bool
setup_is_bound(const struct setup *s, uint64_t session_id)
{
	for (size_t i = 0; i < s->n_bound && i < SETUPS_MAX; i++) {
		if (s->bound[i] == session_id)
			return true;
	}
	return false;
}
