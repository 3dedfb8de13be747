/*
 * link.c - a path with a symbolic link in it, on which the server has stopped: the
 * target's path in the same share.  A server may name any target: one that leaves the
 * share, or is not relative, is not gone to.  [MS-SMB2] 2.2.2.2.1, 3.2.5.7
 */
#include "clientd/session/dfs.h"

#include "base/log.h"
#include "clientd/session/said.h"
#include "proto/smb2/error.h"

/* ---- the question ---- */

/* 2.2.2.1: on 3.1.1 it stands in a context.  Borrows from m. */
static nt
link_of(struct msg *m, struct smb2_symlink_error *ret)
{
	struct smb2_error_context ctx = { .id = UINT32_MAX };
	struct smb2_error_rsp rsp;

	ANSWER(smb2_error_rsp_decode(&m->reply[0].body, &rsp));
	if (rsp.context_count == 0) {
		ANSWER(smb2_symlink_error_decode(rsp.data, ret));
		return STATUS_SUCCESS;
	}
	for (unsigned i = 0; i < rsp.context_count && ctx.id != SMB2_ERROR_ID_DEFAULT; i++)
		ANSWER(smb2_error_context_next(&rsp.data, &ctx));
	REQUIRE(ctx.id == SMB2_ERROR_ID_DEFAULT, STATUS_INVALID_NETWORK_RESPONSE);
	ANSWER(smb2_symlink_error_decode(ctx.data, ret));
	return STATUS_SUCCESS;
}

/* The call may have been about anything: the link is asked for once more, by an open that changes nothing. */
static nt
link_ask(const struct where *w, const char *path, uint32_t options, struct msg *m,
	 struct smb2_symlink_error *ret)
{
	const struct open_how how = { .path = path, .access = FILE_READ_ATTRIBUTES,
				      .disposition = FILE_OPEN, .options = options };

	TRY(where_begin(m, w, OPEN_ROOM));
	TRY(add_create(m, w, &how));
	add_close(m, w, FID_RELATED, 0);
	TRY(msg_exchange(m));
	REQUIRE(nt_is(m->reply[0].status, STATUS_STOPPED_ON_SYMLINK), STATUS_NOT_FOUND);
	return link_of(m, ret);
}

/* ---- the answer ---- */

static char *
text_of(struct span utf16)
{
	char *s = fiber_alloc(PATH_BOUND + 1);
	size_t n;

	if (utf16.n > 0 && nt_failed(utf16_to_utf8(utf16, s, PATH_BOUND + 1, &n)))
		return NULL;
	return s;
}

/* Without its last component.  False: there is none. */
static bool
path_up(char *path)
{
	char *cut = strrchr(path, '\\');

	if (!path[0])
		return false;
	*(cut ? cut : path) = '\0';
	return true;
}

/* path has room for PATH_BOUND.  False: it would leave the share, or be too long. */
static bool
path_go(char *path, const char *to)
{
	while (*to) {
		size_t had = strlen(path), n = strcspn(to, "\\/");

		if (n == 2 && to[0] == '.' && to[1] == '.') {
			if (!path_up(path))
				return false;
		} else if (n > 0 && !(n == 1 && to[0] == '.')) {
			if (had + n + 1 > PATH_BOUND)
				return false;
			(void)snprintf(path + had, PATH_BOUND + 1 - had, "%s%.*s", had ? "\\" : "",
				       (int)n, to);
		}
		to += n + (to[n] != '\0');
	}
	return true;
}

/* What a server says of a link, as text. */
struct parts {
	char *before, *target, *rest;	/* before: the link's own path */
};

/* name: as it was sent, the link somewhere in it. */
static nt
link_split(const struct smb2_symlink_error *l, struct span name, struct parts *ret)
{
	size_t before = name.n - l->unparsed_length;
	struct parts p;
	size_t n;

	REQUIRE(l->unparsed_length <= name.n && l->unparsed_length % 2 == 0,
		STATUS_INVALID_NETWORK_RESPONSE);
	p.before = text_of(SPAN(name.p, before));
	p.target = text_of(l->substitute);
	p.rest   = text_of(SPAN(name.p + before, l->unparsed_length));
	REQUIRE(p.before && p.target && p.rest, STATUS_INVALID_NETWORK_RESPONSE);
	/* what is behind the link begins with a component */
	n = strlen(p.before);
	REQUIRE(!p.rest[0] || p.rest[0] == '\\' || (n > 0 && p.before[n - 1] == '\\'),
		STATUS_INVALID_NETWORK_RESPONSE);
	if (n > 0 && p.before[n - 1] == '\\')
		p.before[n - 1] = '\0';
	REQUIRE(p.before[0], STATUS_INVALID_NETWORK_RESPONSE);
	*ret = p;
	return STATUS_SUCCESS;
}

/* NULL: the way is open, and *ret the path at its end. */
static const char *
link_refuse(const struct session *s, const struct smb2_symlink_error *l, const struct parts *p,
	    char **ret)
{
	char *path = fiber_alloc(PATH_BOUND + 1);

	if (s->flags & CLIENT_NO_LINKS)
		return "and this session follows none";
	if (!p->target[0])
		return "which names nothing";
	if (!(l->flags & SMB2_SYMLINK_FLAG_RELATIVE) || p->target[0] == '\\' || p->target[0] == '/')
		return "which is absolute: only links within the share are followed";
	(void)strcpy(path, p->before);
	(void)path_up(path);
	if (!path_go(path, p->target) || !path_go(path, p->rest))
		return "which leaves the share";
	*ret = path;
	return NULL;
}

static nt
link_resolve(struct job *j, const struct session *s, const struct smb2_symlink_error *l,
	     struct span name, char **ret)
{
	const char *why;
	struct parts p;

	TRY(link_split(l, name, &p));
	why = link_refuse(s, l, &p, ret);
	if (!why)
		return STATUS_SUCCESS;
	job_says(j, "%s is a symbolic link to \"%s\", %s", said(p.before), said(p.target), why);
	return STATUS_STOPPED_ON_SYMLINK;
}

nt
link_follow(struct job *j, struct job_at *at, bool itself)
{
	struct session *s		  = session_find(j->client, at->session);
	struct where w CLEANUP(where_end) = { 0 };
	struct msg m CLEANUP(msg_end)	  = { 0 };
	size_t cap			  = 2 * PATH_BOUND;
	struct wr name			  = wr_init(fiber_alloc(cap), cap);
	struct smb2_symlink_error l;
	char *path;
	nt status;

	REQUIRE(s && hop(j, at), STATUS_STOPPED_ON_SYMLINK);
	TRY(path_encode(at->path, &name));
	TRY(where_of(s, at->share, &w));
	TRY(link_ask(&w, at->path, itself ? FILE_OPEN_REPARSE_POINT : 0, &m, &l));
	status = link_resolve(j, s, &l, wr_done(&name), &path);
	if (nt_failed(status)) {
		log_info("a link is not followed share=%s path=%s status=%s", log_qs(at->share),
			 log_qs(at->path), nt_name(status));
		return status;
	}
	at->path = path;
	return STATUS_SUCCESS;
}
