/* test_fsd_dirindex.c - the index is right, and answers without reading again. */
#include "fsd/dirindex.h"
#include "tests/unit/fsd/place.h"

static void
index_missing_name_costs_one_scan_for_ever(void **state)
{
	struct place *p     = *state;
	struct dirindex *ix = dirindex_new(100000);
	char name[32], disk[NAME_DISK];

	for (int i = 0; i < 2000; i++) {
		(void)snprintf(name, sizeof name, "File-%d", i);
		place_file(p, name);
	}
	for (int i = 0; i < 100; i++)
		assert_status(dirindex_find(ix, p->fd, "nothing", disk),
		    STATUS_OBJECT_NAME_NOT_FOUND);
	assert_status(dirindex_find(ix, p->fd, "fILE-1999", disk), STATUS_SUCCESS);
	assert_string_equal(disk, "File-1999");
	assert_int_equal(dirindex_scans(ix), 1);
	dirindex_drop(ix);
}

static void
index_sees_what_others_do(void **state)
{
	struct place *p     = *state;
	struct dirindex *ix = dirindex_new(1000);
	char disk[NAME_DISK];

	place_file(p, "One");
	assert_status(dirindex_find(ix, p->fd, "two", disk), STATUS_OBJECT_NAME_NOT_FOUND);
	place_file(p, "TWO");
	assert_status(dirindex_find(ix, p->fd, "two", disk), STATUS_SUCCESS);
	assert_int_equal(renameat(p->fd, "TWO", p->fd, "Three"), 0);
	assert_status(dirindex_find(ix, p->fd, "two", disk), STATUS_OBJECT_NAME_NOT_FOUND);
	assert_status(dirindex_find(ix, p->fd, "THREE", disk), STATUS_SUCCESS);
	assert_int_equal(unlinkat(p->fd, "One", 0), 0);
	assert_status(dirindex_find(ix, p->fd, "one", disk), STATUS_OBJECT_NAME_NOT_FOUND);
	assert_int_equal(dirindex_scans(ix), 1);
	dirindex_drop(ix);
}

static void
index_survives_more_events_than_the_queue_holds(void **state)
{
	struct place *p     = *state;
	struct dirindex *ix = dirindex_new(1000);
	char disk[NAME_DISK];

	assert_status(dirindex_find(ix, p->fd, "x", disk), STATUS_OBJECT_NAME_NOT_FOUND);
	/* The queue holds 16384 by default; different names, or they are merged. */
	for (int i = 0; i < 20000; i++) {
		char name[16];

		(void)snprintf(name, sizeof name, "n%d", i % 7);
		place_file(p, name);
		assert_int_equal(unlinkat(p->fd, name, 0), 0);
	}
	place_file(p, "Last");
	assert_status(dirindex_find(ix, p->fd, "last", disk), STATUS_SUCCESS);
	assert_string_equal(disk, "Last");
	dirindex_drop(ix);
}

static void
index_forgets_the_oldest_directory_first(void **state)
{
	struct place *p     = *state;
	struct dirindex *ix = dirindex_new(3);
	char disk[NAME_DISK];
	int a, b;

	place_dir(p, "a");
	place_dir(p, "b");
	place_file(p, "a/One");
	place_file(p, "a/Two");
	place_file(p, "b/One");
	place_file(p, "b/Two");
	a = openat(p->fd, "a", O_PATH | O_DIRECTORY);
	b = openat(p->fd, "b", O_PATH | O_DIRECTORY);
	assert_status(dirindex_find(ix, a, "one", disk), STATUS_SUCCESS);
	assert_status(dirindex_find(ix, b, "one", disk), STATUS_SUCCESS);
	assert_status(dirindex_find(ix, b, "two", disk), STATUS_SUCCESS);
	assert_int_equal(dirindex_scans(ix), 2);
	assert_status(dirindex_find(ix, a, "two", disk), STATUS_SUCCESS);
	assert_int_equal(dirindex_scans(ix), 3);
	close(a);
	close(b);
	dirindex_drop(ix);
}

static void
index_finds_by_short_name(void **state)
{
	struct place *p     = *state;
	struct dirindex *ix = dirindex_new(1000);
	char disk[NAME_DISK];

	place_file(p, "a rather long name.text");
	assert_status(dirindex_find(ix, p->fd, "ARATH~FF.TXT", disk), STATUS_OBJECT_NAME_NOT_FOUND);
	for (unsigned i = 0; i < 256; i++) {
		char made[16];

		(void)snprintf(made, sizeof made, "ARATH~%02X.TEX", i);
		if (nt_ok(dirindex_find(ix, p->fd, made, disk))) {
			assert_string_equal(disk, "a rather long name.text");
			dirindex_drop(ix);
			return;
		}
	}
	fail_msg("no 8.3 name leads to it");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		in_place(index_missing_name_costs_one_scan_for_ever),
		in_place(index_sees_what_others_do),
		in_place(index_survives_more_events_than_the_queue_holds),
		in_place(index_forgets_the_oldest_directory_first),
		in_place(index_finds_by_short_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
