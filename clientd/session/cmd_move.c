/*
 * cmd_move.c - client.get and client.put: a whole file between the server and the
 * caller.  A small one is one compound; a large one is many requests in flight,
 * and after a lost connection goes on from what was acknowledged.
 * [MS-SMB2] 3.2.4.6, 3.2.4.7, 3.2.4.8
 */
#include "base/log.h"
#include "base/secret.h"
#include "clientd/session/transfer.h"
#include "proto/smb2/ctx_create.h"
#include "proto/smb2/flush.h"
#include "proto/smb2/read.h"
#include "proto/smb2/write.h"

#define SMALL_MAX   65536u	/* what one compound carries */
#define RESUMES_MAX 16u
#define READ_ACCESS  (FILE_READ_DATA | FILE_READ_ATTRIBUTES)
#define WRITE_ACCESS (FILE_WRITE_DATA | FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES)

/* One get or put, however many connections it takes. */
struct move {
	struct job *job;
	uint64_t session;
	const char *share, *path;
	uint64_t offset, length;
	uint32_t flags;
	bool put;
	struct local local;
	struct transfer *t;
	uint64_t done;
	bool opened;		/* once before: it exists, and is ours to go on with */
	uint64_t size, changed, written;	/* as the server had it at the first open */
	uint32_t resumed;
	uint8_t guid[16];	/* of the durable handle */
	bool durable;		/* the server gave one: holder.fid may be claimed again */
	struct holder holder;
};

/* ---- one compound ---- */

static nt
small_get(struct move *mv, const struct where *w, bool *ret_whole)
{
	const struct open_how how = { .path = mv->path, .access = READ_ACCESS,
				      .disposition = FILE_OPEN, .options = FILE_NON_DIRECTORY_FILE };
	const struct smb2_read_req req = { .length = SMALL_MAX, .fid = FID_RELATED };
	struct msg m CLEANUP(msg_end)  = { 0 };
	struct smb2_create_rsp created;
	struct smb2_read_rsp rsp = { 0 };
	size_t at;

	TRY(where_begin(&m, w, OPEN_ROOM));
	TRY(add_create(&m, w, &how));
	at = msg_add(&m, SMB2_CMD_read, w->tree_id, SMALL_MAX);
	smb2_read_req_encode(&m.w, at, &req);
	add_close(&m, w, FID_RELATED, 0);
	TRY(msg_exchange(&m));
	TRY(m.reply[0].status);
	ANSWER(smb2_create_rsp_decode(&m.reply[0].body, &created));
	mv->size    = created.end_of_file;
	mv->written = unix_of(created.last_write_time);
	*ret_whole  = mv->size <= SMALL_MAX;
	if (!*ret_whole)
		return STATUS_SUCCESS;
	if (!nt_is(m.reply[1].status, STATUS_END_OF_FILE)) {
		TRY(m.reply[1].status);
		ANSWER(smb2_read_rsp_decode(&m.reply[1].body, &rsp));
		REQUIRE(rsp.data.n <= SMALL_MAX, STATUS_INVALID_NETWORK_RESPONSE);
	}
	local_rewind(&mv->local);
	TRY(local_write(&mv->local, 0, rsp.data));
	mv->done = mv->size = rsp.data.n;
	return STATUS_SUCCESS;
}

static uint32_t
put_disposition(const struct move *mv)
{
	if (mv->opened)
		return FILE_OPEN_IF;
	if (mv->flags & MOVE_NEW)
		return FILE_CREATE;
	return mv->offset > 0 || (mv->flags & MOVE_RESUME) ? FILE_OPEN_IF : FILE_OVERWRITE_IF;
}

static nt
small_put(struct move *mv, const struct where *w)
{
	const struct open_how how = { .path = mv->path, .access = WRITE_ACCESS,
				      .disposition = put_disposition(mv),
				      .options	   = FILE_NON_DIRECTORY_FILE };
	struct msg m CLEANUP(msg_end)	= { 0 };
	struct smb2_close_rsp closed;
	struct smb2_write_req req = { .fid = FID_RELATED };
	uint8_t *data		  = fiber_alloc(SMALL_MAX);
	size_t n, at;

	TRY(where_begin(&m, w, OPEN_ROOM + SMALL_MAX));
	local_rewind(&mv->local);
	TRY(local_read(&mv->local, 0, data, SMALL_MAX, &n));
	req.data   = SPAN(data, n);
	req.length = (uint32_t)n;
	TRY(add_create(&m, w, &how));
	if (n > 0) {
		at = msg_add(&m, SMB2_CMD_write, w->tree_id, n);
		smb2_write_req_encode(&m.w, at, &req);
	}
	if (mv->flags & MOVE_DURABLE) {
		const struct smb2_flush_req flush = { .fid = FID_RELATED };

		at = msg_add(&m, SMB2_CMD_flush, w->tree_id, 0);
		smb2_flush_req_encode(&m.w, at, &flush);
	}
	add_close(&m, w, FID_RELATED, SMB2_CLOSE_FLAG_POSTQUERY_ATTRIB);
	TRY(msg_run(&m));
	ANSWER(smb2_close_rsp_decode(&m.reply[m.n - 1].body, &closed));
	mv->done    = n;
	mv->size    = n;
	mv->written = unix_of(closed.last_write_time);
	return STATUS_SUCCESS;
}

/* ---- many requests ---- */

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
	struct open_how how = { .path = mv->path, .access = mv->put ? WRITE_ACCESS : READ_ACCESS,
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
		REQUIRE(mv->local.regular || mv->local.fd < 0, STATUS_DATA_ERROR);
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

	if (mv->put && mv->length == 0 && was > mv->done)
		TRY(put_cut(w, fid, mv->done));
	if (mv->put && (mv->flags & MOVE_DURABLE))
		TRY(put_flush(w, fid));
	TRY(file_close(w, fid, &closed));
	if (closed.flags & SMB2_CLOSE_FLAG_POSTQUERY_ATTRIB && mv->put) {
		mv->size    = closed.end_of_file;
		mv->written = unix_of(closed.last_write_time);
	} else if (mv->put) {
		mv->size = mv->done > was ? mv->done : was;
	}
	return STATUS_SUCCESS;
}

static nt
move_stream(struct move *mv, const struct where *w, const struct smb2_create_rsp *created)
{
	struct transfer *t = mv->t;
	nt s;

	*t = (struct transfer){ .job = mv->job, .w = w, .fid = created->fid, .local = &mv->local,
				.put = mv->put, .next = mv->done, .end = move_end(mv) };
	mv->job->progress.total = mv->put ? mv->local.size : t->end;
	s			= transfer_run(t);
	if (t->done > mv->done)
		mv->done = t->done;
	return s;
}

/* Over one connection. */
static nt
move_once(struct move *mv, const struct where *w)
{
	struct smb2_create_rsp created;
	nt s;

	TRY(move_open(mv, w, &created));
	mv->holder = (struct holder){ .fid = created.fid, .tree_id = w->tree_id, .seal = w->seal };
	LIST_INSERT_HEAD(&w->conn->holders, &mv->holder, of_conn);
	s	   = mv->put ? put_rehash(mv) : get_compare(mv, &created);
	mv->opened = true;
	if (!nt_failed(s))
		s = move_stream(mv, w, &created);
	if (!nt_failed(s))
		s = move_finish(mv, w, created.fid, created.end_of_file);
	LIST_REMOVE(&mv->holder, of_conn);
	if (nt_failed(s))
		fid_close_later(w->conn, w->tree_id, w->seal, created.fid);
	return s;
}

/* ---- over as many as it takes ---- */

static bool
is_small(const struct move *mv)
{
	if (mv->offset > 0 || mv->length > 0 || mv->opened || (mv->flags & MOVE_RESUME))
		return false;
	if (!mv->put)
		return true;
	return (mv->local.regular || mv->local.fd < 0) && mv->local.size <= SMALL_MAX;
}

static nt
move_try(struct move *mv)
{
	struct where w CLEANUP(where_end) = { 0 };
	bool whole			  = false;

	TRY(where_find(mv->job, mv->session, mv->share, &w));
	if (is_small(mv) && mv->put)
		return small_put(mv, &w);
	if (is_small(mv))
		TRY(small_get(mv, &w, &whole));
	if (whole)
		return STATUS_SUCCESS;
	if (!mv->put && mv->local.fd < 0 && mv->size > LOCAL_MEMORY_MAX && mv->length == 0)
		return STATUS_FILE_TOO_LARGE;
	return move_once(mv, &w);
}

/* Is it worth going on?  The source of a put must be able to give bytes twice. */
static bool
move_may_resume(const struct move *mv, nt status)
{
	struct session *s = session_find(mv->job->client, mv->session);

	if (!s || !(s->flags & CLIENT_RECONNECT) || s->adopted || mv->resumed >= RESUMES_MAX)
		return false;
	if (mv->put && !mv->local.regular && mv->local.fd >= 0)
		return false;
	if ((mv->flags & MOVE_NEW) && !mv->opened)
		return false;	/* was it ours that made the file, or another's? */
	switch (status.code) {
	case NT_NETWORK_SESSION_EXPIRED:
	case NT_NETWORK_NAME_DELETED:
	case NT_FILE_CLOSED:
		if (conn_is_open(s->conn))
			conn_close(s->conn, status);
		return true;
	case NT_CONNECTION_RESET:
	case NT_USER_SESSION_DELETED:
	case NT_IO_TIMEOUT:
		return true;
	default:
		return false;
	}
}

static nt
move_run(struct move *mv)
{
	nt s;

	mv->t		= fiber_alloc(sizeof *mv->t);
	mv->done	= mv->offset;
	do {
		s = move_try(mv);
		if (!nt_failed(s) || !move_may_resume(mv, s))
			return s;
		mv->job->progress.resumed = ++mv->resumed;
	} while (nt_ok(fiber_check()));
	return STATUS_CANCELLED;
}

static void
move_tell(struct move *mv, struct client_get_rsp *rsp)
{
	rsp->bytes     = mv->done - mv->offset;
	rsp->size      = mv->size;
	rsp->written   = mv->written;
	rsp->in_flight = mv->job->progress.in_flight;
	rsp->resumed   = mv->resumed;
	rsp->hash      = local_hash(&mv->local);
	if (!mv->put && mv->local.fd < 0)
		mv->job->data = SPAN(mv->local.mem, mv->local.mem_n);
}

static void
move_end_p(struct move *mv)
{
	local_close(&mv->local);
}

static nt
move_call(struct job *j, const struct client_get_req *req, bool put, struct client_get_rsp *rsp)
{
	struct move mv __attribute__((cleanup(move_end_p))) = {
		.job = j, .session = req->session, .share = req->share.s, .path = req->path.s,
		.offset = req->offset, .length = req->length, .flags = req->flags, .put = put };

	REQUIRE(!(mv.flags & ~(MOVE_HASH | MOVE_NEW | MOVE_RESUME | MOVE_DURABLE)),
		STATUS_INVALID_PARAMETER);
	REQUIRE(req->job == 0 || !job_find(j->client, req->job), STATUS_OBJECT_NAME_COLLISION);
	j->number = req->job;
	TRY(local_open(j, &req->local, mv.flags & MOVE_HASH, &mv.local));
	TRY(move_run(&mv));
	move_tell(&mv, rsp);
	return STATUS_SUCCESS;
}

nt
client_get(struct client *me, struct job *j, const struct client_get_req *req,
	   struct client_get_rsp *rsp)
{
	(void)me;
	return move_call(j, req, false, rsp);
}

static_assert(sizeof(struct client_get_req) == sizeof(struct client_put_req), "the same row");
static_assert(sizeof(struct client_get_rsp) == sizeof(struct client_put_rsp), "the same row");

nt
client_put(struct client *me, struct job *j, const struct client_put_req *req,
	   struct client_put_rsp *rsp)
{
	struct client_get_req as;
	struct client_get_rsp answer = { 0 };

	(void)me;
	memcpy(&as, req, sizeof as);
	TRY(move_call(j, &as, true, &answer));
	memcpy(rsp, &answer, sizeof *rsp);
	return STATUS_SUCCESS;
}
