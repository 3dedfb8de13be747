/*
 * op_logon.c - a logon that a controller has to judge.  [MS-NRPC] 3.5.4.5.1
 *
 * It comes without a password and goes on without one.  What comes back is the
 * controller's word, bounded and typed; the MIC that its key must make right is
 * for the store to check.
 */
#include <stdlib.h>
#include <string.h>

#include "authd/net/domain.h"
#include "base/log.h"
#include "base/secret.h"

#define V2_RESPONSE_MIN 44u	/* [MS-NLMP] 2.2.2.8: NTLMv1 has 24 */
#define USER_FLAG_GUEST 0x0001u /* LOGON_GUEST, [MS-NRPC] 2.2.1.4.11 */

void
pass_answer(struct pass *p, nt status, const struct net_logon_rsp *rsp)
{
	struct domain *d = p->domain;

	if (rsp && rsp->user_flags & USER_FLAG_GUEST) {
		log_warn("the controller made a guest of a user, which nobody is here user=%s",
			 log_qs(p->user));
		status = STATUS_LOGON_FAILURE;
		rsp    = NULL;
	}
	log_debug("domain logon user=%s domain=%s status=%s", log_qs(p->user),
		  log_qs(p->domain_name), nt_name(status));
	net_logon_reply(p->call, status, rsp, SPAN_NONE);
	loop_timer_clear(&p->limit);
	if (p->lane && p->lane->pass == p)
		lane_leave(p->lane);
	else if (!p->lane)
		TAILQ_REMOVE(&d->queue, p, all);
	d->n_passes--;
	secret_free(p, sizeof *p);
}

void
pass_again(struct pass *p)
{
	p->lane = NULL;
	TAILQ_INSERT_HEAD(&p->domain->queue, p, all);
	if (++p->tries >= TRIES)
		pass_answer(p, STATUS_NO_LOGON_SERVERS, NULL);
}

/* The whole time is over; a controller that still works on it is left to it. */
static void
on_limit(void *ctx)
{
	struct pass *p = ctx;

	pass_answer(
	    p, p->domain->refused ? STATUS_TRUSTED_RELATIONSHIP_FAILURE : STATUS_NO_LOGON_SERVERS,
	    NULL);
}

static void
text_copy(char dst[NAME_BOUND + 1], struct str s)
{
	if (s.n > 0)
		memcpy(dst, s.s, s.n);
	dst[s.n] = '\0';
}

static struct pass *
pass_new(struct domain *d, const struct net_logon_req *req)
{
	struct pass *p = secret_alloc(sizeof *p);
	struct wr w    = wr_init(p->challenge, sizeof p->challenge);

	p->domain = d;
	text_copy(p->user, req->user);
	text_copy(p->domain_name, req->domain);
	text_copy(p->workstation, req->workstation);
	wr_u64(&w, req->challenge);
	memcpy(p->nt, req->nt_response.p, req->nt_response.n);
	p->nt_n = req->nt_response.n;
	if (req->lm_response.n > 0)
		memcpy(p->lm, req->lm_response.p, req->lm_response.n);
	p->lm_n	      = req->lm_response.n;
	p->parameters = req->parameters;
	return p;
}

nt
net_logon(struct net *me, struct call *c, const struct net_logon_req *req,
	  struct net_logon_rsp *rsp)
{
	struct domain *d = me->domain;
	struct pass *p;

	(void)rsp;
	REQUIRE(d->state != DOMAIN_NONE, STATUS_NOT_SUPPORTED);
	REQUIRE(req->user.n > 0 && req->nt_response.n >= V2_RESPONSE_MIN, STATUS_INVALID_PARAMETER);
	REQUIRE(d->n_passes < LOGONS_MAX, STATUS_INSUFFICIENT_RESOURCES);
	/* It was refused a moment ago, and would be again. */
	REQUIRE(d->state != DOMAIN_WAITING || !d->refused, STATUS_TRUSTED_RELATIONSHIP_FAILURE);
	p	 = pass_new(d, req);
	p->call	 = call_keep(c);
	p->tries = d->state == DOMAIN_WAITING ? TRIES - 1 : 0; /* one round more is all there is */
	d->n_passes++;
	TAILQ_INSERT_TAIL(&d->queue, p, all);
	loop_timer_set(me->loop, &p->limit, me->conf.timeout_ms, on_limit, p);
	domain_kick(d);
	return STATUS_PENDING;
}
