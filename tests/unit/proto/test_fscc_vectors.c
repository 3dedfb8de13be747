/*
 * test_fscc_vectors.c - answers of Samba, read and written again to the byte.
 * [MS-FSCC] 2.4, 2.5
 */
#include "tests/unit/check.h"

#include "base/utf16.h"
#include "proto/fscc/dir_info.h"
#include "proto/fscc/file_info.h"
#include "proto/fscc/fs_info.h"

static const char *
text(struct span utf16, char *buf, size_t cap)
{
	size_t n;

	assert_status(utf16_to_utf8(utf16, buf, cap, &n), STATUS_SUCCESS);
	for (char *p = buf; *p; p++) {
		if (*p == '\\')
			*p = '/';
	}
	return buf;
}

static void
file_information_is_written_as_it_was_read(void **state)
{
	static const struct {
		uint8_t class;
		const char *name;
	} rows[] = {
		{ FSCC_FILE_BASIC, "fscc/file_basic.hex" },
		{ FSCC_FILE_STANDARD, "fscc/file_standard.hex" },
		{ FSCC_FILE_INTERNAL, "fscc/file_internal.hex" },
		{ FSCC_FILE_ALL, "fscc/file_all.hex" },
		{ FSCC_FILE_NETWORK_OPEN, "fscc/file_network_open.hex" },
		{ FSCC_FILE_ATTRIBUTE_TAG, "fscc/file_attribute_tag.hex" },
	};
	uint8_t buf[1024], out[1024];

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		struct span want    = vector_load(rows[i].name, buf, sizeof buf);
		struct fscc_stat st = { .path = "dir/file.txt" };
		struct wr w	    = wr_init(out, sizeof out);
		bool cut	    = true;

		assert_status(fscc_file_decode(want, rows[i].class, &st), STATUS_SUCCESS);
		assert_status(fscc_file_encode(&w, rows[i].class, &st, &cut), STATUS_SUCCESS);
		assert_false(cut);
		assert_span(wr_done(&w), want.p, want.n);
	}
}

static void
all_information_names_the_file_from_the_share_root(void **state)
{
	uint8_t buf[1024];
	struct span name;
	char path[64];

	(void)state;
	assert_status(fscc_file_name_decode(vector_load("fscc/file_all.hex", buf, sizeof buf),
					    FSCC_FILE_ALL, &name),
		      STATUS_SUCCESS);
	assert_string_equal(text(name, path, sizeof path), "/dir/file.txt");
}

static void
streams_are_written_as_they_were_read(void **state)
{
	uint8_t buf[1024], out[1024];
	struct span want = vector_load("fscc/file_stream.hex", buf, sizeof buf);
	struct rd r	 = rd_init(want);
	struct wr w	 = wr_init(out, sizeof out);
	struct fscc_stream_found f;
	char name[64];
	bool cut;

	(void)state;
	assert_true(fscc_stream_next(&r, &f));
	const struct fscc_stream one = { text(f.name, name, sizeof name), f.size,
					 f.allocation_size };
	assert_string_equal(one.name, "::$DATA");
	assert_int_equal(one.size, 5);
	assert_status(fscc_streams_encode(&w, &one, 1, &cut), STATUS_SUCCESS);
	assert_span(wr_done(&w), want.p, want.n);
}

static void
listings_are_written_as_they_were_read(void **state)
{
	static const uint8_t classes[] = { 1, 2, 3, 12, 37, 38 };
	uint8_t buf[1024], out[1024];

	(void)state;
	for (size_t i = 0; i < NELEM(classes); i++) {
		const struct fscc_dir_row *row = fscc_dir_find(classes[i]);
		struct wr w		       = wr_init(out, sizeof out);
		struct fscc_dir_entry e;
		struct fscc_dir d;
		char path[64], name[64];
		struct span want;
		struct rd r;
		unsigned n = 0;

		(void)snprintf(path, sizeof path, "fscc/listing_%u.hex", classes[i]);
		want = vector_load(path, buf, sizeof buf);
		r    = rd_init(want);
		assert_status(fscc_dir_begin(&d, &w, classes[i]), STATUS_SUCCESS);
		for (; fscc_dir_next(&r, row, &e); n++)
			assert_true(fscc_dir_put(&d, text(e.name, name, sizeof name), &e.st));
		assert_true(rd_ok(&r));
		assert_int_equal(n, 3); /* . and .. and one file */
		assert_string_equal(name, "file.txt");
		assert_span(wr_done(&w), want.p, want.n);
	}
}

static void
file_system_information_is_written_as_it_was_read(void **state)
{
	static const struct {
		uint8_t class;
		const char *name;
	} rows[] = {
		{ FSCC_FS_VOLUME, "fscc/fs_volume.hex" },
		{ FSCC_FS_SIZE, "fscc/fs_size.hex" },
		{ FSCC_FS_ATTRIBUTE, "fscc/fs_attribute.hex" },
		{ FSCC_FS_FULL_SIZE, "fscc/fs_full_size.hex" },
	};
	uint8_t buf[1024], out[1024];
	char label[64];
	bool cut;

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		struct span want  = vector_load(rows[i].name, buf, sizeof buf);
		struct fscc_fs fs = { 0 };
		struct wr w	  = wr_init(out, sizeof out);
		struct span name;

		assert_status(fscc_fs_decode(want, rows[i].class, &fs, &name), STATUS_SUCCESS);
		fs.label   = text(name, label, sizeof label);
		fs.fs_name = fs.label;
		assert_status(fscc_fs_encode(&w, rows[i].class, &fs, &cut), STATUS_SUCCESS);
		assert_span(wr_done(&w), want.p, want.n);
	}
}

static void
sector_sizes_are_those_of_the_recorded_volume(void **state)
{
	const struct fscc_fs fs = { .bytes_per_sector = 512 };
	uint8_t buf[64], out[64];
	struct span want = vector_load("fscc/fs_sector_size.hex", buf, sizeof buf);
	struct wr w	 = wr_init(out, sizeof out);
	bool cut;

	(void)state;
	assert_status(fscc_fs_encode(&w, FSCC_FS_SECTOR_SIZE, &fs, &cut), STATUS_SUCCESS);
	assert_span(wr_done(&w), want.p, want.n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_information_is_written_as_it_was_read),
		cmocka_unit_test(all_information_names_the_file_from_the_share_root),
		cmocka_unit_test(streams_are_written_as_they_were_read),
		cmocka_unit_test(listings_are_written_as_they_were_read),
		cmocka_unit_test(file_system_information_is_written_as_it_was_read),
		cmocka_unit_test(sector_sizes_are_those_of_the_recorded_volume),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
