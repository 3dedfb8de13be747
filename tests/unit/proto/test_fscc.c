/*
 * test_fscc.c - information classes, listings, times and wildcards.
 * [MS-FSCC] 2.4, 2.5, 2.7, [MS-FSA] 2.1.4.4
 */
#include "tests/unit/check.h"

#include "base/utf16.h"
#include "proto/fscc/dir_info.h"
#include "proto/fscc/ea.h"
#include "proto/fscc/file_info.h"
#include "proto/fscc/fs_info.h"
#include "proto/fscc/notify.h"
#include "proto/fscc/wildcard.h"

static const struct fscc_stat sample = {
	.creation_time	 = 1000000000,
	.access_time	 = 2000000100,
	.write_time	 = 3000000200,
	.change_time	 = FSCC_TIME_NONE,
	.allocation_size = 8192,
	.end_of_file	 = 5000,
	.attributes	 = FILE_ATTRIBUTE_ARCHIVE,
	.nlink		 = 2,
	.file_id	 = 0x1122334455667788,
	.volume_id	 = 0x99,
	.ea_size	 = 7,
	.access		 = 0x120089,
	.mode		 = 2,
	.position	 = 4096,
	.path		 = "dir/näme.txt",
};

static const char *
text(struct span utf16)
{
	static char buf[4][512];
	static unsigned next;
	char *out = buf[next++ % 4];
	size_t n;

	assert_status(utf16_to_utf8(utf16, out, sizeof buf[0], &n), STATUS_SUCCESS);
	return out;
}

static void
filetime_knows_1970_and_before(void **state)
{
	int64_t ns;

	(void)state;
	assert_int_equal(filetime_from_ns(0), 116444736000000000);
	assert_int_equal(filetime_from_ns(-1), 116444735999999999);
	assert_int_equal(filetime_from_ns(FSCC_TIME_NONE), 0);
	assert_true(filetime_to_ns(116444736000000001, &ns));
	assert_int_equal(ns, 100);
	assert_true(filetime_to_ns(filetime_from_ns(INT64_MAX), &ns));
	assert_int_equal(ns, INT64_MAX / 100 * 100);
	assert_true(filetime_to_ns(filetime_from_ns(INT64_MIN + 200), &ns));
	assert_false(filetime_to_ns(1, &ns));
	assert_false(filetime_to_ns(INT64_MAX, &ns));
	assert_false(filetime_to_ns(UINT64_MAX, &ns));
}

static void
filetime_of_a_set_request_has_special_values(void **state)
{
	struct fscc_time_set t;

	(void)state;
	assert_true(filetime_to_set(0, &t));
	assert_int_equal(t.how, FSCC_TIME_KEEP);
	assert_true(filetime_to_set((uint64_t)-1, &t));
	assert_int_equal(t.how, FSCC_TIME_FREEZE);
	assert_int_equal(filetime_from_set(t), (uint64_t)-1);
	assert_true(filetime_to_set((uint64_t)-2, &t));
	assert_int_equal(t.how, FSCC_TIME_THAW);
	assert_false(filetime_to_set((uint64_t)-3, &t));
	assert_true(filetime_to_set(116444736000000010, &t));
	assert_int_equal(t.how, FSCC_TIME_SET);
	assert_int_equal(t.ns, 1000);
}

static void
every_class_needs_its_whole_structure(void **state)
{
	uint8_t buf[512];
	struct wr w;
	bool cut;

	(void)state;
	for (unsigned class = 0; class < 256; class++) {
		const struct fscc_file_row *row = fscc_file_find((uint8_t)class);

		w = wr_init(buf, sizeof buf);
		if (!row) {
			assert_status(fscc_file_encode(&w, (uint8_t)class, &sample, &cut),
				      STATUS_INVALID_INFO_CLASS);
			continue;
		}
		if (row->refusal) {
			assert_status(fscc_file_encode(&w, (uint8_t)class, &sample, &cut),
				      STATUS_OBJECT_NAME_NOT_FOUND);
			continue;
		}
		assert_status(fscc_file_encode(&w, (uint8_t)class, &sample, &cut), STATUS_SUCCESS);
		assert_false(cut);
		w = wr_init(buf, row->fixed);
		assert_status(fscc_file_encode(&w, (uint8_t)class, &sample, &cut), STATUS_SUCCESS);
		w = wr_init(buf, (size_t)row->fixed - 1);
		assert_status(fscc_file_encode(&w, (uint8_t)class, &sample, &cut),
			      STATUS_INFO_LENGTH_MISMATCH);
	}
}

static void
fixed_classes_have_the_sizes_of_the_specification(void **state)
{
	static const struct {
		uint8_t class, size;
	} rows[] = {
		{ FSCC_FILE_BASIC, 40 },
		{ FSCC_FILE_STANDARD, 24 },
		{ FSCC_FILE_INTERNAL, 8 },
		{ FSCC_FILE_EA, 4 },
		{ FSCC_FILE_ACCESS, 4 },
		{ FSCC_FILE_POSITION, 8 },
		{ FSCC_FILE_MODE, 4 },
		{ FSCC_FILE_ALIGNMENT, 4 },
		{ FSCC_FILE_ALL, 100 + 26 },
		{ FSCC_FILE_STREAM, 24 + 14 },
		{ FSCC_FILE_COMPRESSION, 16 },
		{ FSCC_FILE_NETWORK_OPEN, 56 },
		{ FSCC_FILE_ATTRIBUTE_TAG, 8 },
		{ FSCC_FILE_ID, 24 },
		{ FSCC_FILE_NORMALIZED_NAME, 4 + 24 },
	};
	uint8_t buf[512];
	bool cut;

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		struct wr w = wr_init(buf, sizeof buf);

		assert_status(fscc_file_encode(&w, rows[i].class, &sample, &cut), STATUS_SUCCESS);
		assert_int_equal(w.pos, rows[i].size);
	}
}

static void
all_information_is_read_back(void **state)
{
	struct fscc_stat st = { 0 };
	uint8_t buf[512];
	struct wr w = wr_init(buf, sizeof buf);
	struct span name;
	bool cut;

	(void)state;
	assert_status(fscc_file_encode(&w, FSCC_FILE_ALL, &sample, &cut), STATUS_SUCCESS);
	assert_status(fscc_file_decode(wr_done(&w), FSCC_FILE_ALL, &st), STATUS_SUCCESS);
	assert_int_equal(st.creation_time, sample.creation_time);
	assert_int_equal(st.change_time, FSCC_TIME_NONE);
	assert_int_equal(st.end_of_file, sample.end_of_file);
	assert_int_equal(st.allocation_size, sample.allocation_size);
	assert_int_equal(st.file_id, sample.file_id);
	assert_int_equal(st.access, sample.access);
	assert_int_equal(st.position, sample.position);
	assert_status(fscc_file_name_decode(wr_done(&w), FSCC_FILE_ALL, &name), STATUS_SUCCESS);
	assert_string_equal(text(name), "\\dir\\näme.txt");
}

static void
name_that_does_not_fit_is_cut_in_whole_units(void **state)
{
	uint8_t buf[512];
	struct wr w = wr_init(buf, 104 + 1);
	bool cut;

	(void)state;
	assert_status(fscc_file_encode(&w, FSCC_FILE_ALL, &sample, &cut), STATUS_SUCCESS);
	assert_true(cut);
	assert_int_equal(w.pos, 104);
	assert_int_equal(buf[96], 26); /* FileNameLength tells the whole */
}

static void
attributes_of_nothing_are_normal_and_of_a_directory_say_so(void **state)
{
	struct fscc_stat st = sample;
	uint8_t buf[8];
	struct wr w = wr_init(buf, sizeof buf);
	bool cut;

	(void)state;
	st.attributes = 0;
	assert_status(fscc_file_encode(&w, FSCC_FILE_ATTRIBUTE_TAG, &st, &cut), STATUS_SUCCESS);
	assert_int_equal(buf[0], FILE_ATTRIBUTE_NORMAL);
	st.is_dir = true;
	w	  = wr_init(buf, sizeof buf);
	assert_status(fscc_file_encode(&w, FSCC_FILE_ATTRIBUTE_TAG, &st, &cut), STATUS_SUCCESS);
	assert_int_equal(buf[0], FILE_ATTRIBUTE_DIRECTORY);
}

static void
path_that_is_no_utf8_is_refused(void **state)
{
	struct fscc_stat st = sample;
	uint8_t buf[512];
	struct wr w = wr_init(buf, sizeof buf);
	bool cut;

	(void)state;
	st.path = "bad\xff";
	assert_status(fscc_file_encode(&w, FSCC_FILE_ALL, &st, &cut), STATUS_OBJECT_NAME_INVALID);
}

static void
streams_are_listed_until_one_does_not_fit(void **state)
{
	static const struct fscc_stream streams[] = { { "::$DATA", 5, 8 },
						      { ":meta:$DATA", 9, 16 } };
	struct fscc_stream_found f;
	uint8_t buf[128];
	struct wr w = wr_init(buf, sizeof buf);
	struct rd r;
	bool cut;

	(void)state;
	assert_status(fscc_streams_encode(&w, streams, 2, &cut), STATUS_SUCCESS);
	assert_false(cut);
	r = rd_init(wr_done(&w));
	assert_true(fscc_stream_next(&r, &f));
	assert_string_equal(text(f.name), "::$DATA");
	assert_true(fscc_stream_next(&r, &f));
	assert_string_equal(text(f.name), ":meta:$DATA");
	assert_int_equal(f.allocation_size, 16);
	assert_false(fscc_stream_next(&r, &f));
	assert_true(rd_ok(&r));

	w = wr_init(buf, 60);
	assert_status(fscc_streams_encode(&w, streams, 2, &cut), STATUS_SUCCESS);
	assert_true(cut);
	r = rd_init(wr_done(&w));
	assert_true(fscc_stream_next(&r, &f));
	assert_false(fscc_stream_next(&r, &f));
	assert_true(rd_ok(&r));
}

static bool
row_has_id(const struct fscc_dir_row *row)
{
	return memchr(row->parts, FSCC_DIR_ID, sizeof row->parts) ||
	       memchr(row->parts, FSCC_DIR_ID_128, sizeof row->parts);
}

/* Each row's fixed part is as long as its parts are. */
static void
listing_rows_add_up(void **state)
{
	static const uint8_t sizes[] = {
		[FSCC_DIR_EA] = 4,   [FSCC_DIR_TAG] = 4, [FSCC_DIR_SHORT] = 26, [FSCC_DIR_PAD2] = 2,
		[FSCC_DIR_PAD4] = 4, [FSCC_DIR_ID] = 8,	 [FSCC_DIR_ID_128] = 16
	};
	unsigned rows = 0;

	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		const struct fscc_dir_row *row = fscc_dir_find((uint8_t)c);
		unsigned sum;

		if (!row)
			continue;
		sum = row->has_stat ? 64 : 12;
		for (size_t i = 0; i < FSCC_DIR_PARTS_MAX; i++)
			sum += sizes[row->parts[i]];
		assert_int_equal(sum, row->fixed);
		rows++;
	}
	assert_int_equal(rows, 11);
}

static void
reparse_point_tells_its_tag(void **state)
{
	static const uint8_t classes[] = { FSCC_FILE_BOTH_DIRECTORY, FSCC_FILE_ID_EXTD_DIRECTORY };
	struct fscc_stat st	       = sample;
	uint8_t buf[256];

	(void)state;
	st.attributes  = FILE_ATTRIBUTE_REPARSE_POINT;
	st.reparse_tag = 0xa000000c;
	for (size_t i = 0; i < NELEM(classes); i++) {
		struct wr w = wr_init(buf, sizeof buf);
		struct fscc_dir_entry e;
		struct fscc_dir d;
		struct rd r;

		assert_status(fscc_dir_begin(&d, &w, classes[i]), STATUS_SUCCESS);
		assert_true(fscc_dir_put(&d, "link", &st));
		r = rd_init(wr_done(&w));
		assert_true(fscc_dir_next(&r, fscc_dir_find(classes[i]), &e));
		assert_int_equal(e.st.reparse_tag, st.reparse_tag);
		assert_int_equal(e.st.ea_size, i == 0 ? 0 : sample.ea_size);
	}
}

static void
listing_round_trips_in_every_class(void **state)
{
	static const uint8_t classes[]	 = { 1, 2, 3, 12, 37, 38, 60, 78, 79, 80, 81 };
	static const char *const names[] = { ".", "..", "näme.txt", "a" };
	static uint8_t buf[2048];

	(void)state;
	for (size_t i = 0; i < NELEM(classes); i++) {
		const struct fscc_dir_row *row = fscc_dir_find(classes[i]);
		struct wr w		       = wr_init(buf, sizeof buf);
		struct fscc_dir_entry e;
		struct fscc_dir d;
		struct rd r;

		assert_status(fscc_dir_begin(&d, &w, classes[i]), STATUS_SUCCESS);
		for (size_t k = 0; k < NELEM(names); k++)
			assert_true(fscc_dir_put(&d, names[k], &sample));
		r = rd_init(wr_done(&w));
		for (size_t k = 0; k < NELEM(names); k++) {
			assert_true(fscc_dir_next(&r, row, &e));
			assert_string_equal(text(e.name), names[k]);
			assert_int_equal(e.st.end_of_file, row->has_stat ? sample.end_of_file : 0);
			assert_int_equal(e.st.file_id, row_has_id(row) ? sample.file_id : 0);
			assert_int_equal(e.st.ea_size,
					 row->parts[0] == FSCC_DIR_EA ? sample.ea_size : 0);
		}
		assert_false(fscc_dir_next(&r, row, &e));
		assert_true(rd_ok(&r));
	}
}

static void
listing_takes_an_entry_back_that_does_not_fit(void **state)
{
	uint8_t buf[64 + 8 + 64 + 1];
	struct wr w = wr_init(buf, sizeof buf);
	struct fscc_dir_entry e;
	struct fscc_dir d;
	struct rd r;

	(void)state;
	assert_status(fscc_dir_begin(&d, &w, FSCC_FILE_DIRECTORY), STATUS_SUCCESS);
	assert_true(fscc_dir_put(&d, "abc", &sample));
	assert_false(fscc_dir_put(&d, "d", &sample));
	assert_true(wr_ok(&w));
	assert_int_equal(w.pos, 64 + 6); /* no padding behind the last */
	r = rd_init(wr_done(&w));
	assert_true(fscc_dir_next(&r, fscc_dir_find(FSCC_FILE_DIRECTORY), &e));
	assert_false(fscc_dir_next(&r, fscc_dir_find(FSCC_FILE_DIRECTORY), &e));
	assert_true(rd_ok(&r));
	w = wr_init(buf, 63);
	assert_status(fscc_dir_begin(&d, &w, FSCC_FILE_DIRECTORY), STATUS_INFO_LENGTH_MISMATCH);
	assert_status(fscc_dir_begin(&d, &w, FSCC_FILE_BASIC), STATUS_INVALID_INFO_CLASS);
}

static void
listing_aligns_from_its_own_start(void **state)
{
	uint8_t buf[512];
	struct wr w = wr_init(buf, sizeof buf);
	struct fscc_dir d;

	(void)state;
	wr_zero(&w, 5);
	assert_status(fscc_dir_begin(&d, &w, FSCC_FILE_NAMES), STATUS_SUCCESS);
	assert_true(fscc_dir_put(&d, "abc", &sample));
	assert_true(fscc_dir_put(&d, "def", &sample));
	assert_int_equal(buf[5], 24); /* 12 + 6, rounded to 8 */
	assert_int_equal(w.pos, 5 + 24 + 18);
}

static void
chain_refuses_an_entry_step_below_its_size(void **state)
{
	uint8_t buf[64] = { 8 }; /* NextEntryOffset 8, into the entry itself */
	struct rd r	= rd_init(SPAN(buf, sizeof buf));
	struct rd e;

	(void)state;
	assert_false(chain_next(&r, 12, 8, &e));
	assert_false(rd_ok(&r));
	buf[0] = 17; /* unaligned */
	r      = rd_init(SPAN(buf, sizeof buf));
	assert_false(chain_next(&r, 12, 8, &e));
	assert_false(rd_ok(&r));
	buf[0] = 64; /* a next entry where nothing is */
	r      = rd_init(SPAN(buf, sizeof buf));
	assert_false(chain_next(&r, 12, 8, &e));
	assert_false(rd_ok(&r));
}

static void
file_systems_answer_in_their_sizes(void **state)
{
	static const struct fscc_fs fs = { .label	     = "data",
					   .fs_name	     = "NTFS",
					   .units_total	     = 100,
					   .units_caller     = 40,
					   .units_free	     = 50,
					   .sectors_per_unit = 8,
					   .bytes_per_sector = 512,
					   .name_max	     = 255,
					   .serial	     = 7,
					   .creation_time    = 100 };
	static const struct {
		uint8_t class, size;
	} rows[] = { { 1, 18 + 8 }, { 3, 24 }, { 4, 8 },  { 5, 12 + 8 },
		     { 6, 48 },	    { 7, 32 }, { 8, 64 }, { 11, 28 } };
	uint8_t buf[128];
	bool cut;

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		struct wr w	    = wr_init(buf, sizeof buf);
		struct fscc_fs back = { 0 };
		struct span name;
		nt s;

		assert_status(fscc_fs_encode(&w, rows[i].class, &fs, &cut), STATUS_SUCCESS);
		assert_int_equal(w.pos, rows[i].size);
		s = fscc_fs_decode(wr_done(&w), rows[i].class, &back, &name);
		if (rows[i].class == FSCC_FS_FULL_SIZE)
			assert_int_equal(back.units_free, 50);
		if (rows[i].class == FSCC_FS_VOLUME)
			assert_string_equal(text(name), "data");
		check_decided(s);
		w = wr_init(buf, (size_t)fscc_fs_find(rows[i].class)->fixed - 1);
		assert_status(fscc_fs_encode(&w, rows[i].class, &fs, &cut),
			      STATUS_INFO_LENGTH_MISMATCH);
	}
	struct wr w = wr_init(buf, sizeof buf);
	assert_status(fscc_fs_encode(&w, 2, &fs, &cut), STATUS_INVALID_INFO_CLASS);
}

static void
rename_reads_both_forms(void **state)
{
	uint8_t buf[64], wide[16];
	struct wr n	       = wr_init(wide, sizeof wide);
	struct wr w	       = wr_init(buf, sizeof buf);
	struct fscc_rename c   = { .flags = FSCC_RENAME_REPLACE | FSCC_RENAME_POSIX };
	struct fscc_rename out = { 0 };

	(void)state;
	(void)wr_utf16(&n, "new");
	c.name = wr_done(&n);
	fscc_rename_encode(&w, &c);
	assert_status(fscc_rename_decode(wr_done(&w), &out), STATUS_SUCCESS);
	assert_int_equal(out.flags, FSCC_RENAME_REPLACE);
	assert_string_equal(text(out.name), "new");
	assert_status(fscc_rename_ex_decode(wr_done(&w), &out), STATUS_SUCCESS);
	assert_int_equal(out.flags, c.flags);
	assert_status(fscc_rename_decode(SPAN(buf, 19), &out), STATUS_INFO_LENGTH_MISMATCH);
	assert_status(fscc_rename_decode(SPAN(buf, w.pos - 1), &out), STATUS_INVALID_PARAMETER);
	wr_patch32(&w, 16, 0xfffffffe);
	assert_status(fscc_rename_decode(wr_done(&w), &out), STATUS_INVALID_PARAMETER);
	wr_patch32(&w, 16, 5);
	assert_status(fscc_rename_decode(wr_done(&w), &out), STATUS_INVALID_PARAMETER);
	wr_patch32(&w, 16, 0);
	assert_status(fscc_rename_decode(wr_done(&w), &out), STATUS_OBJECT_NAME_INVALID);
}

static void
basic_set_round_trips_and_refuses_odd_times(void **state)
{
	struct fscc_basic_set c = { .write_time	 = { FSCC_TIME_SET, 500 },
				    .access_time = { FSCC_TIME_FREEZE, 0 },
				    .attributes	 = 0x20 };
	struct fscc_basic_set back;
	uint8_t buf[40];
	struct wr w = wr_init(buf, sizeof buf);

	(void)state;
	fscc_basic_encode(&w, &c);
	assert_status(fscc_basic_decode(wr_done(&w), &back), STATUS_SUCCESS);
	assert_int_equal(back.write_time.ns, 500);
	assert_int_equal(back.access_time.how, FSCC_TIME_FREEZE);
	assert_int_equal(back.creation_time.how, FSCC_TIME_KEEP);
	assert_status(fscc_basic_decode(SPAN(buf, 39), &back), STATUS_INFO_LENGTH_MISMATCH);
	memset(buf, 0x80, 8);
	assert_status(fscc_basic_decode(wr_done(&w), &back), STATUS_INVALID_PARAMETER);
}

static void
small_sets_check_their_values(void **state)
{
	uint32_t v;
	uint64_t size;

	(void)state;
	assert_status(fscc_disposition_decode(SPAN("\1", 1), &v), STATUS_SUCCESS);
	assert_int_equal(v, FSCC_DISPOSITION_DELETE);
	assert_status(fscc_disposition_decode(SPAN_NONE, &v), STATUS_INFO_LENGTH_MISMATCH);
	assert_status(fscc_disposition_ex_decode(SPAN("\3\0\0\0", 4), &v), STATUS_SUCCESS);
	assert_int_equal(v, 3);
	assert_status(fscc_size_decode(SPAN("\0\0\0\0\0\0\0\x80", 8), &size),
		      STATUS_INVALID_PARAMETER);
	assert_status(fscc_size_decode(SPAN("\1\0\0\0\0\0\0\0", 8), &size), STATUS_SUCCESS);
	assert_int_equal(size, 1);
	assert_status(fscc_mode_decode(SPAN("\x30\0\0\0", 4), &v), STATUS_INVALID_PARAMETER);
	assert_status(fscc_mode_decode(SPAN("\x08\0\0\0", 4), &v), STATUS_INVALID_PARAMETER);
	assert_status(fscc_mode_decode(SPAN("\x26\0\0\0", 4), &v), STATUS_SUCCESS);
}

static void
ea_lists_round_trip(void **state)
{
	const struct fscc_ea one = { 0, SPAN("USER.A", 6), SPAN("value", 5) };
	const struct fscc_ea two = { FSCC_EA_NEED, SPAN("B", 1), SPAN_NONE };
	uint8_t buf[128];
	struct wr w = wr_init(buf, sizeof buf);
	struct chain c;
	struct fscc_ea ea;
	struct rd r;

	(void)state;
	fscc_ea_begin(&c, &w);
	assert_true(fscc_ea_put(&c, &one));
	assert_true(fscc_ea_put(&c, &two));
	assert_status(fscc_ea_check(wr_done(&w)), STATUS_SUCCESS);
	r = rd_init(wr_done(&w));
	assert_true(fscc_ea_next(&r, &ea));
	assert_span(ea.value, "value", 5);
	assert_true(fscc_ea_next(&r, &ea));
	assert_int_equal(ea.flags, FSCC_EA_NEED);
	assert_false(fscc_ea_next(&r, &ea));
	buf[8 + 6] = 'x'; /* the NUL behind the name */
	assert_status(fscc_ea_check(wr_done(&w)), STATUS_EA_LIST_INCONSISTENT);
}

static void
notify_lists_round_trip(void **state)
{
	uint8_t buf[128];
	struct wr w = wr_init(buf, sizeof buf);
	struct chain c;
	struct fscc_notify e;
	struct rd r;

	(void)state;
	fscc_notify_begin(&c, &w);
	assert_true(fscc_notify_put(&c, FILE_ACTION_ADDED, "a/b"));
	assert_true(fscc_notify_put(&c, FILE_ACTION_REMOVED, "c"));
	r = rd_init(wr_done(&w));
	assert_true(fscc_notify_next(&r, &e));
	assert_string_equal(text(e.name), "a\\b");
	assert_true(fscc_notify_next(&r, &e));
	assert_int_equal(e.action, FILE_ACTION_REMOVED);
	assert_false(fscc_notify_next(&r, &e));
	assert_true(rd_ok(&r));
}

static void
wildcards_match_as_the_specification_says(void **state)
{
	static const struct {
		const char *pattern, *name;
		bool match;
	} rows[] = {
		{ "*", "x", true },	      { "*.*", "nodot", true },
		{ "abc", "ABC", true },	      { "abc", "abcd", false },
		{ "a*c", "abbbc", true },     { "a*c", "abbb", false },
		{ "*.txt", "a.b.TXT", true }, { "*.txt", "a.txt.b", false },
		{ "a?c", "abc", true },	      { "a?c", "ac", false },
		{ "?", "ä", true },	      { "Ä*", "äx", true },
		{ "<.txt", "a.b.txt", true }, { "<.b", "a.b.txt", false },
		{ "<", "noext", true },	      { "<", "a.txt", false },
		{ "<\"*", "a.txt", true },    { "<\"*", "noext", true },
		{ "a>>", "a", true },	      { "a>>", "abc", true },
		{ "a>>", "abcd", false },     { ">>>.c", "a.c", true },
		{ ">>>.c", "abcd.c", false }, { "a\"", "a", true },
		{ "a\"", "a.", true },	      { "a\"b", "a.b", true },
		{ "a\"b", "aXb", false },     { "", "", true },
		{ "", "a", false },	      { "*", "", false },
		{ "**?*", "a", true },	      { "*a*b*c", "xxaxxbxxc", true },
		{ "ſ", "s", false },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		if (wildcard_match(rows[i].pattern, rows[i].name) != rows[i].match)
			fail_msg("'%s' against '%s'", rows[i].pattern, rows[i].name);
	}
}

static void
wildcards_never_take_exponential_time(void **state)
{
	char pattern[512], name[256];

	(void)state;
	for (size_t i = 0; i < sizeof pattern - 2; i += 2)
		memcpy(pattern + i, "*a", 2);
	pattern[510] = 'b';
	pattern[511] = '\0';
	memset(name, 'a', 255);
	name[255] = '\0';
	assert_false(wildcard_match(pattern, name));
}

static void
try_all(struct span s)
{
	static const uint8_t classes[] = { 1, 2, 3, 12, 37, 38 };
	struct fscc_dir_entry e;
	struct fscc_stream_found f;
	struct fscc_notify nf;
	struct fscc_stat st = { 0 };
	struct fscc_rename rn;
	struct fscc_fs fs = { 0 };
	struct span name;
	struct rd r;

	for (size_t i = 0; i < NELEM(classes); i++) {
		r = rd_init(s);
		for (size_t n = 0; fscc_dir_next(&r, fscc_dir_find(classes[i]), &e); n++)
			assert_true(n < s.n && e.name.n <= s.n);
	}
	r = rd_init(s);
	while (fscc_stream_next(&r, &f))
		assert_true(f.name.n <= s.n);
	r = rd_init(s);
	while (fscc_notify_next(&r, &nf))
		assert_true(nf.name.n <= s.n);
	r = rd_init(s);
	while (fscc_ea_name_next(&r, &name))
		assert_true(name.n > 0);
	for (unsigned class = 0; class < 80; class++) {
		check_decided(fscc_file_decode(s, (uint8_t)class, &st));
		check_decided(fscc_file_name_decode(s, (uint8_t)class, &name));
		check_decided(fscc_fs_decode(s, (uint8_t)class, &fs, &name));
	}
	check_decided(fscc_ea_check(s));
	check_decided(fscc_rename_decode(s, &rn));
	check_decided(fscc_rename_ex_decode(s, &rn));
}

static void
decoders_survive_cuts_and_mutations(void **state)
{
	uint8_t buf[512];
	struct wr w = wr_init(buf, sizeof buf);
	struct fscc_dir d;

	(void)state;
	assert_status(fscc_dir_begin(&d, &w, FSCC_FILE_ID_BOTH_DIRECTORY), STATUS_SUCCESS);
	assert_true(fscc_dir_put(&d, "one", &sample));
	assert_true(fscc_dir_put(&d, "three", &sample));
	check_cuts(wr_done(&w), try_all);
	check_mutations(wr_done(&w), try_all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filetime_knows_1970_and_before),
		cmocka_unit_test(filetime_of_a_set_request_has_special_values),
		cmocka_unit_test(every_class_needs_its_whole_structure),
		cmocka_unit_test(fixed_classes_have_the_sizes_of_the_specification),
		cmocka_unit_test(all_information_is_read_back),
		cmocka_unit_test(name_that_does_not_fit_is_cut_in_whole_units),
		cmocka_unit_test(attributes_of_nothing_are_normal_and_of_a_directory_say_so),
		cmocka_unit_test(path_that_is_no_utf8_is_refused),
		cmocka_unit_test(streams_are_listed_until_one_does_not_fit),
		cmocka_unit_test(listing_rows_add_up),
		cmocka_unit_test(reparse_point_tells_its_tag),
		cmocka_unit_test(listing_round_trips_in_every_class),
		cmocka_unit_test(listing_takes_an_entry_back_that_does_not_fit),
		cmocka_unit_test(listing_aligns_from_its_own_start),
		cmocka_unit_test(chain_refuses_an_entry_step_below_its_size),
		cmocka_unit_test(file_systems_answer_in_their_sizes),
		cmocka_unit_test(rename_reads_both_forms),
		cmocka_unit_test(basic_set_round_trips_and_refuses_odd_times),
		cmocka_unit_test(small_sets_check_their_values),
		cmocka_unit_test(ea_lists_round_trip),
		cmocka_unit_test(notify_lists_round_trip),
		cmocka_unit_test(wildcards_match_as_the_specification_says),
		cmocka_unit_test(wildcards_never_take_exponential_time),
		cmocka_unit_test(decoders_survive_cuts_and_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
