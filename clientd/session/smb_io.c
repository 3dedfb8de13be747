/*
 * smb_io.c - the middle level: READ, WRITE, FLUSH, LOCK, IOCTL and ECHO as they
 * are, with the specification's fields.  [MS-SMB2] 2.2.17 to 2.2.32
 */
#include "clientd/session/file.h"
#include "proto/smb2/echo.h"
#include "proto/smb2/flush.h"
#include "proto/smb2/ioctl.h"
#include "proto/smb2/lock.h"
#include "proto/smb2/oplock_break.h"
#include "proto/smb2/read.h"
#include "proto/smb2/write.h"

/* Most calls: a message about an open file. */
struct on_file {
	struct where w;
	struct msg m;
	struct smb2_fid fid;
};

static void
on_file_end_p(struct on_file *o)
{
	msg_end(&o->m);
	where_end(&o->w);
}
#define ON_FILE(o) struct on_file o __attribute__((cleanup(on_file_end_p))) = { 0 }

static nt
on_file_begin(struct client *me, uint64_t file, size_t room, struct on_file *ret)
{
	struct held_file *f;

	TRY(held_file_find(me, file, &f));
	where_hold(&f->w, &ret->w);
	ret->fid = f->fid;
	return where_begin(&ret->m, &ret->w, MSG_ROOM + room);
}

static struct span
fiber_copy(struct span s)
{
	uint8_t *p = s.n > 0 ? fiber_alloc(s.n) : NULL;

	if (p)
		memcpy(p, s.p, s.n);
	return SPAN(p, s.n);
}

nt
smb_read(struct client *me, struct job *j, const struct smb_read_req *req,
	 struct smb_read_rsp *rsp)
{
	struct smb2_read_req body = { .length = req->length, .offset = req->offset,
				      .minimum_count = req->minimum_count, .flags = req->flags };
	struct smb2_read_rsp got;
	size_t at;
	ON_FILE(o);

	TRY(on_file_begin(me, req->file, 0, &o));
	REQUIRE(req->length <= o.w.conn->nego.max_read, STATUS_INVALID_PARAMETER);
	body.fid = o.fid;
	at	 = msg_add(&o.m, SMB2_CMD_read, o.w.tree_id, req->length);
	smb2_read_req_encode(&o.m.w, at, &body);
	TRY(msg_run(&o.m));
	ANSWER(smb2_read_rsp_decode(&o.m.reply[0].body, &got));
	REQUIRE(got.data.n <= req->length, STATUS_INVALID_NETWORK_RESPONSE);
	rsp->data_length    = (uint32_t)got.data.n;
	rsp->data_remaining = got.data_remaining;
	j->data		    = fiber_copy(got.data);
	return STATUS_SUCCESS;
}

nt
smb_write(struct client *me, struct job *j, const struct smb_write_req *req,
	  struct smb_write_rsp *rsp)
{
	struct span data	   = call_data(j->call);
	struct smb2_write_req body = { .offset = req->offset, .flags = req->flags, .data = data,
				       .length = (uint32_t)data.n };
	struct smb2_write_rsp got;
	size_t at;
	ON_FILE(o);

	TRY(on_file_begin(me, req->file, data.n, &o));
	REQUIRE(data.n <= o.w.conn->nego.max_write, STATUS_INVALID_PARAMETER);
	body.fid = o.fid;
	at	 = msg_add(&o.m, SMB2_CMD_write, o.w.tree_id, data.n);
	smb2_write_req_encode(&o.m.w, at, &body);
	TRY(msg_run(&o.m));
	ANSWER(smb2_write_rsp_decode(&o.m.reply[0].body, &got));
	REQUIRE(got.count <= data.n, STATUS_INVALID_NETWORK_RESPONSE);
	rsp->count     = got.count;
	rsp->remaining = got.remaining;
	return STATUS_SUCCESS;
}

nt
smb_flush(struct client *me, struct job *j, const struct smb_flush_req *req,
	  struct smb_flush_rsp *rsp)
{
	struct smb2_flush_req body = { 0 };
	size_t at;
	ON_FILE(o);

	(void)j;
	(void)rsp;
	TRY(on_file_begin(me, req->file, 0, &o));
	body.fid = o.fid;
	at	 = msg_add(&o.m, SMB2_CMD_flush, o.w.tree_id, 0);
	smb2_flush_req_encode(&o.m.w, at, &body);
	return msg_run(&o.m);
}

/* It may wait for another's unlock, for ever: the script's own time limit ends it. */
nt
smb_lock(struct client *me, struct job *j, const struct smb_lock_req *req,
	 struct smb_lock_rsp *rsp)
{
	struct smb2_lock_req body = { .sequence = req->lock_sequence, .elements = req->locks,
				      .count = (uint16_t)(req->locks.n / SMB2_LOCK_ELEMENT_SIZE) };
	size_t at;
	ON_FILE(o);

	(void)j;
	(void)rsp;
	REQUIRE(req->locks.n > 0 && req->locks.n % SMB2_LOCK_ELEMENT_SIZE == 0,
		STATUS_INVALID_PARAMETER);
	TRY(on_file_begin(me, req->file, req->locks.n, &o));
	body.fid       = o.fid;
	o.m.timeout_ms = UINT32_MAX;
	at	       = msg_add(&o.m, SMB2_CMD_lock, o.w.tree_id, 0);
	smb2_lock_req_encode(&o.m.w, at, &body);
	return msg_run(&o.m);
}

/* file 0: about the tree or the server, with a FileId of all ones. */
static nt
ioctl_begin(struct client *me, const struct smb_ioctl_req *req, struct on_file *ret)
{
	struct held_tree *t;

	if (req->file != 0)
		return on_file_begin(me, req->file, req->input.n, ret);
	TRY(held_tree_find(me, req->tree, &t));
	where_hold(&t->w, &ret->w);
	ret->fid = FID_RELATED;
	return where_begin(&ret->m, &ret->w, MSG_ROOM + req->input.n);
}

nt
smb_ioctl(struct client *me, struct job *j, const struct smb_ioctl_req *req,
	  struct smb_ioctl_rsp *rsp)
{
	struct smb2_ioctl_req body = { .ctl_code = req->ctl_code, .flags = req->flags,
				       .max_input_response  = req->max_input_response,
				       .max_output_response = req->max_output_response,
				       .input = req->input };
	uint64_t answer = (uint64_t)req->max_input_response + req->max_output_response;
	struct smb2_ioctl_rsp got;
	size_t at;
	ON_FILE(o);

	(void)j;
	REQUIRE(answer <= TOKEN_BOUND, STATUS_INVALID_PARAMETER);
	TRY(ioctl_begin(me, req, &o));
	body.fid = o.fid;
	at = msg_add(&o.m, SMB2_CMD_ioctl, o.w.tree_id, answer > req->input.n ? answer : req->input.n);
	smb2_ioctl_req_encode(&o.m.w, at, &body);
	TRY(msg_run(&o.m));
	ANSWER(smb2_ioctl_rsp_decode(&o.m.reply[0].body, &got));
	REQUIRE(got.input.n <= TOKEN_BOUND && got.output.n <= TOKEN_BOUND,
		STATUS_INVALID_NETWORK_RESPONSE);
	rsp->flags  = got.flags;
	rsp->input  = fiber_copy(got.input);
	rsp->output = fiber_copy(got.output);
	return o.m.reply[0].status;
}

nt
smb_echo(struct client *me, struct job *j, const struct smb_echo_req *req,
	 struct smb_echo_rsp *rsp)
{
	const struct smb2_echo_req body = { 0 };
	struct session *s		= session_find(me, req->session);
	struct conn *c CLEANUP(conn_release) = NULL;
	struct msg m CLEANUP(msg_end)	     = { 0 };

	(void)rsp;
	REQUIRE(s, STATUS_USER_SESSION_DELETED);
	j->session = req->session;
	TRY(session_ready(s, &c));
	TRY(msg_begin(&m, c, MSG_ROOM));
	smb2_echo_req_encode(&m.w, msg_add(&m, SMB2_CMD_echo, 0, 0), &body);
	return msg_run(&m);
}

/* An acknowledgement; the server's answer says what is left.  2.2.24 */
nt
smb_oplock_break(struct client *me, struct job *j, const struct smb_oplock_break_req *req,
		 struct smb_oplock_break_rsp *rsp)
{
	static const struct id16 none	  = { 0 };
	struct smb2_oplock_break_req body = { .b = { .oplock_level = req->oplock_level,
						     .lease_state  = req->lease_state } };
	struct smb2_oplock_break_rsp got;
	size_t at;
	ON_FILE(o);

	(void)j;
	TRY(on_file_begin(me, req->file, 0, &o));
	body.b.fid	= o.fid;
	body.b.is_lease = memcmp(&req->lease_key, &none, sizeof none) != 0;
	memcpy(body.b.lease_key, req->lease_key.b, sizeof body.b.lease_key);
	at = msg_add(&o.m, SMB2_CMD_oplock_break, o.w.tree_id, 0);
	smb2_oplock_break_req_encode(&o.m.w, at, &body);
	TRY(msg_run(&o.m));
	ANSWER(smb2_oplock_break_rsp_decode(&o.m.reply[0].body, &got));
	REQUIRE(got.b.is_lease == body.b.is_lease, STATUS_INVALID_NETWORK_RESPONSE);
	rsp->oplock_level = got.b.oplock_level;
	rsp->lease_state  = got.b.lease_state;
	return STATUS_SUCCESS;
}
