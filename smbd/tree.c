/* tree.c - a session's tree connects.  [MS-SMB2] 3.3.1.9 */
#include <stdlib.h>

#include "smbd/rq.h"

nt
tree_new(struct session *s, struct tree **ret)
{
	struct tree *t;

	REQUIRE(s->trees.count < SESSION_TREES_MAX, STATUS_INSUFFICIENT_RESOURCES);
	t = calloc(1, sizeof *t);
	REQUIRE(t, STATUS_INSUFFICIENT_RESOURCES);
	/* 0 and all ones mean something else; a long session may come round. */
	do
		t->id = ++s->next_tree;
	while (t->id == 0 || t->id == UINT32_MAX || idmap_find(&s->trees, t->id));
	if (nt_failed(idmap_put(&s->trees, t->id, t))) {
		free(t);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	*ret = t;
	return STATUS_SUCCESS;
}

struct tree *
tree_find(struct session *s, uint32_t id)
{
	return idmap_find(&s->trees, id);
}

void
tree_drop(struct session *s, struct tree *t)
{
	opens_drop(s, &t->id);
	(void)idmap_remove(&s->trees, t->id);
	storage_release(t->at);
	free(t);
}

void
trees_drop(struct session *s)
{
	struct tree *t;
	uint32_t pos = 0;

	opens_drop(s, NULL);
	while ((t = idmap_next(&s->trees, &pos))) {
		storage_release(t->at);
		free(t);
	}
	idmap_drop(&s->trees);
}
