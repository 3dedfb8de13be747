/* test_fsd_lease.c - granting and breaking leases.  [MS-SMB2] 3.3.5.9.8, 3.3.5.22.2 */
#include "fsd/lease.h"

#include "fsd/lock.h"
#include "fsd/oplock.h"
#include "fsd/setinfo.h"
#include "proto/fscc/file_info.h"
#include "tests/unit/fsd/stage.h"

enum {
	R   = SMB2_LEASE_READ_CACHING,
	H   = SMB2_LEASE_HANDLE_CACHING,
	W   = SMB2_LEASE_WRITE_CACHING,
	RH  = R | H,
	RW  = R | W,
	RWH = R | W | H,
};

/* One of client 1's keys. */
static struct fsd_open_req
lease_req(const struct stage *s, const char *path, uint8_t key, uint32_t state)
{
	struct fsd_open_req req = stage_req(s, path, FILE_OPEN_IF);

	req.oplock      = SMB2_OPLOCK_LEVEL_LEASE;
	req.flags       = FSD_OPEN_LEASE;
	req.client_guid = (struct id16){ { 1 } };
	req.lease_key   = (struct id16){ { key } };
	req.lease_state = state;
	return req;
}

static nt
try_key(struct stage *s, uint8_t key, uint32_t state, struct fsd_open_rsp *ret)
{
	struct fsd_open_req req = lease_req(s, "f", key, state);

	return stage_run(s, &req, ret);
}

/* The state that the answer names. */
static uint32_t
take(struct stage *s, uint8_t key, uint32_t state, struct handle **ret)
{
	struct fsd_open_rsp rsp = { 0 };

	assert_status(try_key(s, key, state, &rsp), STATUS_SUCCESS);
	assert_int_equal(rsp.oplock, SMB2_OPLOCK_LEVEL_LEASE);
	if (ret)
		*ret = stage_handle(s, rsp.file);
	return rsp.lease_state;
}

static void
close_all(struct stage *s)
{
	while (s->tree->handles)
		handle_close(&s->fsd, s->tree->handles);
}

static void
stop(void *ctx)
{
	loop_stop(ctx, 0);
}

/* What was put off to behind the handler happens. */
static void
turn(struct stage *s)
{
	struct loop_timer t = { 0 };

	loop_timer_set(s->loop, &t, 1, stop, s->loop);
	(void)loop_run(s->loop);
}

static void
lease_is_granted_only_with_read_caching(void **state)
{
	static const uint32_t rows[][2] = { { 0, 0 }, { R, R }, { H, 0 }, { W, 0 }, { RH, RH },
		{ RW, RW }, { W | H, 0 }, { RWH, RWH }, { 0xFFFFFFF8u | R, R } };
	struct stage *s = *state;

	for (size_t i = 0; i < NELEM(rows); i++) {
		assert_int_equal(take(s, 1, rows[i][0], NULL), rows[i][1]);
		close_all(s);
		assert_null(lease_find(s->fsd.leases, &(struct id16){ { 1 } },
		    &(struct id16){ { 1 } }));
	}
}

static void
lease_is_raised_as_a_whole_and_never_lowered(void **state)
{
	static const struct {
		uint32_t has, other, asked, then;
	} rows[] = {
		{ 0, 0, RWH, RWH }, { R, 0, RH, RH }, { RH, 0, RW, RH }, { RH, 0, RWH, RWH },
		{ RWH, 0, 0, RWH }, { RW, 0, RH, RW }, { R, R, RH, RH }, { R, R, RWH, R },
		{ RH, RH, RWH, RH },
	};
	struct stage *s = *state;

	for (size_t i = 0; i < NELEM(rows); i++) {
		assert_int_equal(take(s, 1, rows[i].has, NULL), rows[i].has);
		if (rows[i].other)
			assert_int_equal(take(s, 2, rows[i].other, NULL), rows[i].other);
		assert_int_equal(take(s, 1, rows[i].asked, NULL), rows[i].then);
		close_all(s);
	}
}

static void
lease_key_is_for_one_file(void **state)
{
	struct stage *s         = *state;
	struct fsd_open_req req = lease_req(s, "other", 1, R);
	struct fsd_open_rsp rsp;
	struct handle *h;

	(void)take(s, 1, R, &h);
	assert_status(stage_run(s, &req, &rsp), STATUS_INVALID_PARAMETER);
	assert_false(stage_has(s, "other"));
	place_file(s->place, "other");
	assert_status(stage_run(s, &req, &rsp), STATUS_INVALID_PARAMETER);
	req.client_guid.b[0] = 2;
	assert_status(stage_run(s, &req, &rsp), STATUS_SUCCESS);
	assert_int_equal(rsp.lease_state, R);
	/* What comes by the name of a file that is going has no lease until it has gone. */
	req.client_guid.b[0] = 1;
	req.path             = str_of("third");
	h->file->doomed      = true;
	assert_status(stage_run(s, &req, &rsp), STATUS_SUCCESS);
	assert_int_equal(rsp.oplock, SMB2_OPLOCK_LEVEL_NONE);
	h->file->doomed = false;
}

static void
directories_have_no_leases(void **state)
{
	struct stage *s         = *state;
	struct fsd_open_req req = lease_req(s, "d", 1, RH);
	struct fsd_open_rsp rsp;

	place_dir(s->place, "d");
	assert_status(stage_run(s, &req, &rsp), STATUS_SUCCESS);
	assert_int_equal(rsp.oplock, SMB2_OPLOCK_LEVEL_NONE);
	assert_null(stage_handle(s, rsp.file)->lease);
}

static void
write_caching_is_given_up_before_another_opens(void **state)
{
	struct stage *s = *state;
	struct fsd_open_rsp rsp = { 0 };
	struct peer other = { 0 };
	struct handle *h;

	assert_int_equal(take(s, 1, RWH, &h), RWH);
	assert_true(lease_is_of(h->lease, s->peer));
	assert_false(lease_is_of(h->lease, &other));
	assert_status(try_key(s, 2, RWH, &rsp), STATUS_PENDING);
	assert_true(h->lease->breaking);
	assert_int_equal(h->lease->asked, RH);
	/* Its own opens go on, and are told. */
	assert_status(try_key(s, 1, RWH, &rsp), STATUS_SUCCESS);
	assert_int_equal(rsp.lease_state, RWH);
	assert_true(rsp.flags & FSD_OPEN_BREAKING);
	assert_status(lease_acknowledge(h->lease, RWH), STATUS_REQUEST_NOT_ACCEPTED);
	assert_status(lease_acknowledge(h->lease, W), STATUS_REQUEST_NOT_ACCEPTED);
	assert_status(lease_acknowledge(h->lease, R), STATUS_SUCCESS);
	assert_status(lease_acknowledge(h->lease, R), STATUS_UNSUCCESSFUL);
	assert_int_equal(take(s, 2, RWH, NULL), RH);
	assert_int_equal(h->lease->state, R);
}

static void
who_only_looks_breaks_nothing(void **state)
{
	struct stage *s         = *state;
	struct fsd_open_req req = stage_req(s, "f", FILE_OPEN);
	struct fsd_open_rsp rsp;
	struct handle *h;

	assert_int_equal(take(s, 1, RWH, &h), RWH);
	req.access = FILE_READ_ATTRIBUTES | READ_CONTROL;
	assert_status(stage_run(s, &req, &rsp), STATUS_SUCCESS);
	assert_false(h->lease->breaking);
	req.access |= FILE_READ_EA;
	assert_status(stage_run(s, &req, &rsp), STATUS_PENDING);
}

static void
overwriting_waits_only_for_who_writes_back(void **state)
{
	struct stage *s         = *state;
	struct fsd_open_req req = stage_req(s, "f", FILE_OVERWRITE);
	struct fsd_open_rsp rsp;
	struct handle *h;

	assert_int_equal(take(s, 1, RH, &h), RH);
	assert_status(stage_run(s, &req, &rsp), STATUS_SUCCESS);
	assert_int_equal(h->lease->state, RH);
	assert_true(h->lease->breaking);
	assert_status(stage_run(s, &req, &rsp), STATUS_SUCCESS);
	assert_status(lease_acknowledge(h->lease, R), STATUS_REQUEST_NOT_ACCEPTED);
	assert_status(lease_acknowledge(h->lease, 0), STATUS_SUCCESS);
	close_all(s);
	assert_int_equal(take(s, 1, RW, &h), RW);
	assert_status(stage_run(s, &req, &rsp), STATUS_PENDING);
	assert_int_equal(h->lease->asked, 0);
}

/* One epoch for all of its steps; the last, from R, is not asked for. */
static void
lease_is_broken_on_in_steps(void **state)
{
	struct stage *s         = *state;
	struct fsd_open_req req = lease_req(s, "f", 1, RWH);
	struct fsd_open_rsp rsp = { 0 };
	struct handle *h;

	req.flags |= FSD_OPEN_LEASE_V2;
	req.lease_epoch = 0x4711;
	assert_status(stage_run(s, &req, &rsp), STATUS_SUCCESS);
	assert_int_equal(rsp.lease_epoch, 0x4712);
	assert_true(rsp.flags & FSD_OPEN_LEASE_V2);
	h   = stage_handle(s, rsp.file);
	req = stage_req(s, "f", FILE_OPEN);
	assert_status(stage_run(s, &req, &rsp), STATUS_PENDING);
	req.disposition = FILE_OVERWRITE;
	assert_status(stage_run(s, &req, &rsp), STATUS_PENDING);
	assert_int_equal(h->lease->asked, RH);
	assert_status(lease_acknowledge(h->lease, RH), STATUS_SUCCESS);
	turn(s);
	assert_int_equal(h->lease->asked, R);
	assert_status(stage_run(s, &req, &rsp), STATUS_PENDING);
	assert_status(lease_acknowledge(h->lease, R), STATUS_SUCCESS);
	turn(s);
	assert_false(h->lease->breaking);
	assert_int_equal(h->lease->state, 0);
	assert_int_equal(h->lease->epoch, 0x4713);
	assert_status(stage_run(s, &req, &rsp), STATUS_SUCCESS);
}

static void
handle_caching_is_given_up_before_sharing_is_refused(void **state)
{
	struct stage *s         = *state;
	struct fsd_open_req req = lease_req(s, "f", 1, RWH);
	struct fsd_open_rsp first, second;
	struct handle *h;

	req.share = 0;
	assert_status(stage_run(s, &req, &first), STATUS_SUCCESS);
	h = stage_handle(s, first.file);
	assert_status(try_key(s, 2, R, &second), STATUS_PENDING);
	assert_int_equal(h->lease->asked, RW);
	assert_status(lease_acknowledge(h->lease, RW), STATUS_SUCCESS);
	assert_status(try_key(s, 2, R, &second), STATUS_SHARING_VIOLATION);
	/* … and who had closed it long ago, for the user, is not in the way. */
	stage_close(s, first.file);
	assert_status(try_key(s, 2, R, &second), STATUS_SUCCESS);
}

static void
changes_break_the_leases_of_others(void **state)
{
	struct stage *s = *state;
	struct handle *a, *b;

	assert_int_equal(take(s, 1, R, &a), R);
	assert_int_equal(take(s, 2, RH, &b), RH);
	oplock_change_breaks(a);
	assert_int_equal(a->lease->state, R);
	assert_int_equal(b->lease->asked, 0);
	assert_true(b->lease->breaking);
	oplock_change_breaks(b);
	assert_int_equal(a->lease->state, 0);
	assert_false(a->lease->breaking);
}

static void
oplocks_and_leases_share_what_can_be_shared(void **state)
{
	static const struct {
		uint32_t lease;
		uint8_t level;
	} rows[] = {
		{ R, SMB2_OPLOCK_LEVEL_II },
		{ RH, SMB2_OPLOCK_LEVEL_NONE },
	};
	struct stage *s         = *state;
	struct fsd_open_req req = stage_req(s, "f", FILE_OPEN);
	struct fsd_open_rsp rsp;

	req.oplock = SMB2_OPLOCK_LEVEL_BATCH;
	for (size_t i = 0; i < NELEM(rows); i++) {
		(void)take(s, 1, rows[i].lease, NULL);
		assert_status(stage_run(s, &req, &rsp), STATUS_SUCCESS);
		assert_int_equal(rsp.oplock, rows[i].level);
		close_all(s);
	}
	req.oplock = SMB2_OPLOCK_LEVEL_II;
	assert_status(stage_run(s, &req, &rsp), STATUS_SUCCESS);
	assert_int_equal(take(s, 1, RWH, NULL), R);
}

static nt
rename_as(struct stage *s, struct handle *h, const char *to, uint32_t flags)
{
	uint8_t name[64], room[128];
	struct wr n = wr_init(name, sizeof name), w = wr_init(room, sizeof room);
	struct fscc_rename r = { .flags = flags };

	for (; *to; to++)
		wr_u16(&n, (uint8_t)*to);
	r.name = wr_done(&n);
	fscc_rename_encode(&w, &r);
	return setinfo_rename(&s->fsd, h, wr_done(&w));
}

static nt
rename_to(struct stage *s, struct handle *h, const char *to)
{
	return rename_as(s, h, to, 0);
}

static nt
rename_over(struct stage *s, struct handle *h, const char *to)
{
	return rename_as(s, h, to, FSCC_RENAME_REPLACE);
}

static void
names_change_when_nobody_caches_handles(void **state)
{
	static const uint8_t away[] = { 1 };
	struct stage *s             = *state;
	struct fsd_open_req req     = stage_req(s, "g", FILE_OPEN);
	struct fsd_open_rsp rsp;
	struct handle *a, *b;

	assert_int_equal(take(s, 1, RH, &a), RH);
	assert_status(rename_to(s, a, "e"), STATUS_SUCCESS);
	assert_status(rename_to(s, a, "f"), STATUS_SUCCESS);
	assert_int_equal(take(s, 2, RH, &b), RH);
	assert_status(rename_to(s, a, "g"), STATUS_PENDING);
	assert_int_equal(b->lease->asked, R);
	assert_true(stage_has(s, "f"));
	assert_status(lease_acknowledge(b->lease, R), STATUS_SUCCESS);
	assert_status(rename_to(s, a, "g"), STATUS_SUCCESS);
	assert_int_equal(a->lease->state, RH);
	assert_status(setinfo_disposition(&s->fsd, b, SPAN(away, 1)), STATUS_PENDING);
	assert_status(lease_acknowledge(a->lease, 0), STATUS_SUCCESS);
	assert_status(setinfo_disposition(&s->fsd, b, SPAN(away, 1)), STATUS_SUCCESS);
	close_all(s);
	assert_status(stage_run(s, &req, &rsp), STATUS_OBJECT_NAME_NOT_FOUND);
}

/* A directory with what is only cached inside, and what a rename would replace. */
static void
cached_handles_elsewhere_are_let_go_for_a_new_name(void **state)
{
	struct stage *s         = *state;
	struct fsd_open_req req = lease_req(s, "d/f", 1, RH);
	struct fsd_open_rsp in, rsp;
	struct handle *dir, *a;

	place_dir(s->place, "d");
	assert_status(stage_run(s, &req, &in), STATUS_SUCCESS);
	assert_status(stage_open(s, "d", FILE_OPEN, &rsp), STATUS_SUCCESS);
	dir = stage_handle(s, rsp.file);
	assert_status(rename_to(s, dir, "e"), STATUS_PENDING);
	assert_ptr_equal(dir->in_the_way, stage_handle(s, in.file)->file);
	assert_status(lease_acknowledge(stage_handle(s, in.file)->lease, R), STATUS_SUCCESS);
	assert_status(rename_to(s, dir, "e"), STATUS_ACCESS_DENIED);
	stage_close(s, in.file);
	assert_status(rename_to(s, dir, "e"), STATUS_SUCCESS);

	assert_int_equal(take(s, 1, RH, &a), RH);
	assert_status(stage_open(s, "new", FILE_CREATE, &rsp), STATUS_SUCCESS);
	assert_status(rename_over(s, stage_handle(s, rsp.file), "f"), STATUS_PENDING);
	assert_ptr_equal(stage_handle(s, rsp.file)->in_the_way, a->file);
	handle_close(&s->fsd, a);
	assert_status(rename_over(s, stage_handle(s, rsp.file), "f"), STATUS_SUCCESS);
}

static void
locks_keep_read_caching_away(void **state)
{
	struct stage *s = *state;
	struct handle *h;

	(void)take(s, 1, 0, &h);
	assert_status(lock_add(h->file, h, 0, 1, true), STATUS_SUCCESS);
	assert_int_equal(take(s, 2, RH, NULL), 0);
	assert_status(lock_remove(h->file, h, 0, 1), STATUS_SUCCESS);
	assert_int_equal(take(s, 3, RH, NULL), RH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		on_stage(lease_is_granted_only_with_read_caching),
		on_stage(lease_is_raised_as_a_whole_and_never_lowered),
		on_stage(lease_key_is_for_one_file),
		on_stage(directories_have_no_leases),
		on_stage(write_caching_is_given_up_before_another_opens),
		on_stage(who_only_looks_breaks_nothing),
		on_stage(overwriting_waits_only_for_who_writes_back),
		on_stage(lease_is_broken_on_in_steps),
		on_stage(handle_caching_is_given_up_before_sharing_is_refused),
		on_stage(changes_break_the_leases_of_others),
		on_stage(oplocks_and_leases_share_what_can_be_shared),
		on_stage(names_change_when_nobody_caches_handles),
		on_stage(cached_handles_elsewhere_are_let_go_for_a_new_name),
		on_stage(locks_keep_read_caching_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
