/*
 * file_read.c - what a client reads out of the answers to its queries.
 * [MS-FSCC] 2.4
 */
#include "proto/fscc/file_info.h"

#include "proto/fscc/chain.h"
#include "proto/fscc/name.h"

/* A time that Unix nanoseconds do not hold is a time not known. */
static int64_t
time_read(struct rd *r)
{
	int64_t ns;

	return filetime_to_ns(rd_u64(r), &ns) ? ns : FSCC_TIME_NONE;
}

static void
times_read(struct rd *r, struct fscc_stat *st)
{
	st->creation_time = time_read(r);
	st->access_time	  = time_read(r);
	st->write_time	  = time_read(r);
	st->change_time	  = time_read(r);
}

static void
attributes_read(struct rd *r, struct fscc_stat *st)
{
	st->attributes = rd_u32(r);
	st->is_dir     = st->attributes & FILE_ATTRIBUTE_DIRECTORY;
}

static void
basic_read(struct rd *r, struct fscc_stat *st)
{
	times_read(r, st);
	attributes_read(r, st);
	rd_zero(r, 4);
}

static void
standard_read(struct rd *r, struct fscc_stat *st)
{
	st->allocation_size = rd_u64(r);
	st->end_of_file	    = rd_u64(r);
	st->nlink	    = rd_u32(r);
	st->delete_pending  = rd_u8(r);
	st->is_dir	    = rd_u8(r);
	rd_zero(r, 2);
}

static void
internal_read(struct rd *r, struct fscc_stat *st)
{
	st->file_id = rd_u64(r);
}

static void
all_read(struct rd *r, struct fscc_stat *st)
{
	basic_read(r, st);
	standard_read(r, st);
	internal_read(r, st);
	st->ea_size  = rd_u32(r);
	st->access   = rd_u32(r);
	st->position = rd_u64(r);
	st->mode     = rd_u32(r);
	rd_zero(r, 4);
}

static void
network_open_read(struct rd *r, struct fscc_stat *st)
{
	times_read(r, st);
	st->allocation_size = rd_u64(r);
	st->end_of_file	    = rd_u64(r);
	attributes_read(r, st);
	rd_zero(r, 4);
}

static void
attribute_tag_read(struct rd *r, struct fscc_stat *st)
{
	attributes_read(r, st);
	st->reparse_tag = rd_u32(r);
}

static void
id_read(struct rd *r, struct fscc_stat *st)
{
	st->volume_id = rd_u64(r);
	st->file_id   = rd_u64(r);
	rd_zero(r, 8);
}

static const struct {
	uint8_t class;
	void (*read)(struct rd *, struct fscc_stat *);
} readers[] = {
	{ FSCC_FILE_BASIC, basic_read },
	{ FSCC_FILE_STANDARD, standard_read },
	{ FSCC_FILE_INTERNAL, internal_read },
	{ FSCC_FILE_ALL, all_read },
	{ FSCC_FILE_NETWORK_OPEN, network_open_read },
	{ FSCC_FILE_ATTRIBUTE_TAG, attribute_tag_read },
	{ FSCC_FILE_ID, id_read },
};

nt
fscc_file_decode(struct span s, uint8_t class, struct fscc_stat *io)
{
	struct fscc_stat c = *io;
	struct rd r	   = rd_init(s);

	for (size_t i = 0; i < NELEM(readers); i++) {
		if (readers[i].class != class)
			continue;
		readers[i].read(&r, &c);
		REQUIRE(rd_ok(&r), STATUS_INFO_LENGTH_MISMATCH);
		*io = c;
		return STATUS_SUCCESS;
	}
	return STATUS_INVALID_INFO_CLASS;
}

nt
fscc_file_name_decode(struct span s, uint8_t class, struct span *ret)
{
	struct fscc_stat skipped = { 0 };
	struct rd r		 = rd_init(s);
	struct span name;

	REQUIRE(class == FSCC_FILE_ALL || class == FSCC_FILE_NAME ||
		    class == FSCC_FILE_NORMALIZED_NAME,
		STATUS_INVALID_INFO_CLASS);
	if (class == FSCC_FILE_ALL)
		all_read(&r, &skipped);
	name = rd_name(&r, rd_u32(&r));
	REQUIRE(rd_ok(&r), STATUS_INFO_LENGTH_MISMATCH);
	*ret = name;
	return STATUS_SUCCESS;
}

bool
fscc_stream_next(struct rd *r, struct fscc_stream_found *ret)
{
	struct rd e;
	uint32_t n;

	if (!chain_next(r, 24, 8, &e))
		return false;
	n		     = rd_u32(&e);
	ret->size	     = rd_u64(&e);
	ret->allocation_size = rd_u64(&e);
	ret->name	     = rd_name(&e, n);
	r->bad |= !rd_ok(&e);
	return rd_ok(r);
}
