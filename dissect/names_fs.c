/*
 * names_fs.c - what files, classes and controls are called: [MS-SMB2], [MS-FSCC], [MS-DTYP].
 */
#include "dissect/names.h"

#include "proto/dtyp/sd.h"
#include "proto/fscc/file_info.h"
#include "proto/fscc/notify.h"
#include "proto/smb2/change_notify.h"
#include "proto/smb2/const.h"
#include "proto/smb2/fsctl.h"
#include "proto/smb2/query_directory.h"
#include "dissect/names_rows.h"

static const struct value_name access_rows[] = {
	N(FILE_READ_DATA), N(FILE_WRITE_DATA), N(FILE_APPEND_DATA), N(FILE_READ_EA),
	N(FILE_WRITE_EA), N(FILE_EXECUTE), N(FILE_DELETE_CHILD), N(FILE_READ_ATTRIBUTES),
	N(FILE_WRITE_ATTRIBUTES), N(DELETE), N(READ_CONTROL), N(WRITE_DAC), N(WRITE_OWNER),
	N(SYNCHRONIZE), N(ACCESS_SYSTEM_SECURITY), N(MAXIMUM_ALLOWED), N(GENERIC_ALL),
	N(GENERIC_EXECUTE), N(GENERIC_WRITE), N(GENERIC_READ),
};
const struct names names_access = BITS(access_rows);

static const struct value_name attributes_rows[] = {
	N(FILE_ATTRIBUTE_READONLY), N(FILE_ATTRIBUTE_HIDDEN), N(FILE_ATTRIBUTE_SYSTEM),
	N(FILE_ATTRIBUTE_DIRECTORY), N(FILE_ATTRIBUTE_ARCHIVE), N(FILE_ATTRIBUTE_NORMAL),
	N(FILE_ATTRIBUTE_TEMPORARY), N(FILE_ATTRIBUTE_SPARSE_FILE),
	N(FILE_ATTRIBUTE_REPARSE_POINT), N(FILE_ATTRIBUTE_COMPRESSED), N(FILE_ATTRIBUTE_OFFLINE),
	N(FILE_ATTRIBUTE_NOT_CONTENT_INDEXED), N(FILE_ATTRIBUTE_ENCRYPTED),
	N(FILE_ATTRIBUTE_INTEGRITY_STREAM), N(FILE_ATTRIBUTE_NO_SCRUB_DATA),
	N(FILE_ATTRIBUTE_RECALL_ON_OPEN), N(FILE_ATTRIBUTE_PINNED), N(FILE_ATTRIBUTE_UNPINNED),
	N(FILE_ATTRIBUTE_RECALL_ON_DATA_ACCESS),
};
const struct names names_attributes = BITS(attributes_rows);

static const struct value_name share_access_rows[] = {
	N(FILE_SHARE_READ), N(FILE_SHARE_WRITE), N(FILE_SHARE_DELETE),
};
const struct names names_share_access = BITS(share_access_rows);

static const struct value_name disposition_rows[] = {
	N(FILE_SUPERSEDE), N(FILE_OPEN), N(FILE_CREATE), N(FILE_OPEN_IF), N(FILE_OVERWRITE),
	N(FILE_OVERWRITE_IF),
};
const struct names names_disposition = VALUES(disposition_rows);

static const struct value_name options_rows[] = {
	N(FILE_DIRECTORY_FILE), N(FILE_WRITE_THROUGH), N(FILE_SEQUENTIAL_ONLY),
	N(FILE_NO_INTERMEDIATE_BUFFERING), N(FILE_SYNCHRONOUS_IO_ALERT),
	N(FILE_SYNCHRONOUS_IO_NONALERT), N(FILE_NON_DIRECTORY_FILE),
	N(FILE_COMPLETE_IF_OPLOCKED), N(FILE_NO_EA_KNOWLEDGE), N(FILE_OPEN_REMOTE_INSTANCE),
	N(FILE_RANDOM_ACCESS), N(FILE_DELETE_ON_CLOSE), N(FILE_OPEN_BY_FILE_ID),
	N(FILE_OPEN_FOR_BACKUP_INTENT), N(FILE_NO_COMPRESSION), N(FILE_OPEN_REQUIRING_OPLOCK),
	N(FILE_DISALLOW_EXCLUSIVE), N(FILE_RESERVE_OPFILTER), N(FILE_OPEN_REPARSE_POINT),
	N(FILE_OPEN_NO_RECALL), N(FILE_OPEN_FOR_FREE_SPACE_QUERY),
};
const struct names names_options = BITS(options_rows);

static const struct value_name action_rows[] = {
	N(FILE_SUPERSEDED), N(FILE_OPENED), N(FILE_CREATED), N(FILE_OVERWRITTEN),
};
const struct names names_action = VALUES(action_rows);

static const struct value_name impersonation_rows[] = {
	N(SMB2_IMPERSONATION_ANONYMOUS), N(SMB2_IMPERSONATION_IDENTIFICATION),
	N(SMB2_IMPERSONATION_IMPERSONATION), N(SMB2_IMPERSONATION_DELEGATE),
};
const struct names names_impersonation = VALUES(impersonation_rows);

static const struct value_name info_type_rows[] = {
	N(SMB2_0_INFO_FILE), N(SMB2_0_INFO_FILESYSTEM), N(SMB2_0_INFO_SECURITY),
	N(SMB2_0_INFO_QUOTA),
};
const struct names names_info_type = VALUES(info_type_rows);

static const struct value_name security_info_rows[] = {
	N(OWNER_SECURITY_INFORMATION), N(GROUP_SECURITY_INFORMATION),
	N(DACL_SECURITY_INFORMATION), N(SACL_SECURITY_INFORMATION),
	N(LABEL_SECURITY_INFORMATION), N(ATTRIBUTE_SECURITY_INFORMATION),
	N(SCOPE_SECURITY_INFORMATION), N(BACKUP_SECURITY_INFORMATION),
};
const struct names names_security_info = BITS(security_info_rows);

static const struct value_name query_dir_flags_rows[] = {
	N(SMB2_RESTART_SCANS), N(SMB2_RETURN_SINGLE_ENTRY), N(SMB2_INDEX_SPECIFIED),
	N(SMB2_REOPEN),
};
const struct names names_query_dir_flags = BITS(query_dir_flags_rows);

static const struct value_name completion_filter_rows[] = {
	N(FILE_NOTIFY_CHANGE_FILE_NAME), N(FILE_NOTIFY_CHANGE_DIR_NAME),
	N(FILE_NOTIFY_CHANGE_ATTRIBUTES), N(FILE_NOTIFY_CHANGE_SIZE),
	N(FILE_NOTIFY_CHANGE_LAST_WRITE), N(FILE_NOTIFY_CHANGE_LAST_ACCESS),
	N(FILE_NOTIFY_CHANGE_CREATION), N(FILE_NOTIFY_CHANGE_EA), N(FILE_NOTIFY_CHANGE_SECURITY),
	N(FILE_NOTIFY_CHANGE_STREAM_NAME), N(FILE_NOTIFY_CHANGE_STREAM_SIZE),
	N(FILE_NOTIFY_CHANGE_STREAM_WRITE),
};
const struct names names_completion_filter = BITS(completion_filter_rows);

static const struct value_name notify_action_rows[] = {
	N(FILE_ACTION_ADDED), N(FILE_ACTION_REMOVED), N(FILE_ACTION_MODIFIED),
	N(FILE_ACTION_RENAMED_OLD_NAME), N(FILE_ACTION_RENAMED_NEW_NAME),
	N(FILE_ACTION_ADDED_STREAM), N(FILE_ACTION_REMOVED_STREAM),
	N(FILE_ACTION_MODIFIED_STREAM),
};
const struct names names_notify_action = VALUES(notify_action_rows);

static const struct value_name ctl_code_rows[] = {
	N(FSCTL_DFS_GET_REFERRALS), N(FSCTL_DFS_GET_REFERRALS_EX), N(FSCTL_PIPE_PEEK),
	N(FSCTL_PIPE_WAIT), N(FSCTL_PIPE_TRANSCEIVE), N(FSCTL_SRV_COPYCHUNK),
	N(FSCTL_SRV_COPYCHUNK_WRITE), N(FSCTL_SRV_ENUMERATE_SNAPSHOTS),
	N(FSCTL_SRV_REQUEST_RESUME_KEY), N(FSCTL_SRV_READ_HASH), N(FSCTL_LMR_REQUEST_RESILIENCY),
	N(FSCTL_QUERY_NETWORK_INTERFACE_INFO), N(FSCTL_VALIDATE_NEGOTIATE_INFO),
	N(FSCTL_SET_REPARSE_POINT), N(FSCTL_GET_REPARSE_POINT), N(FSCTL_DELETE_REPARSE_POINT),
	N(FSCTL_CREATE_OR_GET_OBJECT_ID), N(FSCTL_GET_OBJECT_ID), N(FSCTL_SET_SPARSE),
	N(FSCTL_SET_ZERO_DATA), N(FSCTL_QUERY_ALLOCATED_RANGES), N(FSCTL_FILE_LEVEL_TRIM),
	N(FSCTL_GET_COMPRESSION), N(FSCTL_SET_COMPRESSION), N(FSCTL_GET_INTEGRITY_INFORMATION),
	N(FSCTL_SET_INTEGRITY_INFORMATION), N(FSCTL_DUPLICATE_EXTENTS_TO_FILE),
	N(FSCTL_DUPLICATE_EXTENTS_TO_FILE_EX), N(FSCTL_OFFLOAD_READ), N(FSCTL_OFFLOAD_WRITE),
	N(FSCTL_QUERY_FILE_REGIONS), N(FSCTL_IS_PATHNAME_VALID),
	N(FSCTL_FILESYSTEM_GET_STATISTICS), N(FSCTL_GET_NTFS_VOLUME_DATA),
	N(FSCTL_READ_FILE_USN_DATA), N(FSCTL_WRITE_USN_CLOSE_RECORD),
	N(FSCTL_QUERY_ON_DISK_VOLUME_INFO), N(FSCTL_SVHDX_SYNC_TUNNEL_REQUEST),
};
const struct names names_ctl_code = HEXES(ctl_code_rows);

static const struct value_name file_class_rows[] = {
	{ FSCC_FILE_DIRECTORY, "FileDirectoryInformation" },
	{ FSCC_FILE_FULL_DIRECTORY, "FileFullDirectoryInformation" },
	{ FSCC_FILE_BOTH_DIRECTORY, "FileBothDirectoryInformation" },
	{ FSCC_FILE_BASIC, "FileBasicInformation" },
	{ FSCC_FILE_STANDARD, "FileStandardInformation" },
	{ FSCC_FILE_INTERNAL, "FileInternalInformation" }, { FSCC_FILE_EA, "FileEaInformation" },
	{ FSCC_FILE_ACCESS, "FileAccessInformation" }, { FSCC_FILE_NAME, "FileNameInformation" },
	{ FSCC_FILE_RENAME, "FileRenameInformation" }, { FSCC_FILE_LINK, "FileLinkInformation" },
	{ FSCC_FILE_NAMES, "FileNamesInformation" },
	{ FSCC_FILE_DISPOSITION, "FileDispositionInformation" },
	{ FSCC_FILE_POSITION, "FilePositionInformation" },
	{ FSCC_FILE_FULL_EA, "FileFullEaInformation" },
	{ FSCC_FILE_MODE, "FileModeInformation" },
	{ FSCC_FILE_ALIGNMENT, "FileAlignmentInformation" },
	{ FSCC_FILE_ALL, "FileAllInformation" },
	{ FSCC_FILE_ALLOCATION, "FileAllocationInformation" },
	{ FSCC_FILE_END_OF_FILE, "FileEndOfFileInformation" },
	{ FSCC_FILE_ALTERNATE_NAME, "FileAlternateNameInformation" },
	{ FSCC_FILE_STREAM, "FileStreamInformation" },
	{ FSCC_FILE_COMPRESSION, "FileCompressionInformation" },
	{ FSCC_FILE_NETWORK_OPEN, "FileNetworkOpenInformation" },
	{ FSCC_FILE_ATTRIBUTE_TAG, "FileAttributeTagInformation" },
	{ FSCC_FILE_ID_BOTH_DIRECTORY, "FileIdBothDirectoryInformation" },
	{ FSCC_FILE_ID_FULL_DIRECTORY, "FileIdFullDirectoryInformation" },
	{ FSCC_FILE_VALID_DATA_LENGTH, "FileValidDataLengthInformation" },
	{ FSCC_FILE_NORMALIZED_NAME, "FileNormalizedNameInformation" },
	{ FSCC_FILE_ID, "FileIdInformation" },
	{ FSCC_FILE_ID_EXTD_DIRECTORY, "FileIdExtdDirectoryInformation" },
	{ FSCC_FILE_DISPOSITION_EX, "FileDispositionInformationEx" },
	{ FSCC_FILE_RENAME_EX, "FileRenameInformationEx" },
	{ FSCC_FILE_ID_64_EXTD, "FileId64ExtdDirectoryInformation" },
	{ FSCC_FILE_ID_64_EXTD_BOTH, "FileId64ExtdBothDirectoryInformation" },
	{ FSCC_FILE_ID_ALL_EXTD, "FileIdAllExtdDirectoryInformation" },
	{ FSCC_FILE_ID_ALL_EXTD_BOTH, "FileIdAllExtdBothDirectoryInformation" },
};
const struct names names_file_class = VALUES(file_class_rows);

static const struct value_name sd_control_rows[] = {
	N(SE_OWNER_DEFAULTED), N(SE_GROUP_DEFAULTED), N(SE_DACL_PRESENT), N(SE_DACL_DEFAULTED),
	N(SE_SACL_PRESENT), N(SE_SACL_DEFAULTED), N(SE_DACL_AUTO_INHERIT_REQ),
	N(SE_SACL_AUTO_INHERIT_REQ), N(SE_DACL_AUTO_INHERITED), N(SE_SACL_AUTO_INHERITED),
	N(SE_DACL_PROTECTED), N(SE_SACL_PROTECTED), N(SE_SELF_RELATIVE),
};
const struct names names_sd_control = BITS(sd_control_rows);

static const struct value_name ace_type_rows[] = {
	N(ACCESS_ALLOWED_ACE_TYPE), N(ACCESS_DENIED_ACE_TYPE), N(SYSTEM_AUDIT_ACE_TYPE),
	N(ACCESS_ALLOWED_CALLBACK_ACE_TYPE), N(ACCESS_DENIED_CALLBACK_ACE_TYPE),
	N(SYSTEM_MANDATORY_LABEL_ACE_TYPE),
};
const struct names names_ace_type = VALUES(ace_type_rows);

static const struct value_name ace_flags_rows[] = {
	N(OBJECT_INHERIT_ACE), N(CONTAINER_INHERIT_ACE), N(NO_PROPAGATE_INHERIT_ACE),
	N(INHERIT_ONLY_ACE), N(INHERITED_ACE),
};
const struct names names_ace_flags = BITS(ace_flags_rows);
