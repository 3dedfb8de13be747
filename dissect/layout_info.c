/*
 * layout_info.c - bodies that carry structures of other specifications: IOCTL,
 * QUERY_DIRECTORY, CHANGE_NOTIFY, QUERY_INFO, SET_INFO.  [MS-SMB2] 2.2.31 to 2.2.40
 */
#include "dissect/layouts.h"

#include "dissect/layout_rows.h"
#include "proto/smb2/change_notify.h"
#include "proto/smb2/ioctl.h"
#include "proto/smb2/query_directory.h"
#include "proto/smb2/query_info.h"
#include "proto/smb2/set_info.h"

/* ---- IOCTL, 2.2.31, 2.2.32: input and output each have their place ---- */

CHECK(ioctl_req)
CHECK(ioctl_rsp)

static const struct part ioctl_parts[] = {
	{ .name = "Input", .kind = PART_BYTES, .align = 8, .look = look_ioctl },
	{ .name = "Output", .kind = PART_BYTES, .align = 8, .look = look_ioctl },
};

static const struct field ioctl_req[] = {
	SIZE, F(U16, "Reserved"), FNL(U32, "CtlCode", ctl_code), FL(FID, "FileId"),
	OFF(U32, "InputOffset", 0), LEN(U32, "InputCount", 0), F(U32, "MaxInputResponse"),
	OFF(U32, "OutputOffset", 1), LEN(U32, "OutputCount", 1), F(U32, "MaxOutputResponse"),
	FN(U32, "Flags", ioctl_flags), F(U32, "Reserved2"),
};
const struct layout layout_ioctl_req =
    LAYOUT("IOCTL Request", 57, ioctl_req, ioctl_parts, check_ioctl_req);

static const struct field ioctl_rsp[] = {
	SIZE, F(U16, "Reserved"), FNL(U32, "CtlCode", ctl_code), FL(FID, "FileId"),
	OFF(U32, "InputOffset", 0), LEN(U32, "InputCount", 0), OFF(U32, "OutputOffset", 1),
	LEN(U32, "OutputCount", 1), FN(U32, "Flags", ioctl_flags), F(U32, "Reserved2"),
};
const struct layout layout_ioctl_rsp =
    LAYOUT("IOCTL Response", 49, ioctl_rsp, ioctl_parts, check_ioctl_rsp);

/* ---- three answers of the same shape: 2.2.34, 2.2.36, 2.2.38 ---- */

CHECK(query_directory_rsp)
CHECK(change_notify_rsp)
CHECK(query_info_rsp)

static const struct field output[] = {
	SIZE, OFF(U16, "OutputBufferOffset", 0),
	{ "OutputBufferLength", FIELD_U32, ROLE_LENGTH, 0, true, NULL },
};

static const struct part listing_parts[] = {
	{ .name = "Buffer", .kind = PART_BYTES, .look = look_listing },
};
const struct layout layout_query_directory_rsp =
    LAYOUT("QUERY_DIRECTORY Response", 9, output, listing_parts, check_query_directory_rsp);

static const struct part notify_parts[] = {
	{ .name = "Buffer", .kind = PART_BYTES, .look = look_notify },
};
const struct layout layout_change_notify_rsp =
    LAYOUT("CHANGE_NOTIFY Response", 9, output, notify_parts, check_change_notify_rsp);

static const struct part info_parts[] = {
	{ .name = "Buffer", .kind = PART_BYTES, .look = look_info },
};
const struct layout layout_query_info_rsp =
    LAYOUT("QUERY_INFO Response", 9, output, info_parts, check_query_info_rsp);

/* ---- what they answer: 2.2.33, 2.2.35, 2.2.37 ---- */

CHECK(query_directory_req)
CHECK(change_notify_req)
CHECK(query_info_req)

static const struct field query_directory_req[] = {
	SIZE, FNL(U8, "FileInformationClass", file_class), FN(U8, "Flags", query_dir_flags),
	F(U32, "FileIndex"), FL(FID, "FileId"), OFF(U16, "FileNameOffset", 0),
	LEN(U16, "FileNameLength", 0), F(U32, "OutputBufferLength"),
};
static const struct part pattern_parts[] = {
	{ .name = "FileName", .kind = PART_UTF16, .in_line = true },
};
const struct layout layout_query_directory_req =
    LAYOUT("QUERY_DIRECTORY Request", 33, query_directory_req, pattern_parts,
	   check_query_directory_req);

static const struct field change_notify_req[] = {
	SIZE, FN(U16, "Flags", watch_flags), F(U32, "OutputBufferLength"), FL(FID, "FileId"),
	FNL(U32, "CompletionFilter", completion_filter), F(U32, "Reserved"),
};
const struct layout layout_change_notify_req =
    LAYOUT_FIXED("CHANGE_NOTIFY Request", 32, change_notify_req, check_change_notify_req);

static const struct field query_info_req[] = {
	SIZE, FNL(U8, "InfoType", info_type), FL(U8, "FileInfoClass"),
	F(U32, "OutputBufferLength"), OFF(U16, "InputBufferOffset", 0), F(U16, "Reserved"),
	LEN(U32, "InputBufferLength", 0), FN(U32, "AdditionalInformation", security_info),
	FN(U32, "Flags", hex), FL(FID, "FileId"),
};
static const struct part query_parts[] = {
	{ .name = "Buffer", .kind = PART_BYTES, .look = look_query },
};
const struct layout layout_query_info_req =
    LAYOUT("QUERY_INFO Request", 41, query_info_req, query_parts, check_query_info_req);

/* ---- SET_INFO, 2.2.39, 2.2.40 ---- */

CHECK(set_info_req)
CHECK(set_info_rsp)

static const struct field set_info_req[] = {
	SIZE, FNL(U8, "InfoType", info_type), FL(U8, "FileInfoClass"),
	LEN(U32, "BufferLength", 0), OFF(U16, "BufferOffset", 0), F(U16, "Reserved"),
	FN(U32, "AdditionalInformation", security_info), FL(FID, "FileId"),
};
const struct layout layout_set_info_req =
    LAYOUT("SET_INFO Request", 33, set_info_req, info_parts, check_set_info_req);

static const struct field set_info_rsp[] = { SIZE };
const struct layout layout_set_info_rsp =
    LAYOUT_FIXED("SET_INFO Response", 2, set_info_rsp, check_set_info_rsp);
