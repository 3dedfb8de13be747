/*
 * pipe_srvsvc_ends.c - NetrFileGetInfo, NetrFileClose, NetrSessionDel: one file,
 * or sessions one by one, found among the rows that store and fsd show.  They
 * decide whether this session may.  [MS-SRVS] 3.1.4.3, 3.1.4.4, 3.1.4.6
 */
#include <stdlib.h>

#include "smbd/pipe_srvsvc.h"

struct end_job {
	struct pipe_job job;	/* first: what the pipe knows of it */
	struct worker *worker;
	uint64_t session;
	struct id16 grant;
	uint64_t after;		/* the last row that came */
	uint32_t found;		/* sessions ended */
	struct srvsvc_file_req file;
	struct srvsvc_session_del del;
};

static const struct call_opt opt = { .timeout_ms = SRVSVC_ASK_MS };

static struct end_job *
end_new(struct pipe *p)
{
	struct end_job *j = calloc(1, sizeof *j);

	if (!j)
		return NULL;
	j->worker   = pipe_worker(p);
	j->session  = p->open->session->id;
	j->grant    = p->open->session->grant;
	j->job.pipe = p;
	p->job      = &j->job;
	return j;
}

/* An answer that is a return value and nothing else. */
static void
end_answer(struct end_job *j, uint32_t werror)
{
	struct pipe *p = srvsvc_job_end(&j->job);
	uint8_t stub[8];
	struct wr w = wr_init(stub, sizeof stub);

	free(j);
	if (!p)
		return;
	wr_u32(&w, werror);
	if (werror == UINT32_MAX)
		rpc_pipe_fault(&p->rpc, RPC_OUT_OF_MEMORY);
	else
		srvsvc_answer(p, &w);
	pipe_answered(p);
}

/* Of a request that did not decode, or for which there is no memory. */
static void
end_fault(struct pipe *p, struct end_job *j, uint32_t fault)
{
	if (j)
		(void)srvsvc_job_end(&j->job);
	free(j);
	rpc_pipe_fault(&p->rpc, fault);
}

/* ---- one file ---- */

static void
info_answer(struct end_job *j, const struct srvsvc_row *row, uint32_t werror)
{
	static uint8_t stub[RPC_STUB_MAX];
	struct wr w    = wr_init(stub, sizeof stub);
	uint32_t level = j->file.level;
	struct pipe *p = srvsvc_job_end(&j->job);

	free(j);
	if (!p)
		return;
	if (werror == UINT32_MAX) {
		rpc_pipe_fault(&p->rpc, RPC_OUT_OF_MEMORY);
	} else {
		srvsvc_file_get_info_encode(&w, level, row, werror);
		srvsvc_answer(p, &w);
	}
	pipe_answered(p);
}

static nt info_ask(struct end_job *);

static void
info_came(void *ctx, nt status, const struct fsd_files_rsp *rsp, struct span data)
{
	struct end_job *j = ctx;
	uint8_t seat      = (uint8_t)(j->file.id / FSD_NUMBERS);
	char path[2 * (PATH_BOUND + 1)];
	struct srvsvc_row row;

	(void)data;
	if (nt_is(status, STATUS_NO_MORE_ENTRIES)) {
		info_answer(j, NULL, WERR_FILE_NOT_FOUND);
	} else if (!j->job.pipe || nt_failed(status) || !rsp || rsp->index <= j->after) {
		info_answer(j, NULL, nt_failed(status) ? srvsvc_werror(status) : UINT32_MAX);
	} else if (storage_number(seat, rsp->number) == j->file.id) {
		if (!srvsvc_path_print(rsp, path, sizeof path))
			path[0] = '\0';
		srvsvc_file_row(rsp, seat, path, &row);
		info_answer(j, &row, WERR_OK);
	} else {
		j->after = rsp->index;
		if (nt_failed(info_ask(j)))
			info_answer(j, NULL, UINT32_MAX);
	}
}

static nt
info_ask(struct end_job *j)
{
	struct fsd_files_req q = { .grant = j->grant, .after = (uint32_t)j->after };
	struct storage *at     = storage_seated(j->worker, j->file.id);

	REQUIRE(at, STATUS_NO_MORE_ENTRIES);
	return fsd_files_call(at->link, &q, &opt, info_came, j);
}

static void
info_begin(struct end_job *j)
{
	nt status = info_ask(j);

	if (nt_failed(status))
		info_answer(j, NULL, nt_is(status, STATUS_NO_MORE_ENTRIES) ? WERR_FILE_NOT_FOUND
									   : UINT32_MAX);
}

void
srvsvc_file_get_info(struct pipe *p, const struct rpc_call *call)
{
	struct end_job *j = end_new(p);

	if (!j || nt_failed(srvsvc_file_get_info_decode(call->stub, &j->file)))
		end_fault(p, j, j ? RPC_BAD_STUB_DATA : RPC_OUT_OF_MEMORY);
	else
		info_begin(j);
}

static void
file_closed(void *ctx, nt status, const struct fsd_file_close_rsp *rsp, struct span data)
{
	(void)rsp;
	(void)data;
	end_answer(ctx,
	    nt_is(status, STATUS_NOT_FOUND) ? WERR_FILE_ID_NOT_FOUND : srvsvc_werror(status));
}

void
srvsvc_file_close(struct pipe *p, const struct rpc_call *call)
{
	struct end_job *j          = end_new(p);
	struct fsd_file_close_req q;
	struct storage *at;
	nt status;

	if (!j || nt_failed(srvsvc_file_close_decode(call->stub, &q.number))) {
		end_fault(p, j, j ? RPC_BAD_STUB_DATA : RPC_OUT_OF_MEMORY);
		return;
	}
	at       = storage_seated(j->worker, q.number);
	q.grant  = j->grant;
	q.number %= FSD_NUMBERS;
	status   = at ? fsd_file_close_call(at->link, &q, &opt, file_closed, j) : STATUS_NOT_FOUND;
	if (nt_is(status, STATUS_NOT_FOUND))
		end_answer(j, WERR_FILE_ID_NOT_FOUND);
	else if (nt_failed(status))
		end_answer(j, UINT32_MAX);
}

/* ---- sessions ---- */

static nt sessions_ask(struct end_job *);

static void
session_on(struct end_job *j)
{
	if (nt_failed(sessions_ask(j)))
		end_answer(j, UINT32_MAX);
}

/* One that has ended by itself meanwhile was meant as well. */
static void
session_ended_too(void *ctx, nt status, const struct auth_peer_end_rsp *rsp, struct span data)
{
	struct end_job *j = ctx;

	(void)rsp;
	(void)data;
	if (nt_failed(status) && !nt_is(status, STATUS_USER_SESSION_DELETED)) {
		end_answer(j, srvsvc_werror(status));
		return;
	}
	j->found++;
	session_on(j);
}

static nt
session_end_ask(struct end_job *j, uint64_t session)
{
	struct auth_peer_end_req q = { .asks = j->session, .session = session };
	struct link *store         = node_peer(j->worker->smbd->node, PEER_STORE);

	REQUIRE(store, STATUS_RETRY);
	return auth_peer_end_call(store, &q, &opt, session_ended_too, j);
}

/* The session that asks stays: it could not hear the answer.  We differ: Windows ends it too. */
static void
session_found(void *ctx, nt status, const struct auth_peers_rsp *rsp, struct span data)
{
	struct end_job *j = ctx;
	bool meant;

	(void)data;
	if (nt_is(status, STATUS_NO_MORE_ENTRIES)) {
		end_answer(j, j->found > 0 ? WERR_OK : WERR_CLIENT_NAME_NOT_FOUND);
		return;
	}
	if (!j->job.pipe || nt_failed(status) || !rsp || rsp->session <= j->after) {
		end_answer(j, nt_failed(status) ? srvsvc_werror(status) : UINT32_MAX);
		return;
	}
	j->after = rsp->session;
	meant    = rsp->session != j->session &&
		srvsvc_session_meant(rsp, j->del.client, j->del.user);
	if (!meant)
		session_on(j);
	else if (nt_failed(session_end_ask(j, rsp->session)))
		end_answer(j, UINT32_MAX);
}

static nt
sessions_ask(struct end_job *j)
{
	struct auth_peers_req q = { .asks = j->session, .after = j->after };
	struct link *store      = node_peer(j->worker->smbd->node, PEER_STORE);

	REQUIRE(store, STATUS_RETRY);
	return auth_peers_call(store, &q, &opt, session_found, j);
}

void
srvsvc_session_del(struct pipe *p, const struct rpc_call *call)
{
	struct end_job *j = end_new(p);

	if (!j || nt_failed(srvsvc_session_del_decode(call->stub, &j->del)))
		end_fault(p, j, j ? RPC_BAD_STUB_DATA : RPC_OUT_OF_MEMORY);
	else if (j->del.client[0] == '\0' && j->del.user[0] == '\0')
		end_answer(j, WERR_INVALID_PARAMETER);	/* 3.1.4.6: not everybody at once */
	else
		session_on(j);
}
