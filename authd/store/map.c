/*
 * map.c - which Unix account, or which uid, acts for a user, and which gids a
 * domain user's groups stand for.  First what the map file says; then, for a
 * user of ours, the account of that name, for a domain's the configured rule
 * and `unmapped user`; who is left is refused.
 *
 * By rule `rid` uid = first + RID, for users of our own domain only: the RIDs
 * of two domains would meet in one range.
 */
#include <string.h>

#include "authd/store/logon.h"
#include "base/log.h"
#include "base/utf16.h"
#include "proto/auth/mapfile.h"

/* The domain part of both is the same. */
static bool
sid_same_domain(const struct sid *a, const struct sid *b)
{
	struct sid x = *a, y = *b;

	if (a->count == 0 || a->count != b->count)
		return false;
	x.count--;
	y.count--;
	return sid_eq(&x, &y);
}

static uint32_t
sid_rid(const struct sid *s)
{
	return s->subs[s->count - 1];
}

/* 0: outside of the range. */
static uint32_t
rid_to_id(const struct store *s, uint32_t rid)
{
	const struct conf_auth_req *c = &s->conf;

	if (c->idmap_first == 0 || rid > c->idmap_last - c->idmap_first)
		return 0;
	return c->idmap_first + rid;
}

static bool
is_our_domain(const struct store *s, const struct foreign *f)
{
	return f->has_sid && f->domain[0] && utf8_casecmp(f->domain, s->conf.workgroup.s) == 0;
}

bool
foreign_is_ours(const struct store *s, const struct foreign *f)
{
	if (f->realm[0] == '\0')
		return utf8_casecmp(f->domain, s->conf.workgroup.s) == 0;
	return s->conf.realm.n > 0 && utf8_casecmp(f->realm, s->conf.realm.s) == 0;
}

static struct map_verdict
map_by_rid(const struct store *s, const struct foreign *f)
{
	struct rd r	     = rd_init(SPAN(f->sids, f->sids_n));
	struct map_verdict v = { .kind = MAP_UID };
	struct sid primary;

	rd_sid(&r, &primary);
	v.ids.uid = rid_to_id(s, sid_rid(&f->sid));
	if (rd_ok(&r) && sid_same_domain(&primary, &f->sid))
		v.ids.gid = rid_to_id(s, sid_rid(&primary));
	if (v.ids.uid == 0 || v.ids.gid == 0)
		v.kind = MAP_REFUSED;
	return v;
}

/* What stands right of '=': ids, or the name of an account. */
static struct map_verdict
map_by_file(const char *value)
{
	struct map_verdict v = { .kind = MAP_UID };

	if (!mapfile_ids(value, &v.ids))
		v = (struct map_verdict){ .kind = MAP_ACCOUNT, .account = value };
	return v;
}

struct map_verdict
map_local(const struct store *s, const char *logon)
{
	static char value[NAME_BOUND + 1]; /* good until the next question */

	return mapfile_local(s->map, logon, value, sizeof value)
		       ? map_by_file(value)
		       : (struct map_verdict){ .kind = MAP_ACCOUNT, .account = logon };
}

struct map_verdict
map_user(const struct store *s, const struct foreign *f)
{
	static char account[NAME_BOUND + 1]; /* good until the next question */
	struct map_verdict v = { .kind = MAP_REFUSED };

	if (mapfile_user(s->map, f->has_sid ? &f->sid : NULL, f->domain, f->realm, f->logon,
			 account, sizeof account))
		return map_by_file(account);
	if (s->conf.idmap == IDMAP_RID && is_our_domain(s, f))
		v = map_by_rid(s, f);
	else if (s->conf.idmap == IDMAP_ACCOUNT && foreign_is_ours(s, f))
		v = (struct map_verdict){ .kind = MAP_ACCOUNT, .account = f->logon };
	return v;
}

static nt
gid_add(struct gid_list *list, uint32_t gid)
{
	for (uint16_t i = 0; i < list->n; i++)
		if (list->v[i] == gid)
			return STATUS_SUCCESS;
	REQUIRE(list->n < GIDS_MAX, STATUS_INSUFFICIENT_RESOURCES);
	list->v[list->n++] = gid;
	return STATUS_SUCCESS;
}

static bool
is_member(const struct foreign *f, const struct sid *group)
{
	struct rd r = rd_init(SPAN(f->sids, f->sids_n));
	struct sid sid;

	while (rd_left(&r) > 0) {
		rd_sid(&r, &sid);
		if (rd_ok(&r) && sid_eq(&sid, group))
			return true;
	}
	return false;
}

static nt
map_groups_by_file(const struct store *s, const struct foreign *f, struct gid_list *list)
{
	struct span text = s->map;
	struct mapfile_row row;
	unsigned line = 0;
	uint32_t gid;

	while (mapfile_next(&text, &line, &row))
		if (mapfile_row_gid(&row, &gid) && is_member(f, &row.sid))
			TRY(gid_add(list, gid));
	return STATUS_SUCCESS;
}

nt
map_groups(const struct store *s, const struct foreign *f, struct gid_list *list)
{
	struct rd r = rd_init(SPAN(f->sids, f->sids_n));
	struct sid sid;
	uint32_t gid;

	TRY(map_groups_by_file(s, f, list));
	if (s->conf.idmap != IDMAP_RID || !is_our_domain(s, f))
		return STATUS_SUCCESS;
	while (rd_left(&r) > 0) {
		rd_sid(&r, &sid);
		REQUIRE(rd_ok(&r), STATUS_LOGON_FAILURE);
		gid = sid_same_domain(&sid, &f->sid) ? rid_to_id(s, sid_rid(&sid)) : 0;
		if (gid != 0)
			TRY(gid_add(list, gid));
	}
	return STATUS_SUCCESS;
}

void
map_check(struct span text)
{
	struct mapfile_row row;
	unsigned line = 0;

	while (mapfile_next(&text, &line, &row))
		if (row.value.n == 0)
			log_warn("a line of `idmap file` makes no sense line=%u", row.line);
}
