/*
 * sam_info.c - see sam_info.h.  NDR puts all fixed parts first and what their
 * pointers mean behind them, in the same order.
 */
#include "proto/rpc/sam_info.h"

#include "base/secret.h"
#include "proto/rpc/ndr.h"

#define TIMES	   6 /* LogonTime to PasswordMustChange */
#define STRINGS	   6 /* EffectiveName to HomeDirectoryDrive */
#define EXPANSIONS 10
#define GROUP_SIZE 8u /* RelativeId, Attributes */

struct ids { /* a counted array of GROUP_MEMBERSHIP */
	uint32_t count;
	bool present;
	struct span rows;
};

struct fixed {
	struct ndr_counted strings[STRINGS];
	struct ndr_counted server, domain, dns_domain, upn, expansions[EXPANSIONS];
	uint32_t user_id, primary;
	struct ids groups;
	bool domain_sid, extra;
	uint32_t extra_count;
};

/* OLD_LARGE_INTEGER: two longs, so aligned to four. */
static uint64_t
time_read(struct rd *r)
{
	uint64_t low = ndr_u32(r);

	return low | (uint64_t)ndr_u32(r) << 32;
}

static void
times_read(struct rd *r, struct sam_info *s)
{
	for (int i = 0; i < TIMES; i++) {
		uint64_t t = time_read(r);

		if (i == 2)
			s->kickoff = t;
	}
}

static void
ids_read(struct rd *r, struct ids *g)
{
	g->count   = ndr_u32(r);
	g->present = ndr_ptr(r);
	r->bad |= g->count > SAM_GROUPS_MAX || (!g->present && g->count > 0);
}

/* From UserFlags on: key, names, domain, account control, extra SIDs. */
static void
fixed_tail_read(struct rd *r, struct fixed *f, struct sam_info *s)
{
	s->user_flags = ndr_u32(r);
	rd_copy(r, s->key, sizeof s->key);
	f->server     = ndr_counted(r);
	f->domain     = ndr_counted(r);
	f->domain_sid = ndr_ptr(r);
	rd_zero(r, 8); /* LMKey */
	s->account_control = ndr_u32(r);
	rd_zero(r, 7 * 4); /* SubAuthStatus, last logons, failures, reserved */
	f->extra_count = ndr_u32(r);
	f->extra       = ndr_ptr(r);
	r->bad |= f->extra_count > SAM_GROUPS_MAX || (!f->extra && f->extra_count > 0);
}

static void
fixed_read(struct rd *r, struct fixed *f, struct sam_info *s)
{
	rd_align(r, 4);
	times_read(r, s);
	for (int i = 0; i < STRINGS; i++)
		f->strings[i] = ndr_counted(r);
	(void)ndr_u32(r); /* LogonCount, BadPasswordCount */
	f->user_id = ndr_u32(r);
	f->primary = ndr_u32(r);
	ids_read(r, &f->groups);
	fixed_tail_read(r, f, s);
	f->dns_domain = ndr_counted(r);
	f->upn	      = ndr_counted(r);
	for (int i = 0; i < EXPANSIONS; i++)
		f->expansions[i] = ndr_counted(r);
}

static void
ids_rows_read(struct rd *r, struct ids *g)
{
	if (!g->present)
		return;
	r->bad |= ndr_u32(r) != g->count;
	g->rows = rd_bytes(r, rd_ok(r) ? g->count * GROUP_SIZE : 0);
}

static void
ids_put(struct wr *w, const struct sid *domain, struct span rows)
{
	struct rd r = rd_init(rows);

	while (rd_left(&r) > 0) {
		struct sid sid = *domain;

		w->bad |= !sid_append(&sid, rd_u32(&r));
		rd_zero(&r, 4);
		wr_sid(w, &sid);
	}
}

/* KERB_SID_AND_ATTRIBUTES: pointers and attributes first, then the SIDs. */
static void
extra_put(struct rd *r, const struct fixed *f, struct wr *sids)
{
	struct rd heads;

	if (!f->extra)
		return;
	r->bad |= ndr_u32(r) != f->extra_count;
	heads = *r;
	rd_zero(r, rd_ok(r) ? (size_t)f->extra_count * 8 : 0);
	for (uint32_t i = 0; i < f->extra_count && rd_ok(r); i++) {
		struct sid sid = { 0 };

		r->bad |= !ndr_ptr(&heads);
		(void)ndr_u32(&heads);
		ndr_sid(r, &sid);
		if (rd_ok(r))
			wr_sid(sids, &sid);
	}
}

static void
tail_skip(struct rd *r, const struct fixed *f)
{
	ndr_skip_counted_utf16(r, f->dns_domain);
	ndr_skip_counted_utf16(r, f->upn);
	for (int i = 0; i < EXPANSIONS; i++)
		ndr_skip_counted_utf16(r, f->expansions[i]);
}

static void
referents_read(struct rd *r, struct fixed *f, struct sam_info *s, struct wr *sids)
{
	struct sid domain = { 0 };
	struct sid primary;

	ndr_counted_utf16(r, f->strings[0], s->user, sizeof s->user);
	for (int i = 1; i < STRINGS; i++)
		ndr_skip_counted_utf16(r, f->strings[i]);
	ids_rows_read(r, &f->groups);
	ndr_skip_counted_utf16(r, f->server);
	ndr_counted_utf16(r, f->domain, s->domain, sizeof s->domain);
	/* A user without a domain has no SID; RID 0 means one from elsewhere, among the extra ones.
	 */
	r->bad |= !f->domain_sid || f->user_id == 0;
	if (rd_ok(r))
		ndr_sid(r, &domain);
	s->user_sid = primary = domain;
	r->bad |= !sid_append(&s->user_sid, f->user_id) || !sid_append(&primary, f->primary);
	if (!rd_ok(r))
		return;
	wr_sid(sids, &primary);
	ids_put(sids, &domain, f->groups.rows);
	extra_put(r, f, sids);
}

nt
sam_info_decode(struct rd *r, struct sam_info *ret, struct wr *sids)
{
	struct sam_info s = { 0 };
	struct fixed f	  = { 0 };

	fixed_read(r, &f, &s);
	if (rd_ok(r))
		referents_read(r, &f, &s, sids);
	if (rd_ok(r))
		tail_skip(r, &f);
	if (rd_ok(r) && wr_ok(sids))
		*ret = s;
	secret_wipe(s.key, sizeof s.key);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	return wr_ok(sids) ? STATUS_SUCCESS : STATUS_BUFFER_TOO_SMALL;
}
