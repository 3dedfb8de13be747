/*
 * error.h - the ERROR response, which stands in for any command's response when
 * the status says so, its contexts and the symbolic link body.  [MS-SMB2] 2.2.2
 */
#ifndef PROTO_SMB2_ERROR_H
#define PROTO_SMB2_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/smb2/header.h"

#define SMB2_ERROR_ID_DEFAULT	     0x00000000u
#define SMB2_ERROR_ID_SHARE_REDIRECT 0x72645253u
#define SMB2_SYMLINK_FLAG_RELATIVE   0x00000001u

struct smb2_error_rsp {
	uint8_t context_count; /* 3.1.1: data is that many contexts; else 0 */
	struct span data;
};

nt smb2_error_rsp_decode(struct rd *r, struct smb2_error_rsp *ret) MUST_USE;
/* Empty data is written as ByteCount 0 and the one byte that 2.2.2 wants. */
void smb2_error_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_error_rsp *c);

/* 2.2.2.1 */
struct smb2_error_context {
	uint32_t id;
	struct span data;
};

/* One context off the front of *list, which shrinks by it and its padding. */
nt smb2_error_context_next(struct span *list, struct smb2_error_context *ret) MUST_USE;
void smb2_error_context_encode(struct wr *w, const struct smb2_error_context *c);

/* 2.2.2.2.1, for STATUS_STOPPED_ON_SYMLINK */
struct smb2_symlink_error {
	uint16_t unparsed_length; /* bytes of the name behind the link */
	uint32_t flags;
	struct span substitute; /* UTF-16LE */
	struct span print;
};

nt smb2_symlink_error_decode(struct span data, struct smb2_symlink_error *ret) MUST_USE;
void smb2_symlink_error_encode(struct wr *w, const struct smb2_symlink_error *c);

#endif
