/*
 * file_set.c - what a set request says, read by the server and written by the
 * client.  A buffer may be longer than its structure, never shorter.
 * [MS-FSCC] 2.4, [MS-SMB2] 3.3.5.21.1
 */
#include "proto/fscc/file_info.h"

#include "proto/fscc/name.h"

/* What FileModeInformation may set, [MS-FSA] 2.1.5.15.9. */
#define MODE_SETTABLE                                                                              \
	(FILE_WRITE_THROUGH | FILE_SEQUENTIAL_ONLY | FILE_SYNCHRONOUS_IO_ALERT |                   \
	 FILE_SYNCHRONOUS_IO_NONALERT)

nt
fscc_basic_decode(struct span s, struct fscc_basic_set *ret)
{
	struct fscc_basic_set c = { 0 };
	struct rd r		= rd_init(s);
	bool times		= true;

	times &= filetime_to_set(rd_u64(&r), &c.creation_time);
	times &= filetime_to_set(rd_u64(&r), &c.access_time);
	times &= filetime_to_set(rd_u64(&r), &c.write_time);
	times &= filetime_to_set(rd_u64(&r), &c.change_time);
	c.attributes = rd_u32(&r);
	rd_zero(&r, 4);
	REQUIRE(rd_ok(&r), STATUS_INFO_LENGTH_MISMATCH);
	REQUIRE(times, STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
fscc_basic_encode(struct wr *w, const struct fscc_basic_set *c)
{
	wr_u64(w, filetime_from_set(c->creation_time));
	wr_u64(w, filetime_from_set(c->access_time));
	wr_u64(w, filetime_from_set(c->write_time));
	wr_u64(w, filetime_from_set(c->change_time));
	wr_u32(w, c->attributes);
	wr_zero(w, 4);
}

/* RootDirectory, FileNameLength and FileName, which three classes share. */
static nt
rename_tail_read(struct rd *r, struct fscc_rename *c)
{
	uint32_t n;

	c->root_directory = rd_u64(r);
	n		  = rd_u32(r);
	REQUIRE(rd_ok(r), STATUS_INFO_LENGTH_MISMATCH);
	c->name = rd_name(r, n);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	REQUIRE(n > 0, STATUS_OBJECT_NAME_INVALID);
	return STATUS_SUCCESS;
}

nt
fscc_rename_decode(struct span s, struct fscc_rename *ret)
{
	struct fscc_rename c = { 0 };
	struct rd r	     = rd_init(s);

	c.flags = rd_u8(&r) ? FSCC_RENAME_REPLACE : 0;
	rd_zero(&r, 7);
	TRY(rename_tail_read(&r, &c));
	*ret = c;
	return STATUS_SUCCESS;
}

nt
fscc_link_decode(struct span s, struct fscc_rename *ret)
{
	return fscc_rename_decode(s, ret);
}

nt
fscc_rename_ex_decode(struct span s, struct fscc_rename *ret)
{
	struct fscc_rename c = { 0 };
	struct rd r	     = rd_init(s);

	c.flags = rd_u32(&r);
	rd_zero(&r, 4);
	TRY(rename_tail_read(&r, &c));
	*ret = c;
	return STATUS_SUCCESS;
}

/* REPLACE is bit 0 of the flags and the first byte of the older classes alike. */
void
fscc_rename_encode(struct wr *w, const struct fscc_rename *c)
{
	wr_u32(w, c->flags);
	wr_zero(w, 4);
	wr_u64(w, c->root_directory);
	wr_u32(w, (uint32_t)c->name.n);
	wr_span(w, c->name);
}

nt
fscc_disposition_decode(struct span s, uint32_t *ret_flags)
{
	struct rd r	= rd_init(s);
	uint8_t pending = rd_u8(&r);

	REQUIRE(rd_ok(&r), STATUS_INFO_LENGTH_MISMATCH);
	*ret_flags = pending ? FSCC_DISPOSITION_DELETE : 0;
	return STATUS_SUCCESS;
}

nt
fscc_disposition_ex_decode(struct span s, uint32_t *ret_flags)
{
	struct rd r    = rd_init(s);
	uint32_t flags = rd_u32(&r);

	REQUIRE(rd_ok(&r), STATUS_INFO_LENGTH_MISMATCH);
	*ret_flags = flags;
	return STATUS_SUCCESS;
}

nt
fscc_size_decode(struct span s, uint64_t *ret)
{
	struct rd r    = rd_init(s);
	uint64_t value = rd_u64(&r);

	REQUIRE(rd_ok(&r), STATUS_INFO_LENGTH_MISMATCH);
	REQUIRE(value <= INT64_MAX, STATUS_INVALID_PARAMETER);
	*ret = value;
	return STATUS_SUCCESS;
}

nt
fscc_mode_decode(struct span s, uint32_t *ret)
{
	const uint32_t both = FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT;
	struct rd r	    = rd_init(s);
	uint32_t mode	    = rd_u32(&r);

	REQUIRE(rd_ok(&r), STATUS_INFO_LENGTH_MISMATCH);
	REQUIRE((mode & ~MODE_SETTABLE) == 0, STATUS_INVALID_PARAMETER);
	REQUIRE((mode & both) != both, STATUS_INVALID_PARAMETER);
	*ret = mode;
	return STATUS_SUCCESS;
}
