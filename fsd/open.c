/*
 * open.c - CREATE: the checks that need no disk, the choice between opening and
 * making, and the end of both.  [MS-SMB2] 3.3.5.9, [MS-FSA] 2.1.5.1
 */
#include "fsd/open.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "fsd/access.h"
#include "fsd/lease.h"
#include "fsd/oplock.h"
#include "fsd/sharemode.h"
#include "proto/smb2/const.h"

#define OPTIONS_INVALID     0xFF000000u
#define OPTIONS_UNSUPPORTED (FILE_OPEN_BY_FILE_ID | FILE_RESERVE_OPFILTER | 0x00000080u)
#define ATTRIBUTES_INVALID  0xFFFF8048u	/* not of [MS-FSCC] 2.6, or never a client's to set */
#define SHARE_INVALID       (~(FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE))
#define OPEN_TRIES          4		/* against others who make and remove the name */

static bool
overwrites(uint32_t disposition)
{
	return disposition == FILE_SUPERSEDE || disposition == FILE_OVERWRITE ||
	       disposition == FILE_OVERWRITE_IF;
}

static nt
check_options(const struct fsd_open_req *r)
{
	bool dir = (r->options & FILE_DIRECTORY_FILE) != 0;

	REQUIRE(!(r->options & OPTIONS_INVALID), STATUS_INVALID_PARAMETER);
	REQUIRE(!(r->options & OPTIONS_UNSUPPORTED), STATUS_NOT_SUPPORTED);
	REQUIRE(!dir || !(r->options & FILE_NON_DIRECTORY_FILE), STATUS_INVALID_PARAMETER);
	REQUIRE(!dir || !overwrites(r->disposition), STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

nt
open_check(const struct fsd_open_req *r, const struct tree *t)
{
	uint32_t access;

	REQUIRE(r->disposition <= FILE_OVERWRITE_IF, STATUS_INVALID_PARAMETER);
	TRY(check_options(r));
	TRY(access_map(r->access, &access));
	REQUIRE(!(r->attributes & ATTRIBUTES_INVALID), STATUS_INVALID_PARAMETER);
	REQUIRE(!(r->share & SHARE_INVALID), STATUS_INVALID_PARAMETER);
	REQUIRE(!(r->options & FILE_DELETE_ON_CLOSE) || (access & (DELETE | MAXIMUM_ALLOWED)),
	    STATUS_INVALID_PARAMETER);
	REQUIRE(r->ea.n == 0 || (t->share->flags & SHARE_EAS), STATUS_EAS_NOT_SUPPORTED);
	REQUIRE(r->twrp == 0, STATUS_OBJECT_NAME_NOT_FOUND);	/* no earlier versions are kept */
	REQUIRE(!(access & ~MAXIMUM_ALLOWED & ~t->max_access), STATUS_ACCESS_DENIED);
	REQUIRE(!t->read_only || !overwrites(r->disposition), STATUS_ACCESS_DENIED);
	return STATUS_SUCCESS;
}

/* The one stream that every file has: "name::$DATA" is "name". */
static nt
path_without_stream(const struct fsd_open_req *r, char ret[PATH_MAX])
{
	static const char data[] = "::$DATA";
	size_t n                 = r->path.n, tail = sizeof data - 1;

	REQUIRE(n < PATH_MAX, STATUS_OBJECT_NAME_INVALID);
	if (n > tail && strcasecmp(r->path.s + n - tail, data) == 0)
		n -= tail;
	memcpy(ret, r->path.s, n);
	ret[n] = '\0';
	return STATUS_SUCCESS;
}

static nt
missing(struct opening *o)
{
	uint32_t d = o->req->disposition;

	REQUIRE(d != FILE_OPEN && d != FILE_OVERWRITE, STATUS_OBJECT_NAME_NOT_FOUND);
	return open_create(o);
}

static nt
attempt(struct opening *o)
{
	char path[PATH_MAX];
	nt s;

	TRY(path_without_stream(o->req, path));
	TRY(path_lookup(o->me->index, o->tree->share->root, path, &o->at));
	s = o->at.fd >= 0 ? open_existing(o) : missing(o);
	lookup_close(&o->at);
	return s;
}

static void
answer_lease(const struct lease *l, struct fsd_open_rsp *ret)
{
	ret->lease_state = l->state;
	ret->lease_epoch = l->epoch;
	ret->flags |= FSD_OPEN_LEASE | (l->version == 2 ? FSD_OPEN_LEASE_V2 : 0) |
		      (l->breaking ? FSD_OPEN_BREAKING : 0);
}

static void
answer(const struct opening *o, struct fsd_open_rsp *ret)
{
	const struct handle *h = o->handle;
	struct fscc_stat st;

	handle_stat_of(h, &o->look, &st);
	*ret = (struct fsd_open_rsp){
		.file        = h->id,
		.action      = o->action,
		.oplock      = h->oplock,
		.granted     = h->access,
		.max_access  = o->maximum,
		.max_status  = NT_SUCCESS,
		.volume      = st.volume_id,
		.creation    = (uint64_t)st.creation_time,
		.access_time = (uint64_t)st.access_time,
		.write       = (uint64_t)st.write_time,
		.change      = (uint64_t)st.change_time,
		.alloc       = st.allocation_size,
		.eof         = st.end_of_file,
		.attributes  = st.attributes,
		.file_id     = st.file_id,
	};
	if (h->lease)
		answer_lease(h->lease, ret);
}

/* A worker serves one identity, and no identity may have all opens that there are. */
static bool
opens_left(const struct fsd *me, const struct peer *p)
{
	return table_count(me->handles) < me->max_opens &&
	       p->opens < me->max_opens - me->max_opens / FSD_OPENS_SPARE;
}

nt
open_run(struct fsd *me, struct peer *p, const struct fsd_open_req *req, struct fsd_open_rsp *ret,
    struct file **ret_file)
{
	struct opening o = { .me = me, .req = req };
	nt s             = STATUS_RETRY;

	TRY(tree_enter(me, p, req->tree, &o.tree));
	TRY(open_check(req, o.tree));
	TRY(access_map(req->access, &o.access));
	REQUIRE(opens_left(me, o.tree->peer), STATUS_TOO_MANY_OPENED_FILES);
	for (int i = 0; i < OPEN_TRIES && nt_is(s, STATUS_RETRY); i++)
		s = attempt(&o);
	if (nt_is(s, STATUS_RETRY))
		return STATUS_OBJECT_NAME_COLLISION;
	if (nt_ok(s))
		answer(&o, ret);
	*ret_file = o.file;
	return s;
}

nt
open_finish(struct opening *o, int fd, bool is_path)
{
	struct handle *h;
	struct file *f = file_get(o->me->files, look_dev(&o->look), o->look.st.stx_ino);
	nt s           = handle_new(o->me, o->tree, f, fd, o->at.path, &h);

	if (nt_failed(s)) {
		file_put(o->me->files, f);
		close(fd);
		return s;
	}
	h->is_dir          = look_is_dir(&o->look);
	h->is_path         = is_path;
	h->access          = o->access;
	h->share           = o->req->share;
	h->options         = o->req->options;
	h->delete_on_close = (o->req->options & FILE_DELETE_ON_CLOSE) != 0;
	if (f->alloc_hint < o->req->alloc && !h->is_dir && o->action != FILE_OPENED)
		f->alloc_hint = o->req->alloc;
	oplock_grant(h, o->req, access_is_stat(h->access) && o->action == FILE_OPENED);
	o->handle = h;
	return STATUS_SUCCESS;
}
