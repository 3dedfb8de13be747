/*
 * move_small.c - a file of up to 64 KiB in one round trip: CREATE, READ or WRITE,
 * perhaps FLUSH, CLOSE.  [MS-SMB2] 3.2.4.1.4
 */
#include "clientd/session/cache.h"
#include "clientd/session/move.h"
#include "proto/smb2/flush.h"
#include "proto/smb2/read.h"
#include "proto/smb2/write.h"

static nt
small_take(struct move *mv, struct span content)
{
	local_rewind(&mv->local);
	TRY(local_write(&mv->local, 0, content));
	mv->done = mv->size = content.n;
	return STATUS_SUCCESS;
}

static nt
small_ask(struct move *mv, const struct where *w, bool *ret_whole)
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
	return small_take(mv, rsp.data);
}

nt
small_get(struct move *mv, const struct where *w, bool *ret_whole)
{
	struct kept *k CLEANUP(kept_release) = cache_use(w, mv->path, true);

	if (!k)
		return small_ask(mv, w, ret_whole);
	*ret_whole  = true;
	mv->written = k->row.written;
	return small_take(mv, SPAN(k->content, k->row.size));
}

uint32_t
put_disposition(const struct move *mv)
{
	if (mv->beside)
		return FILE_OPEN;	/* made already, by whole_begin() */
	if (mv->opened)
		return FILE_OPEN_IF;
	if (mv->flags & MOVE_NEW)
		return FILE_CREATE;
	return mv->offset > 0 || (mv->flags & MOVE_RESUME) ? FILE_OPEN_IF : FILE_OVERWRITE_IF;
}

nt
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
