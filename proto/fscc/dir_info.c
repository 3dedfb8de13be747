/*
 * dir_info.c - directory listings.  The six classes differ in which parts they
 * have, so one writer and one reader serve all, led by the row.  [MS-FSCC] 2.4
 */
#include "proto/fscc/dir_info.h"

#include "proto/fscc/name.h"

#define SHORT_NAME_SIZE 24

/* 2.4.10, 2.4.14, 2.4.8, 2.4.33, 2.4.22, 2.4.23 */
static const struct fscc_dir_row rows[] = {
	/* class, name, fixed, stat, ea, short, id, pad before the id */
	{ FSCC_FILE_DIRECTORY, "directory", 64, true, false, false, false, 0 },
	{ FSCC_FILE_FULL_DIRECTORY, "full-directory", 68, true, true, false, false, 0 },
	{ FSCC_FILE_BOTH_DIRECTORY, "both-directory", 94, true, true, true, false, 0 },
	{ FSCC_FILE_NAMES, "names", 12, false, false, false, false, 0 },
	{ FSCC_FILE_ID_BOTH_DIRECTORY, "id-both-directory", 104, true, true, true, true, 2 },
	{ FSCC_FILE_ID_FULL_DIRECTORY, "id-full-directory", 80, true, true, false, true, 4 },
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

/* A reparse point tells its tag where others tell the size of their EAs. */
static uint32_t
ea_size_out(const struct fscc_stat *st)
{
	return st->attributes & FILE_ATTRIBUTE_REPARSE_POINT ? st->reparse_tag : st->ea_size;
}

bool
fscc_dir_put(struct fscc_dir *d, const char *name, const struct fscc_stat *st)
{
	struct wr *w = d->chain.w;
	size_t length_at;

	chain_entry(&d->chain);
	wr_u32(w, 0); /* FileIndex */
	if (d->row->has_stat)
		stat_put(w, st);
	length_at = wr_hole(w, 4);
	if (d->row->has_ea)
		wr_u32(w, ea_size_out(st));
	if (d->row->has_short)
		wr_zero(w, 2 + SHORT_NAME_SIZE);
	wr_zero(w, d->row->id_pad);
	if (d->row->has_id)
		wr_u64(w, st->file_id);
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

bool
fscc_dir_next(struct rd *r, const struct fscc_dir_row *row, struct fscc_dir_entry *ret)
{
	struct fscc_dir_entry c = { 0 };
	struct rd e;
	uint32_t n, ea;

	if (!chain_next(r, row->fixed, 8, &e))
		return false;
	rd_zero(&e, 4);
	if (row->has_stat)
		stat_read(&e, &c.st);
	n  = rd_u32(&e);
	ea = row->has_ea ? rd_u32(&e) : 0;
	if (c.st.attributes & FILE_ATTRIBUTE_REPARSE_POINT)
		c.st.reparse_tag = ea;
	else
		c.st.ea_size = ea;
	if (row->has_short)
		short_name_read(&e, &c.short_name);
	rd_zero(&e, row->id_pad);
	c.st.file_id = row->has_id ? rd_u64(&e) : 0;
	c.name	     = rd_name(&e, n);
	r->bad |= !rd_ok(&e);
	if (rd_ok(r))
		*ret = c;
	return rd_ok(r);
}
