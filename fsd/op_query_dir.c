/*
 * op_query_dir.c - fsd_query_dir: one buffer of directory entries.
 * [MS-SMB2] 3.3.5.18, [MS-FSA] 2.1.5.6.3
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/utf16.h"
#include "fsd/access.h"
#include "fsd/ea.h"
#include "fsd/handle.h"
#include "fsd/listing.h"
#include "fsd/path.h"
#include "fsd/payload.h"
#include "fsd/shortname.h"
#include "proto/fscc/dir_info.h"
#include "proto/smb2/const.h"
#include "proto/smb2/query_directory.h"

#define LOOK_MASK (STATX_BASIC_STATS | STATX_BTIME)

/* By its path from the root, so that a link is followed inside the share only. */
static bool
look_link(const struct handle *h, const char *name, struct look *ret)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof path, "%s%s%s", h->path, *h->path ? "/" : "", name);
	int fd;
	bool ok;

	if (n < 0 || (size_t)n >= sizeof path ||
	    nt_failed(path_open(h->tree->share->root, path, 0, &fd)))
		return false;
	ok = !nt_failed(look_at(fd, ret));
	close(fd);
	return ok;
}

/* Of the root, the parent is nobody's business. */
static bool
look_parent(const struct handle *h, struct look *ret)
{
	const char *name;
	int fd;
	bool ok;

	if (!*h->path)
		return !nt_failed(look_at(h->fd, ret));
	if (nt_failed(path_parent(h->tree->share->root, h->path, &fd, &name)))
		return false;
	ok = !nt_failed(look_at(fd, ret));
	close(fd);
	return ok;
}

static bool
look_name(const struct handle *h, const char *name, struct look *ret)
{
	bool ours = false;

	ret->dos     = (struct dosattr){ 0 };
	ret->ea_size = 0;
	if (statx(listing_fd(h), name, AT_SYMLINK_NOFOLLOW, LOOK_MASK, &ret->st) != 0)
		return false;
	if (S_ISLNK(ret->st.stx_mode))
		return false;
	if (!look_is_servable(ret) || !path_stay_in(listing_fd(h)))
		return true;
	ret->ea_size = ea_look_name(name, &ours);
	if (ours)
		dosattr_load_name(name, &ret->dos);
	return true;
}

static bool
look_entry(const struct handle *h, const struct listing_entry *e, struct look *ret)
{
	if (strcmp(e->disk, ".") == 0)
		return !nt_failed(look_at(h->fd, ret));
	if (strcmp(e->disk, "..") == 0)
		return look_parent(h, ret);
	if (e->type != DT_LNK && look_name(h, e->disk, ret))
		return look_is_servable(ret);
	return look_link(h, e->disk, ret) && look_is_servable(ret);
}

/* `hide unreadable`. */
static bool
is_secret(const struct handle *h, const struct look *l)
{
	return (h->tree->share->flags & SHARE_HIDE_UNREADABLE) &&
	       !(access_of(l, h->who, false) & FILE_READ_DATA);
}

/* Who has a short name has no other; most classes have no room for it. */
static void
short_name(const struct fscc_dir_row *row, const struct listing_entry *e, char ret[SHORTNAME_MAX])
{
	*ret = '\0';
	if (!memchr(row->parts, FSCC_DIR_SHORT, FSCC_DIR_PARTS_MAX) || strcmp(e->disk, ".") == 0 || strcmp(e->disk, "..") == 0)
		return;
	shortname_of(e->wire, ret);
	if (utf8_casecmp(ret, e->wire) == 0)
		*ret = '\0';
}

/* False: the entry does not fit, or the listing is over; *ret_status says if it failed. */
static bool
put_next(struct handle *h, struct fscc_dir *d, bool *ret_any, nt *ret_status)
{
	const struct listing_entry *e;
	char made[SHORTNAME_MAX];
	struct fscc_stat st;
	struct look l;

	if (!listing_peek(h, &e, ret_status))
		return false;
	if (look_entry(h, e, &l) && !is_secret(h, &l)) {
		stat_fill(&l, share_hides(h->tree->share, e->wire), &st);
		short_name(d->row, e, made);
		st.short_name = made;
		if (!fscc_dir_put(d, e->wire, &st)) {
			*ret_status = *ret_any ? STATUS_SUCCESS : STATUS_BUFFER_OVERFLOW;
			listing_found(h);
			return false;
		}
		*ret_any = true;
		listing_found(h);
	}
	listing_consume(h);
	return true;
}

static nt
fill(struct handle *h, uint8_t class, bool single, struct wr *w)
{
	struct fscc_dir d;
	bool any = false;
	nt s     = STATUS_SUCCESS;

	TRY(fscc_dir_begin(&d, w, class));
	while (put_next(h, &d, &any, &s))
		if (single && any)
			break;
	path_leave();
	if (any || nt_failed(s))
		return any ? STATUS_SUCCESS : s;
	return listing_found_any(h) ? STATUS_NO_MORE_FILES : STATUS_NO_SUCH_FILE;
}

static nt
check(struct fsd *me, struct call *c, const struct fsd_query_dir_req *req, struct handle **ret)
{
	struct handle *h;

	TRY(handle_use(me, c, req->file, &h));
	REQUIRE(h->is_dir, STATUS_INVALID_PARAMETER);
	REQUIRE(h->access & FILE_LIST_DIRECTORY, STATUS_ACCESS_DENIED);
	REQUIRE(fscc_dir_find(req->class_), STATUS_INVALID_INFO_CLASS);
	*ret = h;
	return STATUS_SUCCESS;
}

nt
fsd_query_dir(struct fsd *me, struct call *c, const struct fsd_query_dir_req *req,
    struct fsd_query_dir_rsp *rsp)
{
	bool restart = (req->flags & (SMB2_RESTART_SCANS | SMB2_REOPEN)) != 0;
	struct payload to;
	struct handle *h;
	struct wr w;
	nt s;

	TRY(check(me, c, req, &h));
	TRY(listing_start(h, req->pattern.s, restart));
	TRY(payload_room(c, req->slot, req->max, &to));
	w = wr_init(to.p, to.n);
	s = fill(h, req->class_, (req->flags & SMB2_RETURN_SINGLE_ENTRY) != 0, &w);
	if (nt_ok(s)) {
		rsp->length = (uint32_t)w.pos;
		payload_answer(c, &to, rsp->length);
	}
	payload_drop(&to);
	return s;
}
