/*
 * pipe_srvsvc.c - the Server Service on \pipe\srvsvc.  Which shares there are
 * is asked of every fsd that is there, one row a call, as this session may see
 * them; IPC$ is ours.
 * Sessions, connections and files: pipe_srvsvc_lists.c, pipe_srvsvc_ends.c.
 * [MS-SRVS] 3.1.4.8, 3.1.4.10, 3.1.4.17
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf16.h"
#include "proto/rpc/srvsvc.h"
#include "smbd/pipe_srvsvc.h"

#define SHARES_MAX 1024u

struct shares_job {
	struct pipe_job job;	/* first: what the pipe knows of it */
	struct worker *worker;
	struct id16 grant;
	uint16_t opnum;
	struct srvsvc_share_enum e;
	struct srvsvc_share_get_info get;
	struct srvsvc_share rows[SHARES_MAX + 1];
	uint32_t n;
	uint32_t after;
	struct storage *at;	/* held; whose rows come just now */
};

static nt shares_ask(struct shares_job *);

static void
shares_free(struct shares_job *j)
{
	if (j->job.pipe)
		j->job.pipe->job = NULL;
	storage_release(j->at);
	for (uint32_t i = 0; i < j->n; i++) {
		free((void *)(uintptr_t)j->rows[i].name);
		free((void *)(uintptr_t)j->rows[i].comment);
		free((void *)(uintptr_t)j->rows[i].path);
	}
	free(j);
}

/* Clients get to see "C:\name", never where the share really is. */
static bool
shares_add(struct shares_job *j, const char *name, const char *comment, uint32_t type,
    uint32_t users)
{
	struct srvsvc_share *s = &j->rows[j->n];
	bool disk              = type == STYPE_DISKTREE;
	char *path             = NULL;

	if (asprintf(&path, "%s%s", disk ? "C:\\" : "", disk ? name : "") < 0)
		return false;
	*s = (struct srvsvc_share){ .name = strdup(name), .comment = strdup(comment), .path = path,
		.type = type, .max_uses = UINT32_MAX, .current_uses = users };
	j->n++;
	return s->name && s->comment;
}

static const struct srvsvc_share *
shares_find(const struct shares_job *j, const char *name)
{
	for (uint32_t i = 0; i < j->n; i++)
		if (utf8_casecmp(j->rows[i].name, name) == 0)
			return &j->rows[i];
	return NULL;
}

static void
shares_encode(const struct shares_job *j, struct wr *w)
{
	const struct srvsvc_share *s;

	if (j->opnum == SRVSVC_SHARE_ENUM) {
		srvsvc_share_enum_encode(w, &j->e, j->rows, j->n);
		return;
	}
	s = shares_find(j, j->get.share);
	srvsvc_share_get_info_encode(w, j->get.level, s, s ? WERR_OK : WERR_NET_NAME_NOT_FOUND);
}

/* All rows are here, or a fsd could not say; p is still there. */
static void
shares_reply(struct shares_job *j, struct pipe *p, nt status)
{
	static uint8_t stub[RPC_STUB_MAX];
	struct wr w = wr_init(stub, sizeof stub);

	if (nt_is(status, STATUS_NO_MORE_ENTRIES))
		status = shares_add(j, "IPC$", "IPC service", STYPE_IPC | STYPE_SPECIAL, 1)
			     ? STATUS_SUCCESS
			     : STATUS_NO_MEMORY;
	if (nt_failed(status)) {
		rpc_pipe_fault(&p->rpc, RPC_ACCESS_DENIED);
		return;
	}
	shares_encode(j, &w);
	if (wr_ok(&w))
		rpc_pipe_reply(&p->rpc, wr_done(&w));
	else
		rpc_pipe_fault(&p->rpc, RPC_OUT_OF_MEMORY);
}

static void
shares_end(struct shares_job *j, nt status)
{
	struct pipe *p = j->job.pipe;

	if (p)
		shares_reply(j, p, status);
	shares_free(j);
	if (p)
		pipe_answered(p);
}

/* Rows of one fsd are numbered for themselves; one that died has none any more. */
static bool
shares_next_storage(struct shares_job *j)
{
	struct storage *next = storage_next(j->worker, j->at);

	storage_release(j->at);
	j->at    = next ? storage_hold(next) : NULL;
	j->after = 0;
	return next != NULL;
}

static bool
shares_over(nt status)
{
	return nt_is(status, STATUS_NO_MORE_ENTRIES) || nt_is(status, STATUS_CONNECTION_RESET);
}

/* Asks for the next row, of the next storage if need be; NO_MORE_ENTRIES when all have been heard. */
static nt
shares_go_on(struct shares_job *j, nt status)
{
	while (shares_over(status)) {
		REQUIRE(shares_next_storage(j), STATUS_NO_MORE_ENTRIES);
		status = shares_ask(j);
	}
	return status;
}

static void
shares_row(void *ctx, nt status, const struct fsd_shares_rsp *rsp, struct span data)
{
	struct shares_job *j = ctx;
	bool full            = j->n == SHARES_MAX;

	(void)data;
	if (!nt_failed(status) && !full && rsp->flags & SHARE_BROWSEABLE &&
	    !shares_add(j, rsp->name.s, rsp->comment.s ? rsp->comment.s : "", STYPE_DISKTREE,
		rsp->users))
		status = STATUS_NO_MEMORY;
	if (!nt_failed(status)) {
		j->after = rsp->index;
		status   = full ? STATUS_NO_MORE_ENTRIES : shares_ask(j);
	}
	if (!full)
		status = shares_go_on(j, status);
	if (!nt_failed(status))
		return;
	shares_end(j, status);
}

static nt
shares_ask(struct shares_job *j)
{
	struct fsd_shares_req q = { .grant = j->grant, .after = j->after };

	return fsd_shares_call(j->at->link, &q, NULL, shares_row, j);
}

static void
shares_begin(struct pipe *p, struct shares_job *j)
{
	nt status;

	j->worker   = pipe_worker(p);
	j->grant    = p->open->session->grant;
	j->job.pipe = p;
	p->job      = &j->job;
	status      = shares_go_on(j, STATUS_NO_MORE_ENTRIES);
	if (!nt_failed(status))
		return;
	shares_reply(j, p, status);	/* nobody is there to be asked */
	shares_free(j);
}

static void
srvsvc_share_enum(struct pipe *p, const struct rpc_call *call)
{
	struct shares_job *j = calloc(1, sizeof *j);

	if (j && !nt_failed(srvsvc_share_enum_decode(call->stub, &j->e))) {
		j->opnum = SRVSVC_SHARE_ENUM;
		shares_begin(p, j);
		return;
	}
	free(j);
	rpc_pipe_fault(&p->rpc, RPC_BAD_STUB_DATA);
}

static void
srvsvc_share_get_info(struct pipe *p, const struct rpc_call *call)
{
	struct shares_job *j = calloc(1, sizeof *j);

	if (j && !nt_failed(srvsvc_share_get_info_decode(call->stub, &j->get))) {
		j->opnum = SRVSVC_SHARE_GET_INFO;
		shares_begin(p, j);
		return;
	}
	free(j);
	rpc_pipe_fault(&p->rpc, RPC_BAD_STUB_DATA);
}

static void
srvsvc_server_get_info(struct pipe *p, const struct rpc_call *call)
{
	const struct conf_server_req *conf = &pipe_worker(p)->smbd->conf.server;
	struct srvsvc_server me            = { .name = conf->netbios_name.s,
		    .comment = conf->server_string.s, .version_major = 10, .version_minor = 0,
		    .type = SV_TYPE_WORKSTATION | SV_TYPE_SERVER | SV_TYPE_SERVER_NT,
		    .user_path = "C:\\" };
	uint8_t stub[4096];
	struct wr w = wr_init(stub, sizeof stub);
	uint32_t level;

	if (nt_failed(srvsvc_server_get_info_decode(call->stub, &level))) {
		rpc_pipe_fault(&p->rpc, RPC_BAD_STUB_DATA);
		return;
	}
	srvsvc_server_get_info_encode(&w, level, &me);
	if (wr_ok(&w))
		rpc_pipe_reply(&p->rpc, wr_done(&w));
	else
		rpc_pipe_fault(&p->rpc, RPC_OUT_OF_MEMORY);
}

static const struct pipe_op srvsvc_ops[] = {
	{ SRVSVC_CONNECTION_ENUM, srvsvc_connection_enum },
	{ SRVSVC_FILE_ENUM, srvsvc_file_enum },
	{ SRVSVC_FILE_GET_INFO, srvsvc_file_get_info },
	{ SRVSVC_FILE_CLOSE, srvsvc_file_close },
	{ SRVSVC_SESSION_ENUM, srvsvc_session_enum },
	{ SRVSVC_SESSION_DEL, srvsvc_session_del },
	{ SRVSVC_SHARE_ENUM, srvsvc_share_enum },
	{ SRVSVC_SHARE_GET_INFO, srvsvc_share_get_info },
	{ SRVSVC_SERVER_GET_INFO, srvsvc_server_get_info },
};

const struct pipe_service pipe_srvsvc = { &srvsvc_iface, srvsvc_ops, NELEM(srvsvc_ops) };
