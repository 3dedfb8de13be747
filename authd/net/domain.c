/*
 * domain.c - see domain.h.
 */
#include "authd/net/domain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/utf16.h"
#include "proto/rpc/epm.h"

/* "FS1$" without its dollar: what the controller knows the machine by. */
static void
computer_set(struct domain *d)
{
	const struct str account = d->net->conf.machine_account;
	size_t n		 = account.n;

	if (n > 0 && account.s[n - 1] == '$')
		n--;
	memcpy(d->computer, n > 0 ? account.s : "", n);
	d->computer[n] = '\0';
}

static void
finder_set(struct domain *d)
{
	const struct conf_net_req *c = &d->net->conf;
	char in_site[NAME_BOUND + 32], any[NAME_BOUND + 32];

	/* [MS-ADTS] 6.3.2.3 */
	(void)snprintf(in_site, sizeof in_site, "_ldap._tcp.dc._msdcs.%s", c->realm.s);
	(void)snprintf(any, sizeof any, "_kerberos._tcp.dc._msdcs.%s", c->realm.s);
	if (c->realm.n == 0)
		in_site[0] = any[0] = '\0';
	d->finder = finder_new(d->net->resolver, c->controllers.s, in_site, any,
			       c->transport == NETLOGON_PIPE ? SMB_PORT : EPM_PORT);
}

/* Who we are where a controller's pipe is not for everybody. */
static void
pipe_set(struct domain *d)
{
	const struct conf_net_req *c = &d->net->conf;

	d->pipe = (struct smb_who){
		.host	     = d->server + 2,
		.pipe	     = "netlogon",
		.user	     = c->machine_account.s,
		.domain	     = c->workgroup.s,
		.workstation = d->computer,
		.hash	     = d->hash,
	};
	d->pipe_first = false;
}

struct domain *
domain_new(struct net *me)
{
	struct domain *d = secret_alloc(sizeof *d);

	d->net = me;
	TAILQ_INIT(&d->queue);
	way_init(&d->way, me->loop, NULL, d);
	for (size_t i = 0; i < LANES; i++)
		lane_init(&d->lanes[i], d);
	d->state      = account_hash(&me->conf, d->hash) ? DOMAIN_IDLE : DOMAIN_NONE;
	d->backoff_ms = BACKOFF_MS;
	d->since      = clock_real_ns();
	computer_set(d);
	pipe_set(d);
	finder_set(d);
	return d;
}

void
domain_close_lanes(struct domain *d)
{
	for (size_t i = 0; i < LANES; i++)
		lane_close(&d->lanes[i]);
}

void
domain_drop(struct domain *d)
{
	if (!d)
		return;
	join_stop(d);
	domain_close_lanes(d);
	finder_drop(d->finder);
	secret_free(d, sizeof *d);
}

void
domain_reconfigure(struct domain *d)
{
	join_stop(d);
	d->state   = account_hash(&d->net->conf, d->hash) ? DOMAIN_IDLE : DOMAIN_NONE;
	d->refused = false;
	domain_close_lanes(d);
	finder_drop(d->finder);
	computer_set(d);
	pipe_set(d);
	finder_set(d);
	d->at = 0;
	domain_kick(d);
}

const char *
domain_controller(const struct domain *d)
{
	return d->at < d->places.n ? d->places.v[d->at].host : "";
}

void
domain_error(struct domain *d, nt status, const char *why)
{
	(void)snprintf(d->last_error, sizeof d->last_error, "%.150s: %s", why, nt_name(status));
}

/* One more lane if all are busy, up to the limit; whoever is idle takes a logon. */
static void
lanes_kick(struct domain *d)
{
	for (size_t i = 0; i < LANES && !TAILQ_EMPTY(&d->queue); i++) {
		struct lane *l = &d->lanes[i];

		if (l->bound && !l->pass)
			lane_take(l);
		else if (l->open && !l->bound)
			return; /* it will take one in a moment */
	}
	for (size_t i = 0; i < (d->chained ? 1 : LANES) && !TAILQ_EMPTY(&d->queue); i++) {
		if (d->lanes[i].open)
			continue;
		if (nt_failed(lane_open(&d->lanes[i])))
			domain_useless(d, "the controller cannot be reached");
		return;
	}
}

void
domain_kick(struct domain *d)
{
	if (d->state == DOMAIN_READY)
		lanes_kick(d);
	else if (d->state == DOMAIN_IDLE && !TAILQ_EMPTY(&d->queue))
		join_start(d);
}

static void
on_wait_over(void *ctx)
{
	struct domain *d = ctx;

	d->state   = DOMAIN_IDLE;
	d->refused = false;
	domain_kick(d);
}

/*
 * Nobody was of use.  Who waits has lost a try; the rest, and whoever comes,
 * wait for the next round.  A refused machine account is refused next time too:
 * all are told at once.
 */
static void
round_failed(struct domain *d)
{
	struct pass *p, *next;

	d->state = DOMAIN_WAITING;
	d->at	 = 0;
	finder_forget(d->finder);
	loop_timer_set(d->net->loop, &d->timer, d->backoff_ms, on_wait_over, d);
	d->backoff_ms = d->backoff_ms * 2 > BACKOFF_CAP ? BACKOFF_CAP : d->backoff_ms * 2;
	for (p = TAILQ_FIRST(&d->queue); p; p = next) {
		next = TAILQ_NEXT(p, all);
		if (d->refused)
			pass_answer(p, STATUS_TRUSTED_RELATIONSHIP_FAILURE, NULL);
		else if (++p->tries >= TRIES)
			pass_answer(p, STATUS_NO_LOGON_SERVERS, NULL);
	}
}

void
domain_failed(struct domain *d, nt status, const char *why)
{
	domain_error(d, status, why);
	d->refused |= nt_is(status, STATUS_TRUSTED_RELATIONSHIP_FAILURE);
	join_stop(d);
	d->at++;
	if (d->at < d->places.n) {
		d->state = DOMAIN_IDLE;
		join_start(d);
	} else {
		round_failed(d);
	}
}

void
domain_lost(struct domain *d, bool elsewhere, const char *why)
{
	if (d->state != DOMAIN_READY)
		return;
	log_warn("the secure channel is lost controller=%s: %s", log_qs(domain_controller(d)), why);
	domain_error(d, STATUS_CONNECTION_RESET, why);
	d->state = DOMAIN_IDLE;
	d->since = clock_real_ns();
	if (elsewhere)
		d->at = d->places.n > 0 ? (d->at + 1) % d->places.n : 0;
	domain_close_lanes(d);
	domain_kick(d);
}

void
domain_useless(struct domain *d, const char *why)
{
	if (d->state != DOMAIN_READY)
		return;
	log_warn("the secure channel cannot be used controller=%s: %s",
		 log_qs(domain_controller(d)), why);
	d->state = DOMAIN_IDLE;
	d->since = clock_real_ns();
	domain_close_lanes(d);
	domain_failed(d, STATUS_CONNECTION_RESET, why);
}
