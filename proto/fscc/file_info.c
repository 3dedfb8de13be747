/*
 * file_info.c - what a query of one file answers: a row and a few lines per
 * class.  [MS-FSCC] 2.4, [MS-SMB2] 3.3.5.20.1
 */
#include "proto/fscc/file_info.h"

#include "proto/fscc/chain.h"
#include "proto/fscc/name.h"

static uint32_t
attributes_out(const struct fscc_stat *st)
{
	uint32_t a = st->attributes;

	if (st->is_dir)
		a |= FILE_ATTRIBUTE_DIRECTORY;
	return a ? a : FILE_ATTRIBUTE_NORMAL;
}

static void
times_put(struct wr *w, const struct fscc_stat *st)
{
	wr_filetime(w, st->creation_time);
	wr_filetime(w, st->access_time);
	wr_filetime(w, st->write_time);
	wr_filetime(w, st->change_time);
}

static bool
basic_encode(struct wr *w, const struct fscc_stat *st) /* 2.4.7 */
{
	times_put(w, st);
	wr_u32(w, attributes_out(st));
	wr_zero(w, 4);
	return false;
}

static bool
standard_encode(struct wr *w, const struct fscc_stat *st) /* 2.4.47 */
{
	wr_u64(w, st->allocation_size);
	wr_u64(w, st->end_of_file);
	wr_u32(w, st->nlink);
	wr_u8(w, st->delete_pending);
	wr_u8(w, st->is_dir);
	wr_zero(w, 2);
	return false;
}

static bool
internal_encode(struct wr *w, const struct fscc_stat *st) /* 2.4.27 */
{
	wr_u64(w, st->file_id);
	return false;
}

static bool
ea_encode(struct wr *w, const struct fscc_stat *st) /* 2.4.13 */
{
	wr_u32(w, st->ea_size);
	return false;
}

static bool
access_encode(struct wr *w, const struct fscc_stat *st) /* 2.4.1 */
{
	wr_u32(w, st->access);
	return false;
}

static bool
position_encode(struct wr *w, const struct fscc_stat *st) /* 2.4.40 */
{
	wr_u64(w, st->position);
	return false;
}

static bool
mode_encode(struct wr *w, const struct fscc_stat *st) /* 2.4.31 */
{
	wr_u32(w, st->mode);
	return false;
}

static bool
alignment_encode(struct wr *w, const struct fscc_stat *st) /* 2.4.3 */
{
	(void)st;
	wr_u32(w, 0); /* FILE_BYTE_ALIGNMENT */
	return false;
}

static bool
name_encode(struct wr *w, const struct fscc_stat *st) /* 2.1.7, 2.4.32 */
{
	return wr_name_with_length(w, "\\", st->path);
}

static bool
alternate_name_encode(struct wr *w, const struct fscc_stat *st) /* 2.4.5 */
{
	return wr_name_with_length(w, "", st->short_name ? st->short_name : "");
}

static bool
normalized_name_encode(struct wr *w, const struct fscc_stat *st) /* 2.4.36 */
{
	return wr_name_with_length(w, "", st->path);
}

static bool
all_encode(struct wr *w, const struct fscc_stat *st) /* 2.4.2 */
{
	(void)basic_encode(w, st);
	(void)standard_encode(w, st);
	(void)internal_encode(w, st);
	(void)ea_encode(w, st);
	(void)access_encode(w, st);
	(void)position_encode(w, st);
	(void)mode_encode(w, st);
	(void)alignment_encode(w, st);
	return name_encode(w, st);
}

static bool
stream_encode(struct wr *w, const struct fscc_stat *st) /* 2.4.49; a directory has none */
{
	const struct fscc_stream data = { "::$DATA", st->end_of_file, st->allocation_size };
	bool cut		      = false;

	if (!st->is_dir && !nt_ok(fscc_streams_encode(w, &data, 1, &cut)))
		w->bad = true;
	return cut;
}

static bool
compression_encode(struct wr *w, const struct fscc_stat *st) /* 2.4.9 */
{
	wr_u64(w, st->end_of_file);
	wr_zero(w, 8); /* COMPRESSION_FORMAT_NONE */
	return false;
}

static bool
network_open_encode(struct wr *w, const struct fscc_stat *st) /* 2.4.34 */
{
	times_put(w, st);
	wr_u64(w, st->allocation_size);
	wr_u64(w, st->end_of_file);
	wr_u32(w, attributes_out(st));
	wr_zero(w, 4);
	return false;
}

static bool
attribute_tag_encode(struct wr *w, const struct fscc_stat *st) /* 2.4.6 */
{
	wr_u32(w, attributes_out(st));
	wr_u32(w, st->attributes & FILE_ATTRIBUTE_REPARSE_POINT ? st->reparse_tag : 0);
	return false;
}

static bool
id_encode(struct wr *w, const struct fscc_stat *st) /* 2.4.26 */
{
	wr_u64(w, st->volume_id);
	wr_u64(w, st->file_id);
	wr_zero(w, 8);
	return false;
}

static const struct fscc_file_row rows[] = {
	{ FSCC_FILE_BASIC, "basic", 40, FILE_READ_ATTRIBUTES, 0, basic_encode },
	{ FSCC_FILE_STANDARD, "standard", 24, 0, 0, standard_encode },
	{ FSCC_FILE_INTERNAL, "internal", 8, 0, 0, internal_encode },
	{ FSCC_FILE_EA, "ea", 4, 0, 0, ea_encode },
	{ FSCC_FILE_ACCESS, "access", 4, 0, 0, access_encode },
	{ FSCC_FILE_NAME, "name", 8, 0, 0, name_encode },
	{ FSCC_FILE_POSITION, "position", 8, 0, 0, position_encode },
	{ FSCC_FILE_MODE, "mode", 4, 0, 0, mode_encode },
	{ FSCC_FILE_ALIGNMENT, "alignment", 4, 0, 0, alignment_encode },
	{ FSCC_FILE_ALL, "all", 104, FILE_READ_ATTRIBUTES, 0, all_encode },
	{ FSCC_FILE_ALTERNATE_NAME, "alternate-name", 8, 0, 0, alternate_name_encode },
	{ FSCC_FILE_STREAM, "stream", 32, 0, 0, stream_encode },
	{ FSCC_FILE_COMPRESSION, "compression", 16, 0, 0, compression_encode },
	{ FSCC_FILE_NETWORK_OPEN, "network-open", 56, FILE_READ_ATTRIBUTES, 0,
	  network_open_encode },
	{ FSCC_FILE_ATTRIBUTE_TAG, "attribute-tag", 8, FILE_READ_ATTRIBUTES, 0,
	  attribute_tag_encode },
	{ FSCC_FILE_NORMALIZED_NAME, "normalized-name", 8, 0, 0, normalized_name_encode },
	{ FSCC_FILE_ID, "id", 24, 0, 0, id_encode },
};

const struct fscc_file_row *
fscc_file_find(uint8_t class)
{
	for (size_t i = 0; i < NELEM(rows); i++) {
		if (rows[i].class == class)
			return &rows[i];
	}
	return NULL;
}

nt
fscc_file_encode(struct wr *w, uint8_t class, const struct fscc_stat *st, bool *ret_cut)
{
	const struct fscc_file_row *row = fscc_file_find(class);
	bool cut;

	REQUIRE(row, STATUS_INVALID_INFO_CLASS);
	REQUIRE(wr_left(w) >= row->fixed, STATUS_INFO_LENGTH_MISMATCH);
	if (row->refusal)
		return (nt){ row->refusal };
	cut = row->encode(w, st);
	REQUIRE(wr_ok(w), STATUS_OBJECT_NAME_INVALID);
	*ret_cut = cut;
	return STATUS_SUCCESS;
}

nt
fscc_streams_encode(struct wr *w, const struct fscc_stream *streams, size_t n, bool *ret_cut)
{
	struct chain c;
	size_t at;

	REQUIRE(wr_left(w) >= 32, STATUS_INFO_LENGTH_MISMATCH);
	chain_begin(&c, w, 8);
	*ret_cut = false;
	for (size_t i = 0; i < n && !*ret_cut; i++) {
		chain_entry(&c);
		at = wr_hole(w, 4);
		wr_u64(w, streams[i].size);
		wr_u64(w, streams[i].allocation_size);
		wr_patch32(w, at, (uint32_t)wr_name(w, streams[i].name));
		*ret_cut = !chain_commit(&c);
	}
	return STATUS_SUCCESS;
}
