/*
 * fuzz_ndr.c - an RPC pipe of each service, fed by a client that may send
 * anything.  Reaches rpc_pipe_write and _read, every PDU and stub decoder, and
 * the client's own decoders of answers.
 */
#include <stdlib.h>

#include "proto/rpc/pipe.h"
#include "proto/rpc/srvsvc_lists.h"
#include "proto/rpc/wkssvc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct rpc_pipe pipes;
static uint8_t stub[RPC_STUB_MAX];

/* The lists: one row in the answer, however much the client wants. */
static bool
list_answer(const struct rpc_call *call, struct wr *w)
{
	static const struct srvsvc_row row = { "u", "\\\\c", "C:\\n", 1, 2, 3, 4, 5, 6, 7, 8, 9 };
	static struct srvsvc_list list;
	static struct srvsvc_list_req q;

	if (!nt_ok(srvsvc_list_decode(call->op->opnum, call->stub, &q)))
		return false;
	srvsvc_list_begin(&list, call->op->opnum, &q);
	if (srvsvc_list_has_level(call->op->opnum, q.level) && !srvsvc_list_add(&list, &row))
		abort();
	srvsvc_list_end(&list, w, WERR_MORE_DATA, 1, 1);
	return true;
}

static bool
file_answer(const struct rpc_call *call, struct wr *w)
{
	static const struct srvsvc_row row = { .user = "u", .name = "C:\\n" };
	struct srvsvc_session_del del;
	struct srvsvc_file_req f;
	uint32_t id;

	if (!nt_ok(srvsvc_file_get_info_decode(call->stub, &f)) ||
	    !nt_ok(srvsvc_file_close_decode(call->stub, &id)) ||
	    !nt_ok(srvsvc_session_del_decode(call->stub, &del)))
		return false;
	srvsvc_file_get_info_encode(w, f.level, &row, WERR_OK);
	return true;
}

/* What smbd does with a call, in short. */
static void
call_answer(struct rpc_pipe *p, const struct rpc_call *call)
{
	static const struct srvsvc_share share = { "demo", "", "C:\\", 0, UINT32_MAX, 0 };
	struct wr w			       = wr_init(stub, sizeof stub);
	struct srvsvc_share_enum e;
	struct srvsvc_share_get_info g;
	uint32_t level;

	if (call->op->opnum < SRVSVC_SHARE_ENUM && call->iface == &srvsvc_iface)
		w.bad = !list_answer(call, &w) && !file_answer(call, &w);
	else if (call->op->opnum == SRVSVC_SHARE_ENUM && nt_ok(srvsvc_share_enum_decode(call->stub, &e)))
		srvsvc_share_enum_encode(&w, &e, &share, 1);
	else if (nt_ok(srvsvc_share_get_info_decode(call->stub, &g)))
		srvsvc_share_get_info_encode(&w, g.level, &share, WERR_OK);
	else if (nt_ok(srvsvc_server_get_info_decode(call->stub, &level)))
		srvsvc_server_get_info_encode(&w, level,
					      &(struct srvsvc_server){ "A", "", 6, 1, 3, "" });
	else
		w.bad = true;
	if (wr_ok(&w))
		rpc_pipe_reply(p, wr_done(&w));
	else
		rpc_pipe_fault(p, RPC_BAD_STUB_DATA);
}

static void
pipe_run(const struct rpc_iface *iface, struct span bytes, size_t step)
{
	uint8_t out[1000], bind[256];
	struct wr w = wr_init(bind, sizeof bind);
	struct rpc_call call;
	bool more;

	rpc_pipe_init(&pipes, iface, 1);
	rpc_bind_encode(&w, 1, &iface->syntax);
	if (step > 1 && !nt_ok(rpc_pipe_write(&pipes, wr_done(&w))))
		abort();
	while (bytes.n > 0) {
		size_t n = step < bytes.n ? step : bytes.n;

		if (!nt_ok(rpc_pipe_write(&pipes, SPAN(bytes.p, n))))
			return;
		if (rpc_pipe_call(&pipes, &call))
			call_answer(&pipes, &call);
		while (rpc_pipe_read(&pipes, out, sizeof out, &more) > 0)
			;
		bytes = SPAN(bytes.p + n, bytes.n - n);
	}
}

static void
found(void *ctx, const struct srvsvc_found *f)
{
	(void)ctx;
	if (!memchr(f->name, 0, sizeof f->name) || !memchr(f->comment, 0, sizeof f->comment))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = SPAN(data, size);
	struct rpc_bind_ack ack;
	struct rpc_response rsp;
	struct srvsvc_page page;

	pipe_run(&srvsvc_iface, bytes, 1);
	pipe_run(&srvsvc_iface, bytes, SIZE_MAX);
	pipe_run(&wkssvc_iface, bytes, 100);
	if (nt_ok(rpc_bind_ack_decode(bytes, &ack)) && ack.count > RPC_CONTEXTS_MAX)
		abort();
	if (nt_ok(rpc_response_decode(bytes, &rsp)))
		bytes = rsp.stub;
	if (nt_ok(srvsvc_share_enum_response(bytes, found, NULL, &page)) && bytes.n < 16)
		abort();
	return 0;
}
