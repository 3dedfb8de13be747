/*
 * move_large.c - a file by many requests in flight, over one connection: opened,
 * streamed from where the last connection came to, finished.  On 3.x the handle is
 * durable where the server likes.  [MS-SMB2] 3.2.4.3.5, 3.2.4.4, 3.2.4.8
 */
#include "base/log.h"
#include "base/secret.h"
#include "clientd/session/channel.h"
#include "clientd/session/move.h"
#include "proto/smb2/ctx_create.h"
#include "proto/smb2/flush.h"

/* 3.2.4.3.5, 3.2.4.4: asked for where the connection may come back, and claimed when it did. */
static struct span
durable_context(struct move *mv, bool claim)
{
	struct smb2_create_ctxs_req ctx = { 0 };
	struct wr w			= wr_init(fiber_alloc(256), 256);

	if (claim) {
		ctx.present  = 1u << SMB2_CTX_DH2C;
		ctx.dh2c.fid = mv->holder.fid;
		memcpy(ctx.dh2c.create_guid, mv->guid, sizeof mv->guid);
	} else {
		ctx.present = 1u << SMB2_CTX_DH2Q;
		random_bytes(mv->guid, sizeof mv->guid);
		memcpy(ctx.dh2q.create_guid, mv->guid, sizeof mv->guid);
	}
	smb2_create_ctxs_req_encode(&w, &ctx);
	return wr_done(&w);
}

static nt
open_try(struct move *mv, const struct where *w, const struct open_how *how,
	 struct smb2_create_rsp *ret)
{
	struct smb2_create_ctxs_rsp ctx = { 0 };
	struct msg m CLEANUP(msg_end)	= { 0 };

	TRY(where_begin(&m, w, OPEN_ROOM + how->contexts.n));
	TRY(add_create(&m, w, how));
	TRY(msg_run(&m));
	ANSWER(smb2_create_rsp_decode(&m.reply[0].body, ret));
	ANSWER(smb2_create_ctxs_rsp_decode(ret->contexts, &ctx));
	ret->contexts = SPAN_NONE;
	if (how->contexts.n > 0 && !mv->durable)
		mv->durable = smb2_ctx_has(ctx.present, SMB2_CTX_DH2Q);
	return STATUS_SUCCESS;
}

static nt
move_open(struct move *mv, const struct where *w, struct smb2_create_rsp *ret)
{
	uint32_t write	    = WRITE_ACCESS | (mv->beside ? DELETE : 0);
	struct open_how how = { .path = mv->beside ? mv->beside : mv->path,
				.access = mv->put ? write : READ_ACCESS,
				.disposition = mv->put ? put_disposition(mv) : FILE_OPEN,
				.options     = FILE_NON_DIRECTORY_FILE | FILE_SEQUENTIAL_ONLY };
	bool may = (w->session->flags & CLIENT_RECONNECT) &&
		   w->conn->nego.dialect >= SMB2_DIALECT_300;
	nt s     = STATUS_NOT_FOUND;

	if (may) {
		how.oplock   = SMB2_OPLOCK_LEVEL_BATCH;	/* or there is no durable handle */
		how.contexts = durable_context(mv, mv->durable);
		s	     = open_try(mv, w, &how, ret);
	}
	if (may && mv->durable && nt_failed(s) && conn_is_open(w->conn)) {
		mv->durable  = false;	/* the server has not kept it: as any other file */
		how.contexts = durable_context(mv, false);
		s	     = open_try(mv, w, &how, ret);
	}
	return may ? s : file_open(w, &how, ret);
}

/* The file is not the one that was begun with: from the start, if the local end can. */
static nt
get_compare(struct move *mv, const struct smb2_create_rsp *created)
{
	uint64_t changed = created->change_time ^ created->last_write_time;

	if (mv->opened && (created->end_of_file != mv->size || changed != mv->changed)) {
		REQUIRE(local_repeats(&mv->local), STATUS_DATA_ERROR);
		log_info("a file changed while it was fetched, from the start path=%s",
			 log_qs(mv->path));
		local_rewind(&mv->local);
		mv->done = mv->offset;
	}
	mv->size    = created->end_of_file;
	mv->changed = changed;
	mv->written = unix_of(created->last_write_time);
	return STATUS_SUCCESS;
}

/* What was read ahead and not acknowledged is read again, so the hash begins again, too. */
static nt
put_rehash(struct move *mv)
{
	uint8_t *room = fiber_alloc(SMALL_MAX);
	size_t n;

	if (!mv->opened || !mv->local.hash)
		return STATUS_SUCCESS;
	local_rewind(&mv->local);
	for (uint64_t at = mv->offset; at < mv->done; at += n) {
		uint64_t left = mv->done - at;

		TRY(local_read(&mv->local, at, room, left < SMALL_MAX ? (size_t)left : SMALL_MAX,
			       &n));
		REQUIRE(n > 0, STATUS_DATA_ERROR);
	}
	return STATUS_SUCCESS;
}

static uint64_t
move_end(const struct move *mv)
{
	uint64_t end = mv->put ? UINT64_MAX : mv->size;

	if (mv->length > 0 && mv->offset <= UINT64_MAX - mv->length &&
	    mv->offset + mv->length < end)
		end = mv->offset + mv->length;
	return end;
}

static nt
put_cut(const struct where *w, struct smb2_fid fid, uint64_t size)
{
	struct msg m CLEANUP(msg_end) = { 0 };
	uint8_t buf[8];
	struct wr b = wr_init(buf, sizeof buf);

	wr_u64(&b, size);
	TRY(where_begin(&m, w, MSG_ROOM));
	add_set(&m, w, fid, SMB2_0_INFO_FILE, FSCC_FILE_END_OF_FILE, 0, SPAN(buf, sizeof buf));
	return msg_run(&m);
}

static nt
put_flush(const struct where *w, struct smb2_fid fid)
{
	const struct smb2_flush_req req = { .fid = fid };
	struct msg m CLEANUP(msg_end)	= { 0 };
	size_t at;

	TRY(where_begin(&m, w, MSG_ROOM));
	at = msg_add(&m, SMB2_CMD_flush, w->tree_id, 0);
	smb2_flush_req_encode(&m.w, at, &req);
	return msg_run(&m);
}

/* All bytes are acknowledged: what else was asked, and the end. */
static nt
move_finish(struct move *mv, const struct where *w, struct smb2_fid fid, uint64_t was)
{
	struct smb2_close_rsp closed;

	if (mv->put && mv->length == 0 && (was > mv->done || mv->extents))
		TRY(put_cut(w, fid, mv->done));
	if (mv->put && (mv->flags & MOVE_DURABLE))
		TRY(put_flush(w, fid));
	TRY(whole_end(mv, w, fid));
	if (mv->put && mv->extents && mv->beside)
		TRY(extents_mark(w, fid));	/* Samba: a rename takes the mark away */
	TRY(file_close(w, fid, &closed));
	if (closed.flags & SMB2_CLOSE_FLAG_POSTQUERY_ATTRIB && mv->put) {
		mv->size    = closed.end_of_file;
		mv->written = unix_of(closed.last_write_time);
	} else if (mv->put) {
		mv->size = mv->done > was ? mv->done : was;
	}
	return STATUS_SUCCESS;
}

/* What is new on the server is zeros where nothing was written; there the source's holes stay holes. */
static nt
look_for_holes(struct move *mv, const struct where *w, const struct smb2_create_rsp *created)
{
	if (!mv->put && (created->file_attributes & FILE_ATTRIBUTE_SPARSE_FILE) && !mv->extents)
		mv->extents = fiber_alloc(sizeof *mv->extents);
	if (mv->put && !mv->opened && mv->length == 0 && created->end_of_file == 0 &&
	    local_is_sparse(&mv->local))
		mv->extents = fiber_alloc(sizeof *mv->extents);
	if (!mv->extents)
		return STATUS_SUCCESS;
	*mv->extents = (struct extents){ .known_at_all = !mv->put };
	return mv->put ? extents_mark(w, created->fid) : STATUS_SUCCESS;
}

static nt
move_stream(struct move *mv, const struct where *w, const struct smb2_create_rsp *created)
{
	struct transfer *t = mv->t;
	nt s;

	*t = (struct transfer){ .job = mv->job, .w = w, .fid = created->fid, .local = &mv->local,
				.put = mv->put, .next = mv->done, .end = move_end(mv),
				.extents = mv->extents };
	mv->job->progress.total = !mv->put ? t->end : mv->local.size < UINT64_MAX ? mv->local.size : 0;
	s			= transfer_run(t);
	if (t->done > mv->done)
		mv->done = t->done;
	return s;
}

/* Over one connection. */
nt
move_once(struct move *mv, const struct where *w)
{
	struct smb2_create_rsp created;
	nt s;

	channels_open(w);
	TRY(whole_begin(mv, w));
	TRY(move_open(mv, w, &created));
	mv->holder = (struct holder){ .fid = created.fid, .tree_id = w->tree_id, .seal = w->seal };
	LIST_INSERT_HEAD(&w->conn->bond->holders, &mv->holder, of_bond);
	s	   = mv->put ? put_rehash(mv) : get_compare(mv, &created);
	if (!nt_failed(s))
		s = look_for_holes(mv, w, &created);
	mv->opened = true;
	if (!nt_failed(s))
		s = move_stream(mv, w, &created);
	if (!nt_failed(s))
		s = move_finish(mv, w, created.fid, created.end_of_file);
	LIST_REMOVE(&mv->holder, of_bond);
	if (nt_failed(s))
		fid_close_later(w->conn, w->tree_id, w->seal, created.fid);
	return s;
}
