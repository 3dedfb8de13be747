/* open_create.c - CREATE of what is not there yet.  [MS-FSA] 2.1.5.1.1 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fsd/access.h"
#include "fsd/ea.h"
#include "fsd/errno.h"
#include "fsd/lease.h"
#include "fsd/notify.h"
#include "fsd/open.h"
#include "fsd/security.h"
#include "proto/fscc/notify.h"
#include "proto/smb2/const.h"

static nt
check_parent(const struct opening *o)
{
	const struct file *f;
	struct look dir;

	REQUIRE(!o->tree->read_only, STATUS_ACCESS_DENIED);
	TRY(look_stat(o->at.parent, &dir));
	f = file_find(o->me->files, look_dev(&dir), dir.st.stx_ino);
	REQUIRE(!f || !f->doomed, STATUS_DELETE_PENDING);
	return STATUS_SUCCESS;
}

/* O_EXCL: whatever is there by now, a link that leads elsewhere too, is not opened. */
static nt
make_file(struct opening *o, int *ret)
{
	mode_t mode = 0666 & o->tree->share->create_mask;
	int fd      = openat(o->at.parent, o->at.name,
	    O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, mode);

	if (fd < 0)
		return errno == EEXIST ? STATUS_RETRY : nt_from_errno(errno);
	*ret = fd;
	return STATUS_SUCCESS;
}

static nt
make_dir(struct opening *o, int *ret)
{
	if (mkdirat(o->at.parent, o->at.name, 0777 & o->tree->share->directory_mask) != 0)
		return errno == EEXIST ? STATUS_RETRY : nt_from_errno(errno);
	return path_open_entry(o->at.parent, o->at.name, ret);
}

/* What a new one has without being told is not written down. */
static nt
dress(struct opening *o, int fd)
{
	uint32_t a       = o->req->attributes & FILE_ATTRIBUTE_SETTABLE;
	struct dosattr d = { .has_attributes = true };

	d.attributes = look_is_dir(&o->look) ? a : a | FILE_ATTRIBUTE_ARCHIVE;
	if (d.attributes != (stat_attributes(&o->look, false) & FILE_ATTRIBUTE_SETTABLE) &&
	    !nt_failed(dosattr_store(fd, &d)))
		o->look.dos = d;
	if (o->req->ea.n > 0)
		TRY(ea_set(fd, o->req->ea));
	if (o->req->sd.n > 0)
		TRY(security_set(fd, &o->look, o->tree->who, o->req->sd,
		    OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION |
			DACL_SECURITY_INFORMATION));
	return STATUS_SUCCESS;
}

/* Space that is asked for is reserved, so that DISK_FULL comes now and not later. */
static nt
reserve(const struct opening *o, int fd)
{
	if (o->req->alloc == 0 || look_is_dir(&o->look))
		return STATUS_SUCCESS;
	REQUIRE(o->req->alloc <= INT64_MAX, STATUS_DISK_FULL);
	if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)o->req->alloc) == 0)
		return STATUS_SUCCESS;
	return errno == EOPNOTSUPP ? STATUS_SUCCESS : nt_from_errno(errno);
}

static nt
fill(struct opening *o, int fd)
{
	TRY(look_stat(fd, &o->look));
	TRY(dress(o, fd));
	return reserve(o, fd);
}

static void
unmake(const struct opening *o, bool dir)
{
	(void)unlinkat(o->at.parent, o->at.name, dir ? AT_REMOVEDIR : 0);
}

nt
open_create(struct opening *o)
{
	bool dir = (o->req->options & FILE_DIRECTORY_FILE) != 0;
	bool ro  = (o->req->attributes & FILE_ATTRIBUTE_READONLY) != 0;
	int fd;
	nt s;

	TRY(lease_check_key(o->me, o->req, NULL));
	TRY(check_parent(o));
	REQUIRE(!ro || !(o->req->options & FILE_DELETE_ON_CLOSE), STATUS_CANNOT_DELETE);
	TRY(dir ? make_dir(o, &fd) : make_file(o, &fd));
	s = fill(o, fd);
	if (nt_failed(s)) {
		close(fd);
		unmake(o, dir);
		return s;
	}
	o->action  = FILE_CREATED;
	o->maximum = FILE_ALL_ACCESS & o->tree->max_access;
	if (o->access & MAXIMUM_ALLOWED)
		o->access = o->maximum;
	notify_event(o->me, o->tree->share, o->at.path, notify_name_change(dir), FILE_ACTION_ADDED);
	return open_finish(o, fd, dir);
}
