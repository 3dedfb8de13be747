/*
 * oplock_break.h - OPLOCK_BREAK in its two forms, oplock and lease, told apart by
 * StructureSize: the server's notification, the client's acknowledgement (_req)
 * and the server's answer to that (_rsp).  [MS-SMB2] 2.2.23, 2.2.24, 2.2.25
 */
#ifndef PROTO_SMB2_OPLOCK_BREAK_H
#define PROTO_SMB2_OPLOCK_BREAK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/smb2/header.h"

/* Acknowledgement and response look alike.  2.2.24, 2.2.25 */
struct smb2_oplock_break {
	bool is_lease;
	uint8_t oplock_level; /* oplock form */
	struct smb2_fid fid;
	uint32_t lease_flags; /* lease form */
	uint8_t lease_key[16];
	uint32_t lease_state;
	uint64_t lease_duration;
};

struct smb2_oplock_break_req {
	struct smb2_oplock_break b;
};

struct smb2_oplock_break_rsp {
	struct smb2_oplock_break b;
};

/* 2.2.23 */
struct smb2_oplock_break_notify {
	bool is_lease;
	uint8_t oplock_level; /* oplock form */
	struct smb2_fid fid;
	uint16_t new_epoch; /* lease form */
	uint32_t lease_flags;
	uint8_t lease_key[16];
	uint32_t current_state;
	uint32_t new_state;
};

nt smb2_oplock_break_req_decode(struct rd *r, struct smb2_oplock_break_req *ret) MUST_USE;
nt smb2_oplock_break_rsp_decode(struct rd *r, struct smb2_oplock_break_rsp *ret) MUST_USE;
void smb2_oplock_break_req_encode(struct wr *w, size_t hdr_at,
				  const struct smb2_oplock_break_req *c);
void smb2_oplock_break_rsp_encode(struct wr *w, size_t hdr_at,
				  const struct smb2_oplock_break_rsp *c);
nt smb2_oplock_break_notify_decode(struct rd *r, struct smb2_oplock_break_notify *ret) MUST_USE;
void smb2_oplock_break_notify_encode(struct wr *w, size_t hdr_at,
				     const struct smb2_oplock_break_notify *c);

#endif
