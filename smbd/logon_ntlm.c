/*
 * logon_ntlm.c - NTLMSSP: the three messages taken apart and put together for
 * the store, which does the proving.  [MS-NLMP] 3.2.5.1
 */
#include "base/utf16.h"
#include "proto/auth/ntlmssp.h"
#include "smbd/limits.h"
#include "smbd/logon_inner.h"

#define CHALLENGE_MAX (BLOB_BOUND + 2 * NAME_BOUND + 128)
#define ANSWER_MAX    (CHALLENGE_MAX + 256)

static nt
ntlm_make_challenge(struct logon *l, const struct auth_ntlm_begin_rsp *rsp)
{
	uint8_t name[2 * (NAME_BOUND + 1)], room[CHALLENGE_MAX];
	struct wr nw            = wr_init(name, sizeof name);
	struct wr w             = wr_init(room, sizeof room);
	struct ntlm_challenge c = { .flags = rsp->flags, .target_info = rsp->target_info };
	struct wr cw            = wr_init(c.server_challenge, sizeof c.server_challenge);

	wr_u64(&cw, rsp->challenge);
	wr_utf16(&nw, rsp->target.s ? rsp->target.s : "");
	c.target_name = wr_done(&nw);
	c.has_version = (rsp->flags & NTLM_VERSION) != 0;
	c.version     = (struct ntlm_version){ .major = 10, .revision = 15 };
	ntlm_challenge_encode(&w, &c);
	REQUIRE(wr_ok(&w) && wr_ok(&nw), STATUS_INTERNAL_ERROR);
	return logon_keep(&l->challenge, wr_done(&w)) ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

/* ---- the first half ---- */

static void
ntlm_begun(void *ctx, nt status, const struct auth_ntlm_begin_rsp *rsp, struct span data)
{
	struct logon *l = ctx;
	uint8_t room[ANSWER_MAX];
	struct wr w          = wr_init(room, sizeof room);
	struct spnego_resp t = { .state = SPNEGO_ACCEPT_INCOMPLETE };

	(void)data;
	l->stage = LOGON_OVER;
	if (!nt_failed(status) && rsp) {
		l->ctx   = rsp->ctx;
		l->stage = LOGON_AWAITING;
		status   = ntlm_make_challenge(l, rsp);
	}
	if (!l->owner && l->stage == LOGON_AWAITING)
		logon_abort(l);
	if (nt_failed(status)) {
		logon_tell(l, status, NULL, SPAN_NONE);
		return;
	}
	t.token = l->challenge;
	logon_tell(l, STATUS_MORE_PROCESSING_REQUIRED, NULL, logon_wrap(l, &w, &t));
}

static nt
ntlm_begin(struct logon *l, struct link *store, const struct logon_about *about,
    const struct logon_in *in)
{
	struct call_opt opt = { .timeout_ms = CALL_WAIT_MS };
	struct ntlm_negotiate n;
	struct auth_ntlm_begin_req req;
	nt s;

	TRY(ntlm_negotiate_decode(in->token, &n));
	REQUIRE(in->token.n <= BLOB_BOUND, STATUS_INVALID_PARAMETER);
	REQUIRE(logon_keep(&l->negotiate, in->token), STATUS_NO_MEMORY);
	req      = (struct auth_ntlm_begin_req){ about->client, about->session, n.flags };
	l->store = link_peer(store);
	l->stage = LOGON_ASKING;
	s        = auth_ntlm_begin_call(store, &req, &opt, ntlm_begun, l);
	if (nt_failed(s))
		l->stage = LOGON_OVER;
	return s;
}

/* ---- the second half ---- */

static void
ntlm_finished(void *ctx, nt status, const struct auth_ntlm_finish_rsp *rsp, struct span data)
{
	struct logon *l = ctx;
	uint8_t room[256];
	struct wr w          = wr_init(room, sizeof room);
	struct spnego_resp t = { .state = SPNEGO_ACCEPT_COMPLETED };
	struct logon_ok ok;

	(void)data;
	l->stage = LOGON_OVER;
	if (!nt_failed(status) && !rsp)
		status = STATUS_INTERNAL_ERROR;
	if (nt_failed(status)) {
		logon_tell(l, status, NULL, SPAN_NONE);
		return;
	}
	ok    = (struct logon_ok){ rsp->session, rsp->worker, rsp->flags };
	t.mic = rsp->server_mic;
	logon_tell(l, STATUS_SUCCESS, &ok, logon_wrap(l, &w, &t));
}

/* One name of an AUTHENTICATE message; room of NAME_BOUND + 1 bytes. */
static nt
ntlm_name(struct span utf16, char *room, struct str *ret)
{
	size_t n;

	REQUIRE(!nt_failed(utf16_to_utf8(utf16, room, NAME_BOUND + 1, &n)), STATUS_LOGON_FAILURE);
	*ret = (struct str){ room, n };
	return STATUS_SUCCESS;
}

static nt
ntlm_finish(struct logon *l, struct link *store, const struct logon_about *about,
    const struct logon_in *in)
{
	struct call_opt opt = { .timeout_ms = CALL_WAIT_MS };
	char user[NAME_BOUND + 1], domain[NAME_BOUND + 1], station[NAME_BOUND + 1];
	struct ntlm_authenticate a;
	struct auth_ntlm_finish_req req = { .ctx = l->ctx };
	nt s;

	TRY(ntlm_authenticate_decode(in->token, &a));
	REQUIRE((a.flags & NTLM_UNICODE) != 0, STATUS_LOGON_FAILURE);
	REQUIRE(!l->mic_due || in->mic.n > 0, STATUS_LOGON_FAILURE);
	TRY(ntlm_name(a.user, user, &req.user));
	TRY(ntlm_name(a.domain, domain, &req.domain));
	TRY(ntlm_name(a.workstation, station, &req.workstation));
	req.flags            = a.flags;
	req.lm_response      = a.lm_response;
	req.nt_response      = a.nt_response;
	req.session_key      = a.session_key;
	req.negotiate        = l->negotiate;
	req.challenge        = l->challenge;
	req.authenticate     = in->token;
	req.mic_at           = a.has_mic ? NTLM_MIC_OFFSET : 0;
	req.mech_list        = in->mic.n > 0 ? l->mech_list : SPAN_NONE;
	req.client_mic       = in->mic;
	req.previous_session = about->previous_session;
	req.dialect          = about->dialect;
	req.binding          = about->binding;
	l->stage             = LOGON_ASKING;
	s = auth_ntlm_finish_call(store, &req, &opt, ntlm_finished, l);
	if (nt_failed(s))
		l->stage = LOGON_OVER;
	return s;
}

nt
logon_ntlm_step(struct logon *l, struct link *store, const struct logon_about *about,
    const struct logon_in *in)
{
	enum ntlm_type type;

	REQUIRE(ntlm_type(in->token, &type), STATUS_INVALID_PARAMETER);
	if (type == NTLM_NEGOTIATE && l->stage == LOGON_FRESH)
		return ntlm_begin(l, store, about, in);
	REQUIRE(type == NTLM_AUTHENTICATE && l->stage == LOGON_AWAITING, STATUS_INVALID_PARAMETER);
	return ntlm_finish(l, store, about, in);
}
