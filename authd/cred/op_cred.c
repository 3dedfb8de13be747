/*
 * op_cred.c - handles: made, listed, lent, dropped.  All by the api, which says
 * whose they are.
 */
#include <string.h>

#include "authd/cred/cred.h"
#include "authd/cred/tickets.h"
#include "base/log.h"

#define NS_PER_S 1000000000ull

static void
text_copy(char dst[NAME_BOUND + 1], struct str s)
{
	if (s.n > 0)
		memcpy(dst, s.s, s.n + 1);
}

nt
cred_create(struct cred *me, struct call *c, const struct cred_create_req *req,
	    struct cred_create_rsp *rsp)
{
	CLEANUP(login_free) struct login *l = login_new();

	(void)c;
	REQUIRE(req->owner.n > 0, STATUS_INVALID_PARAMETER);
	text_copy(l->owner, req->owner);
	text_copy(l->user, req->user);
	text_copy(l->domain, req->domain);
	l->type	    = req->type;
	l->kerberos = req->kerberos;
	l->created  = clock_real_ns();
	l->used_ms  = cred_now_ms(me);
	TRY(material_take(me, l, req));
	TRY(login_add(me->logins, l));
	rsp->cred = STEAL(l)->id;
	return STATUS_SUCCESS;
}

nt
cred_drop(struct cred *me, struct call *c, const struct cred_drop_req *req,
	  struct cred_drop_rsp *rsp)
{
	struct login *l = login_find(me->logins, req->owner.s ? req->owner.s : "", req->cred);

	(void)c;
	(void)rsp;
	REQUIRE(l, STATUS_NOT_FOUND);
	exchanges_forget_login(me->exchanges, l->id);
	login_remove(me->logins, l);
	return STATUS_SUCCESS;
}

/* How many, and when the first of them ends. */
static void
tickets_count(const struct login *l, struct cred_list_rsp *rsp)
{
	struct ticket_row r = { 0 };

	while (tickets_next(l, r.index, &r)) {
		const uint64_t ends = (uint64_t)r.ticket.ends * NS_PER_S;

		if (rsp->expires == 0 || ends < rsp->expires)
			rsp->expires = ends;
	}
	rsp->tickets = r.index;
}

nt
cred_list(struct cred *me, struct call *c, const struct cred_list_req *req,
	  struct cred_list_rsp *rsp)
{
	const struct login *l =
	    login_next(me->logins, req->owner.s ? req->owner.s : "", req->after);

	(void)c;
	REQUIRE(l, STATUS_NO_MORE_ENTRIES);
	rsp->cred     = l->id;
	rsp->type     = l->type;
	rsp->user     = str_of(l->user);
	rsp->domain   = str_of(l->domain);
	rsp->kerberos = l->kerberos;
	rsp->created  = l->created;
	rsp->used     = l->used;
	tickets_count(l, rsp);
	return STATUS_SUCCESS;
}

nt
cred_lend(struct cred *me, struct call *c, const struct cred_lend_req *req,
	  struct cred_lend_rsp *rsp)
{
	struct login *l = login_find(me->logins, req->owner.s ? req->owner.s : "", req->cred);
	const struct link *other = node_find(me->node, req->peer);

	(void)c;
	(void)rsp;
	REQUIRE(l, STATUS_NOT_FOUND);
	if (!other || link_role(other) != PEER_SESSION) {
		log_warn("cred: asked to lend to somebody who is no session process here");
		return STATUS_NOT_FOUND;
	}
	return login_lend(l, req->peer);
}
