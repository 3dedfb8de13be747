/*
 * cache.c - see cache.h.  When a file is worth a lease, how it is opened with one,
 * and what is believed of it for how long.  [MS-SMB2] 2.2.13.2.8, 2.2.13.2.10
 */
#include "clientd/session/cache.h"

#include <stdlib.h>

#include "base/log.h"
#include "clientd/session/move.h"
#include "proto/smb2/ctx_create.h"
#include "proto/smb2/read.h"
#include "proto/smb2/tree_connect.h"

#define USES_PLAIN 2u		/* not long ago; the next one asks for a lease */
#define USES_NEVER 255u		/* … unless that was in vain not long ago */
#define ALL_MAX	   (4096u + 2 * PATH_BOUND)

static_assert(KEPT_CONTENT == SMALL_MAX, "what a get of one message brings");

/* ---- is it worth it? ---- */

/* Two paths may meet in one place: then one lease too many is asked for, or too few. */
static struct recent *
recent_of(const struct where *w, const char *plain)
{
	uint64_t hash	 = utf8_casehash(plain) ^ utf8_casehash(w->share) * 31 ^ w->session->id;
	struct client *me = w->session->client;
	struct recent *r = &me->recent[hash % RECENT_MAX];
	uint64_t now	 = clock_mono_ns();

	if (r->hash != hash || now - r->when > (uint64_t)me->cache_times.recent_ms * NS_PER_MS)
		*r = (struct recent){ .hash = hash, .when = now };
	return r;
}

void
kept_unpopular(const struct kept *k)
{
	recent_of(&k->w, k->path)->uses = 0;
}

static bool
is_asked_often(const struct where *w, const char *plain)
{
	struct recent *r = recent_of(w, plain);

	if (r->uses == USES_NEVER)
		return false;	/* since then, not since the last time */
	r->when = clock_mono_ns();
	if (r->uses >= USES_PLAIN)
		return true;
	r->uses++;
	return false;
}

static bool
may_be_kept(const struct where *w, const char *plain)
{
	const struct conn *c = w->conn;

	return *plain && strlen(plain) <= PATH_BOUND && !(w->session->flags & CLIENT_NO_CACHE) &&
	       c->nego.dialect >= SMB2_DIALECT_210 &&
	       (c->nego.server_caps & SMB2_GLOBAL_CAP_LEASING) &&
	       w->is.type == SMB2_SHARE_TYPE_DISK;
}

/* ---- the questions ---- */

static struct span
lease_context(const struct kept *k)
{
	struct smb2_create_ctxs_req ctx = { .present = 1u << SMB2_CTX_RQLS };
	struct wr w			= wr_init(fiber_alloc(128), 128);

	ctx.lease.version = k->w.conn->nego.dialect >= SMB2_DIALECT_300 ? 2 : 1;
	ctx.lease.state	  = KEPT_LEASE;
	memcpy(ctx.lease.key, k->key, sizeof ctx.lease.key);
	smb2_create_ctxs_req_encode(&w, &ctx);
	return wr_done(&w);
}

/* All that was asked for and nothing else, under our key: Handle, or our open would be in others' way. */
static bool
lease_is_ours(const struct kept *k, const struct smb2_create_rsp *rsp)
{
	struct smb2_create_ctxs_rsp ctx = { 0 };

	return rsp->oplock_level == SMB2_OPLOCK_LEVEL_LEASE &&
	       !nt_failed(smb2_create_ctxs_rsp_decode(rsp->contexts, &ctx)) &&
	       smb2_ctx_has(ctx.present, SMB2_CTX_RQLS) && ctx.lease.state == KEPT_LEASE &&
	       !(ctx.lease.flags & SMB2_LEASE_FLAG_BREAK_IN_PROGRESS) &&
	       memcmp(ctx.lease.key, k->key, sizeof k->key) == 0;
}

static void
add_content(struct msg *m, const struct kept *k, struct smb2_fid fid)
{
	const struct smb2_read_req req = { .length = KEPT_CONTENT, .fid = fid };
	size_t at = msg_add(m, SMB2_CMD_read, k->w.tree_id, KEPT_CONTENT);

	smb2_read_req_encode(&m->w, at, &req);
}

static nt
info_take(struct msg *m, unsigned i, struct client_entry_row_req *ret)
{
	struct fscc_stat st = { 0 };
	struct span out;

	TRY(query_output(m, i, &out));
	ANSWER(fscc_file_decode(out, FSCC_FILE_ALL, &st));
	entry_of_stat(&st, "", ret);
	ret->short_name = str_of("");
	return STATUS_SUCCESS;
}

/* All of the file, or nothing. */
static nt
content_take(struct kept *k, struct reply *rep)
{
	struct smb2_read_rsp rsp = { 0 };

	if (!nt_is(rep->status, STATUS_END_OF_FILE)) {
		TRY(rep->status);
		ANSWER(smb2_read_rsp_decode(&rep->body, &rsp));
	}
	if (rsp.data.n != k->row.size || rsp.data.n > KEPT_CONTENT)
		return STATUS_SUCCESS;
	k->content = malloc(rsp.data.n + 1);
	REQUIRE(k->content, STATUS_INSUFFICIENT_RESOURCES);
	if (rsp.data.n > 0)
		memcpy(k->content, rsp.data.p, rsp.data.n);
	if (k->listed)
		k->w.session->kept_bytes += rsp.data.n;
	return STATUS_SUCCESS;
}

/* One name, which is its own: changes by another would not be known for ours. */
static bool
is_plain_file(const struct client_entry_row_req *row)
{
	return !row->directory && !(row->attributes & FILE_ATTRIBUTE_REPARSE_POINT) &&
	       row->links == 1;
}

/* *ret_lasting: the server gave the lease, and has not taken it back already. */
static nt
kept_open(struct kept *k, bool content, bool *ret_lasting)
{
	const struct open_how how = { .path = k->path, .access = READ_ACCESS,
				      .disposition = FILE_OPEN, .oplock = SMB2_OPLOCK_LEVEL_LEASE,
				      .contexts = lease_context(k) };
	struct msg m CLEANUP(msg_end) = { 0 };
	struct smb2_create_rsp created;
	bool lease;

	TRY(where_begin(&m, &k->w, OPEN_ROOM + how.contexts.n + 2 * MSG_ROOM));
	TRY(add_create(&m, &k->w, &how));
	add_query(&m, &k->w, FID_RELATED, SMB2_0_INFO_FILE, FSCC_FILE_ALL, 0, ALL_MAX);
	if (content)
		add_content(&m, k, FID_RELATED);
	k->asked = clock_mono_ns();
	TRY(msg_exchange(&m));
	TRY(m.reply[0].status);
	ANSWER(smb2_create_rsp_decode(&m.reply[0].body, &created));
	k->fid	= created.fid;
	k->open = true;
	lease	= lease_is_ours(k, &created);
	TRY(m.reply[1].status);
	TRY(info_take(&m, 1, &k->row));
	if (content)
		TRY(content_take(k, &m.reply[2]));
	*ret_lasting = lease && k->listed && is_plain_file(&k->row);
	return STATUS_SUCCESS;
}

static struct kept *
cache_open(const struct where *w, const char *plain, bool content)
{
	struct kept *k CLEANUP(kept_release) = kept_new(w, plain);
	bool lasting = false, broken;
	nt s	     = kept_open(k, content, &lasting);

	broken = !k->listed;
	if (lasting)
		kept_fit(k);
	else
		kept_drop(k);
	/* who took it away, or has yet to make the file, may be done soon; the rest stays as it is a while */
	if (!lasting)
		recent_of(w, plain)->uses =
			broken || nt_is(s, STATUS_OBJECT_NAME_NOT_FOUND) ? 0 : USES_NEVER;
	return nt_failed(s) || (content && !k->content) ? NULL : STEAL(k);
}

static bool
is_unchanged(const struct client_entry_row_req *was, const struct client_entry_row_req *is)
{
	return is->size == was->size && is->written == was->written &&
	       is->changed == was->changed && is->file_id == was->file_id;
}

/*
 * Asked as if nothing were kept: by name, since no lease speaks of what a server's own machine
 * renames.  What opens for attributes only breaks none, [MS-FSA] 2.1.4.12.
 */
static nt
kept_refresh(struct kept *k)
{
	struct client_entry_row_req row;
	uint64_t now = clock_mono_ns();

	TRY(stat_entry(&k->w, k->path, &row));
	REQUIRE(k->listed && is_plain_file(&row) && is_unchanged(&k->row, &row), STATUS_RETRY);
	row.name = row.short_name = str_of("");
	k->row	 = row;
	k->asked = now;
	return STATUS_SUCCESS;
}

static nt
kept_fetch(struct kept *k)
{
	struct msg m CLEANUP(msg_end) = { 0 };

	TRY(where_begin(&m, &k->w, MSG_ROOM));
	add_content(&m, k, k->fid);
	TRY(msg_exchange(&m));
	REQUIRE(k->listed, STATUS_RETRY);
	if (!k->content)	/* another call may have had the same thought */
		TRY(content_take(k, &m.reply[0]));
	return STATUS_SUCCESS;
}

/* ---- the answer ---- */

static nt
kept_learn(struct kept *k, bool content, bool *ret_known)
{
	uint64_t believed = (uint64_t)k->client->cache_times.believed_ms * NS_PER_MS;
	bool fresh	  = clock_mono_ns() - k->asked < believed;

	REQUIRE(conn_is_open(conn_alive(k->w.conn)), STATUS_CONNECTION_RESET);
	REQUIRE(!content || k->row.size <= KEPT_CONTENT, STATUS_FILE_TOO_LARGE);
	*ret_known = fresh && (!content || k->content);
	if (!fresh)
		TRY(kept_refresh(k));
	if (content && !k->content)
		TRY(kept_fetch(k));
	REQUIRE(!content || k->content, STATUS_RETRY);
	return STATUS_SUCCESS;
}

/* k is open; false: it is no use, and dropped. */
static bool
kept_answers(struct kept *k, bool content)
{
	bool known;

	if (nt_failed(kept_learn(k, content, &known))) {
		kept_drop(k);
		return false;
	}
	k->w.session->cached += known;
	kept_touch(k);
	kept_fit(k);
	return true;
}

struct kept *
cache_use(const struct where *w, const char *path, bool content)
{
	struct kept *k CLEANUP(kept_release) = NULL;
	const char *plain		     = path_plain(path);

	if (!may_be_kept(w, plain))
		return NULL;
	k = kept_find(w, plain);
	if (!k)
		return is_asked_often(w, plain) ? cache_open(w, plain, content) : NULL;
	k->refs++;
	if (!k->open)
		return NULL;	/* another call is about to open it */
	return kept_answers(k, content) ? STEAL(k) : NULL;
}
