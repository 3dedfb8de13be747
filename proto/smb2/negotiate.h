/*
 * negotiate.h - NEGOTIATE.  [MS-SMB2] 2.2.3, 2.2.4
 */
#ifndef PROTO_SMB2_NEGOTIATE_H
#define PROTO_SMB2_NEGOTIATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/smb2/ctx_negotiate.h"
#include "proto/smb2/header.h"

#define SMB2_DIALECTS_MAX 32 /* a longer list is refused */

struct smb2_negotiate_req {
	uint16_t security_mode;
	uint32_t capabilities;
	uint8_t client_guid[16];
	uint16_t dialect_count; /* 0 decodes; 3.3.5.4 refuses it */
	uint16_t dialects[SMB2_DIALECTS_MAX];
	bool has_contexts; /* 3.1.1 is among the dialects */
	struct smb2_neg_contexts contexts;
};

struct smb2_negotiate_rsp {
	uint16_t security_mode;
	uint16_t dialect;
	uint8_t server_guid[16];
	uint32_t capabilities;
	uint32_t max_transact;
	uint32_t max_read;
	uint32_t max_write;
	uint64_t system_time; /* FILETIME */
	uint64_t server_start_time;
	struct span token;		   /* SPNEGO hint */
	struct smb2_neg_contexts contexts; /* written and read if dialect is 3.1.1 */
};

nt smb2_negotiate_req_decode(struct rd *r, struct smb2_negotiate_req *ret) MUST_USE;
nt smb2_negotiate_rsp_decode(struct rd *r, struct smb2_negotiate_rsp *ret) MUST_USE;
void smb2_negotiate_req_encode(struct wr *w, size_t hdr_at, const struct smb2_negotiate_req *c);
void smb2_negotiate_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_negotiate_rsp *c);

bool smb2_negotiate_req_offers(const struct smb2_negotiate_req *c, uint16_t dialect) MUST_USE;

#endif
