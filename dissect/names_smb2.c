/*
 * names_smb2.c - the numbers of [MS-SMB2] by name; rows from proto/smb2/.
 */
#include "dissect/names.h"

#include "proto/smb2/change_notify.h"
#include "proto/smb2/close.h"
#include "proto/smb2/const.h"
#include "proto/smb2/ctx_create.h"
#include "proto/smb2/ctx_negotiate.h"
#include "proto/smb2/fsctl.h"
#include "proto/smb2/header.h"
#include "proto/smb2/ioctl.h"
#include "proto/smb2/lock.h"
#include "proto/smb2/read.h"
#include "proto/smb2/session_setup.h"
#include "proto/smb2/tree_connect.h"
#include "proto/smb2/write.h"
#include "dissect/names_rows.h"

static const struct value_name header_flags_rows[] = {
	N(SMB2_FLAGS_SERVER_TO_REDIR), N(SMB2_FLAGS_ASYNC_COMMAND),
	N(SMB2_FLAGS_RELATED_OPERATIONS), N(SMB2_FLAGS_SIGNED), N(SMB2_FLAGS_DFS_OPERATIONS),
	N(SMB2_FLAGS_REPLAY_OPERATION),
};
const struct names names_header_flags = BITS(header_flags_rows);

static const struct value_name dialect_rows[] = {
	{ SMB2_DIALECT_202, "2.0.2" },
	{ SMB2_DIALECT_210, "2.1" },
	{ SMB2_DIALECT_300, "3.0" },
	{ SMB2_DIALECT_302, "3.0.2" },
	{ SMB2_DIALECT_311, "3.1.1" },
	{ SMB2_DIALECT_WILD, "2.?\?\?" },
};
const struct names names_dialect = HEXES(dialect_rows);

static const struct value_name security_mode_rows[] = {
	N(SMB2_NEGOTIATE_SIGNING_ENABLED), N(SMB2_NEGOTIATE_SIGNING_REQUIRED),
};
const struct names names_security_mode = BITS(security_mode_rows);

static const struct value_name capabilities_rows[] = {
	N(SMB2_GLOBAL_CAP_DFS), N(SMB2_GLOBAL_CAP_LEASING), N(SMB2_GLOBAL_CAP_LARGE_MTU),
	N(SMB2_GLOBAL_CAP_MULTI_CHANNEL), N(SMB2_GLOBAL_CAP_PERSISTENT_HANDLES),
	N(SMB2_GLOBAL_CAP_DIRECTORY_LEASING), N(SMB2_GLOBAL_CAP_ENCRYPTION),
	N(SMB2_GLOBAL_CAP_NOTIFICATIONS),
};
const struct names names_capabilities = BITS(capabilities_rows);

static const struct value_name neg_type_rows[] = {
	{ SMB2_NEG_PREAUTH, "SMB2_PREAUTH_INTEGRITY_CAPABILITIES" },
	{ SMB2_NEG_ENCRYPTION, "SMB2_ENCRYPTION_CAPABILITIES" },
	{ SMB2_NEG_COMPRESSION, "SMB2_COMPRESSION_CAPABILITIES" },
	{ SMB2_NEG_NETNAME, "SMB2_NETNAME_NEGOTIATE_CONTEXT_ID" },
	{ SMB2_NEG_TRANSPORT, "SMB2_TRANSPORT_CAPABILITIES" },
	{ SMB2_NEG_RDMA, "SMB2_RDMA_TRANSFORM_CAPABILITIES" },
	{ SMB2_NEG_SIGNING, "SMB2_SIGNING_CAPABILITIES" },
};
const struct names names_neg_type = VALUES(neg_type_rows);

static const struct value_name hash_rows[] = {
	{ SMB2_PREAUTH_SHA512, "SHA-512" },
};
const struct names names_hash = VALUES(hash_rows);

static const struct value_name cipher_rows[] = {
	{ SMB2_CIPHER_NONE, "none" },
	{ SMB2_CIPHER_AES128_CCM, "AES-128-CCM" },
	{ SMB2_CIPHER_AES128_GCM, "AES-128-GCM" },
	{ SMB2_CIPHER_AES256_CCM, "AES-256-CCM" },
	{ SMB2_CIPHER_AES256_GCM, "AES-256-GCM" },
};
const struct names names_cipher = VALUES(cipher_rows);

static const struct value_name compression_rows[] = {
	{ 0, "NONE" }, { 1, "LZNT1" }, { 2, "LZ77" }, { 3, "LZ77+Huffman" }, { 4, "Pattern_V1" },
	{ 5, "LZ4" },
};
const struct names names_compression = VALUES(compression_rows);

static const struct value_name signing_rows[] = {
	{ SMB2_SIGN_HMAC_SHA256, "HMAC-SHA256" },
	{ SMB2_SIGN_AES_CMAC, "AES-CMAC" },
	{ SMB2_SIGN_AES_GMAC, "AES-GMAC" },
};
const struct names names_signing = VALUES(signing_rows);

static const struct value_name session_flags_req_rows[] = {
	N(SMB2_SESSION_FLAG_BINDING),
};
const struct names names_session_flags_req = BITS(session_flags_req_rows);

static const struct value_name session_flags_rows[] = {
	N(SMB2_SESSION_FLAG_IS_GUEST), N(SMB2_SESSION_FLAG_IS_NULL),
	N(SMB2_SESSION_FLAG_ENCRYPT_DATA),
};
const struct names names_session_flags = BITS(session_flags_rows);

static const struct value_name share_type_rows[] = {
	N(SMB2_SHARE_TYPE_DISK), N(SMB2_SHARE_TYPE_PIPE), N(SMB2_SHARE_TYPE_PRINT),
};
const struct names names_share_type = VALUES(share_type_rows);

static const struct value_name share_flags_rows[] = {
	N(SMB2_SHAREFLAG_AUTO_CACHING), N(SMB2_SHAREFLAG_VDO_CACHING), N(SMB2_SHAREFLAG_DFS),
	N(SMB2_SHAREFLAG_DFS_ROOT), N(SMB2_SHAREFLAG_RESTRICT_EXCLUSIVE_OPENS),
	N(SMB2_SHAREFLAG_FORCE_SHARED_DELETE), N(SMB2_SHAREFLAG_ALLOW_NAMESPACE_CACHING),
	N(SMB2_SHAREFLAG_ACCESS_BASED_DIRECTORY_ENUM), N(SMB2_SHAREFLAG_FORCE_LEVELII_OPLOCK),
	N(SMB2_SHAREFLAG_ENABLE_HASH_V1), N(SMB2_SHAREFLAG_ENABLE_HASH_V2),
	N(SMB2_SHAREFLAG_ENCRYPT_DATA), N(SMB2_SHAREFLAG_IDENTITY_REMOTING),
	N(SMB2_SHAREFLAG_COMPRESS_DATA), N(SMB2_SHAREFLAG_ISOLATED_TRANSPORT),
};
const struct names names_share_flags = BITS(share_flags_rows);

static const struct value_name share_caps_rows[] = {
	N(SMB2_SHARE_CAP_DFS), N(SMB2_SHARE_CAP_CONTINUOUS_AVAILABILITY),
	N(SMB2_SHARE_CAP_SCALEOUT), N(SMB2_SHARE_CAP_CLUSTER), N(SMB2_SHARE_CAP_ASYMMETRIC),
	N(SMB2_SHARE_CAP_REDIRECT_TO_OWNER),
};
const struct names names_share_caps = BITS(share_caps_rows);

static const struct value_name oplock_rows[] = {
	N(SMB2_OPLOCK_LEVEL_NONE), N(SMB2_OPLOCK_LEVEL_II), N(SMB2_OPLOCK_LEVEL_EXCLUSIVE),
	N(SMB2_OPLOCK_LEVEL_BATCH), N(SMB2_OPLOCK_LEVEL_LEASE),
};
const struct names names_oplock = VALUES(oplock_rows);

static const struct value_name lease_state_rows[] = {
	N(SMB2_LEASE_READ_CACHING), N(SMB2_LEASE_HANDLE_CACHING), N(SMB2_LEASE_WRITE_CACHING),
};
const struct names names_lease_state = BITS(lease_state_rows);

static const struct value_name lease_flags_rows[] = {
	N(SMB2_LEASE_FLAG_BREAK_IN_PROGRESS), N(SMB2_LEASE_FLAG_PARENT_LEASE_KEY_SET),
	N(SMB2_NOTIFY_BREAK_LEASE_FLAG_ACK_REQUIRED),
};
const struct names names_lease_flags = BITS(lease_flags_rows);

static const struct value_name close_flags_rows[] = {
	N(SMB2_CLOSE_FLAG_POSTQUERY_ATTRIB),
};
const struct names names_close_flags = BITS(close_flags_rows);

static const struct value_name read_flags_rows[] = {
	N(SMB2_READFLAG_READ_UNBUFFERED), N(SMB2_READFLAG_REQUEST_COMPRESSED),
};
const struct names names_read_flags = BITS(read_flags_rows);

static const struct value_name write_flags_rows[] = {
	N(SMB2_WRITEFLAG_WRITE_THROUGH), N(SMB2_WRITEFLAG_WRITE_UNBUFFERED),
};
const struct names names_write_flags = BITS(write_flags_rows);

static const struct value_name lock_flags_rows[] = {
	N(SMB2_LOCKFLAG_SHARED_LOCK), N(SMB2_LOCKFLAG_EXCLUSIVE_LOCK), N(SMB2_LOCKFLAG_UNLOCK),
	N(SMB2_LOCKFLAG_FAIL_IMMEDIATELY),
};
const struct names names_lock_flags = BITS(lock_flags_rows);

static const struct value_name channel_rows[] = {
	N(SMB2_CHANNEL_NONE), N(SMB2_CHANNEL_RDMA_V1), N(SMB2_CHANNEL_RDMA_V1_INVALIDATE),
	N(SMB2_CHANNEL_RDMA_TRANSFORM),
};
const struct names names_channel = VALUES(channel_rows);

static const struct value_name ioctl_flags_rows[] = {
	N(SMB2_0_IOCTL_IS_FSCTL),
};
const struct names names_ioctl_flags = BITS(ioctl_flags_rows);

static const struct value_name watch_flags_rows[] = {
	N(SMB2_WATCH_TREE),
};
const struct names names_watch_flags = BITS(watch_flags_rows);

static const struct value_name transform_flags_rows[] = {
	N(SMB2_TRANSFORM_FLAG_ENCRYPTED),
};
const struct names names_transform_flags = BITS(transform_flags_rows);

static const struct value_name durable_flags_rows[] = {
	N(SMB2_DHANDLE_FLAG_PERSISTENT),
};
const struct names names_durable_flags = BITS(durable_flags_rows);

static const struct value_name nic_caps_rows[] = {
	N(SMB2_NIC_RSS_CAPABLE), N(SMB2_NIC_RDMA_CAPABLE),
};
const struct names names_nic_caps = BITS(nic_caps_rows);
