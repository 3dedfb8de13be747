/*
 * pipe.c - see pipe.h.  A READ finds an answer or waits for one; while it waits
 * it is nobody's but ours, so CANCEL and the end of the open come here.
 */
#include "smbd/pipe.h"

#include <stdlib.h>
#include <strings.h>

#include "base/utf16.h"
#include "proto/fscc/file_info.h"
#include "proto/smb2/fsctl.h"
#include "proto/smb2/read.h"

static const struct pipe_service *const services[] = { &pipe_srvsvc, &pipe_wkssvc };

struct worker *
pipe_worker(const struct pipe *p)
{
	return p->open->session->worker;
}

/* ---- open and close ---- */

static const struct pipe_service *
service_find(struct span name)
{
	char room[NAME_BOUND + 1];
	const char *s = room;
	size_t n;

	if (nt_failed(utf16_to_utf8(name, room, sizeof room, &n)))
		return NULL;
	if (*s == '\\')	/* older clients name it "\srvsvc" */
		s++;
	for (size_t i = 0; i < NELEM(services); i++)
		if (strcasecmp(s, services[i]->iface->pipe) == 0)
			return services[i];
	return NULL;
}

nt
pipe_open(struct open *o, struct span name)
{
	const struct pipe_service *service = service_find(name);
	struct worker *w                   = o->session->worker;
	struct pipe *p;

	REQUIRE(service, STATUS_OBJECT_NAME_NOT_FOUND);
	REQUIRE(w->n_pipes < WORKER_PIPES_MAX, STATUS_INSTANCE_NOT_AVAILABLE);
	p = calloc(1, sizeof *p);
	REQUIRE(p, STATUS_INSUFFICIENT_RESOURCES);
	rpc_pipe_init(&p->rpc, service->iface, (uint32_t)++w->next_pipe);
	p->service = service;
	p->open    = o;
	o->pipe    = p;
	o->file    = w->next_pipe;
	w->n_pipes++;
	return STATUS_SUCCESS;
}

/* The request that waited gets its status; it may be on its way out already. */
static void
pipe_release_reader(struct pipe *p, nt status)
{
	struct rq *rq = p->reader;

	p->reader = NULL;
	if (!rq)
		return;
	rq_unpace(rq);
	rq->pipe = NULL;
	if (conn_is_open(rq->frame->conn))
		rq_fail(rq, status);
}

void
pipe_drop(struct pipe *p)
{
	pipe_release_reader(p, STATUS_PIPE_BROKEN);
	if (p->job)
		p->job->pipe = NULL;
	pipe_worker(p)->n_pipes--;
	p->open->pipe = NULL;
	free(p);
}

void
pipe_cancel(struct rq *rq)
{
	if (rq->pipe)
		pipe_release_reader(rq->pipe, STATUS_CANCELLED);
}

/* ---- calls ---- */

/* Answers every call that is whole; stops at one whose answer comes later. */
static void
pipe_serve(struct pipe *p)
{
	struct rpc_call call;

	while (!p->job && rpc_pipe_call(&p->rpc, &call)) {
		const struct pipe_op *op = NULL;

		for (size_t i = 0; i < p->service->n_ops; i++)
			if (p->service->ops[i].opnum == call.op->opnum)
				op = &p->service->ops[i];
		if (op)
			op->serve(p, &call);
		else
			rpc_pipe_fault(&p->rpc, RPC_NCA_OP_RNG_ERROR);
	}
}

nt
pipe_write(struct pipe *p, struct span in)
{
	TRY(rpc_pipe_write(&p->rpc, in));
	pipe_serve(p);
	if (p->reader)
		pipe_answered(p);
	return STATUS_SUCCESS;
}

/* ---- reading ---- */

static void
pipe_give(struct pipe *p, struct rq *rq, uint32_t max)
{
	static uint8_t room[RPC_PIPE_OUT_MAX];
	bool more = false;
	size_t n  = rpc_pipe_read(&p->rpc, room, max < sizeof room ? max : sizeof room, &more);
	nt status = more ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
	struct wr *w;

	if (rq->hdr.command == SMB2_CMD_ioctl) {
		ioctl_answer(rq, status, SPAN(room, n));
		return;
	}
	w = rq_body(rq, n + 64);
	if (!w)
		return;
	smb2_read_rsp_encode(w, RQ_HDR_AT, &(struct smb2_read_rsp){ .data = SPAN(room, n) });
	rq_done(rq, status);
}

static nt
pipe_wait(struct pipe *p, struct rq *rq, uint32_t max)
{
	if (rpc_pipe_unread(&p->rpc) > 0) {
		pipe_give(p, rq, max);
		return STATUS_SUCCESS;
	}
	REQUIRE(p->rpc.state != RPC_PIPE_BROKEN, STATUS_PIPE_BROKEN);
	REQUIRE(!p->reader, STATUS_PIPE_BUSY);
	p->reader     = rq;
	p->reader_max = max;
	rq->pipe      = p;
	rq_pace(rq);
	return STATUS_SUCCESS;
}

void
pipe_answered(struct pipe *p)
{
	struct rq *rq = p->reader;

	pipe_serve(p);
	if (!rq || rpc_pipe_unread(&p->rpc) == 0)
		return;
	p->reader = NULL;
	rq->pipe  = NULL;
	rq_unpace(rq);
	if (conn_is_open(rq->frame->conn))
		pipe_give(p, rq, p->reader_max);
}

nt
pipe_read(struct pipe *p, struct rq *rq, uint32_t max)
{
	return pipe_wait(p, rq, max);
}

/* 3.3.5.15.10 */
nt
pipe_transceive(struct pipe *p, struct rq *rq, struct span in, uint32_t max)
{
	REQUIRE(!p->reader && rpc_pipe_unread(&p->rpc) == 0, STATUS_PIPE_BUSY);
	TRY(rpc_pipe_write(&p->rpc, in));
	pipe_serve(p);
	return pipe_wait(p, rq, max);
}

/* FSCTL_PIPE_PEEK reply without data, [MS-FSCC] 2.3.48: state, bytes, messages, length. */
nt
pipe_peek(struct pipe *p, struct rq *rq, uint32_t max)
{
	size_t n = rpc_pipe_unread(&p->rpc);
	uint8_t room[16];
	struct wr w = wr_init(room, sizeof room);

	REQUIRE(max >= sizeof room, STATUS_INFO_LENGTH_MISMATCH);
	wr_u32(&w, 3);	/* FILE_PIPE_CONNECTED_STATE */
	wr_u32(&w, (uint32_t)n);
	wr_u32(&w, n > 0 ? 1 : 0);
	wr_u32(&w, (uint32_t)n);
	ioctl_answer(rq, STATUS_SUCCESS, wr_done(&w));
	return STATUS_SUCCESS;
}

/* ---- what a pipe says of itself ---- */

static nt
pipe_query_standard(struct wr *w)
{
	wr_u64(w, 4096);	/* AllocationSize */
	wr_u64(w, 0);
	wr_u32(w, 1);		/* NumberOfLinks */
	wr_u8(w, 1);		/* DeletePending: as Windows answers for pipes */
	wr_u8(w, 0);
	wr_u16(w, 0);
	return STATUS_SUCCESS;
}

nt
pipe_query_info(struct pipe *p, struct rq *rq, const struct smb2_query_info_req *req)
{
	uint8_t room[64];
	struct wr w = wr_init(room, sizeof room);

	(void)p;
	REQUIRE(req->info_type == SMB2_0_INFO_FILE, STATUS_NOT_SUPPORTED);
	REQUIRE(req->info_class == FSCC_FILE_STANDARD, STATUS_INVALID_INFO_CLASS);
	TRY(pipe_query_standard(&w));
	REQUIRE(req->output_length >= w.pos, STATUS_INFO_LENGTH_MISMATCH);
	query_info_answer(rq, STATUS_SUCCESS, wr_done(&w));
	return STATUS_SUCCESS;
}
