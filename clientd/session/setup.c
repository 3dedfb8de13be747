/*
 * setup.c - SESSION_SETUP: Kerberos if the server offers it and the keeper of
 * credentials can, else NTLM; inside SPNEGO, or bare where the server gave no
 * hint.  Then the keys.  Passwords and tickets are elsewhere: here pass tokens.
 * [MS-SMB2] 3.2.4.2.3, 3.2.5.3; [RFC4178] 4.2; [MS-NLMP] 3.1.5.1
 */
#include "base/secret.h"
#include "clientd/session/setup.h"
#include "proto/smb2/kdf.h"
#include "proto/smb2/session_setup.h"

#define ROUNDS_MAX 6u

/* ---- keys ---- */

/* 3.2.5.3.1: what all channels of the session will use.  The bond owns what was made, whatever fails. */
static nt
session_keys(struct conn *c, const struct smb2_keys *keys)
{
	struct smb2_sealer *out = NULL, *in = NULL;
	nt s = bond_new(c, keys->signing);

	memcpy(c->application_key, keys->application, sizeof c->application_key);
	if (nt_failed(s) || c->nego.cipher == SMB2_CIPHER_NONE)
		return s;
	TRY(smb2_sealer_new(c->nego.cipher, SMB2_SEAL, keys->server_in, &out));
	c->out = c->bond->out = out;
	TRY(smb2_sealer_new(c->nego.cipher, SMB2_UNSEAL, keys->server_out, &in));
	c->in = c->bond->in = in;
	return STATUS_SUCCESS;
}

static nt
keys_install(struct logon *l)
{
	struct conn *c	   = l->c;
	struct span secret = SPAN(l->proof.key, l->proof.key_n);
	struct smb2_keys keys;
	nt s;

	REQUIRE(secret.n > 0, STATUS_INTERNAL_ERROR);
	TRY(smb2_keys_derive(c->nego.dialect, c->nego.cipher, secret, l->preauth.hash, &keys));
	smb2_signer_drop(c->signer);	/* a binding's was the session's */
	c->signer = NULL;
	s	  = smb2_signer_new(c->nego.signing_alg, keys.signing, &c->signer);
	if (!nt_failed(s) && !l->to)
		s = session_keys(c, &keys);
	secret_wipe(&keys, sizeof keys);
	return s;
}

/* A server that makes a guest of somebody who has proved an identity gives no keys for it. */
static nt
guest_check(struct logon *l)
{
	struct session *s = l->s;
	bool asked	  = s->cred == 0 || l->proof.anonymous;

	s->guest     = (l->flags & SMB2_SESSION_FLAG_IS_GUEST) != 0;
	s->anonymous = l->proof.anonymous || (l->flags & SMB2_SESSION_FLAG_IS_NULL);
	if (s->guest || s->anonymous) {
		REQUIRE(asked || (s->guest && (s->flags & CLIENT_GUEST_OK)), STATUS_LOGON_FAILURE);
		REQUIRE(s->signing != CONF_REQUIRED && s->encrypt != CONF_REQUIRED,
			STATUS_ACCESS_DENIED);
	}
	return STATUS_SUCCESS;
}

/* 3.2.5.3.1: on 3.1.1 the last answer is always signed, it is what the hash protects. */
static nt
answer_verify(struct logon *l, const struct reply *rep)
{
	struct conn *c	  = l->c;
	struct iovec iov  = { (void *)(uintptr_t)rep->raw.p, rep->raw.n };
	bool must	  = c->nego.dialect == SMB2_DIALECT_311 || c->sign;
	bool is		  = (rep->hdr.flags & SMB2_FLAGS_SIGNED) != 0;

	if (is ? nt_failed(smb2_verify(c->signer, &iov, 1)) : must) {
		conn_nonsense(c, "the end of the logon is not signed as it must be");
		return STATUS_INVALID_NETWORK_RESPONSE;
	}
	return STATUS_SUCCESS;
}

/* 3.2.5.3.3: what is left out of flags is the session's. */
static nt
channel_stands(struct logon *l, const struct reply *rep)
{
	struct conn *c = l->c;

	REQUIRE(!(l->flags & (SMB2_SESSION_FLAG_IS_GUEST | SMB2_SESSION_FLAG_IS_NULL)) &&
			l->to->bond,
		STATUS_INVALID_NETWORK_RESPONSE);
	TRY(keys_install(l));
	c->sign = true;
	TRY(answer_verify(l, rep));
	bond_share(c, l->to->bond);
	c->sign	 = l->to->sign;
	c->seal	 = l->to->seal;
	c->epoch = l->to->epoch;
	c->ready = true;
	return STATUS_SUCCESS;
}

static nt
session_stands(struct logon *l, const struct reply *rep)
{
	struct session *s = l->s;
	struct conn *c	  = l->c;

	if (l->again) {
		REQUIRE(!(l->flags & (SMB2_SESSION_FLAG_IS_GUEST | SMB2_SESSION_FLAG_IS_NULL)),
			STATUS_LOGON_FAILURE);
		s->expires = l->proof.expires;
		return STATUS_SUCCESS;
	}
	TRY(guest_check(l));
	c->session_id = rep->hdr.session_id;
	if (!s->guest && !s->anonymous) {
		TRY(keys_install(l));
		c->sign = s->signing == CONF_REQUIRED ||
			  (c->nego.server_mode & SMB2_NEGOTIATE_SIGNING_REQUIRED);
		TRY(answer_verify(l, rep));
		c->seal = s->encrypt == CONF_REQUIRED || (l->flags & SMB2_SESSION_FLAG_ENCRYPT_DATA);
		REQUIRE(!c->seal || c->out, STATUS_INVALID_NETWORK_RESPONSE);
	} else {
		TRY(bond_new(c, NULL));
	}
	s->mechanism = l->mech == SPNEGO_MECH_KRB5 ? "kerberos" : "ntlm";
	memcpy(s->user, l->proof.user, sizeof s->user);
	memcpy(s->domain, l->proof.domain, sizeof s->domain);
	s->expires   = l->proof.expires;
	c->ready     = true;
	return STATUS_SUCCESS;
}

/* ---- the exchange ---- */

/* 3.2.5.1.3: what comes before the channel has a key of its own is signed with the session's. */
static nt
bind_verify(struct logon *l, const struct reply *rep)
{
	struct iovec iov = { (void *)(uintptr_t)rep->raw.p, rep->raw.n };

	if (!l->to || ((rep->hdr.flags & SMB2_FLAGS_SIGNED) &&
		       !nt_failed(smb2_verify(l->c->signer, &iov, 1))))
		return STATUS_SUCCESS;
	conn_nonsense(l->c, "an answer to a binding that is not signed as it must be");
	return STATUS_INVALID_NETWORK_RESPONSE;
}

/* One round.  *ret_token: the server's, on fiber memory; *ret: the answer, m holds it. */
static nt
round_trip(struct logon *l, struct span token, struct msg *m, struct span *ret_token)
{
	struct smb2_session_setup_req req = {
		.flags	       = l->to ? SMB2_SESSION_FLAG_BINDING : 0,
		.security_mode = l->s->signing == CONF_REQUIRED ? SMB2_NEGOTIATE_SIGNING_REQUIRED
								: SMB2_NEGOTIATE_SIGNING_ENABLED,
		.capabilities  = SMB2_GLOBAL_CAP_DFS,
		/* 3.2.4.2.3: what the lost connection left open is not to be in our way */
		.previous_session_id = l->s->conn && !l->again && !l->to ? l->s->conn->session_id : 0,
		.token	       = token,
	};
	struct smb2_session_setup_rsp rsp;
	struct reply *rep = &m->reply[0];
	size_t at;

	TRY(msg_begin(m, l->c, MSG_ROOM + token.n));
	at = msg_add(m, SMB2_CMD_session_setup, 0, 0);
	smb2_session_setup_req_encode(&m->w, at, &req);
	m->packet->preauth = l->again ? NULL : &l->preauth;
	m->packet->seal	   = false;	/* 3.2.4.1.8: never this command */
	m->force_sign	   = l->again || l->to;
	TRY(msg_exchange(m));
	if (!nt_is(rep->status, STATUS_MORE_PROCESSING_REQUIRED))
		TRY(rep->status);
	ANSWER(smb2_session_setup_rsp_decode(&rep->body, &rsp));
	REQUIRE(l->c->session_id == 0 || rep->hdr.session_id == l->c->session_id,
		STATUS_INVALID_NETWORK_RESPONSE);
	l->flags   = rsp.session_flags;
	*ret_token = rsp.token;
	if (nt_ok(rep->status))
		return STATUS_SUCCESS;
	TRY(bind_verify(l, rep));
	l->c->session_id = rep->hdr.session_id;
	return smb2_preauth_update(&l->preauth, rep->raw);
}

static nt
logon_run(struct logon *l)
{
	struct span out, in;

	TRY(logon_begin(l, &out));
	for (unsigned i = 0; i < ROUNDS_MAX; i++) {
		struct msg m CLEANUP(msg_end) = { 0 };

		TRY(round_trip(l, out, &m, &in));
		if (nt_ok(m.reply[0].status)) {
			TRY(logon_end(l, in));
			l->proof.ctx = 0;
			return l->to ? channel_stands(l, &m.reply[0])
				     : session_stands(l, &m.reply[0]);
		}
		TRY(logon_continue(l, in, &out));
	}
	return STATUS_INVALID_NETWORK_RESPONSE;
}

static nt
logon(struct logon *l)
{
	nt status = logon_run(l);

	if (nt_failed(status))
		creds_abort(l->s->client, l->proof.ctx);
	secret_wipe(l->proof.key, sizeof l->proof.key);
	return status;
}

nt
conn_logon(struct session *s, struct conn *c)
{
	struct logon l = { .s = s, .c = c, .preauth = c->preauth };

	return logon(&l);
}

nt
conn_logon_again(struct session *s, struct conn *c)
{
	struct logon l = { .s = s, .c = c, .again = true };

	REQUIRE(c->signer, STATUS_NETWORK_SESSION_EXPIRED);	/* a guest has nothing to prove */
	return logon(&l);
}

nt
conn_bind(struct session *s, struct conn *c, struct conn *to)
{
	struct logon l = { .s = s, .c = c, .to = to, .preauth = c->preauth };

	REQUIRE(to->bond && to->signer, STATUS_NOT_SUPPORTED);
	TRY(smb2_signer_new(c->nego.signing_alg, to->bond->signing_key, &c->signer));
	c->session_id = to->session_id;
	return logon(&l);
}
