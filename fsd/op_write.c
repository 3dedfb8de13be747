/*
 * op_write.c - fsd_write: into the page cache at once; write-through and what
 * would block by the pool.  [MS-SMB2] 3.3.5.13, [MS-FSA] 2.1.5.4
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>

#include "base/fatal.h"
#include "fsd/errno.h"
#include "fsd/handle.h"
#include "fsd/lock.h"
#include "fsd/notify.h"
#include "fsd/nowait.h"
#include "fsd/oplock.h"
#include "fsd/payload.h"
#include "fsd/pool.h"
#include "fsd/times.h"
#include "proto/fscc/notify.h"
#include "proto/smb2/const.h"

struct write_task {
	struct task task;
	struct call *call;
	struct payload from;
	uint64_t offset;
	uint32_t done;
	int flags, err;
};

static int
write_on(int fd, const struct payload *from, uint64_t offset, int flags, uint32_t *io_done)
{
	while (*io_done < from->n) {
		struct iovec v = { from->p + *io_done, from->n - *io_done };
		ssize_t n      = pwritev2(fd, &v, 1, (off_t)(offset + *io_done), flags);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 ? ENOSPC : errno;
		*io_done += (uint32_t)n;
	}
	return 0;
}

/* What the rest of the world learns of a write. */
static void
tell(struct fsd *me, struct handle *h)
{
	if (h->closed)
		return;
	times_hold(h);
	notify_event(me, h->tree->share, h->path,
	    FILE_NOTIFY_CHANGE_SIZE | FILE_NOTIFY_CHANGE_LAST_WRITE, FILE_ACTION_MODIFIED);
}

static void
work(struct task *t)
{
	struct write_task *w = (struct write_task *)t;

	w->err = write_on(t->handle->fd, &w->from, w->offset, w->flags, &w->done);
}

static void
done(struct fsd *me, struct task *t)
{
	struct write_task *w     = (struct write_task *)t;
	struct fsd_write_rsp rsp = { w->done };

	tell(me, t->handle);
	fsd_write_reply(w->call, w->err ? nt_from_errno(w->err) : STATUS_SUCCESS,
	    w->err ? NULL : &rsp, SPAN_NONE);
	free(w);
}

static nt
later(struct fsd *me, struct call *c, struct handle *h, const struct fsd_write_req *req,
    uint32_t written, int flags)
{
	struct write_task *w = xcalloc(1, sizeof *w);
	struct payload from;

	w->offset = req->offset;
	w->done   = written;
	w->flags  = flags;
	w->call   = call_keep(c);
	/* Anew: a kept call's data frame is a copy.  It was right before, so it is now. */
	if (nt_failed(payload_given(w->call, req->slot, req->slot_skip, req->length, &from)))
		fatal("the payload of a kept write has gone");
	w->from = from;
	pool_add(me->pool, &w->task, h, work, done);
	return STATUS_PENDING;
}

static nt
check(struct fsd *me, struct call *c, const struct fsd_write_req *req, struct handle **ret)
{
	struct handle *h;
	struct look l;

	TRY(handle_use(me, c, req->file, &h));
	REQUIRE(!h->is_dir, STATUS_INVALID_DEVICE_REQUEST);
	REQUIRE(h->access & (FILE_WRITE_DATA | FILE_APPEND_DATA), STATUS_ACCESS_DENIED);
	REQUIRE(!h->tree->read_only, STATUS_ACCESS_DENIED);
	REQUIRE(req->offset <= INT64_MAX && req->length <= INT64_MAX - req->offset,
	    STATUS_INVALID_PARAMETER);
	REQUIRE(req->length == 0 || req->offset + req->length <= FILE_END_MAX,
	    STATUS_INVALID_PARAMETER);
	TRY(lock_check_io(h->file, h, req->offset, req->length, true));
	if (!(h->access & FILE_WRITE_DATA)) {
		TRY(look_stat(h->fd, &l));
		REQUIRE(req->offset >= l.st.stx_size, STATUS_ACCESS_DENIED);
	}
	*ret = h;
	return STATUS_SUCCESS;
}

nt
fsd_write(struct fsd *me, struct call *c, const struct fsd_write_req *req,
    struct fsd_write_rsp *rsp)
{
	struct payload from;
	struct handle *h;
	int err;

	TRY(check(me, c, req, &h));
	TRY(payload_given(c, req->slot, req->slot_skip, req->length, &from));
	rsp->length = 0;
	if (req->length == 0)
		return STATUS_SUCCESS;
	oplock_change_breaks(h);
	if (req->through || (h->options & FILE_WRITE_THROUGH))
		return later(me, c, h, req, 0, RWF_DSYNC);
	err = write_on(h->fd, &from, req->offset, nowait_write_flags(h->file), &rsp->length);
	if (err == EOPNOTSUPP) {
		h->file->writes_blind = true;
		err                   = write_on(h->fd, &from, req->offset, 0, &rsp->length);
	}
	if (err == EAGAIN)
		return later(me, c, h, req, rsp->length, 0);
	tell(me, h);
	return err ? nt_from_errno(err) : STATUS_SUCCESS;
}
