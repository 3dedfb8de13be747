/* tree.c - trees of a peer.  [MS-SMB2] 3.3.5.7, 3.3.5.8 */
#include "fsd/tree.h"

#include <stdlib.h>

#include "base/fatal.h"
#include "base/log.h"
#include "fsd/handle.h"
#include "fsd/park.h"
#include "proto/dtyp/access.h"

/* `force user`: whoever came in, this account acts; its other groups are not asked for. */
static struct ident *
acting(const struct share *s, struct ident *who)
{
	if (*s->force_user == '\0')
		return ident_hold(who);
	return ident_new(who->user.s, who->sid.s, s->force_uid, s->force_gid, NULL, who->flags);
}

static void
rights_set(struct tree *t, bool read_only)
{
	t->read_only  = read_only;
	t->max_access = read_only ? FILE_GENERIC_READ | FILE_GENERIC_EXECUTE : FILE_ALL_ACCESS;
}

nt
tree_new(struct fsd *me, struct peer *p, struct grant *g, struct share *s, bool read_only,
    struct tree **ret)
{
	struct tree *t = xcalloc(1, sizeof *t);
	nt status      = table_add(me->trees, t, &t->id);

	if (nt_failed(status)) {
		free(t);
		return status;
	}
	t->peer  = p;
	t->grant = g;
	t->since = clock_real_ns();
	t->share = share_hold(s);
	t->who   = acting(s, g->who);
	rights_set(t, read_only);
	t->next = p->trees;
	t->at   = &p->trees;
	if (t->next)
		t->next->at = &t->next;
	p->trees = t;
	s->users++;
	*ret = t;
	return STATUS_SUCCESS;
}

void
tree_drop(struct fsd *me, struct tree *t)
{
	parked_end_of_tree(me, t);
	while (t->handles)
		handle_close(me, t->handles);
	(void)table_remove(me->trees, t->id);
	*t->at = t->next;
	if (t->next)
		t->next->at = t->at;
	t->share->users--;
	share_drop(t->share);
	ident_drop(t->who);
	free(t);
}

void
trees_of_grant_drop(struct fsd *me, struct peer *p, const struct grant *g)
{
	struct tree *t = p->trees;

	while (t) {
		if (t->grant != g) {
			t = t->next;
			continue;
		}
		tree_drop(me, t);
		t = p->trees;
	}
}

void
trees_of_grant_become(struct peer *p, const struct grant *g)
{
	for (struct tree *t = p->trees; t; t = t->next) {
		bool read_only = true;

		if (t->grant != g)
			continue;
		ident_drop(t->who);
		t->who    = acting(t->share, g->who);
		t->barred = nt_failed(share_admit(t->share, g->who, &g->client, &read_only));
		rights_set(t, read_only);
	}
}

static void
tree_revoke(struct fsd *me, struct tree *t)
{
	for (const struct handle *h = t->handles; h; h = h->tree_next)
		handle_revoke(h);
	tree_drop(me, t);
}

/* The same share of the new configuration, with its rules. */
static bool
reconsider(struct fsd *me, struct tree *t)
{
	struct share *s = shares_find(&me->shares, t->share->name);
	bool read_only;

	if (!s || s->root < 0 || nt_failed(share_admit(s, t->grant->who, &t->grant->client, &read_only)))
		return false;
	t->share->users--;
	share_drop(t->share);
	t->share = share_hold(s);
	s->users++;
	rights_set(t, read_only);
	return true;
}

void
trees_reconsider(struct fsd *me)
{
	uint32_t pos = 0;
	struct tree *t;

	while ((t = table_next(me->trees, &pos, NULL)) != NULL)
		if (!reconsider(me, t))
			tree_revoke(me, t);
}

nt
tree_find(struct fsd *me, const struct peer *p, uint64_t id, struct tree **ret)
{
	struct tree *t = table_find(me->trees, id);

	REQUIRE(t && t->peer == p, STATUS_NETWORK_NAME_DELETED);
	*ret = t;
	return STATUS_SUCCESS;
}

nt
tree_enter(struct fsd *me, const struct peer *p, uint64_t id, struct tree **ret)
{
	struct tree *t;

	TRY(tree_find(me, p, id, &t));
	TRY(grant_check_time(t->grant, clock_real_ns()));
	REQUIRE(!t->barred, STATUS_ACCESS_DENIED);
	creds_become(t->who);
	*ret = t;
	return STATUS_SUCCESS;
}
