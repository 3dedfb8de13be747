/*
 * fsctl.h - FSCTL codes, and the bodies that [MS-SMB2] itself defines.  Those of
 * [MS-FSCC] are in proto/fscc/.  [MS-SMB2] 2.2.31.1, 2.2.32; [MS-FSCC] 2.3
 *
 * A decoder takes the whole input or output buffer; an encoder appends to w.
 */
#ifndef PROTO_SMB2_FSCTL_H
#define PROTO_SMB2_FSCTL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

#define FSCTL_DFS_GET_REFERRALS		   0x00060194u
#define FSCTL_DFS_GET_REFERRALS_EX	   0x000601B0u
#define FSCTL_PIPE_PEEK			   0x0011400Cu
#define FSCTL_PIPE_WAIT			   0x00110018u
#define FSCTL_PIPE_TRANSCEIVE		   0x0011C017u
#define FSCTL_SRV_COPYCHUNK		   0x001440F2u
#define FSCTL_SRV_COPYCHUNK_WRITE	   0x001480F2u
#define FSCTL_SRV_ENUMERATE_SNAPSHOTS	   0x00144064u
#define FSCTL_SRV_REQUEST_RESUME_KEY	   0x00140078u
#define FSCTL_SRV_READ_HASH		   0x001441BBu
#define FSCTL_LMR_REQUEST_RESILIENCY	   0x001401D4u
#define FSCTL_QUERY_NETWORK_INTERFACE_INFO 0x001401FCu
#define FSCTL_VALIDATE_NEGOTIATE_INFO	   0x00140204u
#define FSCTL_SET_REPARSE_POINT		   0x000900A4u
#define FSCTL_GET_REPARSE_POINT		   0x000900A8u
#define FSCTL_DELETE_REPARSE_POINT	   0x000900ACu
#define FSCTL_CREATE_OR_GET_OBJECT_ID	   0x000900C0u
#define FSCTL_GET_OBJECT_ID		   0x0009009Cu
#define FSCTL_SET_SPARSE		   0x000900C4u
#define FSCTL_SET_ZERO_DATA		   0x000980C8u
#define FSCTL_QUERY_ALLOCATED_RANGES	   0x000940CFu
#define FSCTL_FILE_LEVEL_TRIM		   0x00098208u
#define FSCTL_GET_COMPRESSION		   0x0009003Cu
#define FSCTL_SET_COMPRESSION		   0x0009C040u
#define FSCTL_GET_INTEGRITY_INFORMATION	   0x0009027Cu
#define FSCTL_SET_INTEGRITY_INFORMATION	   0x0009C280u
#define FSCTL_DUPLICATE_EXTENTS_TO_FILE	   0x00098344u
#define FSCTL_DUPLICATE_EXTENTS_TO_FILE_EX 0x000983E8u
#define FSCTL_OFFLOAD_READ		   0x00094264u
#define FSCTL_OFFLOAD_WRITE		   0x00098268u
#define FSCTL_QUERY_FILE_REGIONS	   0x00090284u
#define FSCTL_IS_PATHNAME_VALID		   0x0009002Cu
#define FSCTL_FILESYSTEM_GET_STATISTICS	   0x00090060u
#define FSCTL_GET_NTFS_VOLUME_DATA	   0x00090064u
#define FSCTL_READ_FILE_USN_DATA	   0x000900EBu
#define FSCTL_WRITE_USN_CLOSE_RECORD	   0x000900EFu
#define FSCTL_QUERY_ON_DISK_VOLUME_INFO	   0x0009013Cu
#define FSCTL_SVHDX_SYNC_TUNNEL_REQUEST	   0x00090304u

/* 2.2.31.4, 2.2.32.6 */
struct smb2_validate_negotiate_req {
	uint32_t capabilities;
	uint8_t guid[16];
	uint16_t security_mode;
	uint16_t dialect_count;
	struct span dialects; /* dialect_count times two bytes, little-endian */
};

struct smb2_validate_negotiate_rsp {
	uint32_t capabilities;
	uint8_t guid[16];
	uint16_t security_mode;
	uint16_t dialect;
};

nt smb2_validate_negotiate_req_decode(struct span in,
				      struct smb2_validate_negotiate_req *ret) MUST_USE;
nt smb2_validate_negotiate_rsp_decode(struct span out,
				      struct smb2_validate_negotiate_rsp *ret) MUST_USE;
void smb2_validate_negotiate_req_encode(struct wr *w, const struct smb2_validate_negotiate_req *c);
void smb2_validate_negotiate_rsp_encode(struct wr *w, const struct smb2_validate_negotiate_rsp *c);

/* 2.2.31.1, 2.2.32.1 */
#define SMB2_RESUME_KEY_SIZE   24
#define SMB2_COPYCHUNK_ELEMENT 24

struct smb2_copychunk {
	uint64_t source_offset;
	uint64_t target_offset;
	uint32_t length;
};

struct smb2_copychunk_req {
	uint8_t source_key[SMB2_RESUME_KEY_SIZE];
	uint32_t count;
	struct span chunks; /* count times SMB2_COPYCHUNK_ELEMENT bytes */
};

/* Counts of a finished copy; with STATUS_INVALID_PARAMETER the limits instead, 3.3.5.15.6. */
struct smb2_copychunk_rsp {
	uint32_t chunks_written;
	uint32_t chunk_bytes_written;
	uint32_t total_bytes_written;
};

nt smb2_copychunk_req_decode(struct span in, struct smb2_copychunk_req *ret) MUST_USE;
nt smb2_copychunk_rsp_decode(struct span out, struct smb2_copychunk_rsp *ret) MUST_USE;
void smb2_copychunk_req_encode(struct wr *w, const struct smb2_copychunk_req *c);
void smb2_copychunk_rsp_encode(struct wr *w, const struct smb2_copychunk_rsp *c);
struct smb2_copychunk smb2_copychunk_at(struct span chunks, uint32_t i) MUST_USE;
void smb2_copychunk_encode(struct wr *w, const struct smb2_copychunk *c);

/* 2.2.32.3 */
struct smb2_resume_key_rsp {
	uint8_t key[SMB2_RESUME_KEY_SIZE];
};

nt smb2_resume_key_rsp_decode(struct span out, struct smb2_resume_key_rsp *ret) MUST_USE;
void smb2_resume_key_rsp_encode(struct wr *w, const struct smb2_resume_key_rsp *c);

/* 2.2.31.3 */
struct smb2_resiliency_req {
	uint32_t timeout; /* milliseconds */
};

nt smb2_resiliency_req_decode(struct span in, struct smb2_resiliency_req *ret) MUST_USE;
void smb2_resiliency_req_encode(struct wr *w, const struct smb2_resiliency_req *c);

/* 2.2.32.5 */
#define SMB2_NIC_RSS_CAPABLE  0x00000001u
#define SMB2_NIC_RDMA_CAPABLE 0x00000002u

struct smb2_interface {
	uint32_t index;
	uint32_t capability;
	uint64_t link_speed; /* bits per second */
	bool is_ipv6;
	uint8_t addr[16]; /* IPv4 in the first four */
	uint16_t port;
};

/* One entry off the front of *list.  STATUS_INVALID_PARAMETER for a Next without progress. */
nt smb2_interface_next(struct span *list, struct smb2_interface *ret) MUST_USE;
/* last: no entry follows. */
void smb2_interface_encode(struct wr *w, const struct smb2_interface *c, bool last);

/* [MS-FSCC] 2.3.49 */
struct fsctl_pipe_wait_req {
	uint64_t timeout; /* 100 ns units; only if timeout_given */
	bool timeout_given;
	struct span name; /* UTF-16LE */
};

nt fsctl_pipe_wait_req_decode(struct span in, struct fsctl_pipe_wait_req *ret) MUST_USE;
void fsctl_pipe_wait_req_encode(struct wr *w, const struct fsctl_pipe_wait_req *c);

/* REQ_GET_DFS_REFERRAL, [MS-DFSC] 2.2.2 */
struct fsctl_dfs_referral_req {
	uint16_t max_level;
	struct span path; /* UTF-16LE without the terminator */
};

nt fsctl_dfs_referral_req_decode(struct span in, struct fsctl_dfs_referral_req *ret) MUST_USE;
void fsctl_dfs_referral_req_encode(struct wr *w, const struct fsctl_dfs_referral_req *c);

#endif
