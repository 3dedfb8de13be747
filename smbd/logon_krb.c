/*
 * logon_krb.c - Kerberos: the token goes to the store as it came, and the
 * answer's back.  When SPNEGO wants a mechListMIC that did not come with the
 * token, one more round brings it.  [RFC4178] 5, [RFC4121] 4.1
 */
#include "smbd/limits.h"
#include "smbd/logon_inner.h"

#define KRB_TOKEN_MAX  4096u	/* of ours: an AP-REP has 200 bytes, a KRB-ERROR less */
#define KRB_ANSWER_MAX (KRB_TOKEN_MAX + 512)

static nt
krb_check(const struct auth_krb_rsp *rsp)
{
	REQUIRE(rsp, STATUS_INTERNAL_ERROR);
	REQUIRE(rsp->token.n + rsp->server_mic.n <= KRB_TOKEN_MAX, STATUS_INTERNAL_ERROR);
	return STATUS_SUCCESS;
}

static void
krb_told(void *ctx, nt status, const struct auth_krb_rsp *rsp, struct span data)
{
	struct logon *l = ctx;
	uint8_t room[KRB_ANSWER_MAX];
	struct wr w          = wr_init(room, sizeof room);
	struct spnego_resp t = { .state = SPNEGO_ACCEPT_COMPLETED };
	struct logon_ok ok;

	(void)data;
	l->stage = LOGON_OVER;
	if (!nt_failed(status))
		status = krb_check(rsp);
	if (nt_failed(status)) {
		logon_tell(l, status, NULL, SPAN_NONE);
		return;
	}
	l->ctx  = rsp->ctx;
	t.token = rsp->token;
	t.mic   = rsp->server_mic;
	if (rsp->done) {
		ok = (struct logon_ok){ rsp->session, rsp->worker, rsp->flags };
		logon_tell(l, STATUS_SUCCESS, &ok, logon_wrap(l, &w, &t));
		return;
	}
	l->stage = LOGON_AWAITING;
	t.state  = SPNEGO_ACCEPT_INCOMPLETE;
	if (!l->owner)
		logon_abort(l);
	logon_tell(l, STATUS_MORE_PROCESSING_REQUIRED, NULL, logon_wrap(l, &w, &t));
}

nt
logon_krb_step(struct logon *l, struct link *store, const struct logon_about *about,
    const struct logon_in *in)
{
	struct call_opt opt     = { .timeout_ms = CALL_WAIT_MS };
	bool mic                = l->mic_due || in->mic.n > 0;
	struct auth_krb_req req = { .ctx = l->ctx, .client = about->client,
		.session = about->session, .token = in->token, .long_key = about->long_key,
		.mech_list = mic ? l->mech_list : SPAN_NONE, .client_mic = in->mic,
		.mic_due = l->mic_due, .previous_session = about->previous_session,
		.dialect = about->dialect, .binding = about->binding };
	nt s;

	REQUIRE(in->mic.n <= BLOB_BOUND, STATUS_INVALID_PARAMETER);
	REQUIRE(in->token.n > 0 || l->stage == LOGON_AWAITING, STATUS_INVALID_PARAMETER);
	l->store = link_peer(store);
	l->stage = LOGON_ASKING;
	s        = auth_krb_call(store, &req, &opt, krb_told, l);
	if (nt_failed(s))
		l->stage = LOGON_OVER;
	return s;
}
