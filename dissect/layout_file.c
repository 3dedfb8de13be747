/*
 * layout_file.c - bodies about one open file.  [MS-SMB2] 2.2.13 to 2.2.27
 */
#include "dissect/layouts.h"

#include "dissect/layout_rows.h"
#include "proto/smb2/close.h"
#include "proto/smb2/create.h"
#include "proto/smb2/flush.h"
#include "proto/smb2/lock.h"
#include "proto/smb2/oplock_break.h"
#include "proto/smb2/read.h"
#include "proto/smb2/write.h"

/* ---- CREATE, 2.2.13, 2.2.14 ---- */

CHECK(create_req)
CHECK(create_rsp)

#define CREATE_CONTEXTS { .name = "CreateContexts", .kind = PART_CREATE_CONTEXTS, .align = 8 }

static const struct field create_req[] = {
	SIZE, F(U8, "SecurityFlags"), FN(U8, "RequestedOplockLevel", oplock),
	FN(U32, "ImpersonationLevel", impersonation), FN(U64, "SmbCreateFlags", hex),
	FN(U64, "Reserved", hex), FNL(U32, "DesiredAccess", access),
	FN(U32, "FileAttributes", attributes), FN(U32, "ShareAccess", share_access),
	FNL(U32, "CreateDisposition", disposition), FN(U32, "CreateOptions", options),
	OFF(U16, "NameOffset", 0), LEN(U16, "NameLength", 0), OFF(U32, "CreateContextsOffset", 1),
	LEN(U32, "CreateContextsLength", 1),
};
static const struct part create_req_parts[] = {
	{ .name = "Name", .kind = PART_UTF16, .align = 8, .in_line = true },
	CREATE_CONTEXTS,
};
const struct layout layout_create_req =
    LAYOUT("CREATE Request", 57, create_req, create_req_parts, check_create_req);

#define TIMES                                                                             \
	F(TIME, "CreationTime"), F(TIME, "LastAccessTime"), F(TIME, "LastWriteTime"),     \
	    F(TIME, "ChangeTime")

static const struct field create_rsp[] = {
	SIZE, FN(U8, "OplockLevel", oplock), FN(U8, "Flags", hex),
	FNL(U32, "CreateAction", action), TIMES, F(U64, "AllocationSize"), FL(U64, "EndofFile"),
	FN(U32, "FileAttributes", attributes), FN(U32, "Reserved2", hex), FL(FID, "FileId"),
	OFF(U32, "CreateContextsOffset", 0), LEN(U32, "CreateContextsLength", 0),
};
static const struct part create_rsp_parts[] = { CREATE_CONTEXTS };
const struct layout layout_create_rsp =
    LAYOUT("CREATE Response", 89, create_rsp, create_rsp_parts, check_create_rsp);

/* ---- CLOSE, FLUSH: 2.2.15 to 2.2.18 ---- */

CHECK(close_req)
CHECK(close_rsp)
CHECK(flush_req)
CHECK(flush_rsp)

static const struct field close_req[] = {
	SIZE, FN(U16, "Flags", close_flags), F(U32, "Reserved"), FL(FID, "FileId"),
};
const struct layout layout_close_req =
    LAYOUT_FIXED("CLOSE Request", 24, close_req, check_close_req);

static const struct field close_rsp[] = {
	SIZE, FN(U16, "Flags", close_flags), F(U32, "Reserved"), TIMES,
	F(U64, "AllocationSize"), F(U64, "EndofFile"), FN(U32, "FileAttributes", attributes),
};
const struct layout layout_close_rsp =
    LAYOUT_FIXED("CLOSE Response", 60, close_rsp, check_close_rsp);

static const struct field flush_req[] = {
	SIZE, F(U16, "Reserved1"), F(U32, "Reserved2"), FL(FID, "FileId"),
};
const struct layout layout_flush_req =
    LAYOUT_FIXED("FLUSH Request", 24, flush_req, check_flush_req);

static const struct field flush_rsp[] = { SIZE, F(U16, "Reserved") };
const struct layout layout_flush_rsp =
    LAYOUT_FIXED("FLUSH Response", 4, flush_rsp, check_flush_rsp);

/* ---- READ, WRITE: 2.2.19 to 2.2.22 ---- */

CHECK(read_req)
CHECK(read_rsp)
CHECK(write_req)
CHECK(write_rsp)

#define DATA { .name = "Buffer", .kind = PART_BYTES, .look = look_data }

static const struct field read_req[] = {
	SIZE, FN(U8, "Padding", hex), FN(U8, "Flags", read_flags), FL(U32, "Length"),
	FL(U64, "Offset"), FL(FID, "FileId"), F(U32, "MinimumCount"), FN(U32, "Channel", channel),
	F(U32, "RemainingBytes"), OFF(U16, "ReadChannelInfoOffset", 0),
	LEN(U16, "ReadChannelInfoLength", 0),
};
static const struct part channel_parts[] = { { .name = "Buffer", .kind = PART_BYTES } };
const struct layout layout_read_req =
    LAYOUT("READ Request", 49, read_req, channel_parts, check_read_req);

static const struct field read_rsp[] = {
	SIZE, OFF(U8, "DataOffset", 0), F(U8, "Reserved"),
	{ "DataLength", FIELD_U32, ROLE_LENGTH, 0, true, NULL }, F(U32, "DataRemaining"),
	FN(U32, "Flags", hex),
};
static const struct part data_parts[] = { DATA };
const struct layout layout_read_rsp =
    LAYOUT("READ Response", 17, read_rsp, data_parts, check_read_rsp);

static const struct field write_req[] = {
	SIZE, OFF(U16, "DataOffset", 0), { "Length", FIELD_U32, ROLE_LENGTH, 0, true, NULL },
	FL(U64, "Offset"), FL(FID, "FileId"), FN(U32, "Channel", channel),
	F(U32, "RemainingBytes"), OFF(U16, "WriteChannelInfoOffset", 1),
	LEN(U16, "WriteChannelInfoLength", 1), FN(U32, "Flags", write_flags),
};
static const struct part write_req_parts[] = {
	DATA,
	{ .name = "WriteChannelInfo", .kind = PART_BYTES },
};
const struct layout layout_write_req =
    LAYOUT("WRITE Request", 49, write_req, write_req_parts, check_write_req);

static const struct field write_rsp[] = {
	SIZE, F(U16, "Reserved"), FL(U32, "Count"), F(U32, "Remaining"),
	F(U16, "WriteChannelInfoOffset"), F(U16, "WriteChannelInfoLength"),
};
const struct layout layout_write_rsp =
    LAYOUT_FIXED("WRITE Response", 17, write_rsp, check_write_rsp);

/* ---- LOCK, 2.2.26, 2.2.27 ---- */

CHECK(lock_req)
CHECK(lock_rsp)

static const struct field lock_element[] = {
	F(U64, "Offset"), F(U64, "Length"), FN(U32, "Flags", lock_flags), F(U32, "Reserved"),
};
static const struct layout layout_lock_element = LAYOUT_FIXED("Lock", 0, lock_element, NULL);

static const struct field lock_req[] = {
	SIZE, { "LockCount", FIELD_U16, ROLE_COUNT, 0, true, NULL },
	FN(U32, "LockSequenceNumber/Index", hex), FL(FID, "FileId"),
};
static const struct part lock_parts[] = {
	{ .name = "Locks", .kind = PART_ITEMS, .unit = SMB2_LOCK_ELEMENT_SIZE, .follows = true,
	  .item = &layout_lock_element },
};
const struct layout layout_lock_req =
    LAYOUT("LOCK Request", 48, lock_req, lock_parts, check_lock_req);

static const struct field lock_rsp[] = { SIZE, F(U16, "Reserved") };
const struct layout layout_lock_rsp = LAYOUT_FIXED("LOCK Response", 4, lock_rsp, check_lock_rsp);

/* ---- OPLOCK_BREAK, 2.2.23 to 2.2.25: the oplock form is the same in all three ---- */

CHECK(oplock_break_req)
CHECK(oplock_break_rsp)
CHECK(oplock_break_notify)

static const struct field oplock_break[] = {
	SIZE, FNL(U8, "OplockLevel", oplock), F(U8, "Reserved"), F(U32, "Reserved2"),
	FL(FID, "FileId"),
};
const struct layout layout_oplock_break_req =
    LAYOUT_FIXED("OPLOCK_BREAK Acknowledgment", 24, oplock_break, check_oplock_break_req);
const struct layout layout_oplock_break_rsp =
    LAYOUT_FIXED("OPLOCK_BREAK Response", 24, oplock_break, check_oplock_break_rsp);
const struct layout layout_oplock_break_notify =
    LAYOUT_FIXED("OPLOCK_BREAK Notification", 24, oplock_break, check_oplock_break_notify);

static const struct field lease_break[] = {
	SIZE, F(U16, "Reserved"), FN(U32, "Flags", lease_flags), FL(KEY, "LeaseKey"),
	FNL(U32, "LeaseState", lease_state), F(U64, "LeaseDuration"),
};
const struct layout layout_lease_break_req =
    LAYOUT_FIXED("LEASE_BREAK Acknowledgment", 36, lease_break, check_oplock_break_req);
const struct layout layout_lease_break_rsp =
    LAYOUT_FIXED("LEASE_BREAK Response", 36, lease_break, check_oplock_break_rsp);

static const struct field lease_break_notify[] = {
	SIZE, F(U16, "NewEpoch"), FN(U32, "Flags", lease_flags), FL(KEY, "LeaseKey"),
	FNL(U32, "CurrentLeaseState", lease_state), FNL(U32, "NewLeaseState", lease_state),
	F(U32, "BreakReason"), F(U32, "AccessMaskHint"), F(U32, "ShareMaskHint"),
};
const struct layout layout_lease_break_notify =
    LAYOUT_FIXED("LEASE_BREAK Notification", 44, lease_break_notify, check_oplock_break_notify);
