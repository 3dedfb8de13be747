/* stat.c - what is told about a file.  [MS-FSCC] 2.4, 2.6 */
#include "fsd/stat.h"

#include <errno.h>
#include <fcntl.h>

#include "base/loop.h"
#include "fsd/errno.h"
#include "fsd/file.h"

#define LOOK_MASK  (STATX_BASIC_STATS | STATX_BTIME)
#define SETTLED_NS INT64_C(100000000)

bool
look_is_dir(const struct look *l)
{
	return S_ISDIR(l->st.stx_mode);
}

bool
look_is_servable(const struct look *l)
{
	return S_ISDIR(l->st.stx_mode) || S_ISREG(l->st.stx_mode);
}

uint64_t
look_dev(const struct look *l)
{
	return (uint64_t)l->st.stx_dev_major << 32 | l->st.stx_dev_minor;
}

nt
look_stat(int fd, struct look *ret)
{
	ret->dos     = (struct dosattr){ 0 };
	ret->ea_size = 0;
	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_SYNC_AS_STAT, LOOK_MASK, &ret->st) != 0)
		return nt_from_errno(errno);
	return STATUS_SUCCESS;
}

nt
look_at(int fd, struct look *ret)
{
	TRY(look_stat(fd, ret));
	if (look_is_servable(ret))
		dosattr_load(fd, &ret->dos);
	return STATUS_SUCCESS;
}

static int64_t
ns(struct statx_timestamp t)
{
	int64_t v;

	if (__builtin_mul_overflow(t.tv_sec, INT64_C(1000000000), &v) ||
	    __builtin_add_overflow(v, (int64_t)t.tv_nsec, &v))
		return FSCC_TIME_NONE;
	return v;
}

/*
 * Writing an attribute moves the change time, if by less than the clock's grain
 * perhaps not visibly: only what has been left alone for a while is remembered.
 */
nt
look_file(int fd, struct file *f, struct look *ret)
{
	const struct statx_timestamp *at = &ret->st.stx_ctime;

	TRY(look_stat(fd, ret));
	if (f->dos_known && f->dos_at.tv_sec == at->tv_sec && f->dos_at.tv_nsec == at->tv_nsec) {
		ret->dos = f->dos;
		return STATUS_SUCCESS;
	}
	dosattr_load(fd, &ret->dos);
	f->dos       = ret->dos;
	f->dos_at    = (struct timespec){ at->tv_sec, at->tv_nsec };
	f->dos_known = (int64_t)clock_real_ns() - ns(*at) > SETTLED_NS;
	return STATUS_SUCCESS;
}

/* Without a birth time the oldest that is known: a file is not younger than its data. */
int64_t
stat_creation(const struct look *l)
{
	int64_t m = ns(l->st.stx_mtime), c = ns(l->st.stx_ctime);

	if (l->dos.has_creation)
		return l->dos.creation;
	if (l->st.stx_mask & STATX_BTIME)
		return ns(l->st.stx_btime);
	return m < c ? m : c;
}

int64_t
stat_write(const struct look *l)
{
	return ns(l->st.stx_mtime);
}

static int64_t
change(const struct look *l)
{
	if (l->dos.has_change && l->dos.change_write == stat_write(l))
		return l->dos.change;
	return ns(l->st.stx_ctime);
}

uint32_t
stat_attributes(const struct look *l, bool hide)
{
	uint32_t a = l->dos.attributes;

	if (!l->dos.has_attributes) {
		a = look_is_dir(l) ? 0 : FILE_ATTRIBUTE_ARCHIVE;
		if (!look_is_dir(l) && (l->st.stx_mode & 0222) == 0)
			a |= FILE_ATTRIBUTE_READONLY;
	}
	if (look_is_dir(l))
		a |= FILE_ATTRIBUTE_DIRECTORY;
	if (hide)
		a |= FILE_ATTRIBUTE_HIDDEN;
	return a ? a : FILE_ATTRIBUTE_NORMAL;
}

uint64_t
clusters(uint64_t bytes)
{
	uint64_t over = bytes % CLUSTER;

	if (over == 0)
		return bytes;
	return bytes > UINT64_MAX - CLUSTER ? UINT64_MAX - UINT64_MAX % CLUSTER
					    : bytes - over + CLUSTER;
}

/*
 * Blocks of the inode include those of its extended attributes: an empty file
 * with our attribute must still say 0.
 */
static uint64_t
allocation(const struct look *l)
{
	uint64_t blocks = l->st.stx_blocks * 512, whole = clusters(l->st.stx_size);

	if (look_is_dir(l))
		return 0;
	return blocks < whole ? clusters(blocks) : whole;
}

void
stat_fill(const struct look *l, bool hide, struct fscc_stat *ret)
{
	bool dir = look_is_dir(l);

	*ret = (struct fscc_stat){
		.creation_time   = stat_creation(l),
		.access_time     = ns(l->st.stx_atime),
		.write_time      = stat_write(l),
		.change_time     = change(l),
		.allocation_size = allocation(l),
		.end_of_file     = dir ? 0 : l->st.stx_size,
		.attributes      = stat_attributes(l, hide),
		.nlink           = dir ? 1 : l->st.stx_nlink,
		.file_id         = l->st.stx_ino,
		.volume_id       = look_dev(l),
		.is_dir          = dir,
		.ea_size         = l->ea_size,
	};
}
