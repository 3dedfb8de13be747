/*
 * tree_connect.h - TREE_CONNECT.  [MS-SMB2] 2.2.9, 2.2.10
 */
#ifndef PROTO_SMB2_TREE_CONNECT_H
#define PROTO_SMB2_TREE_CONNECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/smb2/header.h"

/* Flags of a 3.1.1 request; an older dialect's sender leaves them 0. */
#define SMB2_TREE_CONNECT_FLAG_CLUSTER_RECONNECT 0x0001
#define SMB2_TREE_CONNECT_FLAG_REDIRECT_TO_OWNER 0x0002
#define SMB2_TREE_CONNECT_FLAG_EXTENSION_PRESENT 0x0004

/* ShareType. */
#define SMB2_SHARE_TYPE_DISK  0x01
#define SMB2_SHARE_TYPE_PIPE  0x02
#define SMB2_SHARE_TYPE_PRINT 0x03

/* ShareFlags. */
#define SMB2_SHAREFLAG_MANUAL_CACHING		   0x00000000u
#define SMB2_SHAREFLAG_AUTO_CACHING		   0x00000010u
#define SMB2_SHAREFLAG_VDO_CACHING		   0x00000020u
#define SMB2_SHAREFLAG_NO_CACHING		   0x00000030u
#define SMB2_SHAREFLAG_DFS			   0x00000001u
#define SMB2_SHAREFLAG_DFS_ROOT			   0x00000002u
#define SMB2_SHAREFLAG_RESTRICT_EXCLUSIVE_OPENS	   0x00000100u
#define SMB2_SHAREFLAG_FORCE_SHARED_DELETE	   0x00000200u
#define SMB2_SHAREFLAG_ALLOW_NAMESPACE_CACHING	   0x00000400u
#define SMB2_SHAREFLAG_ACCESS_BASED_DIRECTORY_ENUM 0x00000800u
#define SMB2_SHAREFLAG_FORCE_LEVELII_OPLOCK	   0x00001000u
#define SMB2_SHAREFLAG_ENABLE_HASH_V1		   0x00002000u
#define SMB2_SHAREFLAG_ENABLE_HASH_V2		   0x00004000u
#define SMB2_SHAREFLAG_ENCRYPT_DATA		   0x00008000u
#define SMB2_SHAREFLAG_IDENTITY_REMOTING	   0x00040000u
#define SMB2_SHAREFLAG_COMPRESS_DATA		   0x00100000u
#define SMB2_SHAREFLAG_ISOLATED_TRANSPORT	   0x00200000u

/* Capabilities. */
#define SMB2_SHARE_CAP_DFS		       0x00000008u
#define SMB2_SHARE_CAP_CONTINUOUS_AVAILABILITY 0x00000010u
#define SMB2_SHARE_CAP_SCALEOUT		       0x00000020u
#define SMB2_SHARE_CAP_CLUSTER		       0x00000040u
#define SMB2_SHARE_CAP_ASYMMETRIC	       0x00000080u
#define SMB2_SHARE_CAP_REDIRECT_TO_OWNER       0x00000100u

struct smb2_tree_connect_req {
	uint16_t flags;
	struct span path;   /* \\server\share, UTF-16LE, not terminated */
	struct span buffer; /* all behind the fixed part, for the extension */
};

struct smb2_tree_connect_rsp {
	uint8_t share_type;
	uint32_t share_flags;
	uint32_t capabilities;
	uint32_t maximal_access;
};

nt smb2_tree_connect_req_decode(struct rd *r, struct smb2_tree_connect_req *ret) MUST_USE;
nt smb2_tree_connect_rsp_decode(struct rd *r, struct smb2_tree_connect_rsp *ret) MUST_USE;
void smb2_tree_connect_req_encode(struct wr *w, size_t hdr_at,
				  const struct smb2_tree_connect_req *c);
void smb2_tree_connect_rsp_encode(struct wr *w, size_t hdr_at,
				  const struct smb2_tree_connect_rsp *c);

/*
 * 2.2.9.1, for a 3.1.1 request with EXTENSION_PRESENT.  The contexts are bounded
 * and not looked into: 2.2.9.2 has only remoted identities, which nobody here
 * accepts.  In older dialects the flag means nothing and must not be asked for.
 */
struct smb2_tree_connect_ext {
	uint16_t context_count;
	struct span contexts;
};

nt smb2_tree_connect_ext_decode(const struct smb2_tree_connect_req *c,
				struct smb2_tree_connect_ext *ret) MUST_USE;

#endif
