/*
 * file.c - smb.tree_connect, smb.create and what ends them: handles of scripts.
 */
#include "clientd/session/file.h"

#include <stdlib.h>

#include "proto/smb2/ctx_create.h"
#include "proto/smb2/tree_connect.h"
#include "proto/smb2/tree_disconnect.h"

void
where_hold(const struct where *w, struct where *ret)
{
	*ret = *w;
	session_hold(ret->session);
	conn_hold(ret->conn);
}

static void
held_tree_drop(struct held_tree *t)
{
	(void)table_remove(t->w.session->client->trees, t->id);
	where_end(&t->w);
	free(t);
}

static void
held_file_drop(struct held_file *f)
{
	(void)table_remove(f->w.session->client->files, f->id);
	where_end(&f->w);
	free(f);
}

void
held_drop_all(struct client *me)
{
	struct held_tree *t;
	struct held_file *f;
	uint32_t pos = 0;

	while ((f = table_next(me->files, &pos, NULL)))
		held_file_drop(f);
	pos = 0;
	while ((t = table_next(me->trees, &pos, NULL)))
		held_tree_drop(t);
}

nt
held_tree_find(struct client *me, uint64_t id, struct held_tree **ret)
{
	struct held_tree *t = table_find(me->trees, id);

	REQUIRE(t, STATUS_NETWORK_NAME_DELETED);
	if (!conn_is_open(conn_alive(t->w.conn))) {
		held_tree_drop(t);
		return STATUS_NETWORK_NAME_DELETED;
	}
	*ret = t;
	return STATUS_SUCCESS;
}

nt
held_file_find(struct client *me, uint64_t id, struct held_file **ret)
{
	struct held_file *f = table_find(me->files, id);

	REQUIRE(f, STATUS_FILE_CLOSED);
	if (!conn_is_open(conn_alive(f->w.conn))) {
		held_file_drop(f);
		return STATUS_FILE_CLOSED;
	}
	*ret = f;
	return STATUS_SUCCESS;
}

/* ---- trees ---- */

/* "share", or the whole "\\server\share" of which we know the server already. */
static const char *
share_of(const char *path)
{
	const char *last = path_last(path);

	return *last ? last : path;
}

nt
smb_tree_connect(struct client *me, struct job *j, const struct smb_tree_connect_req *req,
		 struct smb_tree_connect_rsp *rsp)
{
	struct session *s    = session_find(me, req->session);
	struct held_tree *t  = NULL;
	struct where w CLEANUP(where_end) = { 0 };

	REQUIRE(s, STATUS_USER_SESSION_DELETED);
	j->session = req->session;
	session_hold(s);
	w.session = s;
	TRY(session_ready(s, &w.conn));
	TRY(tree_connect(s, w.conn, share_of(req->path.s), &w.tree_id, &w.is));
	w.seal = (w.is.flags & SMB2_SHAREFLAG_ENCRYPT_DATA) != 0;
	t      = calloc(1, sizeof *t);
	REQUIRE(t, STATUS_INSUFFICIENT_RESOURCES);
	if (nt_failed(table_add(me->trees, t, &t->id))) {
		free(t);
		return STATUS_QUOTA_EXCEEDED;
	}
	where_hold(&w, &t->w);
	*rsp = (struct smb_tree_connect_rsp){ .tree = t->id, .type = w.is.type,
		.flags = w.is.flags, .capabilities = w.is.capabilities, .access = w.is.access,
		.encrypted = w.seal || w.conn->seal };
	return STATUS_SUCCESS;
}

nt
smb_tree_disconnect(struct client *me, struct job *j, const struct smb_tree_disconnect_req *req,
		    struct smb_tree_disconnect_rsp *rsp)
{
	const struct smb2_tree_disconnect_req body = { 0 };
	struct where w CLEANUP(where_end) = { 0 };
	struct msg m CLEANUP(msg_end)	  = { 0 };
	struct held_tree *t;
	size_t at;

	(void)j;
	(void)rsp;
	TRY(held_tree_find(me, req->tree, &t));
	where_hold(&t->w, &w);
	held_tree_drop(t);
	TRY(where_begin(&m, &w, MSG_ROOM));
	at = msg_add(&m, SMB2_CMD_tree_disconnect, w.tree_id, 0);
	smb2_tree_disconnect_req_encode(&m.w, at, &body);
	return msg_run(&m);
}

/* ---- files ---- */

static void
create_tell(const struct smb2_create_rsp *c, uint64_t id, struct smb_create_rsp *ret)
{
	uint8_t *contexts = c->contexts.n > 0 ? fiber_alloc(c->contexts.n) : NULL;

	if (contexts)
		memcpy(contexts, c->contexts.p, c->contexts.n);
	*ret = (struct smb_create_rsp){
		.file		  = id,
		.persistent	  = c->fid.persistent,
		.volatile_	  = c->fid.vol,
		.oplock_level	  = c->oplock_level,
		.flags		  = c->flags,
		.create_action	  = c->action,
		.creation_time	  = unix_of(c->creation_time),
		.last_access_time = unix_of(c->last_access_time),
		.last_write_time  = unix_of(c->last_write_time),
		.change_time	  = unix_of(c->change_time),
		.allocation_size  = c->allocation_size,
		.end_of_file	  = c->end_of_file,
		.file_attributes  = c->file_attributes,
		.contexts	  = SPAN(contexts, c->contexts.n),
	};
}

static nt
create_send(const struct where *w, const struct smb_create_req *req, struct msg *m,
	    struct smb2_create_rsp *ret)
{
	uint8_t name[2 * PATH_BOUND];
	struct wr nw		    = wr_init(name, sizeof name);
	struct smb2_create_req body = { .oplock_level = req->oplock_level,
		.impersonation = req->impersonation, .desired_access = req->desired_access,
		.file_attributes = req->file_attributes, .share_access = req->share_access,
		.disposition = req->create_disposition, .options = req->create_options,
		.contexts = req->contexts };
	size_t at;

	/* as it stands: a script may ask for any name that a client could */
	(void)wr_utf16(&nw, req->name.s);
	REQUIRE(wr_ok(&nw), STATUS_OBJECT_NAME_INVALID);
	body.name = wr_done(&nw);
	TRY(where_begin(m, w, OPEN_ROOM + req->contexts.n));
	at = msg_add(m, SMB2_CMD_create, w->tree_id, 0);
	smb2_create_req_encode(&m->w, at, &body);
	TRY(msg_run(m));
	ANSWER(smb2_create_rsp_decode(&m->reply[0].body, ret));
	REQUIRE(ret->contexts.n <= TOKEN_BOUND, STATUS_INVALID_NETWORK_RESPONSE);
	return STATUS_SUCCESS;
}

/* A context that does not decode is the script's experiment, and nobody's lease. */
static void
lease_note(struct held_file *f, struct span contexts)
{
	struct smb2_create_ctxs_req ctx = { 0 };

	f->leased = !nt_failed(smb2_create_ctxs_req_decode(contexts, &ctx)) &&
		    smb2_ctx_has(ctx.present, SMB2_CTX_RQLS);
	memcpy(f->lease_key, ctx.lease.key, sizeof f->lease_key);
}

nt
smb_create(struct client *me, struct job *j, const struct smb_create_req *req,
	   struct smb_create_rsp *rsp)
{
	struct where w CLEANUP(where_end) = { 0 };
	struct msg m CLEANUP(msg_end)	  = { 0 };
	struct smb2_create_rsp created;
	struct held_tree *t;
	struct held_file *f;

	(void)j;
	TRY(held_tree_find(me, req->tree, &t));
	where_hold(&t->w, &w);
	TRY(create_send(&w, req, &m, &created));
	f = calloc(1, sizeof *f);
	if (!f || nt_failed(table_add(me->files, f, &f->id))) {
		free(f);
		fid_close_later(w.conn, w.tree_id, w.seal, created.fid);
		return STATUS_QUOTA_EXCEEDED;
	}
	where_hold(&w, &f->w);
	f->fid = created.fid;
	lease_note(f, req->contexts);
	create_tell(&created, f->id, rsp);
	return STATUS_SUCCESS;
}

nt
smb_close(struct client *me, struct job *j, const struct smb_close_req *req,
	  struct smb_close_rsp *rsp)
{
	struct where w CLEANUP(where_end) = { 0 };
	struct msg m CLEANUP(msg_end)	  = { 0 };
	struct smb2_close_rsp c;
	struct held_file *f;
	struct smb2_fid fid;

	(void)j;
	TRY(held_file_find(me, req->file, &f));
	where_hold(&f->w, &w);
	fid = f->fid;
	held_file_drop(f);
	TRY(where_begin(&m, &w, MSG_ROOM));
	add_close(&m, &w, fid, req->flags);
	TRY(msg_run(&m));
	ANSWER(smb2_close_rsp_decode(&m.reply[0].body, &c));
	*rsp = (struct smb_close_rsp){ .flags = c.flags, .creation_time = unix_of(c.creation_time),
		.last_access_time = unix_of(c.last_access_time),
		.last_write_time = unix_of(c.last_write_time),
		.change_time = unix_of(c.change_time), .allocation_size = c.allocation_size,
		.end_of_file = c.end_of_file, .file_attributes = c.file_attributes };
	return STATUS_SUCCESS;
}
