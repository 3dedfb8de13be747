/*
 * smb2_codecs.h - every body codec of proto/smb2/ behind one signature, made
 * from the command table.  For the vector test and the fuzz targets.
 */
#ifndef TESTS_UNIT_PROTO_SMB2_CODECS_H
#define TESTS_UNIT_PROTO_SMB2_CODECS_H

#include "proto/smb2/cancel.h"
#include "proto/smb2/change_notify.h"
#include "proto/smb2/close.h"
#include "proto/smb2/commands.h"
#include "proto/smb2/create.h"
#include "proto/smb2/echo.h"
#include "proto/smb2/error.h"
#include "proto/smb2/flush.h"
#include "proto/smb2/header.h"
#include "proto/smb2/ioctl.h"
#include "proto/smb2/lock.h"
#include "proto/smb2/logoff.h"
#include "proto/smb2/negotiate.h"
#include "proto/smb2/oplock_break.h"
#include "proto/smb2/query_directory.h"
#include "proto/smb2/query_info.h"
#include "proto/smb2/read.h"
#include "proto/smb2/session_setup.h"
#include "proto/smb2/set_info.h"
#include "proto/smb2/tree_connect.h"
#include "proto/smb2/tree_disconnect.h"
#include "proto/smb2/write.h"

/* CODEC(error_rsp) and CODEC(oplock_break_notify) are for who needs them. */

/* Decodes the body that r stands at and encodes it again into w, behind a header. */
typedef nt codec_fn(struct rd *r, struct wr *w);

#define CODEC(what)                                                                                \
	static nt codec_##what(struct rd *r, struct wr *w)                                         \
	{                                                                                          \
		struct smb2_##what c;                                                              \
                                                                                                   \
		TRY(smb2_##what##_decode(r, &c));                                                  \
		smb2_##what##_encode(w, w->pos - SMB2_HDR_SIZE, &c);                               \
		return STATUS_SUCCESS;                                                             \
	}

/* CANCEL has no response: its request stands in, so that the table has no hole. */
#define smb2_cancel_rsp	       smb2_cancel_req
#define smb2_cancel_rsp_decode smb2_cancel_req_decode
#define smb2_cancel_rsp_encode smb2_cancel_req_encode

#define C(code, name, req, rsp, need, handle, charge, flags) CODEC(name##_req) CODEC(name##_rsp)
SMB2_COMMANDS(C)
#undef C

static const struct {
	codec_fn *req;
	codec_fn *rsp;
} codecs[SMB2_CMD_MAX] = {
#define C(code, name, req, rsp, need, handle, charge, flags)                                       \
	[code] = { codec_##name##_req, codec_##name##_rsp },
	SMB2_COMMANDS(C)
#undef C
};

#endif
