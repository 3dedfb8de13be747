/*
 * cmd_ioctl.c - IOCTL: a table of the FSCTLs that are the protocol's own; those
 * on files go to fsd, which knows which of them exist.  [MS-SMB2] 3.3.5.15
 */
#include "proto/smb2/fsctl.h"
#include "proto/smb2/ioctl.h"
#include "smbd/pipe.h"
#include "smbd/policy.h"

/* What a row needs before its handler runs. */
enum ioctl_file {
	ON_NOTHING,	/* FileId must be all ones */
	ON_PIPE,
};

struct ioctl_row {
	uint32_t code;
	enum ioctl_file on;
	nt (*handle)(struct rq *, const struct smb2_ioctl_req *);
};

void
ioctl_answer(struct rq *rq, nt status, struct span output)
{
	struct smb2_ioctl_rsp a = { .ctl_code = rq->u.query.code, .fid = rq->fid,
		.output = output };
	struct wr *w;

	if (rq->fid.vol == 0)
		a.fid = (struct smb2_fid){ UINT64_MAX, UINT64_MAX };
	w = rq_body(rq, output.n + 128);
	if (!w)
		return;
	smb2_ioctl_rsp_encode(w, RQ_HDR_AT, &a);
	rq_done(rq, status);
}

/* ---- the protocol's own ---- */

/* 3.3.5.15.12: whatever differs from what was negotiated ends the connection. */
static bool
validate_fits(const struct conn_params *p, const struct conf_server_req *conf,
    const struct smb2_validate_negotiate_req *v)
{
	struct smb2_negotiate_req n = { .dialect_count = v->dialect_count };
	struct rd r                 = rd_init(v->dialects);

	if (v->dialect_count > SMB2_DIALECTS_MAX)
		return false;
	for (uint16_t i = 0; i < v->dialect_count; i++)
		n.dialects[i] = rd_u16(&r);
	return rd_ok(&r) && policy_dialect(conf, &n) == p->dialect &&
	       v->capabilities == p->client_caps && v->security_mode == p->client_mode &&
	       memcmp(v->guid, p->client_guid.b, sizeof v->guid) == 0;
}

static nt
ioctl_validate(struct rq *rq, const struct smb2_ioctl_req *req)
{
	struct conn *c                     = rq->frame->conn;
	const struct conf_server_req *conf = &c->worker->smbd->conf.server;
	struct smb2_validate_negotiate_rsp a = { .capabilities = c->params.server_caps,
		.security_mode = c->params.server_mode, .dialect = c->params.dialect };
	struct smb2_validate_negotiate_req v;
	uint8_t room[32];
	struct wr w = wr_init(room, sizeof room);

	if (c->params.dialect == SMB2_DIALECT_311 ||
	    nt_failed(smb2_validate_negotiate_req_decode(req->input, &v)) ||
	    !validate_fits(&c->params, conf, &v)) {
		conn_close(c, "somebody changed the negotiation");
		return STATUS_SUCCESS;
	}
	memcpy(a.guid, conf->server_guid.b, sizeof a.guid);
	smb2_validate_negotiate_rsp_encode(&w, &a);
	REQUIRE(req->max_output_response >= w.pos, STATUS_INVALID_PARAMETER);
	ioctl_answer(rq, STATUS_SUCCESS, wr_done(&w));
	return STATUS_SUCCESS;
}

/* One that others can connect to as they did to this connection's: it says where, and the same port. */
static bool
is_another(const struct net_addr *a, const struct net_addr *here)
{
	static const uint8_t any[sizeof a->b];

	return a->port == here->port && memcmp(a->b, any, sizeof any) != 0 &&
	       (a->family != here->family || memcmp(a->b, here->b, sizeof a->b) != 0);
}

static void
interface_put(struct wr *w, const struct net_addr *a, uint32_t index, bool last)
{
	struct smb2_interface nic = { .index = index, .link_speed = 1000000000u,
		.is_ipv6 = a->family == 6 };

	memcpy(nic.addr, a->b, sizeof nic.addr);
	smb2_interface_encode(w, &nic, last);
}

/*
 * 3.3.5.15.11: of 3.x only, and it does not matter whether this client said
 * that it can do MULTI_CHANNEL.  A worker sees no network interfaces, so it
 * names the addresses it is sure of: the one that this connection came to, and
 * those that the configuration tells to listen on.
 */
static nt
ioctl_interfaces(struct rq *rq, const struct smb2_ioctl_req *req)
{
	const struct conn_params *p    = &rq->frame->conn->params;
	const struct smbd_conf *conf   = &rq_worker(rq)->smbd->conf;
	const struct net_addr *others[BIRTH_LISTENERS];
	uint8_t room[160 * (BIRTH_LISTENERS + 1)];
	struct wr w = wr_init(room, sizeof room);
	size_t n    = 0;

	REQUIRE(p->dialect >= SMB2_DIALECT_300, STATUS_NOT_SUPPORTED);
	for (size_t i = 0; i < conf->n_listen; i++)
		if (is_another(&conf->listen[i], &p->server))
			others[n++] = &conf->listen[i];
	interface_put(&w, &p->server, 1, n == 0);
	for (size_t i = 0; i < n; i++)
		interface_put(&w, others[i], (uint32_t)i + 2, i + 1 == n);
	REQUIRE(wr_ok(&w), STATUS_INTERNAL_ERROR);
	REQUIRE(req->max_output_response >= w.pos, STATUS_BUFFER_TOO_SMALL);
	ioctl_answer(rq, STATUS_SUCCESS, wr_done(&w));
	return STATUS_SUCCESS;
}

/* 3.3.5.15.2: a server without DFS has no referrals. */
static nt
ioctl_referrals(struct rq *rq, const struct smb2_ioctl_req *req)
{
	(void)rq;
	(void)req;
	return STATUS_NOT_FOUND;
}

/* ---- pipes ---- */

static nt
ioctl_transceive(struct rq *rq, const struct smb2_ioctl_req *req)
{
	return pipe_transceive(rq_open(rq)->pipe, rq, req->input, req->max_output_response);
}

static nt
ioctl_peek(struct rq *rq, const struct smb2_ioctl_req *req)
{
	return pipe_peek(rq_open(rq)->pipe, rq, req->max_output_response);
}

/* Our pipes always have an instance free: 3.3.5.15.7 */
static nt
ioctl_pipe_wait(struct rq *rq, const struct smb2_ioctl_req *req)
{
	struct fsctl_pipe_wait_req q;

	TRY(fsctl_pipe_wait_req_decode(req->input, &q));
	ioctl_answer(rq, STATUS_SUCCESS, SPAN_NONE);
	return STATUS_SUCCESS;
}

static const struct ioctl_row rows[] = {
	{ FSCTL_VALIDATE_NEGOTIATE_INFO, ON_NOTHING, ioctl_validate },
	{ FSCTL_QUERY_NETWORK_INTERFACE_INFO, ON_NOTHING, ioctl_interfaces },
	{ FSCTL_DFS_GET_REFERRALS, ON_NOTHING, ioctl_referrals },
	{ FSCTL_DFS_GET_REFERRALS_EX, ON_NOTHING, ioctl_referrals },
	{ FSCTL_PIPE_WAIT, ON_NOTHING, ioctl_pipe_wait },
	{ FSCTL_PIPE_TRANSCEIVE, ON_PIPE, ioctl_transceive },
	{ FSCTL_PIPE_PEEK, ON_PIPE, ioctl_peek },
};

/* ---- files ---- */

/* COPYCHUNK tells limits, and how far it got, with an error: that too is an answer, 3.3.5.15.6. */
static void
ioctl_reply(void *ctx, nt status, const struct fsd_ioctl_rsp *rsp, struct span data)
{
	struct rq *rq = ctx;
	bool has_body = rsp && (!nt_failed(status) || rsp->output.n > 0);

	(void)data;
	if (!rq_back(rq))
		return;
	if (!has_body)
		rq_fail(rq, status);
	else if (rsp->output.n > rq->u.query.max_out)
		rq_fail(rq, STATUS_BUFFER_TOO_SMALL);
	else
		ioctl_answer(rq, status, rsp->output);
}

static nt
ioctl_file(struct rq *rq, const struct smb2_ioctl_req *req)
{
	struct call_opt opt    = rq_opt(rq);
	struct fsd_ioctl_req q = { .file = rq->file, .code = req->ctl_code,
		.max = req->max_output_response, .input = req->input };

	REQUIRE(req->input.n <= TOKEN_BOUND, STATUS_INVALID_PARAMETER);
	return rq_asked(rq, rq_fsd(rq),
	    fsd_ioctl_call_id(rq_fsd(rq), &q, &opt, ioctl_reply, rq, &rq->call_id));
}

static nt
ioctl_on(struct rq *rq, const struct smb2_ioctl_req *req, const struct ioctl_row *row)
{
	bool is_pipe;

	if (row && row->on == ON_NOTHING) {
		REQUIRE(smb2_fid_is_related(req->fid), STATUS_INVALID_PARAMETER);
		return row->handle(rq, req);
	}
	TRY(rq_take_file(rq, req->fid));
	is_pipe = rq_open(rq)->pipe != NULL;
	REQUIRE(is_pipe == (row != NULL), STATUS_INVALID_DEVICE_REQUEST);
	return row ? row->handle(rq, req) : ioctl_file(rq, req);
}

static nt
ioctl_request(struct rq *rq, struct rd r)
{
	uint32_t max = rq_max_io(rq);
	struct smb2_ioctl_req req;

	TRY(smb2_ioctl_req_decode(&r, &req));
	REQUIRE(req.flags == SMB2_0_IOCTL_IS_FSCTL, STATUS_NOT_SUPPORTED);
	REQUIRE(req.max_input_response <= max &&
		    req.max_output_response <= max &&
		    req.input.n <= max,
	    STATUS_INVALID_PARAMETER);
	rq->u.query.code    = req.ctl_code;
	rq->u.query.max_out = req.max_output_response;
	for (size_t i = 0; i < NELEM(rows); i++)
		if (rows[i].code == req.ctl_code)
			return ioctl_on(rq, &req, &rows[i]);
	return ioctl_on(rq, &req, NULL);
}

const struct smbd_cmd smbd_cmd_ioctl = {
	.request  = ioctl_request,
	.pace     = RQ_PACE_SLOW,
	.chains   = true,
	.any_file = true,
	.cancel   = pipe_cancel,
};
