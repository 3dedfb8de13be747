/*
 * op_operator.c - what server operators see and end: trees and opens of
 * everybody.  Whether the asker is one is looked up at each call, so a reload
 * of `server operators` counts at once.  [MS-SRVS] 3.1.4.1 to 3.1.4.4
 */
#include "base/log.h"
#include "fsd/handle.h"
#include "fsd/lock.h"
#include "fsd/name.h"

/* An id of base/table.h without its generation: where walks go on. */
static uint32_t
slot_of(uint64_t id)
{
	return (uint32_t)id;
}

static nt
operator_check(struct fsd *me, struct call *c, const struct id16 *grant)
{
	struct grant *g;

	TRY(grant_find(me->grants, grant, link_peer(call_link(c)), &g));
	TRY(grant_check_time(g, clock_real_ns()));
	REQUIRE(shares_operator(&me->shares, g->who), STATUS_ACCESS_DENIED);
	return STATUS_SUCCESS;
}

/* The store asks about any grant: it made them. */
nt
fsd_operator(struct fsd *me, struct call *c, const struct fsd_operator_req *req,
    struct fsd_operator_rsp *rsp)
{
	const struct grant *g = grant_any(me->grants, &req->grant);

	(void)c;
	(void)rsp;
	REQUIRE(g && shares_operator(&me->shares, g->who), STATUS_ACCESS_DENIED);
	return STATUS_SUCCESS;
}

/* Ordered by slot; a row that goes meanwhile is not missed by others. */
static void *
next_after(const struct table *t, uint32_t after, uint32_t *ret_slot)
{
	uint32_t pos = 0;
	uint64_t id;
	void *obj;

	while ((obj = table_next(t, &pos, &id)) != NULL) {
		if (slot_of(id) <= after)
			continue;
		*ret_slot = slot_of(id);
		return obj;
	}
	return NULL;
}

static uint32_t
opens_of(const struct tree *t)
{
	uint32_t n = 0;

	for (const struct handle *h = t->handles; h; h = h->tree_next)
		n++;
	return n;
}

nt
fsd_trees(struct fsd *me, struct call *c, const struct fsd_trees_req *req,
    struct fsd_trees_rsp *rsp)
{
	const struct tree *t;
	uint32_t slot = 0;

	TRY(operator_check(me, c, &req->grant));
	t = next_after(me->trees, req->after, &slot);
	REQUIRE(t, STATUS_NO_MORE_ENTRIES);
	*rsp = (struct fsd_trees_rsp){ .index = slot,
		.left                         = table_count(me->trees) - 1,
		.number                       = slot,
		.share                        = str_of(t->share->name),
		.user                         = t->grant->who->user,
		.client                       = t->grant->client,
		.since                        = t->since,
		.opens                        = opens_of(t) };
	return STATUS_SUCCESS;
}

nt
fsd_files(struct fsd *me, struct call *c, const struct fsd_files_req *req,
    struct fsd_files_rsp *rsp)
{
	char *path = call_scratch(c, PATH_BOUND + 1);
	const struct handle *h;
	uint32_t slot = 0;

	TRY(operator_check(me, c, &req->grant));
	h = next_after(me->handles, req->after, &slot);
	REQUIRE(h, STATUS_NO_MORE_ENTRIES);
	name_path_to_wire(h->path, path, PATH_BOUND + 1);
	*rsp = (struct fsd_files_rsp){ .index = slot,
		.left                         = table_count(me->handles) - 1,
		.number                       = h->number,
		.share                        = str_of(h->tree->share->name),
		.user                         = h->tree->grant->who->user,
		.path                         = str_of(path),
		.access                       = h->access,
		.locks                        = locks_of(h->file, h) };
	return STATUS_SUCCESS;
}

static struct handle *
handle_numbered(const struct fsd *me, uint32_t number)
{
	uint32_t pos = 0;
	struct handle *h;

	while ((h = table_next(me->handles, &pos, NULL)) != NULL)
		if (h->number == number)
			return h;
	return NULL;
}

nt
fsd_file_close(struct fsd *me, struct call *c, const struct fsd_file_close_req *req,
    struct fsd_file_close_rsp *rsp)
{
	struct handle *h;

	(void)rsp;
	TRY(operator_check(me, c, &req->grant));
	h = handle_numbered(me, req->number);
	REQUIRE(h, STATUS_NOT_FOUND);
	log_audit("file closed by an operator user=%s share=%s path=%s",
	    log_qs(h->tree->grant->who->user.s), log_qs(h->tree->share->name), log_qs(h->path));
	handle_revoke(h);
	handle_close(me, h);
	return STATUS_SUCCESS;
}
