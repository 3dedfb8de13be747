/*
 * cmd_create.c - CREATE: names and contexts are translated here, everything
 * about files is decided by fsd.  On IPC$ it opens pipes.  [MS-SMB2] 3.3.5.9
 */
#include "proto/fscc/filetime.h"
#include "proto/smb2/create.h"
#include "proto/smb2/ctx_create.h"
#include "smbd/hook.h"
#include "smbd/path.h"
#include "smbd/pipe.h"
#include "smbd/rq.h"

#define HAS(set, kind) smb2_ctx_has((set), SMB2_CTX_##kind)

/* ---- the answer ---- */

static void
create_lease_rsp(const struct rq *rq, const struct fsd_open_rsp *rsp, struct smb2_lease *l)
{
	l->version = rsp->flags & FSD_OPEN_LEASE_V2 ? 2 : 1;
	l->state   = rsp->lease_state;
	l->epoch   = rsp->lease_epoch;
	l->flags   = rsp->flags & FSD_OPEN_BREAKING ? SMB2_LEASE_FLAG_BREAK_IN_PROGRESS : 0;
	memcpy(l->key, rq->u.create.lease_key, sizeof l->key);
	if (l->version == 2 && rq->u.create.has_parent) {
		l->flags |= SMB2_LEASE_FLAG_PARENT_LEASE_KEY_SET;
		memcpy(l->parent_key, rq->u.create.parent_key, sizeof l->parent_key);
	}
}

static void
create_ctxs_rsp(const struct rq *rq, const struct fsd_open_rsp *rsp,
    struct smb2_create_ctxs_rsp *ret)
{
	uint32_t asked = rq->u.create.contexts;
	struct wr id   = wr_init(ret->disk_id, sizeof ret->disk_id);
	struct wr vol  = wr_init(ret->volume_id, sizeof ret->volume_id);

	if (HAS(asked, MXAC)) {
		ret->present |= 1u << SMB2_CTX_MXAC;
		ret->mxac_status = (nt){ rsp->max_status };
		ret->mxac_access = rsp->max_access;
	}
	if (HAS(asked, QFID)) {
		ret->present |= 1u << SMB2_CTX_QFID;
		wr_u64(&id, rsp->file_id);
		wr_u64(&vol, rsp->volume);
	}
	if (HAS(asked, RQLS) && rsp->oplock == SMB2_OPLOCK_LEVEL_LEASE) {
		ret->present |= 1u << SMB2_CTX_RQLS;
		create_lease_rsp(rq, rsp, &ret->lease);
	}
	if (HAS(asked, DHNQ) && (rsp->flags & FSD_OPEN_DURABLE))
		ret->present |= 1u << SMB2_CTX_DHNQ;
	if (HAS(asked, DH2Q) && (rsp->flags & FSD_OPEN_DURABLE2)) {
		ret->present |= 1u << SMB2_CTX_DH2Q;
		ret->dh2q.timeout = rsp->durable_ms;
		if (rsp->flags & FSD_OPEN_PERSIST)
			ret->dh2q.flags = SMB2_DHANDLE_FLAG_PERSISTENT;
	}
}

static void
create_answer(struct rq *rq, const struct open *o, const struct fsd_open_rsp *rsp)
{
	uint8_t room[SMB2_CREATE_CTXS_RSP_MAX];
	struct wr cw                    = wr_init(room, sizeof room);
	struct smb2_create_ctxs_rsp ctx = { 0 };
	struct smb2_create_rsp a        = { .oplock_level = rsp->oplock, .action = rsp->action,
		       .creation_time    = filetime_from_ns((int64_t)rsp->creation),
		       .last_access_time = filetime_from_ns((int64_t)rsp->access_time),
		       .last_write_time  = filetime_from_ns((int64_t)rsp->write),
		       .change_time      = filetime_from_ns((int64_t)rsp->change),
		       .allocation_size = rsp->alloc, .end_of_file = rsp->eof,
		       .file_attributes = rsp->attributes, .fid = open_fid(o) };

	create_ctxs_rsp(rq, rsp, &ctx);
	if (ctx.present != 0)
		smb2_create_ctxs_rsp_encode(&cw, &ctx);
	a.contexts = wr_done(&cw);
	smb2_create_rsp_encode(rq_body(rq, 128 + sizeof room), RQ_HDR_AT, &a);
	rq_done(rq, wr_ok(&cw) ? STATUS_SUCCESS : STATUS_INTERNAL_ERROR);
}

/* The open prepared for it has gone if tree or session went meanwhile, and then at fsd too. */
static void
create_reply(void *ctx, nt status, const struct fsd_open_rsp *rsp, struct span data)
{
	struct rq *rq  = ctx;
	struct open *o = rq_open(rq);

	(void)data;
	if (o && !nt_failed(status))
		status = open_bind(o, rsp->file);
	else if (!o && !nt_failed(status))
		status = STATUS_NETWORK_NAME_DELETED;
	if (o && nt_failed(status))
		open_drop(o);
	if (!rq_back(rq))
		return;
	if (nt_failed(status)) {
		frame_create_failed(rq->frame, rq, status);
		rq_fail(rq, status);
		return;
	}
	frame_create_bound(rq->frame, o);
	if (rq_worker(rq)->hooked && !rq->hook)
		hook_learn(o);	/* something was hooked while fsd was opening it */
	create_answer(rq, o, rsp);
}

/* ---- the request ---- */

static void
create_take_lease(struct rq *rq, const struct smb2_lease *l, struct fsd_open_req *q)
{
	q->flags |= FSD_OPEN_LEASE | (l->version == 2 ? FSD_OPEN_LEASE_V2 : 0) |
		    (l->flags & SMB2_LEASE_FLAG_PARENT_LEASE_KEY_SET ? FSD_OPEN_PARENT : 0);
	q->lease_state = l->state;
	q->lease_epoch = l->epoch;
	memcpy(q->lease_key.b, l->key, sizeof q->lease_key.b);
	memcpy(q->parent_key.b, l->parent_key, sizeof q->parent_key.b);
	rq->u.create.has_parent = (q->flags & FSD_OPEN_PARENT) != 0;
	memcpy(rq->u.create.lease_key, l->key, sizeof l->key);
	memcpy(rq->u.create.parent_key, l->parent_key, sizeof l->parent_key);
}

/* 3.3.5.9.8, .11: version 2 is for 3.x. */
static bool
leases_are_known(const struct conn_params *p, const struct smb2_lease *l)
{
	return (p->server_caps & SMB2_GLOBAL_CAP_LEASING) &&
	       (l->version == 1 || p->dialect >= SMB2_DIALECT_300);
}

/* 3.3.5.9.1 to .13: what each context asks of fsd. */
static void
create_take_ctxs(struct rq *rq, const struct smb2_create_ctxs_req *x, struct fsd_open_req *q)
{
	rq->u.create.contexts = x->present;
	q->ea                 = x->ea;
	q->sd                 = x->sd;
	q->alloc              = x->allocation_size;
	q->twrp               = x->timewarp;
	if (HAS(x->present, MXAC))
		q->flags |= FSD_OPEN_MAXACC;
	if (q->oplock == SMB2_OPLOCK_LEVEL_LEASE) {
		if (HAS(x->present, RQLS) && leases_are_known(&rq->frame->conn->params, &x->lease))
			create_take_lease(rq, &x->lease, q);
		else
			q->oplock = SMB2_OPLOCK_LEVEL_NONE;
	}
	if (HAS(x->present, DHNQ))
		q->flags |= FSD_OPEN_DURABLE;
	if (HAS(x->present, DH2Q)) {
		q->flags |= FSD_OPEN_DURABLE2;
		q->durable_ms = x->dh2q.timeout;
		memcpy(q->create_guid.b, x->dh2q.create_guid, sizeof q->create_guid.b);
	}
	if (HAS(x->present, APP_INSTANCE_ID)) {
		q->flags |= FSD_OPEN_APP_ID;
		memcpy(q->app_id.b, x->app_instance_id, sizeof q->app_id.b);
	}
	if (rq->hdr.flags & SMB2_FLAGS_REPLAY_OPERATION)
		q->flags |= FSD_OPEN_REPLAY;
}

static nt
create_file(struct rq *rq, const struct tree *t, const struct smb2_create_req *req,
    const struct smb2_create_ctxs_req *x)
{
	struct call_opt opt   = rq_opt(rq);
	struct fsd_open_req q = { .tree = t->fsd, .access = req->desired_access,
		.attributes = req->file_attributes, .share = req->share_access,
		.disposition = req->disposition, .options = req->options,
		.oplock = req->oplock_level, .client_guid = rq->frame->conn->params.client_guid };
	char path[PATH_BOUND + 1];
	struct open *o;
	nt s;

	TRY(path_from_wire(req->name, path, sizeof path, &q.path));
	REQUIRE(x->ea.n <= TOKEN_BOUND && x->sd.n <= TOKEN_BOUND, STATUS_INVALID_PARAMETER);
	create_take_ctxs(rq, x, &q);
	TRY(open_new(rq_session(rq), rq->tree_id, rq->at, &o));
	rq->fid.vol = o->vol;
	s = rq_asked(rq, rq_fsd(rq),
	    fsd_open_call_id(rq_fsd(rq), &q, &opt, create_reply, rq, &rq->call_id));
	if (nt_failed(s)) {
		rq->fid.vol = 0;
		open_drop(o);
	}
	return s;
}

static nt
create_pipe(struct rq *rq, const struct smb2_create_req *req)
{
	struct fsd_open_rsp rsp = { .action = FILE_OPENED, .attributes = FILE_ATTRIBUTE_NORMAL,
		.creation = (uint64_t)FSCC_TIME_NONE, .access_time = (uint64_t)FSCC_TIME_NONE,
		.write = (uint64_t)FSCC_TIME_NONE, .change = (uint64_t)FSCC_TIME_NONE,
		.alloc = 4096 };
	struct open *o;

	TRY(open_new(rq_session(rq), rq->tree_id, NULL, &o));
	rq->fid.vol = o->vol;
	if (nt_failed(pipe_open(o, req->name))) {
		rq->fid.vol = 0;
		open_drop(o);
		return STATUS_OBJECT_NAME_NOT_FOUND;
	}
	rq->fid = open_fid(o);
	create_answer(rq, o, &rsp);
	return STATUS_SUCCESS;
}

static nt
create_request(struct rq *rq, struct rd r)
{
	const struct tree *t = rq_tree(rq);
	struct smb2_create_ctxs_req x;
	struct smb2_create_req req;

	TRY(smb2_create_req_decode(&r, &req));
	REQUIRE(req.impersonation <= SMB2_IMPERSONATION_DELEGATE, STATUS_BAD_IMPERSONATION_LEVEL);
	if (t->is_ipc)
		return create_pipe(rq, &req);
	TRY(smb2_create_ctxs_req_decode(req.contexts, &x));
	/* 3.3.5.9.7, .12: nothing we gave out survives its connection: there is nothing to find. */
	REQUIRE(!HAS(x.present, DHNC) && !HAS(x.present, DH2C), STATUS_OBJECT_NAME_NOT_FOUND);
	return create_file(rq, t, &req, &x);
}

const struct smbd_cmd smbd_cmd_create = {
	.request = create_request,
	.pace    = RQ_PACE_SLOW,
	.chains  = true,
};
