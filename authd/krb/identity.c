/*
 * identity.c - who an accepted client is: the ticket's principal, and what a
 * PAC says of it once its signature is right.  [MS-PAC] 2.8.1, [MS-KILE] 3.4.5.3
 */
#include <stdlib.h>
#include <string.h>

#include "authd/krb/krb.h"
#include "base/fatal.h"
#include "base/secret.h"
#include "proto/auth/pac.h"
#include "proto/fscc/filetime.h"

#define NS 1000000000u

static bool
text_keep(char *dst, size_t cap, const char *src)
{
	size_t n = strlen(src);

	if (n >= cap)
		return false;
	memcpy(dst, src, n + 1);
	return true;
}

/* By the very key that opened the ticket. */
static bool
pac_is_signed(const struct krb *me, const struct ticket *t, const struct pac *p)
{
	uint8_t *copy = malloc(p->whole.n);
	struct wr w   = wr_init(copy, copy ? p->whole.n : 0);
	bool right;

	pac_unsigned(p, &w);
	right = wr_ok(&w) && heimdal_pac_sum(me->heimdal, &t->service, p->server_sum.type,
					     wr_done(&w), p->server_sum.sum);
	free(copy);
	return right;
}

/* PAC_CLIENT_INFO ties the PAC to this ticket: same client, same logon.  2.7 */
static bool
pac_is_of(const struct ticket *t, const struct pac *p)
{
	struct pac_client c;
	int64_t ns;

	return nt_ok(pac_client_decode(p, &c)) && strcmp(c.name, t->principal) == 0 &&
	       filetime_to_ns(c.auth_time, &ns) && ns >= 0 && (uint64_t)ns / NS == t->auth_time;
}

static bool
pac_sids(const struct pac *p, const struct pac_logon *l, struct outcome *o)
{
	struct wr user	 = wr_init(o->user_sid, sizeof o->user_sid);
	struct wr others = wr_init(o->sids, sizeof o->sids);
	struct pac_upn upn;
	struct sid sid;

	if (!pac_user_sid(l, &sid) || nt_failed(pac_upn_decode(p, &upn)))
		return false;
	if (upn.has_sid && !sid_eq(&upn.sid, &sid))
		return false;
	wr_sid(&user, &sid);
	pac_group_sids(l, &others);
	o->user_sid_n = user.pos;
	o->sids_n     = others.pos;
	return wr_ok(&user) && wr_ok(&others);
}

/* The signature is looked at before what it signs is read any further. */
static nt
pac_read(const struct krb *me, const struct ticket *t, struct outcome *o, const char **why)
{
	struct pac_logon l;
	struct pac p;

	*why = "the PAC cannot be read";
	TRY(pac_decode(t->pac, &p));
	*why = "the PAC's signature is wrong";
	REQUIRE(pac_is_signed(me, t, &p), STATUS_LOGON_FAILURE);
	*why = "the PAC is of another client or another logon";
	REQUIRE(pac_is_of(t, &p), STATUS_LOGON_FAILURE);
	*why = "the PAC cannot be read";
	TRY(pac_logon_decode(&p, &l));
	REQUIRE(text_keep(o->logon_name, sizeof o->logon_name, l.name) &&
		    text_keep(o->logon_domain, sizeof o->logon_domain, l.domain),
		STATUS_LOGON_FAILURE);
	*why = "the PAC's SIDs are missing, contradict each other, or are too many";
	REQUIRE(pac_sids(&p, &l, o), STATUS_LOGON_FAILURE);
	o->flags |= KRB_HAS_PAC;
	*why = NULL;
	return STATUS_SUCCESS;
}

nt
identity_find(const struct krb *me, struct exchange *x, struct outcome *o, const char **why)
{
	const struct ticket *t = exchange_ticket(x);

	*why = "the client's name is too long";
	REQUIRE(text_keep(o->principal, sizeof o->principal, t->principal) &&
		    text_keep(o->realm, sizeof o->realm, t->realm),
		STATUS_LOGON_FAILURE);
	o->expires = t->expires;
	if (t->pac.n > 0)
		return pac_read(me, t, o, why);
	*why = "the ticket has no PAC, which `kerberos require pac` asks for";
	REQUIRE(!me->conf.require_pac, STATUS_LOGON_FAILURE);
	*why = NULL;
	return STATUS_SUCCESS;
}
