/*
 * fuzz_pac.c - the PAC of a ticket, before and after its signature was looked
 * at.  Reaches pac_decode, pac_unsigned, pac_client_decode, pac_upn_decode,
 * pac_logon_decode and what is made of it.
 */
#include <stdlib.h>

#include "proto/auth/pac.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
logon(const struct pac_logon *l)
{
	static uint8_t buf[8 * PAC_SIZE_MAX];
	struct wr w = wr_init(buf, sizeof buf);
	struct sid sid;

	(void)!pac_user_sid(l, &sid);
	pac_group_sids(l, &w);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t buf[PAC_SIZE_MAX];
	struct wr w = wr_init(buf, sizeof buf);
	struct pac p;
	struct pac_client client;
	struct pac_upn upn;
	struct pac_logon l;

	if (nt_failed(pac_decode(SPAN(data, size), &p)))
		return 0;
	pac_unsigned(&p, &w);
	if (wr_ok(&w) && w.pos != size)
		abort();
	if (nt_ok(pac_client_decode(&p, &client)) && client.name[0] == '\0')
		abort();
	(void)pac_upn_decode(&p, &upn).code;
	if (nt_ok(pac_logon_decode(&p, &l)))
		logon(&l);
	return 0;
}
