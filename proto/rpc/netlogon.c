/*
 * netlogon.c - see netlogon.h.
 */
#include "proto/rpc/netlogon.h"

#include "base/utf16.h"
#include "proto/rpc/ndr.h"

#define CHANNEL_WORKSTATION 2u /* NETLOGON_SECURE_CHANNEL_TYPE, 2.2.1.3.13 */
#define LEVEL_NETWORK	    2u /* NETLOGON_LOGON_INFO_CLASS, 2.2.1.4.16 */
#define VALIDATION_SAM4	    6u /* NETLOGON_VALIDATION_INFO_CLASS, 2.2.1.4.17 */

/* 12345678-1234-abcd-ef00-01234567cffb, version 1.0 */
const struct rpc_syntax netlogon_syntax = { { { 0x78, 0x56, 0x34, 0x12, 0x34, 0x12, 0xcd, 0xab,
						0xef, 0x00, 0x01, 0x23, 0x45, 0x67, 0xcf, 0xfb } },
					    1 };

static void
unique_string_put(struct wr *w, struct ndr_ids *ids, const char *s)
{
	wr_ndr_ptr(w, ids, true);
	wr_ndr_string(w, s);
}

/* Every answer ends in its status. */
static nt
answer_end(struct rd *r, nt *ret_status)
{
	nt status = { ndr_u32(r) };

	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret_status = status;
	return STATUS_SUCCESS;
}

void
netlogon_req_challenge_encode(struct wr *w, const struct netlogon_who *who,
			      const uint8_t challenge[8])
{
	struct ndr_ids ids = { 0 };

	unique_string_put(w, &ids, who->server);
	wr_ndr_string(w, who->computer);
	wr_bytes(w, challenge, 8);
}

nt
netlogon_req_challenge_decode(struct span stub, uint8_t ret_challenge[8], nt *ret_status)
{
	struct rd r = rd_init(stub);
	uint8_t challenge[8];

	rd_copy(&r, challenge, sizeof challenge);
	TRY(answer_end(&r, ret_status));
	memcpy(ret_challenge, challenge, sizeof challenge);
	return STATUS_SUCCESS;
}

void
netlogon_authenticate3_encode(struct wr *w, const struct netlogon_who *who,
			      const uint8_t credential[8], uint32_t flags)
{
	struct ndr_ids ids = { 0 };

	unique_string_put(w, &ids, who->server);
	wr_ndr_string(w, who->account);
	wr_ndr_u16(w, CHANNEL_WORKSTATION);
	wr_ndr_string(w, who->computer);
	wr_bytes(w, credential, 8);
	wr_ndr_u32(w, flags);
}

nt
netlogon_authenticate3_decode(struct span stub, struct netlogon_authenticated *ret, nt *ret_status)
{
	struct rd r = rd_init(stub);
	struct netlogon_authenticated a;

	rd_copy(&r, a.credential, sizeof a.credential);
	a.flags = ndr_u32(&r);
	a.rid	= ndr_u32(&r);
	TRY(answer_end(&r, ret_status));
	*ret = a;
	return STATUS_SUCCESS;
}

/* NETLOGON_NETWORK_INFO: the fixed part, then what its pointers mean.  2.2.1.4.5 */
static void
network_info_put(struct wr *w, struct ndr_ids *ids, const struct netlogon_logon *l)
{
	wr_ndr_counted(w, ids, utf16_len(l->domain));
	wr_ndr_u32(w, l->parameters);
	wr_zero(w, 8); /* Reserved */
	wr_ndr_counted(w, ids, utf16_len(l->user));
	wr_ndr_counted(w, ids, utf16_len(l->workstation));
	wr_bytes(w, l->challenge, 8);
	wr_ndr_counted(w, ids, l->nt_response.n);
	wr_ndr_counted(w, ids, l->lm_response.n);
	wr_ndr_counted_utf16(w, l->domain);
	wr_ndr_counted_utf16(w, l->user);
	wr_ndr_counted_utf16(w, l->workstation);
	wr_ndr_counted_bytes(w, l->nt_response, 1);
	wr_ndr_counted_bytes(w, l->lm_response, 1);
}

static void
from_put(struct wr *w, struct ndr_ids *ids, const struct netlogon_who *who)
{
	unique_string_put(w, ids, who->server);
	wr_align(w, 4);
	unique_string_put(w, ids, who->computer);
}

static void
logon_put(struct wr *w, struct ndr_ids *ids, const struct netlogon_logon *l)
{
	wr_ndr_u16(w, LEVEL_NETWORK);
	wr_ndr_u16(w, LEVEL_NETWORK); /* the union's own copy */
	wr_ndr_ptr(w, ids, true);
	network_info_put(w, ids, l);
	wr_ndr_u16(w, VALIDATION_SAM4);
	wr_ndr_u32(w, 0); /* ExtraFlags */
}

void
netlogon_logon_ex_encode(struct wr *w, const struct netlogon_who *who,
			 const struct netlogon_logon *l)
{
	struct ndr_ids ids = { 0 };

	from_put(w, &ids, who);
	logon_put(w, &ids, l);
}

static void
authenticator_put(struct wr *w, struct ndr_ids *ids, const struct netlogon_authenticator *a)
{
	wr_ndr_ptr(w, ids, true);
	wr_bytes(w, a->credential, sizeof a->credential);
	wr_ndr_u32(w, a->time);
}

void
netlogon_logon_flags_encode(struct wr *w, const struct netlogon_who *who,
			    const struct netlogon_authenticator *a, const struct netlogon_logon *l)
{
	const struct netlogon_authenticator none = { .time = 0 };
	struct ndr_ids ids			 = { 0 };

	from_put(w, &ids, who);
	authenticator_put(w, &ids, a);
	authenticator_put(w, &ids, &none); /* ReturnAuthenticator, to be filled in */
	logon_put(w, &ids, l);
}

/* Authoritative and ExtraFlags stand between what we want and the status. */
static nt
logon_ex_end(struct rd *r, nt *ret_status)
{
	(void)rd_u8(r);
	(void)ndr_u32(r);
	return answer_end(r, ret_status);
}

/* From the validation level on. */
static nt
logon_answer_decode(struct rd *r, struct sam_info *ret, struct wr *sids, nt *ret_status)
{
	struct sam_info info  = { 0 };
	const size_t sids_was = sids->pos;
	bool present;
	nt status;

	r->bad |= ndr_u16(r) != VALIDATION_SAM4;
	present = ndr_ptr(r);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	if (present)
		TRY(sam_info_decode(r, &info, sids));
	TRY(logon_ex_end(r, &status));
	REQUIRE(present || !nt_ok(status), STATUS_INVALID_PARAMETER);
	if (nt_ok(status))
		*ret = info;
	else
		sids->pos = sids_was;
	*ret_status = status;
	return STATUS_SUCCESS;
}

nt
netlogon_logon_ex_decode(struct span stub, struct sam_info *ret, struct wr *sids, nt *ret_status)
{
	struct rd r = rd_init(stub);

	return logon_answer_decode(&r, ret, sids, ret_status);
}

nt
netlogon_logon_flags_decode(struct span stub, uint8_t ret_credential[8], struct sam_info *ret,
			    struct wr *sids, nt *ret_status)
{
	struct rd r	      = rd_init(stub);
	uint8_t credential[8] = { 0 };

	if (ndr_ptr(&r)) {
		rd_copy(&r, credential, sizeof credential);
		(void)ndr_u32(&r);
	}
	TRY(logon_answer_decode(&r, ret, sids, ret_status));
	memcpy(ret_credential, credential, sizeof credential);
	return STATUS_SUCCESS;
}
