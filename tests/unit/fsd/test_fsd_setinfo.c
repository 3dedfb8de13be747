/* test_fsd_setinfo.c - rename, link, sizes, times and attributes.  [MS-FSA] 2.1.5.15 */
#include "fsd/setinfo.h"

#include "base/utf16.h"
#include "fsd/ea.h"
#include "proto/fscc/file_info.h"
#include "tests/unit/fsd/stage.h"

static struct handle *
opened(struct stage *s, const char *path)
{
	struct fsd_open_rsp rsp;

	assert_status(stage_open(s, path, FILE_OPEN_IF, &rsp), STATUS_SUCCESS);
	return stage_handle(s, rsp.file);
}

typedef nt set_fn(struct fsd *, struct handle *, struct span);

static nt
name_to(struct stage *s, struct handle *h, const char *to, bool replace, set_fn *set)
{
	uint8_t name[512], buf[1024];
	struct wr n = wr_init(name, sizeof name), w = wr_init(buf, sizeof buf);
	struct fscc_rename r = { .flags = replace ? FSCC_RENAME_REPLACE : 0 };

	wr_utf16(&n, to);
	r.name = wr_done(&n);
	fscc_rename_encode(&w, &r);
	assert_true(wr_ok(&w));
	return set(&s->fsd, h, wr_done(&w));
}

static void
rename_takes_the_spelling_and_the_opens_along(void **state)
{
	struct stage *s  = *state;
	struct handle *a = opened(s, "old"), *b = opened(s, "OLD");

	place_dir(s->place, "Dir");
	assert_status(name_to(s, a, "dir\\New", false, setinfo_rename), STATUS_SUCCESS);
	assert_true(stage_has(s, "Dir/New"));
	assert_string_equal(a->path, "Dir/New");
	assert_string_equal(b->path, "Dir/New");
	assert_status(name_to(s, b, "DIR\\NEW", false, setinfo_rename), STATUS_SUCCESS);
	assert_true(stage_has(s, "Dir/NEW"));
	assert_false(stage_has(s, "Dir/New"));
}

static void
rename_replaces_only_when_told_to(void **state)
{
	struct stage *s  = *state;
	struct handle *h = opened(s, "f");

	place_file(s->place, "There");
	place_dir(s->place, "dir");
	assert_status(name_to(s, h, "there", false, setinfo_rename), STATUS_OBJECT_NAME_COLLISION);
	assert_status(name_to(s, h, "there", true, setinfo_rename), STATUS_SUCCESS);
	assert_string_equal(h->path, "There");
	assert_status(name_to(s, h, "dir", true, setinfo_rename), STATUS_ACCESS_DENIED);
	(void)opened(s, "busy");
	assert_status(name_to(s, h, "busy", true, setinfo_rename), STATUS_ACCESS_DENIED);
}

static void
rename_does_not_leave_the_share(void **state)
{
	static const char *const bad[] = { "..\\x", "a\\..\\..\\x", "\\x", "a/b", "x:y", "x*" };
	struct stage *s                = *state;
	struct handle *h               = opened(s, "f");

	for (size_t i = 0; i < NELEM(bad); i++)
		assert_true(nt_failed(name_to(s, h, bad[i], true, setinfo_rename)));
	assert_true(stage_has(s, "f"));
}

static void
rename_of_a_directory_needs_it_unused(void **state)
{
	struct stage *s = *state;
	struct handle *dir, *inside;

	place_dir(s->place, "d");
	dir    = opened(s, "d");
	inside = opened(s, "d/f");
	assert_status(name_to(s, dir, "e", false, setinfo_rename), STATUS_ACCESS_DENIED);
	handle_close(&s->fsd, inside);
	assert_status(name_to(s, dir, "e", false, setinfo_rename), STATUS_SUCCESS);
	assert_true(stage_has(s, "e/f"));
}

static void
link_is_another_name(void **state)
{
	struct stage *s  = *state;
	struct handle *h = opened(s, "f");
	struct fscc_stat st;

	assert_status(name_to(s, h, "g", false, setinfo_link), STATUS_SUCCESS);
	assert_status(handle_stat(h, &st), STATUS_SUCCESS);
	assert_int_equal(st.nlink, 2);
	assert_status(name_to(s, h, "G", false, setinfo_link), STATUS_OBJECT_NAME_COLLISION);
	/* Between two names of one file rename(2) does nothing: no success for that. */
	assert_true(nt_failed(name_to(s, h, "g", true, setinfo_rename)));
}

static nt
size_to(struct stage *s, struct handle *h, uint64_t size, set_fn *set)
{
	uint8_t buf[8];
	struct wr w = wr_init(buf, sizeof buf);

	wr_u64(&w, size);
	return set(&s->fsd, h, wr_done(&w));
}

static void
sizes_grow_shrink_and_are_reserved(void **state)
{
	struct stage *s  = *state;
	struct handle *h = opened(s, "f");
	struct fscc_stat st;

	assert_status(size_to(s, h, 10000, setinfo_end_of_file), STATUS_SUCCESS);
	assert_status(size_to(s, h, 100, setinfo_allocation), STATUS_SUCCESS);
	assert_status(handle_stat(h, &st), STATUS_SUCCESS);
	assert_int_equal(st.end_of_file, 100);
	assert_status(size_to(s, h, 1 << 20, setinfo_allocation), STATUS_SUCCESS);
	assert_status(handle_stat(h, &st), STATUS_SUCCESS);
	assert_int_equal(st.end_of_file, 100);
	assert_int_equal(st.allocation_size, 1 << 20);
	assert_true(nt_failed(size_to(s, h, UINT64_MAX, setinfo_end_of_file)));
}

static void
basic_sets_all_four_times_and_attributes(void **state)
{
	struct stage *s         = *state;
	struct handle *h        = opened(s, "f");
	struct fscc_basic_set b = { .creation_time = { FSCC_TIME_SET, 1000000000000000000 },
		.access_time                       = { FSCC_TIME_SET, 1100000000000000000 },
		.write_time                        = { FSCC_TIME_SET, 1200000000000000000 },
		.change_time                       = { FSCC_TIME_SET, 1300000000000000000 },
		.attributes                        = FILE_ATTRIBUTE_HIDDEN };
	uint8_t buf[64];
	struct wr w = wr_init(buf, sizeof buf);
	struct fscc_stat st;

	fscc_basic_encode(&w, &b);
	if (nt_is(setinfo_basic(&s->fsd, h, wr_done(&w)), STATUS_NOT_SUPPORTED))
		skip();		/* no user attributes here */
	assert_status(handle_stat(h, &st), STATUS_SUCCESS);
	assert_int_equal(st.creation_time, b.creation_time.ns);
	assert_int_equal(st.access_time, b.access_time.ns);
	assert_int_equal(st.write_time, b.write_time.ns);
	assert_int_equal(st.change_time, b.change_time.ns);
	assert_int_equal(st.attributes, FILE_ATTRIBUTE_HIDDEN);
	/* A write ends what was said about changes, not about creation. */
	assert_status(size_to(s, h, 5, setinfo_end_of_file), STATUS_SUCCESS);
	h->frozen = 0;
	assert_status(size_to(s, h, 6, setinfo_end_of_file), STATUS_SUCCESS);
	assert_status(handle_stat(h, &st), STATUS_SUCCESS);
	assert_int_equal(st.creation_time, b.creation_time.ns);
	assert_int_not_equal(st.change_time, b.change_time.ns);
}

static void
eas_are_found_in_any_case_and_ours_is_none(void **state)
{
	static const uint8_t one[] = { 0, 0, 0, 0, 0, 3, 2, 0, 'K', 'e', 'y', 0, 'v', '1' };
	static const uint8_t gone[] = { 0, 0, 0, 0, 0, 3, 0, 0, 'k', 'E', 'Y', 0 };
	static const uint8_t ours[] = { 0, 0, 0, 0, 0, 8, 1, 0, 'B', 'u', 'l', 'k', 'h', 'e', 'a',
		'd', 0, 'x' };
	struct stage *s  = *state;
	struct handle *h = opened(s, "f");
	uint8_t buf[256];
	struct wr w = wr_init(buf, sizeof buf);

	if (nt_is(ea_set(h->fd, SPAN(one, sizeof one)), STATUS_NOT_SUPPORTED))
		skip();
	assert_status(ea_list(h->fd, SPAN_NONE, &w), STATUS_SUCCESS);
	assert_span(wr_done(&w), one, sizeof one);
	assert_int_equal(ea_size(h->fd), sizeof one);
	assert_status(ea_set(h->fd, SPAN(gone, sizeof gone)), STATUS_SUCCESS);
	assert_status(ea_list(h->fd, SPAN_NONE, &w), STATUS_NO_EAS_ON_FILE);
	assert_status(ea_set(h->fd, SPAN(ours, sizeof ours)), STATUS_INVALID_EA_NAME);
	assert_true(nt_failed(ea_set(h->fd, SPAN(one, sizeof one - 1))));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		on_stage(rename_takes_the_spelling_and_the_opens_along),
		on_stage(rename_replaces_only_when_told_to),
		on_stage(rename_does_not_leave_the_share),
		on_stage(rename_of_a_directory_needs_it_unused),
		on_stage(link_is_another_name),
		on_stage(sizes_grow_shrink_and_are_reserved),
		on_stage(basic_sets_all_four_times_and_attributes),
		on_stage(eas_are_found_in_any_case_and_ours_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
