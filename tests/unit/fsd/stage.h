/*
 * stage.h - an fsd without links: one worker, one grant, one share on a
 * directory of its own.  Everybody is who runs the test.
 */
#ifndef TESTS_UNIT_FSD_STAGE_H
#define TESTS_UNIT_FSD_STAGE_H

#include "base/loop.h"
#include "fsd/fsd.h"
#include "fsd/grant.h"
#include "fsd/handle.h"
#include "fsd/open.h"
#include "fsd/peer.h"
#include "fsd/tree.h"
#include "proto/smb2/const.h"
#include "tests/unit/fsd/place.h"

#define ALL_SHARED (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

struct stage {
	struct fsd fsd;
	struct loop *loop;
	struct place *place;
	struct share *share;
	struct peer *peer;
	struct grant *grant;
	struct tree *tree;
};

static inline struct share *
stage_share(const char *path)
{
	struct share *s = calloc(1, sizeof *s);

	assert_non_null(s);
	s->refs        = 1;
	s->name        = strdup("docs");
	s->path        = strdup(path);
	s->comment     = strdup("");
	s->hide_files  = strdup("");
	s->force_user  = strdup("");
	s->create_mask = s->directory_mask = 0777;
	s->root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(s->root >= 0);
	return s;
}

static inline int
stage_make(void **state)
{
	struct stage *s    = calloc(1, sizeof *s);
	struct grant fresh = { .id = { { 1 } }, .worker = 1 };
	void *place        = NULL;

	assert_non_null(s);
	assert_int_equal(place_make(&place), 0);
	s->place = place;
	s->loop  = loop_new();
	fsd_init(&s->fsd, s->loop, 1, 64);
	s->share            = stage_share(s->place->dir);
	s->fsd.shares.first = s->share;
	s->peer             = calloc(1, sizeof *s->peer);
	s->peer->id         = 1;
	fresh.who           = ident_new("me", "", geteuid(), getegid(), NULL, 0);
	assert_status(grant_put(s->fsd.grants, &fresh, &s->grant), STATUS_SUCCESS);
	assert_status(tree_new(&s->fsd, s->peer, s->grant, s->share, false, &s->tree),
	    STATUS_SUCCESS);
	*state = s;
	return 0;
}

static inline int
stage_drop(void **state)
{
	struct stage *s = *state;
	void *place     = s->place;

	while (s->peer->trees)
		tree_drop(&s->fsd, s->peer->trees);
	free(s->peer);
	fsd_clear(&s->fsd);
	loop_drop(s->loop);
	place_drop(&place);
	free(s);
	return 0;
}

/* An open as most tests want it; fields may be changed before stage_run(). */
static inline struct fsd_open_req
stage_req(const struct stage *s, const char *path, uint32_t disposition)
{
	return (struct fsd_open_req){ .tree = s->tree->id, .path = str_of(path),
		.access = FILE_READ_DATA | FILE_WRITE_DATA | FILE_READ_ATTRIBUTES | DELETE,
		.share = ALL_SHARED, .disposition = disposition };
}

static inline nt
stage_run(struct stage *s, const struct fsd_open_req *req, struct fsd_open_rsp *ret)
{
	struct file *waits = NULL;

	return open_run(&s->fsd, s->peer, req, ret, &waits);
}

static inline nt
stage_open(struct stage *s, const char *path, uint32_t disposition, struct fsd_open_rsp *ret)
{
	struct fsd_open_req req = stage_req(s, path, disposition);

	return stage_run(s, &req, ret);
}

static inline struct handle *
stage_handle(struct stage *s, uint64_t file)
{
	struct handle *h = table_find(s->fsd.handles, file);

	assert_non_null(h);
	return h;
}

static inline void
stage_close(struct stage *s, uint64_t file)
{
	handle_close(&s->fsd, stage_handle(s, file));
}

static inline bool
stage_has(const struct stage *s, const char *name)
{
	return faccessat(s->place->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

#define on_stage(test) cmocka_unit_test_setup_teardown(test, stage_make, stage_drop)

#endif
