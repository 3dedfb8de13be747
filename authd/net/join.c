/*
 * join.c - which controller is joined, and by which way; what happens if it is
 * of no use.  What is said to it: join_steps.c.
 */
#include <stdio.h>

#include "authd/net/domain.h"
#include "base/log.h"
#include "proto/rpc/epm.h"

static void join_by(struct domain *);

static const char *
way_name(const struct domain *d)
{
	return d->by_pipe ? "pipe" : "tcp";
}

void
join_stop(struct domain *d)
{
	finder_cancel(&d->wait);
	loop_timer_clear(&d->timer);
	way_close(&d->way);
}

/* Where the controller may be reached otherwise too.  What it says of us it would say again. */
static bool
other_way(struct domain *d)
{
	if (d->net->conf.transport != NETLOGON_AUTO || d->both || d->step == JOIN_AUTHENTICATE)
		return false;
	d->both	   = true;
	d->by_pipe = !d->by_pipe;
	return true;
}

void
join_fail(struct domain *d, nt status, const char *why)
{
	log_warn("a domain controller is of no use controller=%s transport=%s: %s (%s)",
		 log_qs(domain_controller(d)), way_name(d), why, nt_name(status));
	if (d->places.n > 0 && other_way(d))
		join_by(d);
	else
		domain_failed(d, status, why);
}

/*
 * The one line somebody looks for when nobody of the domain can log on.
 */
void
join_refused(struct domain *d, nt status, const char *why)
{
	log_error("the domain controller refuses our machine account: %s account=%s domain=%s "
		  "controller=%s status=%s",
		  why, log_qs(d->net->conf.machine_account.s), log_qs(d->net->conf.workgroup.s),
		  log_qs(domain_controller(d)), nt_name(status));
	domain_failed(d, STATUS_TRUSTED_RELATIONSHIP_FAILURE, why);
}

/* ---- where ---- */

static void
on_limit(void *ctx)
{
	join_fail(ctx, STATUS_IO_TIMEOUT, "it does not answer in time");
}

/* A port of the list is the endpoint mapper's, or SMB's where only that is asked for. */
static uint16_t
port_of(const struct domain *d, const struct place *p)
{
	const struct conf_net_req *c = &d->net->conf;
	const uint16_t usual	     = d->by_pipe ? SMB_PORT : EPM_PORT;

	if (c->controllers.n == 0)
		return usual; /* the SRV record means LDAP's */
	return !d->by_pipe || c->transport == NETLOGON_PIPE ? p->addr.port : SMB_PORT;
}

static void
join_by(struct domain *d)
{
	const struct place *p = &d->places.v[d->at];
	bool hasty = !d->by_pipe && !d->both && d->net->conf.transport == NETLOGON_AUTO;

	d->service	= p->addr;
	d->service.port = port_of(d, p);
	(void)snprintf(d->server, sizeof d->server, "\\\\%s", p->host);
	loop_timer_set(d->net->loop, &d->timer, hasty ? TCP_MS : JOIN_MS, on_limit, d);
	d->step = d->by_pipe ? JOIN_CHALLENGE : JOIN_MAP;
	join_connect(d, &d->service, d->by_pipe ? &netlogon_syntax : &epm_syntax);
}

static void
join_try(struct domain *d)
{
	const uint32_t transport = d->net->conf.transport;

	d->both	   = false;
	d->chained = d->net->conf.authenticators;
	d->by_pipe = transport == NETLOGON_PIPE || (transport == NETLOGON_AUTO && d->pipe_first);
	join_by(d);
}

static void
on_places(void *ctx, const struct places *p)
{
	struct domain *d = ctx;

	d->places = *p;
	if (d->at >= p->n)
		d->at = 0;
	if (p->n > 0)
		join_try(d);
	else
		join_fail(d, STATUS_NO_LOGON_SERVERS,
			  "none found: see `domain controllers`, or DNS");
}

void
join_start(struct domain *d)
{
	d->state = DOMAIN_JOINING;
	finder_get(d->finder, &d->wait, on_places, d);
}
