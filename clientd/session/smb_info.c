/*
 * smb_info.c - the middle level: QUERY_DIRECTORY, QUERY_INFO, SET_INFO and
 * CHANGE_NOTIFY; buffers pass as they are on the wire.  [MS-SMB2] 2.2.33 to 2.2.40
 */
#include "clientd/session/file.h"
#include "proto/smb2/change_notify.h"
#include "proto/smb2/query_directory.h"
#include "proto/smb2/query_info.h"
#include "proto/smb2/set_info.h"

static nt
buffer_tell(struct span s, struct span *ret)
{
	uint8_t *p = fiber_alloc(s.n + 1);

	REQUIRE(s.n <= TOKEN_BOUND, STATUS_INVALID_NETWORK_RESPONSE);
	if (s.n > 0)
		memcpy(p, s.p, s.n);
	*ret = SPAN(p, s.n);
	return STATUS_SUCCESS;
}

static nt
file_begin(struct client *me, uint64_t file, size_t room, struct where *w, struct msg *m,
	   struct smb2_fid *ret)
{
	struct held_file *f;

	TRY(held_file_find(me, file, &f));
	where_hold(&f->w, w);
	*ret = f->fid;
	return where_begin(m, w, MSG_ROOM + room);
}

nt
smb_query_directory(struct client *me, struct job *j, const struct smb_query_directory_req *req,
		    struct smb_query_directory_rsp *rsp)
{
	struct where w CLEANUP(where_end) = { 0 };
	struct msg m CLEANUP(msg_end)	  = { 0 };
	uint8_t name[2 * NAME_BOUND];
	struct wr nw = wr_init(name, sizeof name);
	struct smb2_query_directory_req body = { .info_class = req->file_information_class,
		.flags = req->flags, .file_index = req->file_index,
		.output_length = req->output_buffer_length };
	struct smb2_query_directory_rsp got;
	size_t at;

	(void)j;
	REQUIRE(body.output_length <= TOKEN_BOUND, STATUS_INVALID_PARAMETER);
	(void)wr_utf16(&nw, req->file_name.s);
	REQUIRE(wr_ok(&nw), STATUS_OBJECT_NAME_INVALID);
	body.pattern = wr_done(&nw);
	TRY(file_begin(me, req->file, sizeof name, &w, &m, &body.fid));
	at = msg_add(&m, SMB2_CMD_query_directory, w.tree_id, body.output_length);
	smb2_query_directory_req_encode(&m.w, at, &body);
	TRY(msg_run(&m));
	ANSWER(smb2_query_directory_rsp_decode(&m.reply[0].body, &got));
	return buffer_tell(got.output, &rsp->buffer);
}

nt
smb_query_info(struct client *me, struct job *j, const struct smb_query_info_req *req,
	       struct smb_query_info_rsp *rsp)
{
	struct where w CLEANUP(where_end) = { 0 };
	struct msg m CLEANUP(msg_end)	  = { 0 };
	struct smb2_query_info_req body	  = { .info_type = req->info_type,
		.info_class = req->file_info_class, .output_length = req->output_buffer_length,
		.additional = req->additional_information, .flags = req->flags,
		.input = req->input };
	struct span out;
	size_t at;

	(void)j;
	REQUIRE(body.output_length <= TOKEN_BOUND, STATUS_INVALID_PARAMETER);
	TRY(file_begin(me, req->file, req->input.n, &w, &m, &body.fid));
	at = msg_add(&m, SMB2_CMD_query_info, w.tree_id,
		     body.output_length > req->input.n ? body.output_length : req->input.n);
	smb2_query_info_req_encode(&m.w, at, &body);
	TRY(msg_run(&m));
	TRY(query_output(&m, 0, &out));
	TRY(buffer_tell(out, &rsp->buffer));
	return m.reply[0].status;
}

nt
smb_set_info(struct client *me, struct job *j, const struct smb_set_info_req *req,
	     struct smb_set_info_rsp *rsp)
{
	struct where w CLEANUP(where_end) = { 0 };
	struct msg m CLEANUP(msg_end)	  = { 0 };
	struct smb2_fid fid;

	(void)j;
	(void)rsp;
	TRY(file_begin(me, req->file, req->buffer.n, &w, &m, &fid));
	add_set(&m, &w, fid, req->info_type, req->file_info_class, req->additional_information,
		req->buffer);
	return msg_run(&m);
}

/* Until something changes: the script's own time limit ends it. */
nt
smb_change_notify(struct client *me, struct job *j, const struct smb_change_notify_req *req,
		  struct smb_change_notify_rsp *rsp)
{
	struct where w CLEANUP(where_end)  = { 0 };
	struct msg m CLEANUP(msg_end)	   = { 0 };
	struct smb2_change_notify_req body = { .flags = req->flags,
		.output_length = req->output_buffer_length,
		.completion_filter = req->completion_filter };
	struct smb2_change_notify_rsp got;
	size_t at;

	(void)j;
	REQUIRE(body.output_length <= TOKEN_BOUND, STATUS_INVALID_PARAMETER);
	TRY(file_begin(me, req->file, 0, &w, &m, &body.fid));
	m.timeout_ms = UINT32_MAX;
	at	     = msg_add(&m, SMB2_CMD_change_notify, w.tree_id, body.output_length);
	smb2_change_notify_req_encode(&m.w, at, &body);
	TRY(msg_run(&m));
	if (!nt_ok(m.reply[0].status))	/* NOTIFY_ENUM_DIR: no list */
		return m.reply[0].status;
	ANSWER(smb2_change_notify_rsp_decode(&m.reply[0].body, &got));
	return buffer_tell(got.output, &rsp->buffer);
}
