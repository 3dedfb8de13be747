/* ioctl_sparse.c - holes: the mark, making them, finding them.  [MS-FSCC] 2.3.49 to 2.3.67 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "fsd/errno.h"
#include "fsd/ioctl.h"
#include "fsd/lock.h"
#include "fsd/notify.h"
#include "fsd/oplock.h"
#include "proto/fscc/notify.h"

#define RANGE_SIZE 16

/* 2.3.64: no input means yes. */
nt
ioctl_set_sparse(struct handle *h, struct span in)
{
	bool sparse = in.n == 0 || in.p[0] != 0;
	struct look l;

	REQUIRE(!h->is_dir, STATUS_INVALID_PARAMETER);
	TRY(look_at(h->fd, &l));
	l.dos.attributes     = stat_attributes(&l, false) & ~FILE_ATTRIBUTE_SPARSE_FILE;
	l.dos.has_attributes = true;
	if (sparse)
		l.dos.attributes |= FILE_ATTRIBUTE_SPARSE_FILE;
	TRY(dosattr_store(h->fd, &l.dos));
	notify_event(h->fsd, h->tree->share, h->path, FILE_NOTIFY_CHANGE_ATTRIBUTES,
	    FILE_ACTION_MODIFIED);
	return STATUS_SUCCESS;
}

static nt
zero(struct handle *h, uint64_t from, uint64_t n)
{
	struct look l;
	int mode;

	TRY(look_at(h->fd, &l));
	mode = l.dos.attributes & FILE_ATTRIBUTE_SPARSE_FILE ? FALLOC_FL_PUNCH_HOLE
							     : FALLOC_FL_ZERO_RANGE;
	if (fallocate(h->fd, mode | FALLOC_FL_KEEP_SIZE, (off_t)from, (off_t)n) == 0)
		return STATUS_SUCCESS;
	/* Not every file system can write zeroes this way; a hole reads the same. */
	if (errno == EOPNOTSUPP && fallocate(h->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				       (off_t)from, (off_t)n) == 0)
		return STATUS_SUCCESS;
	return nt_from_errno(errno);
}

/* 2.3.71: FileOffset, BeyondFinalZero. */
nt
ioctl_set_zero_data(struct handle *h, struct span in)
{
	struct rd r   = rd_init(in);
	uint64_t from = rd_u64(&r), to = rd_u64(&r);

	REQUIRE(rd_ok(&r) && handle_has_data(h), STATUS_INVALID_PARAMETER);
	REQUIRE(from <= to && to <= INT64_MAX, STATUS_INVALID_PARAMETER);
	TRY(lock_check_io(h->file, h, from, to - from, true));
	if (from == to)
		return STATUS_SUCCESS;
	oplock_change_breaks(h);
	return zero(h, from, to - from);
}

/* The next stretch of data in [*io_at, end); false if there is none. */
static bool
data_next(int fd, uint64_t end, uint64_t *io_at, uint64_t *ret_end)
{
	off_t data = lseek(fd, (off_t)*io_at, SEEK_DATA);
	off_t hole;

	if (data < 0 || (uint64_t)data >= end)
		return false;
	hole     = lseek(fd, data, SEEK_HOLE);
	*io_at   = (uint64_t)data;
	*ret_end = hole < 0 || (uint64_t)hole > end ? end : (uint64_t)hole;
	return true;
}

/* 2.3.52: offset and length of what to look at; answers with the same of what has data. */
nt
ioctl_allocated_ranges(struct handle *h, struct span in, struct wr *w)
{
	struct rd r = rd_init(in);
	uint64_t at = rd_u64(&r), n = rd_u64(&r), end, stop;
	struct look l;

	REQUIRE(rd_ok(&r) && handle_has_data(h), STATUS_INVALID_PARAMETER);
	REQUIRE(at <= INT64_MAX && n <= INT64_MAX - at, STATUS_INVALID_PARAMETER);
	TRY(look_at(h->fd, &l));
	end = at + n < l.st.stx_size ? at + n : l.st.stx_size;
	/* A file that is not marked has no holes that anybody may know of. */
	if (at < end && !(l.dos.attributes & FILE_ATTRIBUTE_SPARSE_FILE)) {
		wr_u64(w, at);
		wr_u64(w, end - at);
		return STATUS_SUCCESS;
	}
	while (at < end && data_next(h->fd, end, &at, &stop)) {
		REQUIRE(wr_left(w) >= RANGE_SIZE, STATUS_BUFFER_TOO_SMALL);
		wr_u64(w, at);
		wr_u64(w, stop - at);
		at = stop;
	}
	return STATUS_SUCCESS;
}
