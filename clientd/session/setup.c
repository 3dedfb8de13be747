/*
 * setup.c - SESSION_SETUP: Kerberos if the server offers it and the keeper of
 * credentials can, else NTLM; inside SPNEGO, or bare where the server gave no
 * hint.  Then the keys.  Passwords and tickets are elsewhere: here pass tokens.
 * [MS-SMB2] 3.2.4.2.3, 3.2.5.3; [RFC4178] 4.2; [MS-NLMP] 3.1.5.1
 */
#include "base/log.h"
#include "base/secret.h"
#include "clientd/session/creds.h"
#include "clientd/session/session.h"
#include "proto/auth/ntlmssp.h"
#include "proto/auth/spnego.h"
#include "proto/smb2/kdf.h"
#include "proto/smb2/session_setup.h"

#define ROUNDS_MAX 6u
#define LIST_MAX   64u

struct logon {
	struct session *s;
	struct conn *c;
	struct smb2_preauth preauth;
	enum spnego_mech mech;
	bool raw;		/* NTLMSSP without a wrapper */
	bool again;		/* the session stands already; keys and opens stay, 3.2.5.3.2 */
	bool finished;		/* our last token is out */
	struct proof proof;
	uint8_t list[LIST_MAX];	/* DER of the MechTypeList that we sent */
	size_t list_n;
	uint16_t flags;		/* SessionFlags of the last answer */
};

/* ---- what the server can ---- */

static bool
hint_has(const struct conn *c, enum spnego_mech mech)
{
	struct spnego_init init;

	if (c->nego.token_n == 0 ||
	    nt_failed(spnego_init_decode(SPAN(c->nego.token, c->nego.token_n), &init)))
		return false;
	for (size_t i = 0; i < init.mech_count; i++)
		if (spnego_mech_same(init.mechs[i], mech))
			return true;
	return false;
}

static const char *
spn_of(const struct session *s)
{
	size_t n = strlen(s->host) + sizeof "cifs/";
	char *spn;

	if (s->spn[0])
		return s->spn;
	spn = fiber_alloc(n);
	(void)snprintf(spn, n, "cifs/%s", s->host);
	return spn;
}

/* ---- tokens out ---- */

static struct span
wrap_init(struct logon *l, const enum spnego_mech *mechs, size_t n, struct span token)
{
	struct spnego_init init = { .mech_count = n, .has_token = true, .token = token };
	size_t cap		= token.n + 256;
	struct wr w		= wr_init(fiber_alloc(cap), cap);
	struct wr lw		= wr_init(l->list, sizeof l->list);

	memcpy(init.mechs, mechs, n * sizeof *mechs);
	spnego_mech_list_encode(&lw, mechs, n);
	l->list_n = wr_done(&lw).n;
	spnego_init_encode(&w, &init);
	return wr_done(&w);
}

static struct span
wrap_resp(struct span token, struct span mic)
{
	struct spnego_resp resp = { .state = SPNEGO_STATE_NONE, .has_token = token.n > 0,
				    .token = token, .has_mic = mic.n > 0, .mic = mic };
	size_t cap  = token.n + mic.n + 256;
	struct wr w = wr_init(fiber_alloc(cap), cap);

	spnego_resp_encode(&w, &resp);
	return wr_done(&w);
}

static nt
begin_krb(struct logon *l, struct span *ret)
{
	static const enum spnego_mech mechs[] = { SPNEGO_MECH_MS_KRB5, SPNEGO_MECH_KRB5,
						  SPNEGO_MECH_NTLMSSP };
	const struct cred_krb_begin_req req   = { .cred = l->s->cred,
						  .spn	= str_of(spn_of(l->s)) };

	TRY(creds_krb_begin(l->s->client, &req, &l->proof));
	l->mech	 = SPNEGO_MECH_KRB5;
	*ret	 = wrap_init(l, mechs, NELEM(mechs), l->proof.token);
	return STATUS_SUCCESS;
}

static nt
begin_ntlm(struct logon *l, struct span *ret)
{
	static const enum spnego_mech mechs[] = { SPNEGO_MECH_NTLMSSP };
	const struct cred_ntlm_begin_req req  = { .cred	       = l->s->cred,
						  .workstation = str_of(l->s->workstation) };

	TRY(creds_ntlm_begin(l->s->client, &req, &l->proof));
	l->mech = SPNEGO_MECH_NTLMSSP;
	if (l->raw)
		*ret = l->proof.token;
	else if (l->list_n > 0)	/* the server chose it from the list that we sent */
		*ret = wrap_resp(l->proof.token, SPAN_NONE);
	else
		*ret = wrap_init(l, mechs, NELEM(mechs), l->proof.token);
	return STATUS_SUCCESS;
}

/* Whether Kerberos may, must or must not be used the keeper of the credential knows. */
static nt
logon_begin(struct logon *l, struct span *ret)
{
	nt krb = STATUS_NOT_SUPPORTED, ntlm;

	l->raw = !hint_has(l->c, SPNEGO_MECH_KRB5) && !hint_has(l->c, SPNEGO_MECH_NTLMSSP);
	if (l->s->cred != 0 && hint_has(l->c, SPNEGO_MECH_KRB5)) {
		krb = begin_krb(l, ret);
		if (!nt_failed(krb) || nt_is(krb, STATUS_CANCELLED))
			return krb;
	}
	ntlm = begin_ntlm(l, ret);
	return nt_is(ntlm, STATUS_NOT_SUPPORTED) && !nt_is(krb, STATUS_NOT_SUPPORTED) ? krb : ntlm;
}

/* ---- tokens in ---- */

static nt
finish_ntlm(struct logon *l, struct span challenge, struct span *ret)
{
	struct ntlm_challenge ch;
	struct cred_ntlm_finish_req req = { .ctx = l->proof.ctx, .challenge = challenge,
					    .target    = str_of(spn_of(l->s)),
					    .mech_list = SPAN(l->list, l->list_n) };
	struct rd r;

	ANSWER(ntlm_challenge_decode(challenge, &ch));
	r		     = rd_init(SPAN(ch.server_challenge, sizeof ch.server_challenge));
	req.flags	     = ch.flags;
	req.server_challenge = rd_u64(&r);
	req.target_info	     = ch.target_info;
	REQUIRE(ch.target_info.n <= BLOB_BOUND, STATUS_INVALID_NETWORK_RESPONSE);
	TRY(creds_ntlm_finish(l->s->client, &req, &l->proof));
	l->finished = true;
	*ret	    = l->raw ? l->proof.token : wrap_resp(l->proof.token, l->proof.mic);
	return STATUS_SUCCESS;
}

/* The server takes another mechanism of our list than the one whose token was sent along. */
static nt
change_mech(struct logon *l, const struct spnego_resp *resp, struct span *ret)
{
	REQUIRE(l->mech == SPNEGO_MECH_KRB5 && resp->mech == SPNEGO_MECH_NTLMSSP && !resp->has_token,
		STATUS_INVALID_NETWORK_RESPONSE);
	creds_abort(l->s->client, l->proof.ctx);
	l->proof = (struct proof){ 0 };
	return begin_ntlm(l, ret);
}

/* MORE_PROCESSING_REQUIRED came with this. */
static nt
logon_continue(struct logon *l, struct span token, struct span *ret)
{
	struct spnego_resp resp;

	REQUIRE(!l->finished, STATUS_INVALID_NETWORK_RESPONSE);
	if (l->raw)
		return finish_ntlm(l, token, ret);
	ANSWER(spnego_resp_decode(token, &resp));
	REQUIRE(resp.state != SPNEGO_REJECT, STATUS_LOGON_FAILURE);
	if (resp.has_mech && !spnego_mech_same(resp.mech, l->mech))
		return change_mech(l, &resp, ret);
	REQUIRE(l->mech == SPNEGO_MECH_NTLMSSP && resp.has_token, STATUS_INVALID_NETWORK_RESPONSE);
	return finish_ntlm(l, resp.token, ret);
}

/* The last answer's token: what the server proves by it. */
static nt
logon_end_krb(struct logon *l, const struct spnego_resp *resp)
{
	const struct cred_krb_finish_req req = { .ctx = l->proof.ctx, .token = resp->token,
						 .mech_list  = SPAN(l->list, l->list_n),
						 .server_mic = resp->mic };

	REQUIRE(resp->has_token, STATUS_LOGON_FAILURE);
	return creds_krb_finish(l->s->client, &req, &l->proof);
}

static nt
logon_end_ntlm(struct logon *l, const struct spnego_resp *resp)
{
	const struct cred_mic_check_req req = { .ctx = l->proof.ctx,
						.mech_list = SPAN(l->list, l->list_n),
						.mic	   = resp->mic };

	REQUIRE(l->finished, STATUS_INVALID_NETWORK_RESPONSE);
	if (!resp->has_mic) {
		creds_abort(l->s->client, l->proof.ctx);
		return STATUS_SUCCESS;
	}
	return creds_mic_check(l->s->client, &req);
}

static nt
logon_end(struct logon *l, struct span token)
{
	struct spnego_resp resp = { .state = SPNEGO_ACCEPT_COMPLETED };

	if (!l->raw && token.n > 0) {
		ANSWER(spnego_resp_decode(token, &resp));
		REQUIRE(resp.state == SPNEGO_ACCEPT_COMPLETED || resp.state == SPNEGO_STATE_NONE,
			STATUS_LOGON_FAILURE);
	}
	return l->mech == SPNEGO_MECH_KRB5 ? logon_end_krb(l, &resp) : logon_end_ntlm(l, &resp);
}

/* ---- keys ---- */

static nt
keys_install(struct logon *l)
{
	struct conn *c	   = l->c;
	struct span secret = SPAN(l->proof.key, l->proof.key_n);
	struct smb2_keys keys;
	nt s;

	TRY(smb2_keys_derive(c->nego.dialect, c->nego.cipher, secret, l->preauth.hash, &keys));
	s = smb2_signer_new(c->nego.signing_alg, keys.signing, &c->signer);
	if (!nt_failed(s) && c->nego.cipher != SMB2_CIPHER_NONE) {
		s = smb2_sealer_new(c->nego.cipher, SMB2_SEAL, keys.server_in, &c->out);
		if (!nt_failed(s))
			s = smb2_sealer_new(c->nego.cipher, SMB2_UNSEAL, keys.server_out, &c->in);
	}
	memcpy(c->application_key, keys.application, sizeof c->application_key);
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
		REQUIRE(l->proof.key_n > 0, STATUS_INTERNAL_ERROR);
		TRY(keys_install(l));
		c->sign = s->signing == CONF_REQUIRED ||
			  (c->nego.server_mode & SMB2_NEGOTIATE_SIGNING_REQUIRED);
		TRY(answer_verify(l, rep));
		c->seal = s->encrypt == CONF_REQUIRED || (l->flags & SMB2_SESSION_FLAG_ENCRYPT_DATA);
		REQUIRE(!c->seal || c->out, STATUS_INVALID_NETWORK_RESPONSE);
	}
	s->mechanism = l->mech == SPNEGO_MECH_KRB5 ? "kerberos" : "ntlm";
	s->expires   = l->proof.expires;
	c->ready     = true;
	return STATUS_SUCCESS;
}

/* ---- the exchange ---- */

/* One round.  *ret_token: the server's, on fiber memory; *ret: the answer, m holds it. */
static nt
round_trip(struct logon *l, struct span token, struct msg *m, struct span *ret_token)
{
	struct smb2_session_setup_req req = {
		.security_mode = l->s->signing == CONF_REQUIRED ? SMB2_NEGOTIATE_SIGNING_REQUIRED
								: SMB2_NEGOTIATE_SIGNING_ENABLED,
		.capabilities  = SMB2_GLOBAL_CAP_DFS,
		/* 3.2.4.2.3: what the lost connection left open is not to be in our way */
		.previous_session_id = l->s->conn && !l->again ? l->s->conn->session_id : 0,
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
	m->force_sign	   = l->again;
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
			return session_stands(l, &m.reply[0]);
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
