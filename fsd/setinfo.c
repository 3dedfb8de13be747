/* setinfo.c - attributes, times, sizes, disposition.  [MS-FSA] 2.1.5.15 */
#include "fsd/setinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fsd/doom.h"
#include "fsd/errno.h"
#include "fsd/handle.h"
#include "fsd/lock.h"
#include "fsd/notify.h"
#include "fsd/oplock.h"
#include "fsd/path.h"
#include "fsd/times.h"
#include "proto/fscc/file_info.h"
#include "proto/fscc/notify.h"

static void
changed(struct fsd *me, const struct handle *h, uint32_t what)
{
	notify_event(me, h->tree->share, h->path, what, FILE_ACTION_MODIFIED);
}

/* ---- attributes and times ---- */

static nt
check_attributes(const struct handle *h, uint32_t a)
{
	REQUIRE(h->is_dir || !(a & FILE_ATTRIBUTE_DIRECTORY), STATUS_INVALID_PARAMETER);
	REQUIRE(!h->is_dir || !(a & FILE_ATTRIBUTE_TEMPORARY), STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

/* Where attributes cannot be kept, READONLY is the permission to write and the rest is lost. */
static nt
mode_instead(const struct handle *h, const struct look *l, uint32_t a)
{
	char self[PATH_SELF];
	mode_t mode = l->st.stx_mode & 07777;

	mode = a & FILE_ATTRIBUTE_READONLY ? mode & ~(mode_t)0222 : mode | 0200;
	if (mode == (l->st.stx_mode & 07777))
		return STATUS_SUCCESS;
	return fchmodat(AT_FDCWD, path_self(h->fd, self), mode, 0) == 0 ? STATUS_SUCCESS
								       : nt_from_errno(errno);
}

/* What the set request makes of what was kept. */
static struct dosattr
merged(const struct look *l, const struct fscc_basic_set *b)
{
	struct dosattr d = l->dos;

	if (b->attributes != 0) {
		d.attributes = (b->attributes & FILE_ATTRIBUTE_SETTABLE) |
			       (d.attributes & FILE_ATTRIBUTE_SPARSE_FILE);
		d.has_attributes = true;
	}
	if (b->creation_time.how == FSCC_TIME_SET) {
		d.creation     = b->creation_time.ns;
		d.has_creation = true;
	}
	if (b->change_time.how == FSCC_TIME_SET) {
		d.change       = b->change_time.ns;
		d.change_write = stat_write(l);
		d.has_change   = true;
	}
	return d;
}

/* After the times: the write time is part of what is kept. */
static nt
attributes_set(const struct handle *h, const struct fscc_basic_set *b)
{
	struct look l;
	struct dosattr d;
	nt s;

	TRY(look_at(h->fd, &l));
	if (b->attributes == 0 && b->creation_time.how != FSCC_TIME_SET &&
	    b->change_time.how != FSCC_TIME_SET)
		return STATUS_SUCCESS;
	d = merged(&l, b);
	s = dosattr_store(h->fd, &d);
	if (nt_is(s, STATUS_NOT_SUPPORTED) && b->attributes != 0)
		return mode_instead(h, &l, d.attributes);
	return s;
}

nt
setinfo_basic(struct fsd *me, struct handle *h, struct span buf)
{
	struct fscc_basic_set b;

	TRY(fscc_basic_decode(buf, &b));
	TRY(check_attributes(h, b.attributes));
	TRY(times_set(h, &b));
	TRY(attributes_set(h, &b));
	changed(me, h, FILE_NOTIFY_CHANGE_ATTRIBUTES | FILE_NOTIFY_CHANGE_LAST_WRITE |
			   FILE_NOTIFY_CHANGE_CREATION);
	return STATUS_SUCCESS;
}

/* ---- sizes ---- */

/* What lies between the old end and the new one must not be locked by others. */
static nt
resize(struct fsd *me, struct handle *h, uint64_t size)
{
	struct look l;

	TRY(look_stat(h->fd, &l));
	if (size < l.st.stx_size)
		TRY(lock_check_io(h->file, h, size, l.st.stx_size - size, true));
	oplock_change_breaks(h);
	if (ftruncate(h->fd, (off_t)size) != 0)
		return nt_from_errno(errno);
	times_hold(h);
	changed(me, h, FILE_NOTIFY_CHANGE_SIZE | FILE_NOTIFY_CHANGE_LAST_WRITE);
	return STATUS_SUCCESS;
}

nt
setinfo_end_of_file(struct fsd *me, struct handle *h, struct span buf)
{
	uint64_t size;

	REQUIRE(handle_has_data(h), STATUS_INVALID_PARAMETER);
	TRY(fscc_size_decode(buf, &size));
	return resize(me, h, size);
}

/* 2.1.5.15.1: less than there is cuts the file, more is reserved without becoming part of it. */
nt
setinfo_allocation(struct fsd *me, struct handle *h, struct span buf)
{
	struct look l;
	uint64_t size;

	REQUIRE(handle_has_data(h), STATUS_INVALID_PARAMETER);
	TRY(fscc_size_decode(buf, &size));
	TRY(look_stat(h->fd, &l));
	h->file->alloc_hint = size;
	if (size < l.st.stx_size)
		return resize(me, h, size);
	oplock_change_breaks(h);
	if (size > 0 && fallocate(h->fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)size) != 0 &&
	    errno != EOPNOTSUPP)
		return nt_from_errno(errno);
	changed(me, h, FILE_NOTIFY_CHANGE_SIZE);
	return STATUS_SUCCESS;
}

/* ---- disposition ---- */

static nt
dispose(struct handle *h, bool away)
{
	if (!away) {
		doom_clear(h->file);
		h->delete_on_close = false;
		return STATUS_SUCCESS;
	}
	TRY(doom_check(h));
	/* 2.1.5.15.3: a handle that is only cached would keep the file. */
	if (oplock_handle_breaks(h->file, h->lease)) {
		h->in_the_way = h->file;
		return STATUS_PENDING;
	}
	doom_set(h);
	return STATUS_SUCCESS;
}

nt
setinfo_disposition(struct fsd *me, struct handle *h, struct span buf)
{
	uint32_t flags;

	(void)me;
	TRY(fscc_disposition_decode(buf, &flags));
	return dispose(h, (flags & FSCC_DISPOSITION_DELETE) != 0);
}

/* POSIX deletion (the name goes at once) is not offered: such a request is refused. */
nt
setinfo_disposition_ex(struct fsd *me, struct handle *h, struct span buf)
{
	uint32_t flags;

	(void)me;
	TRY(fscc_disposition_ex_decode(buf, &flags));
	REQUIRE(!(flags & (FSCC_DISPOSITION_POSIX | FSCC_DISPOSITION_IGNORE_READONLY)),
	    STATUS_NOT_SUPPORTED);
	if (flags & FSCC_DISPOSITION_ON_CLOSE) {
		h->delete_on_close = (flags & FSCC_DISPOSITION_DELETE) != 0;
		return STATUS_SUCCESS;
	}
	return dispose(h, (flags & FSCC_DISPOSITION_DELETE) != 0);
}
