/*
 * lock.h - LOCK.  [MS-SMB2] 2.2.26, 2.2.27
 */
#ifndef PROTO_SMB2_LOCK_H
#define PROTO_SMB2_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/smb2/header.h"

#define SMB2_LOCKFLAG_SHARED_LOCK      0x00000001u
#define SMB2_LOCKFLAG_EXCLUSIVE_LOCK   0x00000002u
#define SMB2_LOCKFLAG_UNLOCK	       0x00000004u
#define SMB2_LOCKFLAG_FAIL_IMMEDIATELY 0x00000010u

#define SMB2_LOCK_ELEMENT_SIZE 24

struct smb2_lock_element {
	uint64_t offset;
	uint64_t length;
	uint32_t flags;
};

struct smb2_lock_req {
	uint16_t count;	   /* 0 decodes; 3.3.5.14 refuses it */
	uint32_t sequence; /* low 4 bits LockSequenceNumber, then the index */
	struct smb2_fid fid;
	struct span elements; /* count times SMB2_LOCK_ELEMENT_SIZE bytes */
};

struct smb2_lock_rsp {
	uint16_t reserved;
};

nt smb2_lock_req_decode(struct rd *r, struct smb2_lock_req *ret) MUST_USE;
nt smb2_lock_rsp_decode(struct rd *r, struct smb2_lock_rsp *ret) MUST_USE;
void smb2_lock_req_encode(struct wr *w, size_t hdr_at, const struct smb2_lock_req *c);
void smb2_lock_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_lock_rsp *c);

/* i must be below the count of the request that elements came from. */
struct smb2_lock_element smb2_lock_element_at(struct span elements, uint16_t i) MUST_USE;
void smb2_lock_element_encode(struct wr *w, const struct smb2_lock_element *e);

#endif
