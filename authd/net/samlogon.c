/*
 * samlogon.c - the question itself: NetrLogonSamLogonEx, which needs no more than
 * the sealed connection; or its older sibling NetrLogonSamLogonWithFlags, each of
 * whose calls carries the next link of a chain of authenticators.
 * [MS-NRPC] 3.4.5.3.2, 3.4.5.3.3, 3.1.4.5
 */
#include "authd/net/domain.h"

nt
samlogon_encode(struct domain *d, const struct pass *p, struct wr *stub, uint16_t *opnum)
{
	const struct netlogon_who who = { d->server, d->net->conf.machine_account.s, d->computer };
	const struct netlogon_logon logon = {
		.user	     = p->user,
		.domain	     = p->domain_name,
		.workstation = p->workstation,
		.challenge   = p->challenge,
		.nt_response = SPAN(p->nt, p->nt_n),
		.lm_response = SPAN(p->lm, p->lm_n),
		.parameters  = p->parameters,
	};
	struct netlogon_authenticator a = { .time = (uint32_t)(clock_real_ns() / 1000000000u) };

	*opnum = d->chained ? NETLOGON_LOGON_FLAGS : NETLOGON_LOGON_EX;
	if (d->chained) {
		netlogon_chain_next(&d->chain, a.time, a.credential);
		netlogon_logon_flags_encode(stub, &who, &a, &logon);
	} else {
		netlogon_logon_ex_encode(stub, &who, &logon);
	}
	return wr_ok(stub) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

nt
samlogon_decode(struct domain *d, struct span stub, struct sam_info *ret, struct wr *sids,
		nt *ret_status)
{
	uint8_t returned[NETLOGON_CREDENTIAL_SIZE];

	if (!d->chained)
		return netlogon_logon_ex_decode(stub, ret, sids, ret_status);
	TRY(netlogon_logon_flags_decode(stub, returned, ret, sids, ret_status));
	/* Refused, it returns none. */
	REQUIRE(nt_is(*ret_status, STATUS_ACCESS_DENIED) ||
		    netlogon_chain_check(&d->chain, returned),
		STATUS_DATA_ERROR);
	return STATUS_SUCCESS;
}

/* What a controller says that has no SamLogonEx, or does not let us use it. */
bool
samlogon_turn(struct domain *d, nt status)
{
	if (d->chained || !(nt_is(status, STATUS_NOT_SUPPORTED) ||
			    nt_is(status, STATUS_NOT_IMPLEMENTED) ||
			    nt_is(status, STATUS_INVALID_INFO_CLASS)))
		return false;
	d->chained = true;
	return true;
}
