/* open_existing.c - CREATE of what is there.  [MS-FSA] 2.1.5.1.2 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "fsd/access.h"
#include "fsd/ea.h"
#include "fsd/errno.h"
#include "fsd/lease.h"
#include "fsd/notify.h"
#include "fsd/open.h"
#include "fsd/oplock.h"
#include "fsd/sharemode.h"
#include "fsd/walk.h"
#include "proto/fscc/notify.h"
#include "proto/smb2/const.h"

#define DATA_READ  (FILE_READ_DATA | FILE_EXECUTE)
#define DATA_WRITE (FILE_WRITE_DATA | FILE_APPEND_DATA)
#define GUARDED    (FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM)

static bool
overwrites(const struct opening *o)
{
	return o->req->disposition != FILE_OPEN && o->req->disposition != FILE_OPEN_IF;
}

static nt
check_kind(const struct opening *o)
{
	bool dir = look_is_dir(&o->look);

	REQUIRE(look_is_servable(&o->look), STATUS_ACCESS_DENIED);
	REQUIRE(o->req->disposition != FILE_CREATE, STATUS_OBJECT_NAME_COLLISION);
	REQUIRE(!dir || !(o->req->options & FILE_NON_DIRECTORY_FILE), STATUS_FILE_IS_A_DIRECTORY);
	REQUIRE(dir || !(o->req->options & FILE_DIRECTORY_FILE), STATUS_NOT_A_DIRECTORY);
	REQUIRE(!dir || !overwrites(o), STATUS_OBJECT_NAME_COLLISION);
	return STATUS_SUCCESS;
}

/* 2.1.5.1.2.1: a file marked read-only; and marks that an overwriter must know of. */
static nt
check_attributes(const struct opening *o, uint32_t has)
{
	bool read_only = (has & FILE_ATTRIBUTE_READONLY) && !look_is_dir(&o->look);

	REQUIRE(!read_only || !(o->access & DATA_WRITE), STATUS_ACCESS_DENIED);
	REQUIRE(!(has & FILE_ATTRIBUTE_READONLY) || !(o->req->options & FILE_DELETE_ON_CLOSE),
	    STATUS_CANNOT_DELETE);
	REQUIRE(!read_only || !overwrites(o), STATUS_ACCESS_DENIED);
	REQUIRE(!overwrites(o) || !(has & GUARDED & ~o->req->attributes), STATUS_ACCESS_DENIED);
	return STATUS_SUCCESS;
}

/* Only asked where it makes a difference: it costs a look at the directory. */
static bool
parent_lets_unlink(const struct opening *o)
{
	const char *name;
	struct look dir;
	int fd;
	bool may;

	if (!*o->at.path ||
	    nt_failed(path_parent(o->tree->share->root, o->at.path, &fd, &name)))
		return false;
	may = !nt_failed(look_stat(fd, &dir)) && access_may_unlink(&dir, &o->look, o->tree->who);
	close(fd);
	return may;
}

static void
maximum_find(struct opening *o, uint32_t has)
{
	bool wants = (o->access & (DELETE | MAXIMUM_ALLOWED)) || (o->req->flags & FSD_OPEN_MAXACC);

	o->maximum = access_of(&o->look, o->tree->who, false);
	if (wants && !(o->maximum & DELETE) && parent_lets_unlink(o))
		o->maximum |= DELETE;
	if ((has & FILE_ATTRIBUTE_READONLY) && !look_is_dir(&o->look))
		o->maximum &= ~DATA_WRITE;
	o->maximum &= o->tree->max_access;
}

/* What cannot be deleted is not promised to be.  2.1.5.1.2.1 */
static nt
check_deletion(const struct opening *o)
{
	bool empty = true;

	if (!(o->req->options & FILE_DELETE_ON_CLOSE))
		return STATUS_SUCCESS;
	REQUIRE(parent_lets_unlink(o), STATUS_ACCESS_DENIED);
	if (look_is_dir(&o->look))
		TRY(walk_is_empty(o->at.fd, &empty));
	REQUIRE(empty, STATUS_DIRECTORY_NOT_EMPTY);
	return STATUS_SUCCESS;
}

static nt
check_access(struct opening *o)
{
	uint32_t need = o->access & ~MAXIMUM_ALLOWED;
	uint32_t has  = stat_attributes(&o->look, false);

	TRY(check_attributes(o, has));
	maximum_find(o, has);
	if (overwrites(o))
		need |= FILE_WRITE_DATA;
	REQUIRE(!(need & ~o->maximum), STATUS_ACCESS_DENIED);
	return check_deletion(o);
}

/* With MAXIMUM_ALLOWED granted, but what the kernel then refuses is taken off again. */
static uint32_t
granted(const struct opening *o)
{
	uint32_t a = o->access & ~MAXIMUM_ALLOWED;

	return o->access & MAXIMUM_ALLOWED ? a | o->maximum : a;
}

/* Whoever has it open, and caches it, comes first. */
static nt
check_company(struct opening *o)
{
	struct oplock_comer who = { .access = granted(o), .overwrite = overwrites(o) };
	struct file *f          = o->file;
	nt s;

	if (!f)
		return STATUS_SUCCESS;
	REQUIRE(!f->doomed, STATUS_DELETE_PENDING);
	who.own = lease_of_request(o->me, o->req, f);
	if (oplock_open_breaks(f, OPLOCK_BEFORE_SHARING, &who))
		return STATUS_PENDING;
	s = sharemode_check(f, who.access, o->req->share, NULL);
	if (nt_is(s, STATUS_SHARING_VIOLATION) && oplock_handle_breaks(f, who.own))
		return STATUS_PENDING;
	TRY(s);
	if (oplock_open_breaks(f, OPLOCK_AFTER_SHARING, &who))
		return STATUS_PENDING;
	/* A handle that is only cached would keep the file. */
	if ((o->req->options & FILE_DELETE_ON_CLOSE) && oplock_handle_breaks(f, who.own))
		return STATUS_PENDING;
	return STATUS_SUCCESS;
}

static int
open_flags(uint32_t access, bool overwrite)
{
	bool rd = (access & DATA_READ) != 0, wr = (access & DATA_WRITE) != 0 || overwrite;

	return wr ? (rd ? O_RDWR : O_WRONLY) : O_RDONLY;
}

/* The descriptor that serves these rights: the O_PATH one, for attributes and directories. */
static nt
descriptor(struct opening *o, int *ret, bool *ret_path)
{
	uint32_t access = granted(o);
	nt s;

	*ret_path = look_is_dir(&o->look) || (!(access & (DATA_READ | DATA_WRITE)) && !overwrites(o));
	if (*ret_path) {
		*ret     = o->at.fd;
		o->at.fd = -1;
		return STATUS_SUCCESS;
	}
	s = path_reopen(o->at.fd, open_flags(access, overwrites(o)), ret);
	if (nt_failed(s) && (o->access & MAXIMUM_ALLOWED) && !overwrites(o) &&
	    !(o->access & DATA_WRITE)) {
		o->maximum &= ~DATA_WRITE;
		s = path_reopen(o->at.fd, O_RDONLY, ret);
	}
	return s;
}

static nt
truncate_it(struct opening *o, int fd)
{
	struct dosattr d = o->look.dos;

	if (ftruncate(fd, 0) != 0)
		return nt_from_errno(errno);
	d.attributes     = (o->req->attributes & FILE_ATTRIBUTE_SETTABLE) | FILE_ATTRIBUTE_ARCHIVE;
	d.has_attributes = true;
	if (stat_attributes(&o->look, false) != d.attributes)
		(void)nt_failed(dosattr_store(fd, &d));
	if (o->req->ea.n > 0)
		TRY(ea_set(fd, o->req->ea));
	o->action = o->req->disposition == FILE_SUPERSEDE ? FILE_SUPERSEDED : FILE_OVERWRITTEN;
	notify_event(o->me, o->tree->share, o->at.path,
	    FILE_NOTIFY_CHANGE_SIZE | FILE_NOTIFY_CHANGE_LAST_WRITE | FILE_NOTIFY_CHANGE_ATTRIBUTES,
	    FILE_ACTION_MODIFIED);
	return look_at(fd, &o->look);
}

nt
open_existing(struct opening *o)
{
	bool is_path;
	int fd;
	nt s;

	TRY(look_at(o->at.fd, &o->look));
	o->file = file_find(o->me->files, look_dev(&o->look), o->look.st.stx_ino);
	TRY(lease_check_key(o->me, o->req, o->file));
	TRY(check_kind(o));
	TRY(check_access(o));
	s = check_company(o);
	if (!nt_ok(s))
		return s;
	TRY(descriptor(o, &fd, &is_path));
	o->action = FILE_OPENED;
	s         = overwrites(o) ? truncate_it(o, fd) : STATUS_SUCCESS;
	if (nt_failed(s)) {
		close(fd);
		return s;
	}
	o->access = granted(o);
	return open_finish(o, fd, is_path);
}
