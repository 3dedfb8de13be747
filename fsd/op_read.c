/*
 * op_read.c - fsd_read: from the page cache at once, else by the pool.
 * [MS-SMB2] 3.3.5.12, [MS-FSA] 2.1.5.3
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/uio.h>

#include "base/fatal.h"
#include "fsd/errno.h"
#include "fsd/handle.h"
#include "fsd/lock.h"
#include "fsd/nowait.h"
#include "fsd/payload.h"
#include "fsd/pool.h"
#include "proto/smb2/const.h"

struct read_task {
	struct task task;
	struct call *call;
	struct payload to;
	uint64_t offset;
	uint32_t got, minimum;
	int err;
};

/* Continues after what is there already; 0 or errno. */
static int
read_on(int fd, const struct payload *to, uint64_t offset, int flags, uint32_t *io_got)
{
	while (*io_got < to->n) {
		struct iovec v = { to->p + *io_got, to->n - *io_got };
		ssize_t n      = preadv2(fd, &v, 1, (off_t)(offset + *io_got), flags);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0 ? 0 : errno;
		*io_got += (uint32_t)n;
	}
	return 0;
}

static nt
outcome(int err, uint32_t got, uint32_t length, uint32_t minimum)
{
	if (err != 0)
		return nt_from_errno(err);
	REQUIRE(got >= minimum && (got > 0 || length == 0), STATUS_END_OF_FILE);
	return STATUS_SUCCESS;
}

static void
work(struct task *t)
{
	struct read_task *r = (struct read_task *)t;

	r->err = read_on(t->handle->fd, &r->to, r->offset, 0, &r->got);
}

static void
done(struct fsd *me, struct task *t)
{
	struct read_task *r     = (struct read_task *)t;
	struct fsd_read_rsp rsp = { r->got };
	nt s                    = outcome(r->err, r->got, r->to.n, r->minimum);

	(void)me;
	if (!nt_failed(s))
		t->handle->position = r->offset + r->got;
	fsd_read_reply(r->call, s, nt_failed(s) ? NULL : &rsp,
	    nt_failed(s) ? SPAN_NONE : payload_frame(&r->to, r->got));
	payload_drop(&r->to);
	free(r);
}

static nt
later(struct fsd *me, struct call *c, struct handle *h, const struct fsd_read_req *req,
    const struct payload *to, uint32_t got)
{
	struct read_task *r = xcalloc(1, sizeof *r);

	r->to      = *to;
	r->offset  = req->offset;
	r->got     = got;
	r->minimum = req->minimum;
	r->call    = call_keep(c);
	pool_add(me->pool, &r->task, h, work, done);
	return STATUS_PENDING;
}

static nt
check(struct fsd *me, struct call *c, const struct fsd_read_req *req, struct handle **ret)
{
	struct handle *h;

	TRY(handle_use(me, c, req->file, &h));
	REQUIRE(!h->is_dir, STATUS_INVALID_DEVICE_REQUEST);
	REQUIRE(h->access & (FILE_READ_DATA | FILE_EXECUTE), STATUS_ACCESS_DENIED);
	REQUIRE(req->offset <= INT64_MAX && req->length <= INT64_MAX - req->offset,
	    STATUS_INVALID_PARAMETER);
	TRY(lock_check_io(h->file, h, req->offset, req->length, false));
	*ret = h;
	return STATUS_SUCCESS;
}

nt
fsd_read(struct fsd *me, struct call *c, const struct fsd_read_req *req, struct fsd_read_rsp *rsp)
{
	struct payload to;
	struct handle *h;
	int err;
	nt s;

	TRY(check(me, c, req, &h));
	TRY(payload_room(c, req->slot, req->length, &to));
	rsp->length = 0;
	err = read_on(h->fd, &to, req->offset, nowait_flags(h->file), &rsp->length);
	if (err == EOPNOTSUPP && nowait_learn(h->file, h->fd))
		err = read_on(h->fd, &to, req->offset, 0, &rsp->length);
	if (err == EAGAIN || err == EOPNOTSUPP)
		return later(me, c, h, req, &to, rsp->length);
	s = outcome(err, rsp->length, req->length, req->minimum);
	if (!nt_failed(s))
		h->position = req->offset + rsp->length;
	if (!nt_failed(s))
		payload_answer(c, &to, rsp->length);
	payload_drop(&to);
	return s;
}
