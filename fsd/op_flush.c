/* op_flush.c - fsd_flush: on disk before it is answered.  [MS-SMB2] 3.3.5.11 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fatal.h"
#include "fsd/errno.h"
#include "fsd/handle.h"
#include "fsd/path.h"
#include "fsd/pool.h"
#include "proto/smb2/const.h"

struct flush_task {
	struct task task;
	struct call *call;
	int err;
};

static int
sync_dir(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err;

	if (fd < 0)
		return errno;
	err = fsync(fd) == 0 ? 0 : errno;
	close(fd);
	return err;
}

static void
work(struct task *t)
{
	struct flush_task *f = (struct flush_task *)t;

	if (t->handle->is_dir)
		f->err = sync_dir(t->handle->fd);
	else
		f->err = fsync(t->handle->fd) == 0 ? 0 : errno;
}

static void
done(struct fsd *me, struct task *t)
{
	struct flush_task *f = (struct flush_task *)t;

	(void)me;
	fsd_flush_reply(f->call, f->err ? nt_from_errno(f->err) : STATUS_SUCCESS, NULL, SPAN_NONE);
	free(f);
}

nt
fsd_flush(struct fsd *me, struct call *c, const struct fsd_flush_req *req,
    struct fsd_flush_rsp *rsp)
{
	struct flush_task *f;
	struct handle *h;

	(void)rsp;
	TRY(handle_find_for(me, c, req->file, FILE_WRITE_DATA | FILE_APPEND_DATA, &h));
	/* A directory's rights have the same bits: adding files or directories. */
	REQUIRE(h->is_dir || handle_has_data(h), STATUS_ACCESS_DENIED);
	f       = xcalloc(1, sizeof *f);
	f->call = call_keep(c);
	pool_add(me->pool, &f->task, h, work, done);
	return STATUS_PENDING;
}
