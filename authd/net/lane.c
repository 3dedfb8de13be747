/*
 * lane.c - one connection under the secure channel: bound with Netlogon as its
 * own security provider, every request and answer encrypted.  [MS-NRPC] 3.3.4
 */
#include "authd/net/domain.h"

#include <errno.h>
#include <string.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"

void
lane_close(struct lane *l)
{
	struct pass *p = l->pass;

	l->open = l->bound = false;
	l->pass		   = NULL;
	loop_timer_clear(&l->timer);
	way_close(&l->way);
	secret_wipe(&l->seal, sizeof l->seal);
	secret_wipe(l->room, sizeof l->room);
	if (p)
		pass_again(p);
}

/*
 * Broken while it carried a logon: the channel is in doubt, and the logon has
 * lost a try.  Broken before it could carry one: the key is of no use, and to
 * make another at once would go on for ever.
 */
static void
lane_broken(struct lane *l, bool elsewhere, const char *why)
{
	bool useless = l->open && !l->bound, idle = l->bound && !l->pass;

	lane_close(l);
	if (useless)
		domain_useless(l->domain, why);
	else if (!idle)
		domain_lost(l->domain, elsewhere, why);
}

static void
on_limit(void *ctx)
{
	lane_broken(ctx, true, "the controller does not answer in time");
}

/* ---- the answer ---- */

static void
pass_accepted(struct pass *p, const struct sam_info *info, struct span sids)
{
	uint8_t sid[SID_SIZE_MAX];
	struct wr w		 = wr_init(sid, sizeof sid);
	struct net_logon_rsp rsp = {
		.key	    = SPAN(info->key, sizeof info->key),
		.user	    = str_of(info->user),
		.domain	    = str_of(info->domain),
		.user_flags = info->user_flags,
		.sids	    = sids,
	};

	wr_sid(&w, &info->user_sid);
	rsp.user_sid = wr_done(&w);
	pass_answer(p, STATUS_SUCCESS, &rsp);
}

/* The other call has to be asked, by one lane: the chain of authenticators has one order. */
static bool
lane_turn(struct lane *l, nt status)
{
	struct domain *d = l->domain;

	if (!samlogon_turn(d, status))
		return false;
	log_info("the controller has no SamLogonEx for us: asking with authenticators "
		 "controller=%s",
		 log_qs(domain_controller(d)));
	domain_close_lanes(d);
	domain_kick(d);
	return true;
}

/*
 * ACCESS_DENIED is about our channel, not about the user.  Statuses that are
 * neither success nor failure would be taken for success by somebody.
 */
static void
replied(struct lane *l)
{
	static uint8_t sids[SIDS_MAX];
	struct pass *p	     = l->pass;
	struct sam_info info = { 0 };
	struct wr w	     = wr_init(sids, sizeof sids);
	nt status, said;

	status = samlogon_decode(l->domain, rpc_client_stub(&l->rpc), &info, &w, &said);
	if (nt_failed(status)) {
		lane_broken(l, true,
			    nt_is(status, STATUS_DATA_ERROR)
				? "its answer does not prove that it knows our channel"
				: "its answer to a logon makes no sense");
		return;
	}
	status = said;
	if (nt_is(status, STATUS_ACCESS_DENIED)) {
		lane_broken(l, false, "the controller does not know our channel any more");
		return;
	}
	if (lane_turn(l, status))
		return;
	loop_timer_clear(&l->timer);
	l->pass		      = NULL;
	l->domain->backoff_ms = BACKOFF_MS;
	if (nt_ok(status))
		pass_accepted(p, &info, wr_done(&w));
	else
		pass_answer(p, nt_failed(status) ? status : STATUS_LOGON_FAILURE, NULL);
	secret_wipe(&info, sizeof info);
	secret_wipe(l->room, sizeof l->room);
	lane_take(l);
}

static void
bound(struct lane *l)
{
	l->bound = true;
	loop_timer_clear(&l->timer);
	domain_kick(l->domain);
}

static void
faulted(struct lane *l)
{
	if (l->rpc.fault == RPC_NCA_OP_RNG_ERROR && lane_turn(l, STATUS_NOT_IMPLEMENTED))
		return;
	lane_broken(l, false, "the controller answers with a fault");
}

static void
on_stream(void *ctx, enum stream_event event, struct span bytes)
{
	struct lane *l = ctx;
	enum rpc_event what;
	nt status;

	if (event == STREAM_DOWN) {
		lane_broken(l, false, way_why(&l->way));
		return;
	}
	if (event != STREAM_BYTES)
		return;
	status = rpc_client_feed(&l->rpc, &bytes, &what);
	if (nt_is(status, STATUS_NOT_SUPPORTED))
		lane_broken(l, false, "the controller does not know our channel any more");
	else if (nt_failed(status) || bytes.n > 0)
		lane_broken(l, true, "what the controller sends is not what it sealed");
	else if (what == RPC_EVENT_FAULT)
		faulted(l);
	else if (what == RPC_EVENT_BOUND)
		bound(l);
	else if (what == RPC_EVENT_REPLY)
		replied(l);
	else
		way_more(&l->way);
}

/* ---- the question ---- */

static nt
request_encode(struct lane *l, struct wr *w)
{
	uint8_t stub[4 * BLOB_BOUND];
	struct wr s = wr_init(stub, sizeof stub);
	uint16_t opnum;

	TRY(samlogon_encode(l->domain, l->pass, &s, &opnum));
	rpc_client_call(&l->rpc, w, opnum, wr_done(&s));
	return wr_ok(w) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

void
lane_take(struct lane *l)
{
	struct domain *d = l->domain;
	struct pass *p	 = TAILQ_FIRST(&d->queue);
	uint8_t wire[8 * BLOB_BOUND];
	struct wr w = wr_init(wire, sizeof wire);

	if (!p || l->pass || !l->bound)
		return;
	TAILQ_REMOVE(&d->queue, p, all);
	l->pass = p;
	p->lane = l;
	if (nt_failed(request_encode(l, &w))) {
		l->pass = NULL;
		pass_answer(p, STATUS_INVALID_PARAMETER, NULL);
		lane_close(l); /* it may have counted half a request */
		return;
	}
	way_send(&l->way, wr_done(&w));
	loop_timer_set(d->net->loop, &l->timer, LOGON_MS, on_limit, l);
}

/* The answer that still comes would be taken for the next one's. */
void
lane_leave(struct lane *l)
{
	l->pass = NULL;
	lane_close(l);
	if (l->domain->chained)
		domain_lost(l->domain, false, "nobody knows where the authenticators stand");
}

void
lane_init(struct lane *l, struct domain *d)
{
	l->domain = d;
	way_init(&l->way, d->net->loop, on_stream, l);
}

nt
lane_open(struct lane *l)
{
	struct domain *d = l->domain;
	uint8_t wire[2048];
	struct wr w = wr_init(wire, sizeof wire);
	struct wr t = wr_init(l->token, sizeof l->token);

	netlogon_bind_token(&t, d->net->conf.workgroup.s, d->computer);
	netlogon_seal_init(&l->seal, d->key);
	l->auth = (struct rpc_auth){
		.type	    = RPC_AUTH_SCHANNEL,
		.level	    = RPC_AUTH_LEVEL_PRIVACY,
		.bind_token = wr_done(&t),
		.token_size = NETLOGON_TOKEN_SIZE,
		.ctx	    = &l->seal,
		.seal	    = netlogon_seal,
		.unseal	    = netlogon_unseal,
	};
	rpc_client_init(&l->rpc, &netlogon_syntax, &l->auth, l->room, sizeof l->room);
	rpc_client_bind(&l->rpc, &w);
	REQUIRE(wr_ok(&w), STATUS_INVALID_PARAMETER);
	TRY(way_open(&l->way, &d->service, d->by_pipe ? &d->pipe : NULL));
	l->open	 = true;
	l->bound = false;
	way_send(&l->way, wr_done(&w));
	loop_timer_set(d->net->loop, &l->timer, JOIN_MS, on_limit, l);
	return STATUS_SUCCESS;
}
