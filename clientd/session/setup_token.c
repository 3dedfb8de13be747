/*
 * setup_token.c - the tokens of a logon: wrapped in SPNEGO or bare, Kerberos or NTLM.
 * What the server sends is hostile until the keeper of credentials has checked it.
 * [RFC4178] 4.2; [MS-NLMP] 3.1.5.1
 */
#include "clientd/session/setup.h"
#include "proto/auth/ntlmssp.h"
#include "proto/auth/spnego.h"

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
	size_t n = strlen(session_dialled(s)) + sizeof "cifs/";
	char *spn;

	if (s->spn[0])
		return s->spn;
	spn = fiber_alloc(n);
	(void)snprintf(spn, n, "cifs/%s", session_dialled(s));
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
nt
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
nt
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

nt
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
