/*
 * op_state.c - where we stand, for status.
 */
#include "authd/net/domain.h"

nt
net_state(struct net *me, struct call *c, const struct net_state_req *req,
	  struct net_state_rsp *rsp)
{
	const struct domain *d = me->domain;

	(void)c;
	REQUIRE(d->state != DOMAIN_NONE && req->after == 0, STATUS_NO_MORE_ENTRIES);
	rsp->index	= 1;
	rsp->domain	= me->conf.workgroup;
	rsp->machine	= me->conf.machine_account;
	rsp->controller = str_of(d->state == DOMAIN_READY ? domain_controller(d) : "");
	rsp->since	= d->since;
	rsp->last_error = str_of(d->last_error);
	return STATUS_SUCCESS;
}
