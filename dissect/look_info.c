/*
 * look_info.c - information classes of files and file systems.
 * [MS-FSCC] 2.4, 2.5; [MS-SMB2] 2.2.37 to 2.2.39
 */
#include "dissect/look.h"

#include "dissect/layout_rows.h"
#include "proto/fscc/ea.h"
#include "proto/fscc/file_info.h"
#include "proto/fscc/fs_info.h"
#include "proto/smb2/const.h"

#define NAME(title) \
	{ .name = title, .kind = PART_UTF16, .follows = true, .in_line = true }
#define TIMES                                                                             \
	F(TIME, "CreationTime"), F(TIME, "LastAccessTime"), F(TIME, "LastWriteTime"),     \
	    F(TIME, "ChangeTime")
#define BASIC	 TIMES, FN(U32, "FileAttributes", attributes), F(U32, "Reserved")
#define STANDARD                                                                       \
	F(U64, "AllocationSize"), F(U64, "EndOfFile"), F(U32, "NumberOfLinks"),       \
	    F(U8, "DeletePending"), F(U8, "Directory"), F(U16, "Reserved2")

/* Classes of one field or a few. */
static const struct field basic[]	= { BASIC };
static const struct field standard[]	= { STANDARD };
static const struct field internal[]	= { FN(U64, "IndexNumber", hex) };
static const struct field ea_size[]	= { F(U32, "EaSize") };
static const struct field access_flags[] = { FN(U32, "AccessFlags", access) };
static const struct field name[]	= { LEN(U32, "FileNameLength", 0) };
static const struct part name_parts[]	= { NAME("FileName") };
static const struct field rename_to[]	= {
	  FN(U32, "Flags", hex), F(U32, "Reserved"), FN(U64, "RootDirectory", hex),
	  LEN(U32, "FileNameLength", 0),
};
static const struct field disposition[]	   = { FL(U8, "DeletePending") };
static const struct field disposition_ex[] = { FNL(U32, "Flags", hex) };
static const struct field position[]	   = { F(U64, "CurrentByteOffset") };
static const struct field mode[]	   = { FN(U32, "Mode", options) };
static const struct field alignment[]	   = { F(U32, "AlignmentRequirement") };
static const struct field all[]		   = {
	     BASIC, STANDARD, FN(U64, "IndexNumber", hex), F(U32, "EaSize"),
	     FN(U32, "AccessFlags", access), F(U64, "CurrentByteOffset"), FN(U32, "Mode", options),
	     F(U32, "AlignmentRequirement"), LEN(U32, "FileNameLength", 0),
};
static const struct field allocation[]	 = { FL(U64, "AllocationSize") };
static const struct field end_of_file[]	 = { FL(U64, "EndOfFile") };
static const struct field valid_length[] = { FL(U64, "ValidDataLength") };
static const struct field compression[]	 = {
	 F(U64, "CompressedFileSize"), F(U16, "CompressionFormat"),
	 F(U8, "CompressionUnitShift"), F(U8, "ChunkShift"), F(U8, "ClusterShift"),
};
static const struct field network_open[] = {
	TIMES, F(U64, "AllocationSize"), F(U64, "EndOfFile"),
	FN(U32, "FileAttributes", attributes), F(U32, "Reserved"),
};
static const struct field attribute_tag[] = {
	FN(U32, "FileAttributes", attributes), FN(U32, "ReparseTag", hex),
};
static const struct field file_id[] = {
	FN(U64, "VolumeSerialNumber", hex), F(KEY, "FileId"),
};

static const struct field fs_volume[] = {
	F(TIME, "VolumeCreationTime"), FN(U32, "VolumeSerialNumber", hex),
	LEN(U32, "VolumeLabelLength", 0), F(U8, "SupportsObjects"), F(U8, "Reserved"),
};
static const struct part fs_volume_parts[] = { NAME("VolumeLabel") };
static const struct field fs_size[]	   = {
	     F(U64, "TotalAllocationUnits"), F(U64, "AvailableAllocationUnits"),
	     F(U32, "SectorsPerAllocationUnit"), F(U32, "BytesPerSector"),
};
static const struct field fs_device[]	 = { F(U32, "DeviceType"), FN(U32, "Characteristics", hex) };
static const struct field fs_attribute[] = {
	FN(U32, "FileSystemAttributes", hex), F(U32, "MaximumComponentNameLength"),
	LEN(U32, "FileSystemNameLength", 0),
};
static const struct part fs_attribute_parts[] = { NAME("FileSystemName") };
static const struct field fs_control[]	      = {
	    F(U64, "FreeSpaceStartFiltering"), F(U64, "FreeSpaceThreshold"),
	    F(U64, "FreeSpaceStopFiltering"), F(U64, "DefaultQuotaThreshold"),
	    F(U64, "DefaultQuotaLimit"), FN(U32, "FileSystemControlFlags", hex),
};
static const struct field fs_full_size[] = {
	F(U64, "TotalAllocationUnits"), F(U64, "CallerAvailableAllocationUnits"),
	F(U64, "ActualAvailableAllocationUnits"), F(U32, "SectorsPerAllocationUnit"),
	F(U32, "BytesPerSector"),
};
static const struct field fs_object_id[] = { F(GUID, "ObjectId") };
static const struct field fs_sector[]	 = {
	   F(U32, "LogicalBytesPerSector"), F(U32, "PhysicalBytesPerSectorForAtomicity"),
	   F(U32, "PhysicalBytesPerSectorForPerformance"),
	   F(U32, "FileSystemEffectivePhysicalBytesPerSectorForAtomicity"), FN(U32, "Flags", hex),
	   F(U32, "ByteOffsetForSectorAlignment"), F(U32, "ByteOffsetForPartitionAlignment"),
};

/* ---- lists ---- */

void
look_eas(struct tree *t, struct span s)
{
	struct rd r = rd_init(s);
	struct fscc_ea ea;

	tree_open(t, "FileFullEaInformation", NODE_LIST)->derived = true;
	while (fscc_ea_next(&r, &ea)) {
		(void)tree_open(t, NULL, NODE_GROUP);
		(void)tree_number(t, "Flags", 1, ea.flags, &names_hex);
		(void)tree_bytes(t, "EaName", NODE_ASCII, ea.name);
		(void)tree_bytes(t, "EaValue", NODE_BYTES, ea.value);
		tree_close(t);
	}
	if (!rd_ok(&r))
		tree_malformed(t, "extended attribute at %zu", r.pos);
	tree_close(t);
}

static void
look_streams(struct tree *t, struct span s)
{
	struct rd r = rd_init(s);
	struct fscc_stream_found f;

	tree_open(t, "FileStreamInformation", NODE_LIST)->derived = true;
	while (fscc_stream_next(&r, &f)) {
		(void)tree_open(t, NULL, NODE_GROUP);
		(void)tree_number(t, "StreamSize", 8, f.size, NULL);
		(void)tree_number(t, "StreamAllocationSize", 8, f.allocation_size, NULL);
		(void)tree_bytes(t, "StreamName", NODE_UTF16, f.name);
		tree_close(t);
	}
	if (!rd_ok(&r))
		tree_malformed(t, "stream at %zu", r.pos);
	tree_close(t);
}

/* ---- the classes ---- */

#define PLAIN(type, class, title, fields) \
	{ type, class, title, LAYOUT_FIXED(NULL, 0, fields, NULL), NULL }
#define NAMED(type, class, title, fields, parts) \
	{ type, class, title, LAYOUT(NULL, 0, fields, parts, NULL), NULL }
#define FILE_INFO SMB2_0_INFO_FILE
#define FS_INFO	  SMB2_0_INFO_FILESYSTEM

struct info_row {
	uint8_t type, class;
	const char *name;
	struct layout layout;
	void (*look)(struct tree *, struct span); /* instead of a layout */
};

static const struct info_row rows[] = {
	PLAIN(FILE_INFO, FSCC_FILE_BASIC, "FileBasicInformation", basic),
	PLAIN(FILE_INFO, FSCC_FILE_STANDARD, "FileStandardInformation", standard),
	PLAIN(FILE_INFO, FSCC_FILE_INTERNAL, "FileInternalInformation", internal),
	PLAIN(FILE_INFO, FSCC_FILE_EA, "FileEaInformation", ea_size),
	PLAIN(FILE_INFO, FSCC_FILE_ACCESS, "FileAccessInformation", access_flags),
	NAMED(FILE_INFO, FSCC_FILE_NAME, "FileNameInformation", name, name_parts),
	NAMED(FILE_INFO, FSCC_FILE_RENAME, "FileRenameInformation", rename_to, name_parts),
	NAMED(FILE_INFO, FSCC_FILE_LINK, "FileLinkInformation", rename_to, name_parts),
	PLAIN(FILE_INFO, FSCC_FILE_DISPOSITION, "FileDispositionInformation", disposition),
	PLAIN(FILE_INFO, FSCC_FILE_POSITION, "FilePositionInformation", position),
	{ FILE_INFO, FSCC_FILE_FULL_EA, NULL, { 0 }, look_eas },
	PLAIN(FILE_INFO, FSCC_FILE_MODE, "FileModeInformation", mode),
	PLAIN(FILE_INFO, FSCC_FILE_ALIGNMENT, "FileAlignmentInformation", alignment),
	NAMED(FILE_INFO, FSCC_FILE_ALL, "FileAllInformation", all, name_parts),
	PLAIN(FILE_INFO, FSCC_FILE_ALLOCATION, "FileAllocationInformation", allocation),
	PLAIN(FILE_INFO, FSCC_FILE_END_OF_FILE, "FileEndOfFileInformation", end_of_file),
	NAMED(FILE_INFO, FSCC_FILE_ALTERNATE_NAME, "FileAlternateNameInformation", name, name_parts),
	{ FILE_INFO, FSCC_FILE_STREAM, NULL, { 0 }, look_streams },
	PLAIN(FILE_INFO, FSCC_FILE_COMPRESSION, "FileCompressionInformation", compression),
	PLAIN(FILE_INFO, FSCC_FILE_NETWORK_OPEN, "FileNetworkOpenInformation", network_open),
	PLAIN(FILE_INFO, FSCC_FILE_ATTRIBUTE_TAG, "FileAttributeTagInformation", attribute_tag),
	PLAIN(FILE_INFO, FSCC_FILE_VALID_DATA_LENGTH, "FileValidDataLengthInformation", valid_length),
	NAMED(FILE_INFO, FSCC_FILE_NORMALIZED_NAME, "FileNormalizedNameInformation", name, name_parts),
	PLAIN(FILE_INFO, FSCC_FILE_ID, "FileIdInformation", file_id),
	PLAIN(FILE_INFO, FSCC_FILE_DISPOSITION_EX, "FileDispositionInformationEx", disposition_ex),
	NAMED(FILE_INFO, FSCC_FILE_RENAME_EX, "FileRenameInformationEx", rename_to, name_parts),
	NAMED(FS_INFO, FSCC_FS_VOLUME, "FileFsVolumeInformation", fs_volume, fs_volume_parts),
	PLAIN(FS_INFO, FSCC_FS_SIZE, "FileFsSizeInformation", fs_size),
	PLAIN(FS_INFO, FSCC_FS_DEVICE, "FileFsDeviceInformation", fs_device),
	NAMED(FS_INFO, FSCC_FS_ATTRIBUTE, "FileFsAttributeInformation", fs_attribute,
	      fs_attribute_parts),
	PLAIN(FS_INFO, FSCC_FS_CONTROL, "FileFsControlInformation", fs_control),
	PLAIN(FS_INFO, FSCC_FS_FULL_SIZE, "FileFsFullSizeInformation", fs_full_size),
	PLAIN(FS_INFO, FSCC_FS_OBJECT_ID, "FileFsObjectIdInformation", fs_object_id),
	PLAIN(FS_INFO, FSCC_FS_SECTOR_SIZE, "FileFsSectorSizeInformation", fs_sector),
};

static void
class_add(struct tree *t, uint64_t type, uint64_t class, struct span s)
{
	for (size_t i = 0; i < NELEM(rows); i++) {
		if (rows[i].type != type || rows[i].class != class)
			continue;
		if (rows[i].look)
			rows[i].look(t, s);
		else
			walk_whole(t, rows[i].name, &rows[i].layout, s);
		return;
	}
}

void
look_info(struct walk *w, struct span s)
{
	uint64_t type  = walk_value(w, "InfoType");
	uint64_t class = walk_value(w, "FileInfoClass");

	if (w->response) {
		if (!w->hint->request_known)
			return;
		type  = w->hint->info_type;
		class = w->hint->info_class;
	}
	if (type == SMB2_0_INFO_SECURITY)
		look_security(w->tree, s);
	else
		class_add(w->tree, type, class, s);
}

/* The names of extended attributes that a query wants, 2.4.16.1. */
void
look_query(struct walk *w, struct span s)
{
	struct rd r = rd_init(s);
	struct span ea;

	if (walk_value(w, "InfoType") != FILE_INFO ||
	    walk_value(w, "FileInfoClass") != FSCC_FILE_FULL_EA)
		return;
	tree_open(w->tree, "FileGetEaInformation", NODE_LIST)->derived = true;
	while (fscc_ea_name_next(&r, &ea))
		(void)tree_bytes(w->tree, NULL, NODE_ASCII, ea);
	if (!rd_ok(&r))
		tree_malformed(w->tree, "extended attribute name at %zu", r.pos);
	tree_close(w->tree);
}
