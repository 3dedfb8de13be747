/*
 * pipe_srvsvc_lists.c - NetrSessionEnum, NetrConnectionEnum, NetrFileEnum: rows
 * of store and fsd, who decide whether this session may see them, go into the
 * answer one by one until it is full.  The resume handle is the last row's
 * number over there, so nothing is kept between two calls.  Where there are
 * several fsds one comes after the other.
 * [MS-SRVS] 3.1.4.1, 3.1.4.2, 3.1.4.5
 */
#include "smbd/pipe_srvsvc_lists.h"

#include <stdlib.h>
#include <string.h>

/* ---- answers ---- */

struct pipe *
srvsvc_job_end(struct pipe_job *job)
{
	struct pipe *p = job->pipe;

	if (p)
		p->job = NULL;
	return p;
}

void
srvsvc_answer(struct pipe *p, const struct wr *stub)
{
	if (wr_ok(stub))
		rpc_pipe_reply(&p->rpc, wr_done(stub));
	else
		rpc_pipe_fault(&p->rpc, RPC_OUT_OF_MEMORY);
}

uint32_t
srvsvc_werror(nt status)
{
	if (nt_is(status, STATUS_ACCESS_DENIED) || nt_is(status, STATUS_NETWORK_SESSION_EXPIRED))
		return WERR_ACCESS_DENIED;
	return nt_failed(status) ? UINT32_MAX : WERR_OK;
}

static void
list_end(struct list_job *j, uint32_t werror, uint32_t resume, uint32_t left)
{
	static uint8_t stub[RPC_STUB_MAX];
	struct wr w    = wr_init(stub, sizeof stub);
	struct pipe *p = srvsvc_job_end(&j->job);

	if (p && werror == UINT32_MAX) {
		rpc_pipe_fault(&p->rpc, RPC_OUT_OF_MEMORY);
	} else if (p) {
		srvsvc_list_end(&j->list, &w, werror, resume, left);
		srvsvc_answer(p, &w);
	}
	free(j);
	if (p)
		pipe_answered(p);
}

static nt list_ask(struct list_job *);

void
list_row(struct list_job *j, nt status, uint32_t index, uint32_t left, const struct srvsvc_row *row)
{
	uint32_t before = j->after;

	if (nt_is(status, STATUS_NO_MORE_ENTRIES)) {
		list_end(j, WERR_OK, 0, 0);
		return;
	}
	if (!j->job.pipe || nt_failed(status) || index <= before) {
		list_end(j, nt_failed(status) ? srvsvc_werror(status) : UINT32_MAX, 0, 0);
		return;
	}
	if (row && !srvsvc_list_add(&j->list, row) && j->list.n > 0) {
		list_end(j, WERR_MORE_DATA, before, left > j->list.n ? left - j->list.n + 1 : 1);
		return;
	}
	j->after = index;
	if (nt_failed(list_ask(j)))
		list_end(j, UINT32_MAX, 0, 0);
}

bool
list_elsewhere(struct list_job *j, nt status)
{
	struct storage *next = storage_after(j->worker, storage_number(j->seat, 0));

	if (!j->job.pipe || !next || (!nt_is(status, STATUS_NO_MORE_ENTRIES) &&
	    !nt_is(status, STATUS_CONNECTION_RESET) && !nt_is(status, STATUS_IO_TIMEOUT)))
		return false;
	j->after = storage_number(next->seat, 0);
	if (nt_failed(list_ask(j)))
		list_end(j, UINT32_MAX, 0, 0);
	return true;
}

/* ---- asking ---- */

static nt
list_ask(struct list_job *j)
{
	const struct call_opt opt    = { .timeout_ms = SRVSVC_ASK_MS };
	struct link *store           = node_peer(j->worker->smbd->node, PEER_STORE);
	struct auth_peers_req peers  = { .asks = j->session, .after = j->after,
		 .brief = j->q.level == 0 || j->q.level == 10 };
	struct fsd_trees_req listing = { .grant = j->grant };
	struct fsd_files_req files   = { .grant = j->grant };
	struct storage *at           = storage_seated(j->worker, j->after);

	if (j->opnum == SRVSVC_SESSION_ENUM) {
		REQUIRE(store, STATUS_RETRY);
		return auth_peers_call(store, &peers, &opt, session_came, j);
	}
	if (at)
		listing.after = files.after = j->after % FSD_NUMBERS;
	else
		at = storage_after(j->worker, j->after);
	REQUIRE(at, STATUS_RETRY);
	j->seat = at->seat;
	if (j->opnum == SRVSVC_CONNECTION_ENUM)
		return fsd_trees_call(at->link, &listing, &opt, tree_came, j);
	return fsd_files_call(at->link, &files, &opt, file_came, j);
}

static void
path_trim(char *path)
{
	size_t n = strlen(path);

	while (n > 0 && path[n - 1] == '\\')
		path[--n] = '\0';
}

static void
list_begin(struct pipe *p, const struct rpc_call *call)
{
	struct list_job *j = calloc(1, sizeof *j);

	if (!j || nt_failed(srvsvc_list_decode(call->op->opnum, call->stub, &j->q))) {
		rpc_pipe_fault(&p->rpc, j ? RPC_BAD_STUB_DATA : RPC_OUT_OF_MEMORY);
		free(j);
		return;
	}
	j->worker   = pipe_worker(p);
	j->session  = p->open->session->id;
	j->grant    = p->open->session->grant;
	j->opnum    = call->op->opnum;
	j->after    = j->q.resume;
	j->job.pipe = p;
	p->job      = &j->job;
	path_trim(j->q.path);
	srvsvc_list_begin(&j->list, j->opnum, &j->q);
	if (!srvsvc_list_has_level(j->opnum, j->q.level))
		list_end(j, WERR_INVALID_LEVEL, 0, 0);
	else if (j->opnum == SRVSVC_CONNECTION_ENUM && j->q.path[0] == '\0')
		list_end(j, WERR_INVALID_PARAMETER, 0, 0);	/* 3.1.4.1: whose? */
	else if (nt_failed(list_ask(j)))
		list_end(j, UINT32_MAX, 0, 0);
}

void
srvsvc_connection_enum(struct pipe *p, const struct rpc_call *call)
{
	list_begin(p, call);
}

void
srvsvc_file_enum(struct pipe *p, const struct rpc_call *call)
{
	list_begin(p, call);
}

void
srvsvc_session_enum(struct pipe *p, const struct rpc_call *call)
{
	list_begin(p, call);
}
