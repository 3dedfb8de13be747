/*
 * dir_info.c - directory listings.  The classes differ in which parts they have
 * and in what order, so one writer and one reader serve all, led by the row.
 * [MS-FSCC] 2.4.8, 2.4.10, 2.4.14 to 2.4.20, 2.4.22 to 2.4.24, 2.4.33
 */
#include "proto/fscc/dir_info.h"

#include "base/utf16.h"
#include "proto/fscc/name.h"

#define SHORT_NAME_SIZE 24

#define EA     FSCC_DIR_EA
#define TAG    FSCC_DIR_TAG
#define SHORT  FSCC_DIR_SHORT
#define PAD2   FSCC_DIR_PAD2
#define PAD4   FSCC_DIR_PAD4
#define ID     FSCC_DIR_ID
#define ID_128 FSCC_DIR_ID_128

static const struct fscc_dir_row rows[] = {
	{ FSCC_FILE_DIRECTORY, "directory", 64, true, { 0 } },
	{ FSCC_FILE_FULL_DIRECTORY, "full-directory", 68, true, { EA } },
	{ FSCC_FILE_BOTH_DIRECTORY, "both-directory", 94, true, { EA, SHORT } },
	{ FSCC_FILE_NAMES, "names", 12, false, { 0 } },
	{ FSCC_FILE_ID_BOTH_DIRECTORY, "id-both", 104, true, { EA, SHORT, PAD2, ID } },
	{ FSCC_FILE_ID_FULL_DIRECTORY, "id-full", 80, true, { EA, PAD4, ID } },
	{ FSCC_FILE_ID_EXTD_DIRECTORY, "id-extd", 88, true, { EA, TAG, ID_128 } },
	{ FSCC_FILE_ID_64_EXTD, "id-64-extd", 80, true, { EA, TAG, ID } },
	{ FSCC_FILE_ID_64_EXTD_BOTH, "id-64-extd-both", 106, true, { EA, TAG, ID, SHORT } },
	{ FSCC_FILE_ID_ALL_EXTD, "id-all-extd", 96, true, { EA, TAG, ID, ID_128 } },
	{ FSCC_FILE_ID_ALL_EXTD_BOTH, "id-all-extd-both", 122, true, { EA, TAG, ID, ID_128, SHORT } },
};

const struct fscc_dir_row *
fscc_dir_find(uint8_t class)
{
	for (size_t i = 0; i < NELEM(rows); i++) {
		if (rows[i].class == class)
			return &rows[i];
	}
	return NULL;
}

nt
fscc_dir_begin(struct fscc_dir *d, struct wr *w, uint8_t class)
{
	const struct fscc_dir_row *row = fscc_dir_find(class);

	REQUIRE(row, STATUS_INVALID_INFO_CLASS);
	REQUIRE(wr_left(w) >= row->fixed, STATUS_INFO_LENGTH_MISMATCH);
	d->row = row;
	chain_begin(&d->chain, w, 8);
	return STATUS_SUCCESS;
}

static void
stat_put(struct wr *w, const struct fscc_stat *st)
{
	uint32_t a = st->attributes | (st->is_dir ? FILE_ATTRIBUTE_DIRECTORY : 0);

	wr_filetime(w, st->creation_time);
	wr_filetime(w, st->access_time);
	wr_filetime(w, st->write_time);
	wr_filetime(w, st->change_time);
	wr_u64(w, st->end_of_file);
	wr_u64(w, st->allocation_size);
	wr_u32(w, a ? a : FILE_ATTRIBUTE_NORMAL);
}

static bool
row_has(const struct fscc_dir_row *row, uint8_t part)
{
	return memchr(row->parts, part, sizeof row->parts) != NULL;
}

static bool
is_reparse(const struct fscc_stat *st)
{
	return st->attributes & FILE_ATTRIBUTE_REPARSE_POINT;
}

/* A reparse point tells its tag where others tell the size of their EAs. */
static bool
ea_is_tag(const struct fscc_dir_row *row, const struct fscc_stat *st)
{
	return is_reparse(st) && !row_has(row, FSCC_DIR_TAG);
}

/* Length, and a field of twelve characters. */
static void
short_name_put(struct wr *w, const char *name)
{
	size_t length_at = wr_hole(w, 2);
	size_t n         = wr_utf16(w, name);

	if (n > SHORT_NAME_SIZE)
		w->bad = true;
	else
		wr_zero(w, SHORT_NAME_SIZE - n);
	wr_patch16(w, length_at, (uint16_t)n); /* ShortNameLength, and Reserved 0 */
}

static void
part_put(struct wr *w, const struct fscc_dir_row *row, uint8_t part, const struct fscc_stat *st)
{
	switch (part) {
	case FSCC_DIR_EA:
		wr_u32(w, ea_is_tag(row, st) ? st->reparse_tag : st->ea_size);
		break;
	case FSCC_DIR_TAG:
		wr_u32(w, is_reparse(st) ? st->reparse_tag : 0);
		break;
	case FSCC_DIR_SHORT:
		short_name_put(w, st->short_name ? st->short_name : "");
		break;
	case FSCC_DIR_PAD2:
		wr_zero(w, 2);
		break;
	case FSCC_DIR_PAD4:
		wr_zero(w, 4);
		break;
	case FSCC_DIR_ID:
		wr_u64(w, st->file_id);
		break;
	case FSCC_DIR_ID_128:
		wr_u64(w, st->file_id);
		wr_zero(w, 8);
		break;
	default:
		break;
	}
}

bool
fscc_dir_put(struct fscc_dir *d, const char *name, const struct fscc_stat *st)
{
	const struct fscc_dir_row *row = d->row;
	struct wr *w		       = d->chain.w;
	size_t length_at;

	chain_entry(&d->chain);
	wr_u32(w, 0); /* FileIndex */
	if (row->has_stat)
		stat_put(w, st);
	length_at = wr_hole(w, 4);
	for (size_t i = 0; i < FSCC_DIR_PARTS_MAX && row->parts[i] != FSCC_DIR_END; i++)
		part_put(w, row, row->parts[i], st);
	wr_patch32(w, length_at, (uint32_t)wr_name(w, name));
	return chain_commit(&d->chain);
}

static int64_t
time_read(struct rd *r)
{
	int64_t ns;

	return filetime_to_ns(rd_u64(r), &ns) ? ns : FSCC_TIME_NONE;
}

static void
stat_read(struct rd *r, struct fscc_stat *st)
{
	st->creation_time   = time_read(r);
	st->access_time	    = time_read(r);
	st->write_time	    = time_read(r);
	st->change_time	    = time_read(r);
	st->end_of_file	    = rd_u64(r);
	st->allocation_size = rd_u64(r);
	st->attributes	    = rd_u32(r);
	st->is_dir	    = st->attributes & FILE_ATTRIBUTE_DIRECTORY;
}

static void
short_name_read(struct rd *r, struct span *ret)
{
	uint8_t n = rd_u8(r);
	struct span all;
	struct rd inner;

	rd_zero(r, 1);
	all   = rd_bytes(r, SHORT_NAME_SIZE);
	inner = rd_init(all);
	*ret  = rd_name(&inner, n);
	r->bad |= !rd_ok(&inner);
}

static void
part_read(struct rd *r, const struct fscc_dir_row *row, uint8_t part, struct fscc_dir_entry *e)
{
	switch (part) {
	case FSCC_DIR_EA:
		if (ea_is_tag(row, &e->st))
			e->st.reparse_tag = rd_u32(r);
		else
			e->st.ea_size = rd_u32(r);
		break;
	case FSCC_DIR_TAG:
		e->st.reparse_tag = rd_u32(r);
		break;
	case FSCC_DIR_SHORT:
		short_name_read(r, &e->short_name);
		break;
	case FSCC_DIR_PAD2:
		rd_zero(r, 2);
		break;
	case FSCC_DIR_PAD4:
		rd_zero(r, 4);
		break;
	case FSCC_DIR_ID:
		e->st.file_id = rd_u64(r);
		break;
	case FSCC_DIR_ID_128:
		e->st.file_id = rd_u64(r);
		rd_zero(r, 8);
		break;
	default:
		break;
	}
}

bool
fscc_dir_next(struct rd *r, const struct fscc_dir_row *row, struct fscc_dir_entry *ret)
{
	struct fscc_dir_entry c = { 0 };
	struct rd e;
	uint32_t n;

	if (!chain_next(r, row->fixed, 8, &e))
		return false;
	rd_zero(&e, 4);
	if (row->has_stat)
		stat_read(&e, &c.st);
	n = rd_u32(&e);
	for (size_t i = 0; i < FSCC_DIR_PARTS_MAX && row->parts[i] != FSCC_DIR_END; i++)
		part_read(&e, row, row->parts[i], &c);
	c.name = rd_name(&e, n);
	r->bad |= !rd_ok(&e);
	if (rd_ok(r))
		*ret = c;
	return rd_ok(r);
}
