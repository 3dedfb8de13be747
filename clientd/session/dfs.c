/*
 * dfs.c - a path that is elsewhere: asked for by FSCTL_DFS_GET_REFERRALS and gone on
 * with at the target, on the same session or on another one opened for it.  Only
 * where the script allowed it: a server that may send us on decides to whom we
 * prove the owner's identity.  [MS-DFSC] 3.1.4.1, 3.1.5.4
 */
#include "clientd/session/dfs.h"

#include "base/log.h"
#include "proto/smb2/dfs.h"
#include "proto/smb2/fsctl.h"
#include "proto/smb2/ioctl.h"

#define REFERRAL_MAX 16384u
#define DFS_LEVEL    4u

/* ---- the question ---- */

static nt
referral_ask(const struct where *w, struct span path, struct msg *m, struct dfs_referral *ret)
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
	ANSWER(dfs_referral_decode(rsp.output, ret));
	REQUIRE(ret->path_consumed <= path.n, STATUS_INVALID_NETWORK_RESPONSE);
	return STATUS_SUCCESS;
}

/* ---- the answer ---- */

struct target {
	char *server, *share, *rest;	/* rest: what follows the share, perhaps "" */
};

/* "\server\share[\path]" */
static nt
target_split(struct span utf16, struct target *ret)
{
	char *s = fiber_alloc(PATH_BOUND + 1);
	size_t n;

	ANSWER(utf16_to_utf8(utf16, s, PATH_BOUND + 1, &n));
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

static nt
path_join(const char *rest, struct span remainder, const char **ret)
{
	char *tail = fiber_alloc(PATH_BOUND + 1), *path = fiber_alloc(PATH_BOUND + 1);
	size_t n   = 0;

	if (remainder.n > 0)
		ANSWER(utf16_to_utf8(remainder, tail, PATH_BOUND + 1, &n));
	REQUIRE(snprintf(path, PATH_BOUND + 1, "%s/%s", rest, tail) <= (int)PATH_BOUND,
		STATUS_NAME_TOO_LONG);
	*ret = path;
	return STATUS_SUCCESS;
}

static nt
go_to(struct job *j, struct session *s, const struct target *t, struct span remainder)
{
	struct session *there;

	TRY(session_at(s, t->server, &there));
	TRY(path_join(t->rest, remainder, &j->at.path));
	j->at.session = there->id;
	j->at.share   = t->share;
	j->at.elsewhere = true;
	log_info("followed a referral server=%s share=%s", log_qs(t->server), log_qs(t->share));
	return STATUS_SUCCESS;
}

/* The first target that can be reached. */
static nt
follow_any(struct job *j, struct session *s, const struct dfs_referral *ref, struct span path)
{
	struct span remainder = SPAN(path.p + ref->path_consumed, path.n - ref->path_consumed);
	nt status	      = STATUS_PATH_NOT_COVERED;

	for (uint16_t i = 0; i < ref->count; i++) {
		struct target t;

		TRY(target_split(ref->target[i], &t));
		status = go_to(j, s, &t, remainder);
		if (!nt_failed(status) || nt_is(status, STATUS_CANCELLED))
			break;
	}
	return status;
}

nt
dfs_follow(struct job *j)
{
	struct session *s		  = session_find(j->client, j->at.session);
	struct where w CLEANUP(where_end) = { 0 };
	struct msg m CLEANUP(msg_end)	  = { 0 };
	size_t cap			  = 2 * (2 * NAME_BOUND + PATH_BOUND + 4);
	struct wr p			  = wr_init(fiber_alloc(cap), cap);
	struct dfs_referral ref;

	REQUIRE(s && (s->flags & CLIENT_DFS) && ++j->hops <= HOPS_MAX, STATUS_PATH_NOT_COVERED);
	wr_u16(&p, '\\');
	(void)wr_utf16(&p, s->host);
	wr_u16(&p, '\\');
	(void)wr_utf16(&p, j->at.share);
	wr_u16(&p, '\\');
	TRY(path_encode(j->at.path, &p));
	TRY(where_of(s, "IPC$", &w));
	TRY(referral_ask(&w, wr_done(&p), &m, &ref));
	return follow_any(j, s, &ref, wr_done(&p));
}
