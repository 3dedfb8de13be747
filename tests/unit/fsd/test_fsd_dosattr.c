/* test_fsd_dosattr.c - the extended attribute, and what is told about a file. */
#include "fsd/dosattr.h"

#include <sys/xattr.h>

#include "fsd/file.h"
#include "fsd/stat.h"
#include "tests/unit/fsd/place.h"

static const struct dosattr sample = { .has_attributes = true, .has_creation = true,
	.attributes = FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_READONLY, .creation = -1 };

static void
decode_anything(struct span s)
{
	struct dosattr d;

	if (!dosattr_decode(s, &d))
		assert_true(!d.has_attributes && !d.has_creation && !d.has_change);
	assert_int_equal(d.attributes & ~(FILE_ATTRIBUTE_SETTABLE | FILE_ATTRIBUTE_SPARSE_FILE), 0);
}

static void
dosattr_survives_strangers(void **state)
{
	uint8_t buf[64];
	struct wr w = wr_init(buf, sizeof buf);
	struct dosattr d;

	(void)state;
	dosattr_encode(&w, &sample);
	assert_true(dosattr_decode(wr_done(&w), &d));
	assert_int_equal(d.attributes, sample.attributes);
	assert_int_equal(d.creation, sample.creation);
	check_cuts(wr_done(&w), decode_anything);
	check_mutations(wr_done(&w), decode_anything);
}

static void
dosattr_comes_back_from_the_disk(void **state)
{
	struct place *p = *state;
	struct look l;
	int fd;

	place_file(p, "file");
	fd = openat(p->fd, "file", O_PATH | O_CLOEXEC);
	if (nt_is(dosattr_store(fd, &sample), STATUS_NOT_SUPPORTED)) {
		close(fd);
		skip();		/* no user attributes here */
	}
	assert_status(look_at(fd, &l), STATUS_SUCCESS);
	assert_int_equal(stat_attributes(&l, false), sample.attributes);
	assert_int_equal(stat_creation(&l), -1);
	close(fd);
}

/* fresh: changed less than the clock's grain ago, for all that we know. */
static void
attributes_are_remembered_until_they_change(void **state)
{
	static const struct dosattr plain = { .has_attributes = true };
	struct place *p                   = *state;
	struct file fresh = { 0 }, settled = { 0 };
	struct look l;
	int fd;

	place_file(p, "file");
	fd = openat(p->fd, "file", O_PATH | O_CLOEXEC);
	if (nt_is(dosattr_store(fd, &sample), STATUS_NOT_SUPPORTED)) {
		close(fd);
		skip();
	}
	assert_status(look_file(fd, &fresh, &l), STATUS_SUCCESS);
	assert_false(fresh.dos_known);
	(void)usleep(150000);
	assert_status(look_file(fd, &settled, &l), STATUS_SUCCESS);
	assert_true(settled.dos_known);
	assert_int_equal(l.dos.attributes, sample.attributes);
	settled.dos.attributes = FILE_ATTRIBUTE_SYSTEM;	/* not on the disk: is it asked? */
	assert_status(look_file(fd, &settled, &l), STATUS_SUCCESS);
	assert_int_equal(l.dos.attributes, FILE_ATTRIBUTE_SYSTEM);
	assert_status(dosattr_store(fd, &plain), STATUS_SUCCESS);
	assert_status(look_file(fd, &settled, &l), STATUS_SUCCESS);
	assert_int_equal(l.dos.attributes, 0);
	close(fd);
}

static void
stat_of_an_empty_file_allocates_nothing(void **state)
{
	struct place *p = *state;
	struct fscc_stat st;
	struct look l;
	int fd;

	place_file(p, "file");
	fd = openat(p->fd, "file", O_RDWR | O_CLOEXEC);
	(void)nt_failed(dosattr_store(fd, &sample));
	assert_status(look_at(fd, &l), STATUS_SUCCESS);
	l.st.stx_blocks = 8;	/* as ext4 counts an attribute block */
	stat_fill(&l, false, &st);
	assert_int_equal(st.allocation_size, 0);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_status(look_at(fd, &l), STATUS_SUCCESS);
	l.st.stx_blocks = 16;
	stat_fill(&l, false, &st);
	assert_int_equal(st.allocation_size, CLUSTER);
	assert_int_equal(st.end_of_file, 1);
	close(fd);
}

static void
stat_without_attributes_follows_the_mode(void **state)
{
	struct place *p = *state;
	struct look l;

	place_file(p, "file");
	place_dir(p, "dir");
	assert_status(look_stat(p->fd, &l), STATUS_SUCCESS);
	assert_int_equal(stat_attributes(&l, false), FILE_ATTRIBUTE_DIRECTORY);
	l.st.stx_mode = S_IFREG | 0644;
	assert_int_equal(stat_attributes(&l, false), FILE_ATTRIBUTE_ARCHIVE);
	l.st.stx_mode = S_IFREG | 0444;
	assert_int_equal(stat_attributes(&l, true),
	    FILE_ATTRIBUTE_ARCHIVE | FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN);
}

static void
stat_serves_files_and_directories_only(void **state)
{
	static const mode_t others[] = { S_IFIFO, S_IFSOCK, S_IFCHR, S_IFBLK, S_IFLNK };
	struct look l = { 0 };

	(void)state;
	for (size_t i = 0; i < NELEM(others); i++) {
		l.st.stx_mode = (uint16_t)others[i];
		assert_false(look_is_servable(&l));
	}
	l.st.stx_mode = S_IFREG;
	assert_true(look_is_servable(&l));
}

static void
clusters_never_wrap(void **state)
{
	(void)state;
	assert_int_equal(clusters(0), 0);
	assert_int_equal(clusters(1), CLUSTER);
	assert_int_equal(clusters(CLUSTER), CLUSTER);
	assert_true(clusters(UINT64_MAX) >= UINT64_MAX - CLUSTER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dosattr_survives_strangers),
		in_place(dosattr_comes_back_from_the_disk),
		in_place(attributes_are_remembered_until_they_change),
		in_place(stat_of_an_empty_file_allocates_nothing),
		in_place(stat_without_attributes_follows_the_mode),
		cmocka_unit_test(stat_serves_files_and_directories_only),
		cmocka_unit_test(clusters_never_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
