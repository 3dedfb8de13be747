/*
 * logon.c - see logon.h.  An exchange that waits for the store outlives its
 * owner: the store's answer then finds no owner and frees it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "smbd/logon_inner.h"

bool
logon_keep(struct span *dst, struct span src)
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

struct logon_about
logon_about_conn(const struct conn_params *p, const struct conf_server_req *conf)
{
	return (struct logon_about){ .client = p->client, .dialect = p->dialect,
		.mechs    = logon_mechs(conf),
		.long_key = p->dialect == SMB2_DIALECT_311 &&
			    (p->cipher == SMB2_CIPHER_AES256_GCM ||
				p->cipher == SMB2_CIPHER_AES256_CCM) };
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
	return l->stage == LOGON_ASKING;
}

static void
abort_done(void *ctx, nt status, const struct auth_abort_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)status;
	(void)rsp;
	(void)data;
}

void
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
	if (l->stage == LOGON_AWAITING)
		logon_abort(l);
	logon_free(l);
}

uint64_t
logon_ctx(const struct logon *l)
{
	return l->ctx;
}

void
logon_tell(struct logon *l, nt status, const struct logon_ok *ok, struct span token)
{
	if (!l->owner)
		logon_free(l);
	else
		l->done(l->owner, status, ok, token);
}

struct span
logon_wrap(struct logon *l, struct wr *w, struct spnego_resp *t)
{
	if (l->raw)
		return t->token;
	t->has_mech  = !l->named;	/* [RFC4178] 4.2.2: in the first answer */
	t->mech      = l->mech;
	t->has_token = t->token.n > 0;
	t->has_mic   = t->mic.n > 0;
	l->named     = true;
	spnego_resp_encode(w, t);
	return wr_done(w);
}

/* The client listed this mechanism, but began with another or with none. */
static void
logon_ask(struct logon *l)
{
	uint8_t room[256];
	struct wr w          = wr_init(room, sizeof room);
	struct spnego_resp t = { .state = l->mic_due ? SPNEGO_REQUEST_MIC
						     : SPNEGO_ACCEPT_INCOMPLETE };
	struct span token    = logon_wrap(l, &w, &t);

	logon_tell(l, STATUS_MORE_PROCESSING_REQUIRED, NULL, token);
}

/* The first token says which mechanism in which framing it will be; later ones keep to it. */
static nt
logon_begin(struct logon *l, const struct logon_in *in)
{
	REQUIRE(l->stage == LOGON_FRESH && l->mech == SPNEGO_MECH_UNKNOWN, STATUS_INVALID_PARAMETER);
	if (in->is_init) {
		REQUIRE(in->mech_list.n <= BLOB_BOUND, STATUS_INVALID_PARAMETER);
		REQUIRE(logon_keep(&l->mech_list, in->mech_list), STATUS_NO_MEMORY);
	}
	l->mech    = in->mech;
	l->raw     = in->raw;
	l->mic_due = in->mic_due;
	return STATUS_SUCCESS;
}

nt
logon_step(struct logon *l, struct link *store, const struct logon_about *about, struct span token)
{
	struct logon_in in = { 0 };

	REQUIRE(!logon_is_asking(l) && l->stage != LOGON_OVER, STATUS_REQUEST_OUT_OF_SEQUENCE);
	TRY(logon_token_read(token, &about->mechs, &in));
	if (in.is_init || (in.raw && l->mech == SPNEGO_MECH_UNKNOWN))
		TRY(logon_begin(l, &in));
	REQUIRE(l->mech != SPNEGO_MECH_UNKNOWN && in.raw == l->raw, STATUS_INVALID_PARAMETER);
	REQUIRE(!in.raw || spnego_mech_same(in.mech, l->mech), STATUS_INVALID_PARAMETER);
	if (in.ask) {
		logon_ask(l);
		return STATUS_SUCCESS;
	}
	REQUIRE(l->stage == LOGON_FRESH || link_peer(store) == l->store, STATUS_CONNECTION_RESET);
	return l->mech == SPNEGO_MECH_NTLMSSP ? logon_ntlm_step(l, store, about, &in)
					      : logon_krb_step(l, store, about, &in);
}
