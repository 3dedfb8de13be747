/*
 * dfs.c - a path that is elsewhere: asked for by FSCTL_DFS_GET_REFERRALS and gone on
 * with at the target, on the same session or on another one opened for it.  Only
 * where the script allowed it: a server that may send us on decides to whom we
 * prove the owner's identity.  [MS-DFSC] 3.1.4.1, 3.1.4.2, 3.1.5.4
 *
 * What is below a namespace's root is asked for by the namespace's own name, whichever
 * server holds it: a domain's, if the script said a domain (4.6).
 */
#include "clientd/session/dfs.h"

#include "base/log.h"
#include "clientd/session/said.h"
#include "proto/smb2/fsctl.h"
#include "proto/smb2/ioctl.h"

#define REFERRAL_MAX 16384u
#define DFS_LEVEL    4u
#define PATIENCE     3u		/* times the session's limit, for all targets of a referral */
#define NS_PER_MS    1000000u
#define NAME_ROOM    (PATH_BOUND + 2 * NAME_BOUND + 4)

/* ---- the question ---- */

nt
dfs_ask(const struct where *w, struct span path, struct msg *m, struct span *ret)
{
	const struct fsctl_dfs_referral_req ask = { .max_level = DFS_LEVEL, .path = path };
	size_t cap				= path.n + 16;
	struct wr b				= wr_init(fiber_alloc(cap), cap);
	struct smb2_ioctl_req req = { .ctl_code = FSCTL_DFS_GET_REFERRALS, .fid = FID_RELATED,
				      .max_output_response = REFERRAL_MAX,
				      .flags		   = SMB2_0_IOCTL_IS_FSCTL };
	struct smb2_ioctl_rsp rsp;
	size_t at;

	fsctl_dfs_referral_req_encode(&b, &ask);
	REQUIRE(wr_ok(&b), STATUS_INTERNAL_ERROR);
	req.input = wr_done(&b);
	TRY(where_begin(m, w, MSG_ROOM + cap));
	at = msg_add(m, SMB2_CMD_ioctl, w->tree_id, REFERRAL_MAX);
	smb2_ioctl_req_encode(&m->w, at, &req);
	TRY(msg_run(m));
	ANSWER(smb2_ioctl_rsp_decode(&m->reply[0].body, &rsp));
	*ret = rsp.output;
	return STATUS_SUCCESS;
}

/* A path in a namespace, as it is asked for and as it is compared. */
struct dfs_name {
	struct span wire;
	char *text;		/* "\server\share[\path]" */
	const char *beyond;	/* what of the path is not in it */
};

static nt
name_of(const struct session *s, const struct job_at *at, enum referral_kind kind,
	struct dfs_name *ret)
{
	struct wr w = wr_init(fiber_alloc(2 * NAME_ROOM), 2 * NAME_ROOM);
	char *head  = fiber_alloc(NAME_ROOM);
	size_t n;

	(void)snprintf(head, NAME_ROOM, "\\%s\\%s", s->host, at->share);
	(void)wr_utf16(&w, at->root ? at->root : head);
	n = w.pos;
	if (kind == REFERRAL_LINK) {
		wr_u16(&w, '\\');
		TRY(path_encode(at->path, &w));
		if (w.pos == n + 2)
			w.pos = n;
	}
	REQUIRE(wr_ok(&w), STATUS_NAME_TOO_LONG);
	ret->beyond = kind == REFERRAL_LINK ? "" : at->path;
	ret->wire   = wr_done(&w);
	ret->text   = fiber_alloc(2 * NAME_ROOM);
	return utf16_to_utf8(ret->wire, ret->text, 2 * NAME_ROOM, &n);
}

/* ---- the answer ---- */

static nt
text_of(struct span utf16, const char **ret)
{
	char *s = fiber_alloc(PATH_BOUND + 1);
	size_t n;

	ANSWER(utf16_to_utf8(utf16, s, PATH_BOUND + 1, &n));
	*ret = s;
	return STATUS_SUCCESS;
}

/* 2.2.4: PathConsumed ends where a component does, behind server and share. */
static nt
prefix_of(const struct dfs_name *name, size_t consumed, const char **ret)
{
	char *prefix = fiber_alloc(2 * NAME_ROOM);
	const char *share;
	size_t n;

	REQUIRE(consumed <= name->wire.n, STATUS_INVALID_NETWORK_RESPONSE);
	ANSWER(utf16_to_utf8(SPAN(name->wire.p, consumed), prefix, 2 * NAME_ROOM, &n));
	if (n > 0 && prefix[n - 1] == '\\')
		prefix[--n] = '\0';
	share = n > 0 ? strchr(prefix + 1, '\\') : NULL;
	REQUIRE(share && share[1] && (!name->text[n] || name->text[n] == '\\'),
		STATUS_INVALID_NETWORK_RESPONSE);
	*ret = prefix;
	return STATUS_SUCCESS;
}

static nt
referral_ask(struct session *s, enum referral_kind kind, const struct dfs_name *name,
	     struct referral *ret)
{
	struct where w CLEANUP(where_end) = { 0 };
	struct msg m CLEANUP(msg_end)	  = { 0 };
	struct referral r		  = { 0 };
	struct dfs_referral ref;
	struct span output;

	TRY(where_of(s, "IPC$", &w));
	TRY(dfs_ask(&w, name->wire, &m, &output));
	ANSWER(dfs_referral_decode(output, &ref));
	TRY(prefix_of(name, ref.path_consumed, &r.prefix));
	for (; r.n < ref.count; r.n++)
		TRY(text_of(ref.target[r.n], &r.target[r.n]));
	referral_keep(s, kind, &r, ref.ttl);
	*ret = r;
	return STATUS_SUCCESS;
}

struct target {
	char *server, *share, *rest;	/* rest: what follows the share, perhaps "" */
};

/* "\server\share[\path]" */
static nt
target_split(const char *text, struct target *ret)
{
	char *s = fiber_strdup(text);

	while (*s == '\\')
		s++;
	ret->server = s;
	s += strcspn(s, "\\/");
	REQUIRE(*s && s > ret->server, STATUS_INVALID_NETWORK_RESPONSE);
	*s++	   = '\0';
	ret->share = s;
	s += strcspn(s, "\\/");
	REQUIRE(s > ret->share, STATUS_INVALID_NETWORK_RESPONSE);
	ret->rest = s;
	if (*s) {
		*s++	  = '\0';
		ret->rest = s;
	}
	REQUIRE(strlen(ret->server) <= NAME_BOUND && strlen(ret->share) <= NAME_BOUND,
		STATUS_INVALID_NETWORK_RESPONSE);
	return STATUS_SUCCESS;
}

/* ---- the way there ---- */

/* A namespace's root keeps its name, so that its links can be asked for. */
static nt
place_set(struct job_at *at, const struct session *there, const struct target *t, const char *root,
	  const struct dfs_name *name, const char *rest)
{
	char *path = fiber_alloc(PATH_BOUND + 1);

	REQUIRE(snprintf(path, PATH_BOUND + 1, "%s%s/%s", t->rest, rest, name->beyond) <=
			(int)PATH_BOUND,
		STATUS_NAME_TOO_LONG);
	at->session   = there->id;
	at->share     = t->share;
	at->path      = path;
	at->root      = t->rest[0] ? NULL : root;
	at->elsewhere = true;
	return STATUS_SUCCESS;
}

/* Is it there, with its share?  3.1.5.2: else the next target is. */
static nt
target_reach(struct session *s, const struct target *t, struct session **ret)
{
	struct where w CLEANUP(where_end) = { 0 };
	struct session *there;

	TRY(session_at(s, t->server, &there));
	TRY(where_of(there, t->share, &w));
	*ret = there;
	return STATUS_SUCCESS;
}

/* The first target that can be reached, beginning with the one that was last time. */
static nt
follow_any(struct job *j, struct job_at *at, struct session *s, enum referral_kind kind,
	   const struct dfs_name *name, struct referral *r)
{
	uint64_t until = clock_mono_ns() + (uint64_t)PATIENCE * s->timeout_ms * NS_PER_MS;
	nt status      = STATUS_PATH_NOT_COVERED;
	struct target t;

	for (unsigned i = 0; i < r->n && clock_mono_ns() < until; i++) {
		unsigned k = (r->first + i) % r->n;
		struct session *there;

		TRY(target_split(r->target[k], &t));
		status = target_reach(s, &t, &there);
		if (!nt_failed(status)) {
			if (k != r->first)
				referral_prefer(s, kind, r->prefix, k);
			r->first = k;
			return place_set(at, there, &t, kind == REFERRAL_ROOT ? r->prefix : NULL,
					 name, path_below(name->text, r->prefix));
		}
		log_info("a referral's target cannot be reached server=%s share=%s status=%s",
			 log_qs(t.server), log_qs(t.share), nt_name(status));
		TRY(fiber_check());
	}
	job_says(j, "%s is at %s, which cannot be reached: %s (%s)", said(r->prefix),
		 said(r->target[r->first]), nt_sentence(status), nt_name(status));
	return status;
}

bool
hop(struct job *j, const struct job_at *at)
{
	if (++j->hops <= HOPS_MAX)
		return true;
	job_says(j, "more than %u referrals and links, at last to %s", HOPS_MAX, said(at->path));
	return false;
}

nt
dfs_follow(struct job *j, struct job_at *at, enum referral_kind kind)
{
	struct session *s CLEANUP(session_release) = session_find(j->client, at->session);
	struct dfs_name name;
	struct referral r;
	bool known;

	REQUIRE(s, STATUS_PATH_NOT_COVERED);
	session_hold(s);	/* a script may close it meanwhile */
	if (!(s->flags & CLIENT_DFS) && kind == REFERRAL_LINK)
		job_says(j, "%s is elsewhere, and this session does not follow DFS referrals",
			 said(at->path));
	REQUIRE((s->flags & CLIENT_DFS) && hop(j, at), STATUS_PATH_NOT_COVERED);
	TRY(name_of(s, at, kind, &name));
	known = referral_find(s, kind, name.text, &r);
	if (!known)
		TRY(referral_ask(s, kind, &name, &r));
	TRY(follow_any(j, at, s, kind, &name, &r));
	if (!known)
		log_info("followed a referral path=%s target=%s", log_qs(r.prefix),
			 log_qs(r.target[r.first]));
	return STATUS_SUCCESS;
}
