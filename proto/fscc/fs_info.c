/*
 * fs_info.c - file system information classes, a row and a few lines each.
 * [MS-FSCC] 2.5
 */
#include "proto/fscc/fs_info.h"

#include "proto/fscc/name.h"

#define FILE_DEVICE_DISK       0x00000007u
#define FILE_READ_ONLY_DEVICE  0x00000002u
#define FILE_DEVICE_IS_MOUNTED 0x00000020u
#define SSINFO_FLAGS_ALIGNED   0x00000003u /* device and partition */

static bool
volume_encode(struct wr *w, const struct fscc_fs *fs) /* 2.5.9 */
{
	size_t at, n;
	bool cut;

	wr_filetime(w, fs->creation_time);
	wr_u32(w, fs->serial);
	at = wr_hole(w, 4);
	wr_zero(w, 2); /* no object ids */
	cut = wr_name_cut(w, "", fs->label, &n);
	wr_patch32(w, at, (uint32_t)n);
	return cut;
}

static bool
size_encode(struct wr *w, const struct fscc_fs *fs) /* 2.5.8 */
{
	wr_u64(w, fs->units_total);
	wr_u64(w, fs->units_caller);
	wr_u32(w, fs->sectors_per_unit);
	wr_u32(w, fs->bytes_per_sector);
	return false;
}

static bool
device_encode(struct wr *w, const struct fscc_fs *fs) /* 2.5.10 */
{
	wr_u32(w, FILE_DEVICE_DISK);
	wr_u32(w, FILE_DEVICE_IS_MOUNTED | (fs->read_only ? FILE_READ_ONLY_DEVICE : 0));
	return false;
}

static bool
attribute_encode(struct wr *w, const struct fscc_fs *fs) /* 2.5.1 */
{
	wr_u32(w, fs->attributes | (fs->read_only ? FILE_READ_ONLY_VOLUME : 0));
	wr_u32(w, fs->name_max);
	return wr_name_with_length(w, "", fs->fs_name);
}

/* 2.5.2.  Quotas are neither tracked nor enforced here, so there are no limits. */
static bool
control_encode(struct wr *w, const struct fscc_fs *fs)
{
	(void)fs;
	wr_zero(w, 24);
	wr_u64(w, UINT64_MAX);
	wr_u64(w, UINT64_MAX);
	wr_zero(w, 8);
	return false;
}

static bool
full_size_encode(struct wr *w, const struct fscc_fs *fs) /* 2.5.4 */
{
	wr_u64(w, fs->units_total);
	wr_u64(w, fs->units_caller);
	wr_u64(w, fs->units_free);
	wr_u32(w, fs->sectors_per_unit);
	wr_u32(w, fs->bytes_per_sector);
	return false;
}

static bool
object_id_encode(struct wr *w, const struct fscc_fs *fs) /* 2.5.6 */
{
	wr_bytes(w, fs->object_id, sizeof fs->object_id);
	wr_zero(w, 48);
	return false;
}

static bool
sector_size_encode(struct wr *w, const struct fscc_fs *fs) /* 2.5.7 */
{
	for (unsigned i = 0; i < 4; i++)
		wr_u32(w, fs->bytes_per_sector);
	wr_u32(w, SSINFO_FLAGS_ALIGNED);
	wr_u32(w, 0);
	wr_u32(w, 0);
	return false;
}

static const struct fscc_fs_row rows[] = {
	{ FSCC_FS_VOLUME, "volume", 24, volume_encode },
	{ FSCC_FS_SIZE, "size", 24, size_encode },
	{ FSCC_FS_DEVICE, "device", 8, device_encode },
	{ FSCC_FS_ATTRIBUTE, "attribute", 16, attribute_encode },
	{ FSCC_FS_CONTROL, "control", 48, control_encode },
	{ FSCC_FS_FULL_SIZE, "full-size", 32, full_size_encode },
	{ FSCC_FS_OBJECT_ID, "object-id", 64, object_id_encode },
	{ FSCC_FS_SECTOR_SIZE, "sector-size", 28, sector_size_encode },
};

const struct fscc_fs_row *
fscc_fs_find(uint8_t class)
{
	for (size_t i = 0; i < NELEM(rows); i++) {
		if (rows[i].class == class)
			return &rows[i];
	}
	return NULL;
}

nt
fscc_fs_encode(struct wr *w, uint8_t class, const struct fscc_fs *fs, bool *ret_cut)
{
	const struct fscc_fs_row *row = fscc_fs_find(class);
	bool cut;

	REQUIRE(row, STATUS_INVALID_INFO_CLASS);
	REQUIRE(wr_left(w) >= row->fixed, STATUS_INFO_LENGTH_MISMATCH);
	cut = row->encode(w, fs);
	REQUIRE(wr_ok(w), STATUS_OBJECT_NAME_INVALID);
	*ret_cut = cut;
	return STATUS_SUCCESS;
}

static void
volume_read(struct rd *r, struct fscc_fs *fs, struct span *name)
{
	uint32_t n;

	if (!filetime_to_ns(rd_u64(r), &fs->creation_time))
		fs->creation_time = FSCC_TIME_NONE;
	fs->serial = rd_u32(r);
	n	   = rd_u32(r);
	rd_zero(r, 2);
	*name = rd_name(r, n);
}

static void
sizes_read(struct rd *r, struct fscc_fs *fs, bool full)
{
	fs->units_total	     = rd_u64(r);
	fs->units_caller     = rd_u64(r);
	fs->units_free	     = full ? rd_u64(r) : fs->units_caller;
	fs->sectors_per_unit = rd_u32(r);
	fs->bytes_per_sector = rd_u32(r);
}

static void
attribute_read(struct rd *r, struct fscc_fs *fs, struct span *name)
{
	fs->attributes = rd_u32(r);
	fs->name_max   = rd_u32(r);
	fs->read_only  = fs->attributes & FILE_READ_ONLY_VOLUME;
	*name	       = rd_name(r, rd_u32(r));
}

nt
fscc_fs_decode(struct span s, uint8_t class, struct fscc_fs *io, struct span *ret_name)
{
	struct fscc_fs c = *io;
	struct span name = SPAN_NONE;
	struct rd r	 = rd_init(s);

	switch (class) {
	case FSCC_FS_VOLUME:
		volume_read(&r, &c, &name);
		break;
	case FSCC_FS_SIZE:
		sizes_read(&r, &c, false);
		break;
	case FSCC_FS_FULL_SIZE:
		sizes_read(&r, &c, true);
		break;
	case FSCC_FS_ATTRIBUTE:
		attribute_read(&r, &c, &name);
		break;
	case FSCC_FS_OBJECT_ID:
		rd_copy(&r, c.object_id, sizeof c.object_id);
		break;
	default:
		return STATUS_INVALID_INFO_CLASS;
	}
	REQUIRE(rd_ok(&r), STATUS_INFO_LENGTH_MISMATCH);
	*io	  = c;
	*ret_name = name;
	return STATUS_SUCCESS;
}
