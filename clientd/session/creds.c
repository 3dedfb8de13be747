/*
 * creds.c - see creds.h.  The answer may come when the asking fiber is gone, so
 * it goes to memory of its own, which the last of the two frees.
 */
#include "clientd/session/creds.h"

#include <stdlib.h>

#include "base/fatal.h"
#include "base/secret.h"

#define CREDS_TIMEOUT_MS 60000u	/* a KDC may have to be asked */

struct ask {
	struct waitq answered;
	bool done, left;
	nt status;
	struct proof proof;	/* its spans are owned copies */
};

static struct span
copy_of(struct span s)
{
	uint8_t *p = s.n > 0 ? xcalloc(1, s.n) : NULL;

	if (p)
		memcpy(p, s.p, s.n);
	return SPAN(p, s.n);
}

static void
ask_free(struct ask *a)
{
	free((void *)(uintptr_t)a->proof.token.p);
	free((void *)(uintptr_t)a->proof.mic.p);
	secret_wipe(a, sizeof *a);
	free(a);
}

static void
ask_done(struct ask *a, nt status)
{
	a->done	  = true;
	a->status = status;
	if (a->left)
		ask_free(a);
	else
		waitq_wake(&a->answered);
}

static nt
key_take(struct proof *p, struct span key)
{
	REQUIRE(key.n <= sizeof p->key, STATUS_INTERNAL_ERROR);
	if (key.n > 0)
		memcpy(p->key, key.p, key.n);
	p->key_n = key.n;
	return STATUS_SUCCESS;
}

static void
who_take(struct proof *p, struct str user, struct str domain)
{
	memcpy(p->user, user.s, user.n + 1);
	memcpy(p->domain, domain.s, domain.n + 1);
}

/* Each answer fills what it has. */
#define DONE(msg, FILL)                                                                   \
	static void on_##msg(void *ctx, nt status, const struct msg##_rsp *rsp, struct span d) \
	{                                                                                 \
		struct ask *a	= ctx;                                                    \
		struct proof *p = &a->proof;                                              \
		(void)d;                                                                  \
		if (!nt_failed(status) && rsp) {                                          \
			FILL;                                                             \
		}                                                                         \
		(void)p;                                                                  \
		ask_done(a, status);                                                      \
	}
DONE(cred_ntlm_begin, p->ctx = rsp->ctx; p->token = copy_of(rsp->negotiate))
DONE(cred_ntlm_finish, p->token = copy_of(rsp->authenticate); p->mic = copy_of(rsp->mic);
     p->anonymous = rsp->anonymous; who_take(p, rsp->user, rsp->domain); status = key_take(p, rsp->key))
DONE(cred_mic_check, (void)rsp)
DONE(cred_krb_begin, p->ctx = rsp->ctx; p->token = copy_of(rsp->token); p->expires = rsp->expires;
     who_take(p, rsp->user, rsp->domain))
DONE(cred_krb_finish, p->mic = copy_of(rsp->mic); status = key_take(p, rsp->key))

static struct span
fiber_copy(struct span s)
{
	uint8_t *p = s.n > 0 ? fiber_alloc(s.n) : NULL;

	if (p)
		memcpy(p, s.p, s.n);
	return SPAN(p, s.n);
}

/* s: whether the question left at all. */
static nt
ask_wait(struct ask *a, nt s, struct proof *ret)
{
	while (!nt_failed(s) && !a->done)
		s = fiber_wait(&a->answered);
	if (!a->done && !nt_failed(s))
		s = STATUS_INTERNAL_ERROR;
	if (!a->done && nt_is(s, STATUS_CANCELLED)) {
		a->left = true;
		return s;
	}
	if (a->done)
		s = a->status;
	if (!nt_failed(s) && ret) {
		uint64_t ctx = a->proof.ctx ? a->proof.ctx : ret->ctx;
		uint64_t exp = a->proof.expires ? a->proof.expires : ret->expires;

		if (!a->proof.user[0])
			who_take(&a->proof, str_of(ret->user), str_of(ret->domain));
		*ret	     = a->proof;
		ret->ctx     = ctx;
		ret->expires = exp;
		ret->token   = fiber_copy(a->proof.token);
		ret->mic     = fiber_copy(a->proof.mic);
	}
	ask_free(a);
	return s;
}

static const struct call_opt creds_opt = { .timeout_ms = CREDS_TIMEOUT_MS };

#define ASK(fn, msg)                                                                         \
	nt fn(struct client *me, const struct msg##_req *req, struct proof *ret)             \
	{                                                                                    \
		struct link *l = node_peer(me->node, PEER_CRED);                             \
		struct ask *a;                                                               \
		REQUIRE(l, STATUS_DEVICE_NOT_READY);                                         \
		a = xcalloc(1, sizeof *a);                                                   \
		return ask_wait(a, msg##_call(l, req, &creds_opt, on_##msg, a), ret);        \
	}
ASK(creds_ntlm_begin, cred_ntlm_begin)
ASK(creds_ntlm_finish, cred_ntlm_finish)
ASK(creds_krb_begin, cred_krb_begin)
ASK(creds_krb_finish, cred_krb_finish)

nt
creds_mic_check(struct client *me, const struct cred_mic_check_req *req)
{
	struct link *l = node_peer(me->node, PEER_CRED);
	struct ask *a;

	REQUIRE(l, STATUS_DEVICE_NOT_READY);
	a = xcalloc(1, sizeof *a);
	return ask_wait(a, cred_mic_check_call(l, req, &creds_opt, on_cred_mic_check, a), NULL);
}

static void
on_abort(void *ctx, nt status, const struct cred_abort_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)status;
	(void)rsp;
	(void)data;
}

void
creds_abort(struct client *me, uint64_t ctx)
{
	const struct cred_abort_req req = { .ctx = ctx };
	struct link *l			= node_peer(me->node, PEER_CRED);

	if (l && ctx != 0)
		(void)cred_abort_call(l, &req, &creds_opt, on_abort, NULL).code;
}
