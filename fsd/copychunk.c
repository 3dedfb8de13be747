/*
 * copychunk.c - copies within the server: the client names ranges, no data
 * travels.  [MS-SMB2] 3.3.5.15.5, 3.3.5.15.6
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/secret.h"
#include "fsd/errno.h"
#include "fsd/ioctl.h"
#include "fsd/lock.h"
#include "fsd/notify.h"
#include "fsd/oplock.h"
#include "fsd/pool.h"
#include "fsd/times.h"
#include "proto/fscc/notify.h"
#include "proto/smb2/const.h"
#include "proto/smb2/fsctl.h"

#define CHUNKS_MAX 256u
#define CHUNK_MAX  (1024u * 1024)
#define TOTAL_MAX  (16u * 1024 * 1024)
#define COPY_BUF   65536u

struct copy {
	struct task task;	/* of the target */
	struct handle *source;	/* held */
	struct call *call;
	uint32_t count;
	uint32_t chunks_done, bytes_done;
	int err;
	nt refused;		/* why the chunk after the last was not even tried */
	struct smb2_copychunk chunks[];
};

/* Number of the open and two words that only we can make: no key fits another open. */
void
resume_key_put(const struct fsd *me, const struct handle *h, uint8_t ret[24])
{
	struct wr w = wr_init(ret, 24);

	wr_u64(&w, h->id);
	wr_u64(&w, me->resume_secret[0] ^ h->id);
	wr_u64(&w, me->resume_secret[1] ^ h->file->ino);
}

struct handle *
resume_key_find(const struct fsd *me, const struct peer *p, const uint8_t key[24])
{
	struct rd r      = rd_init(SPAN(key, 24));
	struct handle *h = table_find(me->handles, rd_u64(&r));
	uint8_t right[24];

	if (!h || h->peer != p)
		return NULL;
	resume_key_put(me, h, right);
	return secret_eq(right, key, sizeof right) ? h : NULL;
}

/* ---- copying ---- */

/* By hand: the ranges overlap, or the file system has no other way. */
static int
copy_by_hand(int from, int to, struct smb2_copychunk c)
{
	char buf[COPY_BUF];

	while (c.length > 0) {
		size_t want = c.length < sizeof buf ? c.length : sizeof buf;
		ssize_t n   = pread(from, buf, want, (off_t)c.source_offset);

		if (n <= 0)
			return n == 0 ? EIO : errno;
		n = pwrite(to, buf, (size_t)n, (off_t)c.target_offset);
		if (n < 0)
			return errno;
		c.source_offset += (uint64_t)n;
		c.target_offset += (uint64_t)n;
		c.length -= (uint32_t)n;
	}
	return 0;
}

static int
copy_chunk(int from, int to, struct smb2_copychunk c)
{
	while (c.length > 0) {
		off_t in = (off_t)c.source_offset, out = (off_t)c.target_offset;
		ssize_t n = copy_file_range(from, &in, to, &out, c.length, 0);

		if (n <= 0)
			return copy_by_hand(from, to, c);
		c.source_offset += (uint64_t)n;
		c.target_offset += (uint64_t)n;
		c.length -= (uint32_t)n;
	}
	return 0;
}

static void
work(struct task *t)
{
	struct copy *c = (struct copy *)t;

	for (uint32_t i = 0; i < c->count && c->err == 0; i++) {
		c->err = copy_chunk(c->source->fd, t->handle->fd, c->chunks[i]);
		if (c->err == 0) {
			c->chunks_done++;
			c->bytes_done += c->chunks[i].length;
		}
	}
}

static void
reply(struct call *c, nt s, uint32_t chunks, uint32_t chunk_bytes, uint32_t total)
{
	struct smb2_copychunk_rsp counts = { chunks, chunk_bytes, total };
	struct fsd_ioctl_rsp rsp         = { 0 };
	uint8_t room[12];
	struct wr w = wr_init(room, sizeof room);

	smb2_copychunk_rsp_encode(&w, &counts);
	rsp.output = wr_done(&w);
	fsd_ioctl_reply(c, s, &rsp, SPAN_NONE);
}

static void
done(struct fsd *me, struct task *t)
{
	struct copy *c    = (struct copy *)t;
	struct handle *to = t->handle;

	if (!to->closed) {
		times_hold(to);
		notify_event(me, to->tree->share, to->path,
		    FILE_NOTIFY_CHANGE_SIZE | FILE_NOTIFY_CHANGE_LAST_WRITE, FILE_ACTION_MODIFIED);
	}
	reply(c->call, c->err ? nt_from_errno(c->err) : c->refused, c->chunks_done, 0,
	    c->bytes_done);
	handle_drop(c->source);
	free(c);
}

/* ---- judging ---- */

/* 3.3.5.15.6: beyond the limits the answer names them. */
static bool
within_limits(const struct smb2_copychunk_req *r)
{
	uint32_t total = 0;

	if (r->count > CHUNKS_MAX)
		return false;
	for (uint32_t i = 0; i < r->count; i++) {
		struct smb2_copychunk c = smb2_copychunk_at(r->chunks, i);

		if (c.length == 0 || c.length > CHUNK_MAX || c.length > TOTAL_MAX - total)
			return false;
		total += c.length;
	}
	return true;
}

static nt
check_chunk(const struct handle *from, const struct handle *to, const struct smb2_copychunk *c,
    uint64_t size)
{
	REQUIRE(c->source_offset <= size && c->length <= size - c->source_offset,
	    STATUS_INVALID_VIEW_SIZE);
	REQUIRE(c->target_offset <= (uint64_t)INT64_MAX - c->length, STATUS_INVALID_PARAMETER);
	TRY(lock_check_io(from->file, from, c->source_offset, c->length, false));
	return lock_check_io(to->file, to, c->target_offset, c->length, true);
}

static nt
check(const struct handle *from, const struct handle *to, uint32_t code)
{
	REQUIRE(!from->is_dir && !to->is_dir, STATUS_INVALID_DEVICE_REQUEST);
	REQUIRE(from->access & (FILE_READ_DATA | FILE_EXECUTE), STATUS_ACCESS_DENIED);
	REQUIRE(to->access & (FILE_WRITE_DATA | FILE_APPEND_DATA), STATUS_ACCESS_DENIED);
	REQUIRE(code == FSCTL_SRV_COPYCHUNK_WRITE || (to->access & FILE_READ_DATA),
	    STATUS_ACCESS_DENIED);
	return STATUS_SUCCESS;
}

/* In order, up to the first chunk that may not be copied: the answer counts those before it. */
static nt
copy_make(struct handle *from, const struct handle *to, const struct smb2_copychunk_req *r,
    struct copy **ret)
{
	struct copy *c;
	struct look l;

	TRY(look_stat(from->fd, &l));
	c = xcalloc(1, sizeof *c + r->count * sizeof c->chunks[0]);
	for (uint32_t i = 0; i < r->count && nt_ok(c->refused); i++) {
		c->chunks[i] = smb2_copychunk_at(r->chunks, i);
		c->refused   = check_chunk(from, to, &c->chunks[i], l.st.stx_size);
		c->count += nt_ok(c->refused);
	}
	c->source = handle_hold(from);
	*ret      = c;
	return STATUS_SUCCESS;
}

nt
ioctl_copychunk(struct fsd *me, struct call *call, struct handle *to,
    const struct fsd_ioctl_req *req)
{
	struct smb2_copychunk_req r;
	struct handle *from;
	struct copy *c;

	REQUIRE(req->max >= 12, STATUS_INVALID_PARAMETER);
	TRY(smb2_copychunk_req_decode(req->input, &r));
	from = resume_key_find(me, to->peer, r.source_key);
	REQUIRE(from, STATUS_OBJECT_NAME_NOT_FOUND);
	TRY(check(from, to, req->code));
	if (!within_limits(&r)) {
		reply(call_keep(call), STATUS_INVALID_PARAMETER, CHUNKS_MAX, CHUNK_MAX, TOTAL_MAX);
		return STATUS_PENDING;
	}
	TRY(copy_make(from, to, &r, &c));
	oplock_change_breaks(to);
	c->call = call_keep(call);
	pool_add(me->pool, &c->task, to, work, done);
	return STATUS_PENDING;
}
