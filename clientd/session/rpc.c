/*
 * rpc.c - see rpc.h.  The PDUs are proto/rpc/client.c's; here are the pipe and the
 * bytes that go through it.  A request of one fragment is one FSCTL_PIPE_TRANSCEIVE.
 */
#include "clientd/session/rpc.h"

#include "proto/rpc/client.h"
#include "proto/rpc/srvsvc.h"
#include "proto/smb2/fsctl.h"
#include "proto/smb2/ioctl.h"
#include "proto/smb2/read.h"
#include "proto/smb2/write.h"

#define PIPE_IO RPC_FRAG_MAX

struct pipe {
	struct where w;
	struct smb2_fid fid;
	struct rpc_client client;
};

static nt
pipe_feed(struct pipe *p, struct span bytes, enum rpc_event *ret)
{
	*ret = RPC_EVENT_NONE;
	while (bytes.n > 0 && *ret == RPC_EVENT_NONE)
		TRY(rpc_client_feed(&p->client, &bytes, ret));
	REQUIRE(bytes.n == 0, STATUS_INVALID_NETWORK_RESPONSE);
	return STATUS_SUCCESS;
}

static nt
pipe_read(struct pipe *p, enum rpc_event *ret)
{
	const struct smb2_read_req req = { .length = PIPE_IO, .fid = p->fid };
	struct msg m CLEANUP(msg_end)  = { 0 };
	struct smb2_read_rsp rsp;
	size_t at;

	TRY(where_begin(&m, &p->w, MSG_ROOM));
	at = msg_add(&m, SMB2_CMD_read, p->w.tree_id, PIPE_IO);
	smb2_read_req_encode(&m.w, at, &req);
	TRY(msg_run(&m));
	ANSWER(smb2_read_rsp_decode(&m.reply[0].body, &rsp));
	REQUIRE(rsp.data.n > 0, STATUS_INVALID_NETWORK_RESPONSE);
	return pipe_feed(p, rsp.data, ret);
}

static nt
pipe_transceive(struct pipe *p, struct span out, enum rpc_event *ret)
{
	const struct smb2_ioctl_req req = { .ctl_code = FSCTL_PIPE_TRANSCEIVE, .fid = p->fid,
					    .max_output_response = PIPE_IO,
					    .flags = SMB2_0_IOCTL_IS_FSCTL, .input = out };
	struct msg m CLEANUP(msg_end)	= { 0 };
	struct smb2_ioctl_rsp rsp;
	size_t at;

	TRY(where_begin(&m, &p->w, MSG_ROOM + out.n));
	at = msg_add(&m, SMB2_CMD_ioctl, p->w.tree_id, out.n > PIPE_IO ? out.n : PIPE_IO);
	smb2_ioctl_req_encode(&m.w, at, &req);
	TRY(msg_run(&m));
	ANSWER(smb2_ioctl_rsp_decode(&m.reply[0].body, &rsp));
	return pipe_feed(p, rsp.output, ret);
}

static nt
pipe_write(struct pipe *p, struct span out)
{
	const struct smb2_write_req req = { .length = (uint32_t)out.n, .fid = p->fid, .data = out };
	struct msg m CLEANUP(msg_end)	= { 0 };
	struct smb2_write_rsp rsp;
	size_t at;

	TRY(where_begin(&m, &p->w, MSG_ROOM + out.n));
	at = msg_add(&m, SMB2_CMD_write, p->w.tree_id, out.n);
	smb2_write_req_encode(&m.w, at, &req);
	TRY(msg_run(&m));
	ANSWER(smb2_write_rsp_decode(&m.reply[0].body, &rsp));
	REQUIRE(rsp.count == out.n, STATUS_PIPE_BROKEN);
	return STATUS_SUCCESS;
}

/* Each fragment is one message of the pipe; the last one's answer comes back with it. */
static nt
pipe_talk(struct pipe *p, struct span out, enum rpc_event *ret)
{
	struct rpc_header h;

	for (;;) {
		ANSWER(rpc_header_decode(out, &h));
		REQUIRE(h.frag_length <= out.n, STATUS_INTERNAL_ERROR);
		if (h.frag_length == out.n)
			break;
		TRY(pipe_write(p, SPAN(out.p, h.frag_length)));
		out = SPAN(out.p + h.frag_length, out.n - h.frag_length);
	}
	TRY(pipe_transceive(p, out, ret));
	while (*ret == RPC_EVENT_NONE)
		TRY(pipe_read(p, ret));
	return STATUS_SUCCESS;
}

static nt
pipe_bind(struct pipe *p)
{
	uint8_t room[RPC_FRAG_MIN];
	struct wr w = wr_init(room, sizeof room);
	enum rpc_event event;

	rpc_client_bind(&p->client, &w);
	REQUIRE(wr_ok(&w), STATUS_INTERNAL_ERROR);
	TRY(pipe_talk(p, wr_done(&w), &event));
	REQUIRE(event == RPC_EVENT_BOUND, STATUS_INVALID_NETWORK_RESPONSE);
	return STATUS_SUCCESS;
}

static nt
pipe_call(struct pipe *p, uint16_t opnum, struct span stub, struct span *ret)
{
	size_t cap  = rpc_client_room(stub.n);
	struct wr w = wr_init(fiber_alloc(cap), cap);
	enum rpc_event event;

	rpc_client_call(&p->client, &w, opnum, stub);
	REQUIRE(wr_ok(&w), STATUS_INVALID_PARAMETER);
	TRY(pipe_talk(p, wr_done(&w), &event));
	if (event == RPC_EVENT_FAULT)
		return p->client.fault == RPC_ACCESS_DENIED ? STATUS_ACCESS_DENIED
							    : STATUS_UNSUCCESSFUL;
	REQUIRE(event == RPC_EVENT_REPLY, STATUS_INVALID_NETWORK_RESPONSE);
	*ret = rpc_client_stub(&p->client);
	return STATUS_SUCCESS;
}

static nt
pipe_open(struct pipe *p, const char *name)
{
	const struct open_how how = { .path = name, .disposition = FILE_OPEN,
				      .access = FILE_READ_DATA | FILE_WRITE_DATA | FILE_READ_ATTRIBUTES };
	struct smb2_create_rsp rsp;

	REQUIRE(name[0], STATUS_OBJECT_NAME_INVALID);
	TRY(file_open(&p->w, &how, &rsp));
	p->fid = rsp.fid;
	return STATUS_SUCCESS;
}

nt
rpc_ask(const struct rpc_pipe_to *to, uint16_t opnum, struct span stub, struct span *ret)
{
	struct pipe *p = fiber_alloc(sizeof *p);
	nt s;

	TRY(where_find(to->job, to->session, "IPC$", &p->w));
	s = pipe_open(p, to->pipe);
	if (!nt_failed(s)) {
		rpc_client_init(&p->client, to->syntax, NULL, fiber_alloc(RPC_ANSWER_MAX),
				RPC_ANSWER_MAX);
		s = pipe_bind(p);
		if (!nt_failed(s))
			s = pipe_call(p, opnum, stub, ret);
		fid_close_later(p->w.conn, p->w.tree_id, p->w.seal, p->fid);
	}
	where_end(&p->w);
	return s;
}

nt
nt_of_werror(uint32_t werror)
{
	switch (werror) {
	case WERR_OK:
		return STATUS_SUCCESS;
	case WERR_ACCESS_DENIED:
		return STATUS_ACCESS_DENIED;
	case WERR_INVALID_LEVEL:
		return STATUS_INVALID_LEVEL;
	default:
		return STATUS_UNSUCCESSFUL;
	}
}
