/*
 * session_setup.h - SESSION_SETUP.  [MS-SMB2] 2.2.5, 2.2.6
 */
#ifndef PROTO_SMB2_SESSION_SETUP_H
#define PROTO_SMB2_SESSION_SETUP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/smb2/header.h"

#define SMB2_SESSION_FLAG_BINDING      0x01   /* request Flags */
#define SMB2_SESSION_FLAG_IS_GUEST     0x0001 /* response SessionFlags */
#define SMB2_SESSION_FLAG_IS_NULL      0x0002
#define SMB2_SESSION_FLAG_ENCRYPT_DATA 0x0004

struct smb2_session_setup_req {
	uint8_t flags;
	uint8_t security_mode;
	uint32_t capabilities;
	uint32_t channel;
	uint64_t previous_session_id;
	struct span token;
};

struct smb2_session_setup_rsp {
	uint16_t session_flags;
	struct span token;
};

nt smb2_session_setup_req_decode(struct rd *r, struct smb2_session_setup_req *ret) MUST_USE;
nt smb2_session_setup_rsp_decode(struct rd *r, struct smb2_session_setup_rsp *ret) MUST_USE;
void smb2_session_setup_req_encode(struct wr *w, size_t hdr_at,
				   const struct smb2_session_setup_req *c);
void smb2_session_setup_rsp_encode(struct wr *w, size_t hdr_at,
				   const struct smb2_session_setup_rsp *c);

#endif
