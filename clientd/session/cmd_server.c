/*
 * cmd_server.c - what a server says of itself: shares and sessions by srvsvc,
 * network interfaces by FSCTL_QUERY_NETWORK_INTERFACE_INFO; and any call of a
 * script's own.  [MS-SRVS] 3.1.4.5, 3.1.4.8; [MS-SMB2] 2.2.32.5
 */
#include "clientd/session/rpc.h"
#include "ipc/birth.h"
#include "proto/rpc/srvsvc_client.h"
#include "proto/smb2/fsctl.h"
#include "proto/smb2/ioctl.h"

#define ROWS_ROOM    (2u * 1024 * 1024)
#define STUB_ROOM    4096u
#define PAGES_MAX    64u
#define INTERFACES_MAX 65536u

struct rows {
	struct wr w;
	uint32_t count;
};

static void
row_put(struct rows *rows, const struct msg_desc *desc, const void *row)
{
	uint8_t body[2048];
	struct wr b = wr_init(body, sizeof body);

	msg_encode(&b, desc->req(), desc->n_req, row);
	if (!wr_ok(&b))
		rows->w.bad = true;
	conf_put(&rows->w, desc, wr_done(&b));
	rows->count++;
}

static void
on_share(void *ctx, const struct srvsvc_found *f)
{
	const struct client_share_row_req row = { .name = str_of(f->name), .type = f->type,
						  .comment = str_of(f->comment) };

	row_put(ctx, &client_share_row_desc, &row);
}

static void
on_session(void *ctx, const struct srvsvc_session *s)
{
	uint64_t now	   = clock_real_ns(), active = s->active_s * 1000000000ull;
	const char *client = s->client + strspn(s->client, "\\"); /* Windows says "\\\\host" */
	const struct client_server_row_req row = { .name = str_of(s->user),
						   .client = str_of(client),
						   .since = now > active ? now - active : 0,
						   .idle  = s->idle_s * 1000000000ull };

	row_put(ctx, &client_server_row_desc, &row);
}

/* One page of a listing by srvsvc. */
static nt
srvsvc_page(const struct rpc_pipe_to *to, bool shares, struct rows *rows, struct srvsvc_page *page)
{
	const struct session *s = session_find(to->job->client, to->session);
	uint8_t stub[STUB_ROOM];
	struct wr w = wr_init(stub, sizeof stub);
	struct span out;

	REQUIRE(s, STATUS_USER_SESSION_DELETED);	/* it may go between two pages */
	if (shares)
		srvsvc_share_enum_request(&w, s->host, page->resume);
	else
		srvsvc_session_enum_request(&w, s->host, page->resume);
	REQUIRE(wr_ok(&w), STATUS_INVALID_PARAMETER);
	TRY(rpc_ask(to, shares ? SRVSVC_SHARE_ENUM : SRVSVC_SESSION_ENUM, wr_done(&w), &out));
	if (shares)
		ANSWER(srvsvc_share_enum_response(out, on_share, rows, page));
	else
		ANSWER(srvsvc_session_enum_response(out, on_session, rows, page));
	REQUIRE(wr_ok(&rows->w), STATUS_INVALID_NETWORK_RESPONSE);
	return STATUS_SUCCESS;
}

static nt
srvsvc_list(struct job *j, uint64_t session, bool shares, uint32_t *ret_count)
{
	const struct rpc_pipe_to to = { j, session, "srvsvc", &srvsvc_iface.syntax };
	struct rows rows = { .w = wr_init(fiber_alloc(ROWS_ROOM), ROWS_ROOM) };
	struct srvsvc_page page = { .werror = WERR_MORE_DATA };

	for (unsigned i = 0; page.werror == WERR_MORE_DATA; i++) {
		uint32_t had = rows.count;

		REQUIRE(i < PAGES_MAX, STATUS_INVALID_NETWORK_RESPONSE);
		TRY(srvsvc_page(&to, shares, &rows, &page));
		REQUIRE(page.werror != WERR_MORE_DATA || rows.count > had,
			STATUS_INVALID_NETWORK_RESPONSE);
	}
	TRY(nt_of_werror(page.werror));
	j->data	   = wr_done(&rows.w);
	*ret_count = rows.count;
	return STATUS_SUCCESS;
}

nt
client_shares(struct client *me, struct job *j, const struct client_shares_req *req,
	      struct client_shares_rsp *rsp)
{
	(void)me;
	return srvsvc_list(j, req->session, true, &rsp->count);
}

/* ---- network interfaces ---- */

static nt
interfaces_read(struct span list, struct rows *rows)
{
	struct smb2_interface i;

	while (list.n > 0) {
		struct client_server_row_req row = { 0 };
		char *name			 = fiber_alloc(32);

		ANSWER(smb2_interface_next(&list, &i));
		(void)snprintf(name, 32, "%u", i.index);
		row.name	= str_of(name);
		row.addr.family = i.is_ipv6 ? 6 : 4;
		row.addr.port	= i.port;
		row.speed	= i.link_speed;
		row.flags	= i.capability;
		memcpy(row.addr.b, i.addr, sizeof row.addr.b);
		row_put(rows, &client_server_row_desc, &row);
	}
	REQUIRE(wr_ok(&rows->w), STATUS_INVALID_NETWORK_RESPONSE);
	return STATUS_SUCCESS;
}

static nt
network_list(struct job *j, uint64_t session, uint32_t *ret_count)
{
	const struct smb2_ioctl_req req = { .ctl_code = FSCTL_QUERY_NETWORK_INTERFACE_INFO,
					    .fid      = { UINT64_MAX, UINT64_MAX },
					    .max_output_response = INTERFACES_MAX,
					    .flags = SMB2_0_IOCTL_IS_FSCTL };
	struct where w CLEANUP(where_end) = { 0 };
	struct msg m CLEANUP(msg_end)	  = { 0 };
	struct rows rows		  = { .w = wr_init(fiber_alloc(ROWS_ROOM), ROWS_ROOM) };
	struct smb2_ioctl_rsp rsp;
	size_t at;

	TRY(where_find(j, session, "IPC$", &w));
	TRY(where_begin(&m, &w, MSG_ROOM));
	at = msg_add(&m, SMB2_CMD_ioctl, w.tree_id, INTERFACES_MAX);
	smb2_ioctl_req_encode(&m.w, at, &req);
	TRY(msg_run(&m));
	ANSWER(smb2_ioctl_rsp_decode(&m.reply[0].body, &rsp));
	TRY(interfaces_read(rsp.output, &rows));
	j->data	   = wr_done(&rows.w);
	*ret_count = rows.count;
	return STATUS_SUCCESS;
}

nt
client_server(struct client *me, struct job *j, const struct client_server_req *req,
	      struct client_server_rsp *rsp)
{
	(void)me;
	if (strcmp(req->what.s, "network") == 0)
		return network_list(j, req->session, &rsp->count);
	if (strcmp(req->what.s, "sessions") == 0)
		return srvsvc_list(j, req->session, false, &rsp->count);
	return STATUS_INVALID_PARAMETER;
}

nt
client_rpc(struct client *me, struct job *j, const struct client_rpc_req *req,
	   struct client_rpc_rsp *rsp)
{
	struct rpc_syntax syntax = { .version = req->major | (uint32_t)req->minor << 16 };
	const struct rpc_pipe_to to = { j, req->session, req->pipe.s, &syntax };
	struct span out;

	(void)me;
	memcpy(syntax.uuid.b, req->interface.b, sizeof syntax.uuid.b);
	TRY(rpc_ask(&to, req->opnum, req->stub, &out));
	REQUIRE(out.n <= TOKEN_BOUND, STATUS_BUFFER_TOO_SMALL);
	rsp->stub = out;
	return STATUS_SUCCESS;
}
