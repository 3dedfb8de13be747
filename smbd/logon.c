/*
 * logon.c - see logon.h.  An exchange that waits for the store outlives its
 * owner: the store's answer then finds no owner and frees it.
 */
#include "smbd/logon.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/secret.h"
#include "base/utf16.h"
#include "proto/auth/ntlmssp.h"
#include "smbd/limits.h"

#define CHALLENGE_MAX (BLOB_BOUND + 2 * NAME_BOUND + 128)
#define ANSWER_MAX    (CHALLENGE_MAX + 256)

enum logon_stage {
	LOGON_FRESH,		/* nothing came yet, or we asked for another mechanism */
	LOGON_BEGINNING,	/* auth_ntlm_begin is out */
	LOGON_CHALLENGED,	/* the client has our challenge */
	LOGON_FINISHING,	/* auth_ntlm_finish is out */
	LOGON_OVER,
};

struct logon {
	void *owner;		/* NULL: nobody wants the answer any more */
	logon_done *done;
	enum logon_stage stage;
	bool raw;		/* NTLMSSP without SPNEGO */
	bool mic_due;		/* NTLMSSP was not the client's first choice */
	uint64_t ctx;
	uint64_t store;		/* the peer that knows ctx */
	struct node *node;
	struct span mech_list, negotiate, challenge;	/* owned copies */
};

/* What one token of the client holds. */
struct logon_in {
	bool raw;
	bool restart;		/* the client did not choose NTLMSSP first: ask for it */
	struct span ntlm;
	struct span mech_list;	/* only in a NegTokenInit */
	struct span mic;
};

static bool
span_copy(struct span *dst, struct span src)
{
	uint8_t *p = malloc(src.n ? src.n : 1);

	if (!p)
		return false;
	if (src.n > 0)
		memcpy(p, src.p, src.n);
	free((void *)(uintptr_t)dst->p);
	*dst = SPAN(p, src.n);
	return true;
}

struct logon *
logon_new(struct node *node, void *owner, logon_done *done)
{
	struct logon *l = calloc(1, sizeof *l);

	if (l) {
		l->node  = node;
		l->owner = owner;
		l->done  = done;
	}
	return l;
}

static void
logon_free(struct logon *l)
{
	free((void *)(uintptr_t)l->mech_list.p);
	free((void *)(uintptr_t)l->negotiate.p);
	free((void *)(uintptr_t)l->challenge.p);
	free(l);
}

bool
logon_is_asking(const struct logon *l)
{
	return l->stage == LOGON_BEGINNING || l->stage == LOGON_FINISHING;
}

static void
abort_done(void *ctx, nt status, const struct auth_abort_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)status;
	(void)rsp;
	(void)data;
}

/* The store forgets ctx by itself after a while; this is for the sake of its memory. */
static void
logon_abort(struct logon *l)
{
	struct link *store       = node_find(l->node, l->store);
	struct auth_abort_req rq = { .ctx = l->ctx };

	if (store && nt_failed(auth_abort_call(store, &rq, NULL, abort_done, NULL)))
		log_debug("an abandoned logon could not be told to the store");
}

void
logon_drop(struct logon *l)
{
	if (!l)
		return;
	l->owner = NULL;
	if (logon_is_asking(l))
		return;
	if (l->stage == LOGON_CHALLENGED)
		logon_abort(l);
	logon_free(l);
}

uint64_t
logon_ctx(const struct logon *l)
{
	return l->ctx;
}

static void
logon_tell(struct logon *l, nt status, const struct auth_ntlm_finish_rsp *ok, struct span token)
{
	if (!l->owner)
		logon_free(l);
	else
		l->done(l->owner, status, ok, token);
}

/* ---- tokens in ---- */

/* [RFC4178] 4.2.1: a token for a mechanism that is not ours counts for nothing. */
static nt
logon_read_init(struct span token, struct logon_in *ret)
{
	struct spnego_init t;
	size_t at = 0;

	TRY(spnego_init_decode(token, &t));
	while (at < t.mech_count && t.mechs[at] != SPNEGO_MECH_NTLMSSP)
		at++;
	REQUIRE(at < t.mech_count, STATUS_LOGON_FAILURE);
	*ret = (struct logon_in){ .mech_list = t.mech_list };
	ret->restart = at > 0 || !t.has_token;
	if (!ret->restart)
		ret->ntlm = t.token;
	return STATUS_SUCCESS;
}

static nt
logon_read_resp(struct span token, struct logon_in *ret)
{
	struct spnego_resp t;

	TRY(spnego_resp_decode(token, &t));
	REQUIRE(t.state != SPNEGO_REJECT, STATUS_LOGON_FAILURE);
	REQUIRE(t.has_token, STATUS_INVALID_PARAMETER);
	*ret = (struct logon_in){ .ntlm = t.token };
	if (t.has_mic)
		ret->mic = t.mic;
	return STATUS_SUCCESS;
}

static nt
logon_read(struct span token, struct logon_in *ret)
{
	switch (spnego_classify(token)) {
	case SPNEGO_KIND_INIT:
		return logon_read_init(token, ret);
	case SPNEGO_KIND_RESP:
		return logon_read_resp(token, ret);
	case SPNEGO_KIND_NTLMSSP:
		*ret = (struct logon_in){ .raw = true, .ntlm = token };
		return STATUS_SUCCESS;
	default:
		return STATUS_LOGON_FAILURE;	/* Kerberos without SPNEGO, or nothing we know */
	}
}

/* ---- tokens out ---- */

static struct span
logon_wrap(const struct logon *l, struct wr *w, const struct spnego_resp *t)
{
	if (l->raw)
		return t->token;
	spnego_resp_encode(w, t);
	return wr_done(w);
}

/* The client listed NTLMSSP but began with another mechanism. */
static void
logon_ask_ntlm(struct logon *l)
{
	uint8_t room[256];
	struct wr w          = wr_init(room, sizeof room);
	struct spnego_resp t = { .state = SPNEGO_REQUEST_MIC, .has_mech = true,
		.mech = SPNEGO_MECH_NTLMSSP };

	l->mic_due = true;
	spnego_resp_encode(&w, &t);
	logon_tell(l, STATUS_MORE_PROCESSING_REQUIRED, NULL, wr_done(&w));
}

static nt
logon_make_challenge(struct logon *l, const struct auth_ntlm_begin_rsp *rsp)
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
	return span_copy(&l->challenge, wr_done(&w)) ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

/* ---- the first half ---- */

static void
logon_begun(void *ctx, nt status, const struct auth_ntlm_begin_rsp *rsp, struct span data)
{
	struct logon *l = ctx;
	uint8_t room[ANSWER_MAX];
	struct wr w          = wr_init(room, sizeof room);
	struct spnego_resp t = { .state = SPNEGO_ACCEPT_INCOMPLETE, .has_mech = true,
		.mech = SPNEGO_MECH_NTLMSSP, .has_token = true };

	(void)data;
	l->stage = LOGON_OVER;
	if (!nt_failed(status) && rsp) {
		l->ctx   = rsp->ctx;
		l->stage = LOGON_CHALLENGED;
		status   = logon_make_challenge(l, rsp);
	}
	if (!l->owner && l->stage == LOGON_CHALLENGED)
		logon_abort(l);
	if (nt_failed(status)) {
		logon_tell(l, status, NULL, SPAN_NONE);
		return;
	}
	t.token = l->challenge;
	logon_tell(l, STATUS_MORE_PROCESSING_REQUIRED, NULL, logon_wrap(l, &w, &t));
}

static nt
logon_begin(struct logon *l, struct link *store, const struct logon_about *about,
    const struct logon_in *in)
{
	struct call_opt opt = { .timeout_ms = CALL_WAIT_MS };
	struct ntlm_negotiate n;
	struct auth_ntlm_begin_req req;
	nt s;

	TRY(ntlm_negotiate_decode(in->ntlm, &n));
	REQUIRE(in->ntlm.n <= BLOB_BOUND, STATUS_INVALID_PARAMETER);
	REQUIRE(span_copy(&l->negotiate, in->ntlm), STATUS_NO_MEMORY);
	req      = (struct auth_ntlm_begin_req){ about->client, about->session, n.flags };
	l->store = link_peer(store);
	l->stage = LOGON_BEGINNING;
	s        = auth_ntlm_begin_call(store, &req, &opt, logon_begun, l);
	if (nt_failed(s))
		l->stage = LOGON_OVER;
	return s;
}

/* ---- the second half ---- */

static void
logon_finished(void *ctx, nt status, const struct auth_ntlm_finish_rsp *rsp, struct span data)
{
	struct logon *l = ctx;
	uint8_t room[256];
	struct wr w          = wr_init(room, sizeof room);
	struct spnego_resp t = { .state = SPNEGO_ACCEPT_COMPLETED };

	(void)data;
	l->stage = LOGON_OVER;
	if (!nt_failed(status) && !rsp)
		status = STATUS_INTERNAL_ERROR;
	if (nt_failed(status)) {
		logon_tell(l, status, NULL, SPAN_NONE);
		return;
	}
	t.has_mic = rsp->server_mic.n > 0;
	t.mic     = rsp->server_mic;
	logon_tell(l, STATUS_SUCCESS, rsp, logon_wrap(l, &w, &t));
}

/* One name of an AUTHENTICATE message; room of NAME_BOUND + 1 bytes. */
static nt
logon_name(struct span utf16, char *room, struct str *ret)
{
	size_t n;

	REQUIRE(!nt_failed(utf16_to_utf8(utf16, room, NAME_BOUND + 1, &n)), STATUS_LOGON_FAILURE);
	*ret = (struct str){ room, n };
	return STATUS_SUCCESS;
}

static nt
logon_finish(struct logon *l, struct link *store, const struct logon_about *about,
    const struct logon_in *in)
{
	struct call_opt opt = { .timeout_ms = CALL_WAIT_MS };
	char user[NAME_BOUND + 1], domain[NAME_BOUND + 1], station[NAME_BOUND + 1];
	struct ntlm_authenticate a;
	struct auth_ntlm_finish_req req = { .ctx = l->ctx };
	nt s;

	TRY(ntlm_authenticate_decode(in->ntlm, &a));
	REQUIRE((a.flags & NTLM_UNICODE) != 0, STATUS_LOGON_FAILURE);
	REQUIRE(!l->mic_due || in->mic.n > 0, STATUS_LOGON_FAILURE);
	TRY(logon_name(a.user, user, &req.user));
	TRY(logon_name(a.domain, domain, &req.domain));
	TRY(logon_name(a.workstation, station, &req.workstation));
	req.flags            = a.flags;
	req.lm_response      = a.lm_response;
	req.nt_response      = a.nt_response;
	req.session_key      = a.session_key;
	req.negotiate        = l->negotiate;
	req.challenge        = l->challenge;
	req.authenticate     = in->ntlm;
	req.mic_at           = a.has_mic ? NTLM_MIC_OFFSET : 0;
	req.mech_list        = in->mic.n > 0 ? l->mech_list : SPAN_NONE;
	req.client_mic       = in->mic;
	req.previous_session = about->previous_session;
	req.dialect          = about->dialect;
	req.binding          = about->binding;
	l->stage             = LOGON_FINISHING;
	s = auth_ntlm_finish_call(store, &req, &opt, logon_finished, l);
	if (nt_failed(s))
		l->stage = LOGON_OVER;
	return s;
}

nt
logon_step(struct logon *l, struct link *store, const struct logon_about *about, struct span token)
{
	struct logon_in in = { 0 };
	enum ntlm_type type;

	REQUIRE(!logon_is_asking(l) && l->stage != LOGON_OVER, STATUS_REQUEST_OUT_OF_SEQUENCE);
	TRY(logon_read(token, &in));
	if (in.mech_list.n > 0) {
		REQUIRE(l->mech_list.n == 0 && in.mech_list.n <= BLOB_BOUND,
		    STATUS_INVALID_PARAMETER);
		REQUIRE(span_copy(&l->mech_list, in.mech_list), STATUS_NO_MEMORY);
	}
	if (in.restart) {
		logon_ask_ntlm(l);
		return STATUS_SUCCESS;
	}
	REQUIRE(ntlm_type(in.ntlm, &type), STATUS_INVALID_PARAMETER);
	if (type == NTLM_NEGOTIATE && l->stage == LOGON_FRESH) {
		l->raw = in.raw;
		return logon_begin(l, store, about, &in);
	}
	REQUIRE(type == NTLM_AUTHENTICATE && l->stage == LOGON_CHALLENGED,
	    STATUS_INVALID_PARAMETER);
	REQUIRE(in.raw == l->raw, STATUS_INVALID_PARAMETER);
	REQUIRE(link_peer(store) == l->store, STATUS_CONNECTION_RESET);
	return logon_finish(l, store, about, &in);
}
