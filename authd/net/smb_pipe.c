/*
 * smb_pipe.c - IPC$, the pipe, and what goes through it: a fragment that is not
 * the last by WRITE, the last by FSCTL_PIPE_TRANSCEIVE, the rest of a long answer
 * by READ.  [MS-SMB2] 3.2.4.5, [MS-RPCE] 2.1.1.2, [MS-FSCC] 2.3.50
 */
#include "authd/net/smb.h"
#include "base/utf16.h"
#include "proto/smb2/commands.h"
#include "proto/smb2/const.h"
#include "proto/smb2/create.h"
#include "proto/smb2/fsctl.h"
#include "proto/smb2/ioctl.h"
#include "proto/smb2/read.h"
#include "proto/smb2/tree_connect.h"
#include "proto/smb2/write.h"

#define TEXT_ROOM (2 * (NAME_BOUND + 16))

/* As nobody it may not be allowed here either; the machine account is asked for then. */
static nt
refused(struct smb *s, struct wr *w, nt status, const char *why)
{
	bool access = nt_is(status, STATUS_ACCESS_DENIED) || nt_is(status, STATUS_LOGON_FAILURE);

	if (access && !s->machine)
		return smb_logon(s, w, true);
	return smb_fail(s, status, why);
}

nt
smb_tree(struct smb *s, struct wr *w)
{
	uint8_t text[TEXT_ROOM];
	struct wr t			= wr_init(text, sizeof text);
	struct smb2_tree_connect_req q = { 0 };
	size_t at;

	(void)wr_utf16(&t, "\\\\");
	(void)wr_utf16(&t, s->who.host);
	(void)wr_utf16(&t, "\\IPC$");
	q.path = wr_done(&t);
	at     = smb_request(s, w, SMB_TREE, SMB2_CMD_tree_connect);
	smb2_tree_connect_req_encode(w, at, &q);
	return smb_request_end(s, w, at);
}

nt
smb_tree_stands(struct smb *s, struct smb_answer *a, struct wr *w, enum smb_event *ret)
{
	uint8_t text[TEXT_ROOM];
	struct wr t		 = wr_init(text, sizeof text);
	struct smb2_create_req q = {
		.impersonation	= SMB2_IMPERSONATION_IMPERSONATION,
		.desired_access = FILE_READ_DATA | FILE_WRITE_DATA | FILE_READ_ATTRIBUTES,
		.share_access	= FILE_SHARE_READ | FILE_SHARE_WRITE,
		.disposition	= FILE_OPEN,
	};
	struct smb2_tree_connect_rsp rsp;
	size_t at;

	(void)ret;
	if (!nt_ok(a->hdr.status))
		return refused(s, w, a->hdr.status, "it refuses us IPC$");
	if (nt_failed(smb2_tree_connect_rsp_decode(&a->body, &rsp)) ||
	    rsp.share_type != SMB2_SHARE_TYPE_PIPE)
		return smb_fail(s, STATUS_UNEXPECTED_NETWORK_ERROR, "its IPC$ is none");
	s->tree_id = a->hdr.tree_id;
	(void)wr_utf16(&t, s->who.pipe);
	q.name = wr_done(&t);
	at     = smb_request(s, w, SMB_CREATE, SMB2_CMD_create);
	smb2_create_req_encode(w, at, &q);
	return smb_request_end(s, w, at);
}

nt
smb_pipe_stands(struct smb *s, struct smb_answer *a, struct wr *w, enum smb_event *ret)
{
	struct smb2_create_rsp rsp;

	if (!nt_ok(a->hdr.status))
		return refused(s, w, a->hdr.status, "it does not open its pipe for us");
	if (nt_failed(smb2_create_rsp_decode(&a->body, &rsp)))
		return smb_fail(s, STATUS_UNEXPECTED_NETWORK_ERROR, "its pipe makes no sense");
	s->fid	      = rsp.fid;
	s->fid_stands = true;
	s->step	      = SMB_IDLE;
	*ret	      = SMB_OPEN;
	return STATUS_SUCCESS;
}

/* ---- through it ---- */

nt
smb_put(struct smb *s, struct wr *w, struct span fragment, bool last)
{
	const struct smb2_ioctl_req talk = { .ctl_code		  = FSCTL_PIPE_TRANSCEIVE,
					     .fid		  = s->fid,
					     .max_output_response = RPC_FRAG_MAX,
					     .flags		  = SMB2_0_IOCTL_IS_FSCTL,
					     .input		  = fragment };
	const struct smb2_write_req put	 = { .fid    = s->fid,
					     .length = (uint32_t)fragment.n,
					     .data   = fragment };
	size_t at;

	if (last) {
		at = smb_request(s, w, SMB_TRANSCEIVE, SMB2_CMD_ioctl);
		smb2_ioctl_req_encode(w, at, &talk);
	} else {
		at = smb_request(s, w, SMB_WRITE, SMB2_CMD_write);
		smb2_write_req_encode(w, at, &put);
	}
	return smb_request_end(s, w, at);
}

nt
smb_get(struct smb *s, struct wr *w)
{
	const struct smb2_read_req q = { .length = RPC_FRAG_MAX, .fid = s->fid };
	size_t at		     = smb_request(s, w, SMB_READ, SMB2_CMD_read);

	smb2_read_req_encode(w, at, &q);
	return smb_request_end(s, w, at);
}

nt
smb_written(struct smb *s, struct smb_answer *a, struct wr *w, enum smb_event *ret)
{
	struct smb2_write_rsp rsp;

	(void)w;
	if (!nt_ok(a->hdr.status) || nt_failed(smb2_write_rsp_decode(&a->body, &rsp)))
		return smb_fail(s, STATUS_PIPE_BROKEN, "it does not take what we write");
	s->step = SMB_IDLE;
	*ret	= SMB_READY;
	return STATUS_SUCCESS;
}

static nt
came(struct smb *s, struct span bytes, enum smb_event *ret)
{
	if (bytes.n == 0)
		return smb_fail(s, STATUS_UNEXPECTED_NETWORK_ERROR, "its pipe gives nothing");
	s->bytes = bytes;
	s->step	 = SMB_IDLE;
	*ret	 = SMB_BYTES;
	return STATUS_SUCCESS;
}

/* BUFFER_OVERFLOW: there is more in the pipe.  3.3.4.4 */
static bool
has_bytes(nt status)
{
	return nt_ok(status) || nt_is(status, STATUS_BUFFER_OVERFLOW);
}

nt
smb_came(struct smb *s, struct smb_answer *a, struct wr *w, enum smb_event *ret)
{
	struct smb2_ioctl_rsp rsp;

	(void)w;
	if (!has_bytes(a->hdr.status) || nt_failed(smb2_ioctl_rsp_decode(&a->body, &rsp)))
		return smb_fail(s, STATUS_PIPE_BROKEN, "its pipe is broken");
	return came(s, rsp.output, ret);
}

nt
smb_was_read(struct smb *s, struct smb_answer *a, struct wr *w, enum smb_event *ret)
{
	struct smb2_read_rsp rsp;

	(void)w;
	if (!has_bytes(a->hdr.status) || nt_failed(smb2_read_rsp_decode(&a->body, &rsp)))
		return smb_fail(s, STATUS_PIPE_BROKEN, "its pipe is broken");
	return came(s, rsp.data, ret);
}
