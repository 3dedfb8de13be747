/*
 * join_steps.c - from an address to a session key: the endpoint mapper says
 * where NETLOGON listens, then challenges and credentials prove that both sides
 * know the machine account's password.  [MS-NRPC] 3.1.4.1, 3.4.5.2.1, 3.4.5.2.2
 *
 * We differ: a controller that cannot do AES, or lets itself be talked out of
 * it, is refused, so NetrLogonGetCapabilities has nothing left to find out.
 */
#include "authd/net/domain.h"
#include "base/log.h"
#include "base/secret.h"
#include "proto/rpc/epm.h"

/* ---- the calls ---- */

static struct netlogon_who
who(const struct domain *d)
{
	return (struct netlogon_who){
		.server	  = d->server,
		.account  = d->net->conf.machine_account.s,
		.computer = d->computer,
	};
}

static void
call_send(struct domain *d, uint16_t opnum, struct span stub)
{
	uint8_t wire[8192];
	struct wr w = wr_init(wire, sizeof wire);

	rpc_client_call(&d->rpc, &w, opnum, stub);
	if (wr_ok(&w))
		way_send(&d->way, wr_done(&w));
	else
		join_fail(d, STATUS_INVALID_PARAMETER, "a name is too long for a request");
}

static void
step_ask(struct domain *d)
{
	const struct netlogon_who w = who(d);
	uint8_t stub[4096], credential[8];
	struct wr s = wr_init(stub, sizeof stub);
	uint16_t opnum;

	if (d->step == JOIN_MAP) {
		opnum = EPM_MAP;
		epm_map_encode(&s, &netlogon_syntax);
	} else if (d->step == JOIN_CHALLENGE) {
		opnum = NETLOGON_REQ_CHALLENGE;
		random_bytes(d->challenge, sizeof d->challenge);
		netlogon_req_challenge_encode(&s, &w, d->challenge);
	} else {
		opnum = NETLOGON_AUTHENTICATE3;
		netlogon_credential(d->key, d->challenge, credential);
		netlogon_authenticate3_encode(&s, &w, credential, NETLOGON_FLAGS);
	}
	if (wr_ok(&s))
		call_send(d, opnum, wr_done(&s));
	else
		join_fail(d, STATUS_INVALID_PARAMETER, "a name cannot be sent");
}

/* ---- the answers ---- */

static void on_stream(void *ctx, enum stream_event event, struct span bytes);

void
join_connect(struct domain *d, const struct net_addr *addr, const struct rpc_syntax *iface)
{
	uint8_t wire[256];
	struct wr w = wr_init(wire, sizeof wire);

	way_close(&d->way);
	way_init(&d->way, d->net->loop, on_stream, d);
	rpc_client_init(&d->rpc, iface, NULL, d->room, sizeof d->room);
	rpc_client_bind(&d->rpc, &w);
	if (nt_failed(way_open(&d->way, addr, d->by_pipe ? &d->pipe : NULL)))
		join_fail(d, STATUS_HOST_UNREACHABLE, way_why(&d->way));
	else
		way_send(&d->way, wr_done(&w));
}

static void
mapped(struct domain *d, struct span stub)
{
	uint16_t port;

	if (nt_failed(epm_map_decode(stub, &port))) {
		join_fail(d, STATUS_NOT_FOUND, "its endpoint mapper names no port for NETLOGON");
		return;
	}
	d->service.port = port;
	d->step		= JOIN_CHALLENGE;
	join_connect(d, &d->service, &netlogon_syntax);
}

static void
challenged(struct domain *d, struct span stub)
{
	uint8_t theirs[8];
	nt status;

	if (nt_failed(netlogon_req_challenge_decode(stub, theirs, &status))) {
		join_fail(d, STATUS_UNEXPECTED_NETWORK_ERROR, "its challenge makes no sense");
		return;
	}
	if (nt_failed(status)) {
		join_refused(d, status, "it gives us no challenge");
		return;
	}
	netlogon_session_key(d->hash, d->challenge, theirs, d->key);
	netlogon_credential(d->key, theirs, d->expected);
	d->step = JOIN_AUTHENTICATE;
	step_ask(d);
}

static void
joined(struct domain *d)
{
	const char *how = way_how(&d->way);

	way_close(&d->way);
	loop_timer_clear(&d->timer);
	d->state      = DOMAIN_READY;
	d->refused    = false;
	d->pipe_first = d->by_pipe;
	netlogon_chain_init(&d->chain, d->key, d->challenge);
	d->since      = clock_real_ns();
	log_info("the secure channel stands domain=%s controller=%s transport=%s account=%s",
		 log_qs(d->net->conf.workgroup.s), log_qs(domain_controller(d)), how,
		 log_qs(d->net->conf.machine_account.s));
	domain_kick(d);
}

/* A proof is looked at before anything else the answer says. */
static void
authenticated(struct domain *d, struct span stub)
{
	const uint32_t want = NETLOGON_AES | NETLOGON_STRONG_KEYS;
	struct netlogon_authenticated a;
	nt status;

	if (nt_failed(netlogon_authenticate3_decode(stub, &a, &status)))
		join_fail(d, STATUS_UNEXPECTED_NETWORK_ERROR, "its answer makes no sense");
	else if (nt_failed(status))
		join_refused(d, status, "wrong machine account or wrong machine password");
	else if (!secret_eq(a.credential, d->expected, sizeof a.credential))
		join_refused(d, STATUS_ACCESS_DENIED,
			     "it does not prove that it knows the machine password");
	else if ((a.flags & want) != want)
		join_fail(d, STATUS_DOWNGRADE_DETECTED, "it does not do AES");
	else
		joined(d);
}

static void
replied(struct domain *d)
{
	struct span stub = rpc_client_stub(&d->rpc);

	if (d->step == JOIN_MAP)
		mapped(d, stub);
	else if (d->step == JOIN_CHALLENGE)
		challenged(d, stub);
	else
		authenticated(d, stub);
}

static void
on_stream(void *ctx, enum stream_event event, struct span bytes)
{
	struct domain *d = ctx;
	enum rpc_event what;
	nt status;

	if (event == STREAM_DOWN) {
		join_fail(d, STATUS_CONNECTION_RESET, way_why(&d->way));
		return;
	}
	if (event != STREAM_BYTES)
		return;
	status = rpc_client_feed(&d->rpc, &bytes, &what);
	if (nt_failed(status) || bytes.n > 0)
		join_fail(d, nt_failed(status) ? status : STATUS_UNEXPECTED_NETWORK_ERROR,
			  "it does not speak RPC as it should");
	else if (what == RPC_EVENT_BOUND)
		step_ask(d);
	else if (what == RPC_EVENT_REPLY)
		replied(d);
	else if (what == RPC_EVENT_FAULT)
		join_fail(d, STATUS_NOT_SUPPORTED, "it answers with a fault");
	else
		way_more(&d->way);
}
