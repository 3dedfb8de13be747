/*
 * cmd_tree_connect.c - TREE_CONNECT.  fsd decides about shares; IPC$ has no
 * files and is ours alone.  [MS-SMB2] 3.3.5.7
 */
#include <stdlib.h>
#include <strings.h>

#include "base/log.h"
#include "proto/smb2/tree_connect.h"
#include "smbd/path.h"
#include "smbd/rq.h"

#define IPC_ACCESS (FILE_GENERIC_READ | FILE_GENERIC_WRITE | FILE_GENERIC_EXECUTE)

static void
tree_connect_answer(struct rq *rq, const struct tree *t, const struct smb2_tree_connect_rsp *rsp)
{
	rq->tree_id = t->id;
	smb2_tree_connect_rsp_encode(rq_body(rq, 64), RQ_HDR_AT, rsp);
	rq_done(rq, STATUS_SUCCESS);
}

static nt
tree_connect_ipc(struct rq *rq)
{
	struct smb2_tree_connect_rsp rsp = { .share_type = SMB2_SHARE_TYPE_PIPE,
		.share_flags = SMB2_SHAREFLAG_NO_CACHING, .maximal_access = IPC_ACCESS };
	struct tree *t;

	TRY(tree_new(rq_session(rq), &t));
	t->is_ipc = true;
	memcpy(t->share, "IPC$", sizeof "IPC$");
	tree_connect_answer(rq, t, &rsp);
	return STATUS_SUCCESS;
}

static void
tree_connect_undone(void *ctx, nt status, const struct fsd_tree_disconnect_rsp *rsp,
    struct span data)
{
	(void)ctx;
	(void)status;
	(void)rsp;
	(void)data;
}

static void
tree_connect_undo(const struct rq *rq, uint64_t tree)
{
	struct fsd_tree_disconnect_req req = { tree };

	if (nt_failed(fsd_tree_disconnect_call(rq_fsd(rq), &req, NULL, tree_connect_undone, NULL)))
		log_debug("a tree that nobody wants goes with its session");
}

/*
 * A storage that has gone, or has come so lately that it does not know of the session yet, is one that is
 * not ready: 3.3.4.4.
 */
static nt
tree_connect_status(const struct rq *rq, nt status)
{
	bool early = nt_is(status, STATUS_USER_SESSION_DELETED) && !rq_session(rq)->over;

	if (storages_are_many(rq_worker(rq)) && (early || nt_is(status, STATUS_CONNECTION_RESET)))
		return STATUS_SHARE_UNAVAILABLE;
	return status;
}

static void
tree_connect_reply(void *ctx, nt status, const struct fsd_tree_connect_rsp *rsp, struct span data)
{
	struct rq *rq = ctx;
	char *share   = rq->u.tree.share;
	struct tree *t;

	(void)data;
	if (!rq_back(rq) || rq_failed(rq, tree_connect_status(rq, status))) {
		free(share);
		return;		/* a closed connection's grant has ended, and the tree with it */
	}
	if (rq_session(rq)->over)
		status = STATUS_USER_SESSION_DELETED;
	else
		status = tree_new(rq_session(rq), &t);
	if (rq_failed(rq, status)) {
		free(share);
		tree_connect_undo(rq, rsp->tree);
		return;
	}
	memcpy(t->share, share, strlen(share) + 1);
	free(share);
	t->fsd          = rsp->tree;
	t->at           = storage_hold(rq->at);
	t->must_encrypt = rsp->must_encrypt;
	t->encrypts     = rq_session(rq)->out &&
		      (rsp->must_encrypt || rsp->encrypt == CONF_DESIRED);
	tree_connect_answer(rq, t,
	    &(struct smb2_tree_connect_rsp){ .share_type = SMB2_SHARE_TYPE_DISK,
		.share_flags = SMB2_SHAREFLAG_MANUAL_CACHING |
			       (t->encrypts ? SMB2_SHAREFLAG_ENCRYPT_DATA : 0),
		.maximal_access = rsp->max_access });
}

/*
 * 3.3.5.7: on 3.1.1 a client with a key signs this request whatever was agreed, since
 * its signature is what proves the negotiation untouched.
 */
static bool
tree_connect_is_proven(const struct rq *rq)
{
	return rq->frame->conn->params.dialect != SMB2_DIALECT_311 || !rq->chan->signer ||
	       rq->frame->sealed || (rq->hdr.flags & SMB2_FLAGS_SIGNED);
}

static nt
tree_connect_request(struct rq *rq, struct rd r)
{
	struct worker *w              = rq_worker(rq);
	struct session *s             = rq_session(rq);
	struct call_opt opt           = rq_opt(rq);
	struct fsd_tree_connect_req q = { .grant = s->grant, .encrypted = s->out != NULL };
	struct smb2_tree_connect_req req;
	char path[TEXT_BOUND + 1];
	struct storage *at;
	nt st;

	TRY(smb2_tree_connect_req_decode(&r, &req));
	if (!tree_connect_is_proven(rq)) {
		conn_close(rq->frame->conn, "a TREE_CONNECT on 3.1.1 that is not signed");
		return STATUS_ACCESS_DENIED;
	}
	TRY(path_share_from_wire(req.path, path, sizeof path, &q.share));
	REQUIRE(s->trees.count < SESSION_TREES_MAX, STATUS_INSUFFICIENT_RESOURCES);
	if (strcasecmp(q.share.s, "IPC$") == 0)
		return tree_connect_ipc(rq);
	TRY(storage_of_share(w, q.share.s, &at));
	rq_place(rq, at);
	rq->u.tree.share = strdup(q.share.s);
	REQUIRE(rq->u.tree.share, STATUS_INSUFFICIENT_RESOURCES);
	st = rq_asked(rq, rq_fsd(rq),
	    fsd_tree_connect_call_id(rq_fsd(rq), &q, &opt, tree_connect_reply, rq, &rq->call_id));
	if (nt_failed(st))
		free(rq->u.tree.share);
	return st;
}

const struct smbd_cmd smbd_cmd_tree_connect = {
	.request = tree_connect_request,
	.pace    = RQ_PACE_SLOW,
};
