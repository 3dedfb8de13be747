/*
 * cmd_ls.c - listings, page by page.  Two QUERY_DIRECTORY travel in each compound,
 * the first time behind the CREATE: a small directory is one round trip.  No name
 * passes that could mean another place.  [MS-SMB2] 3.2.4.17, [MS-FSCC] 2.4.17
 */
#include <stdlib.h>

#include "base/log.h"
#include "clientd/session/open.h"
#include "clientd/session/seen.h"
#include "ipc/birth.h"
#include "proto/fscc/dir_info.h"
#include "proto/smb2/query_directory.h"

#define PAGE_BYTES   (256u * 1024)	/* of one QUERY_DIRECTORY */
#define QUERIES	     2u
#define ROWS_ROOM    (4u * 1024 * 1024)	/* what two pages can become at the worst */
#define LISTING_MS   60000u		/* not asked on: closed */
#define LIST_CLASS   FSCC_FILE_ID_BOTH_DIRECTORY

struct listing {
	struct client *client;
	uint64_t id;
	struct where w;
	struct smb2_fid fid;
	bool opened, busy;
	char pattern[NAME_BOUND + 1];
	struct seen seen;
	struct loop_timer idle;
};

static void
listing_drop(struct listing *l)
{
	if (!l)
		return;
	loop_timer_clear(&l->idle);
	if (l->id)
		(void)table_remove(l->client->listings, l->id);
	if (l->opened)
		fid_close_later(l->w.conn, l->w.tree_id, l->w.seal, l->fid);
	where_end(&l->w);
	seen_drop(&l->seen);
	free(l);
}
DEFINE_CLEANUP(struct listing, listing_drop)

static void
on_idle(void *ctx)
{
	listing_drop(ctx);
}

void
listings_drop(struct client *me)
{
	struct listing *l;
	uint32_t pos = 0;

	while ((l = table_next(me->listings, &pos, NULL)))
		if (!l->busy)
			listing_drop(l);
}

/* ---- the question ---- */

static void
add_list(struct msg *m, const struct listing *l, struct smb2_fid fid)
{
	uint8_t name[2 * NAME_BOUND];
	struct wr nw  = wr_init(name, sizeof name);
	uint32_t most = l->w.conn->nego.max_transact;
	struct smb2_query_directory_req req = { .info_class = LIST_CLASS, .fid = fid };
	size_t at;

	(void)wr_utf16(&nw, l->pattern);
	req.pattern	  = wr_done(&nw);
	req.output_length = most < PAGE_BYTES ? most : PAGE_BYTES;
	at = msg_add(m, SMB2_CMD_query_directory, l->w.tree_id, req.output_length);
	smb2_query_directory_req_encode(&m->w, at, &req);
}

static nt
listing_send(struct listing *l, const char *path, struct msg *m)
{
	const struct open_how how = { .path = path, .disposition = FILE_OPEN,
				      .access  = FILE_LIST_DIRECTORY | FILE_READ_ATTRIBUTES,
				      .options = FILE_DIRECTORY_FILE };
	struct smb2_create_rsp rsp;

	TRY(where_begin(m, &l->w, OPEN_ROOM + QUERIES * (MSG_ROOM + 2 * NAME_BOUND)));
	if (!l->opened)
		TRY(add_create(m, &l->w, &how));
	for (unsigned i = 0; i < QUERIES; i++)
		add_list(m, l, l->opened && i == 0 ? l->fid : FID_RELATED);
	TRY(msg_exchange(m));
	if (l->opened)
		return STATUS_SUCCESS;
	TRY(m->reply[0].status);
	ANSWER(smb2_create_rsp_decode(&m->reply[0].body, &rsp));
	l->fid	  = rsp.fid;
	l->opened = true;
	return STATUS_SUCCESS;
}

/* ---- the answer ---- */

/* Not a name, or a name for something else than an entry of this directory. */
static bool
name_is_bad(const char *name)
{
	return !*name || strpbrk(name, "/\\");
}

static nt
entry_put(struct listing *l, const struct fscc_dir_entry *e, struct wr *rows, uint32_t *io_count)
{
	char name[TEXT_BOUND + 1], dos[64];
	struct client_entry_row_req row;
	uint8_t body[2048];
	struct wr b = wr_init(body, sizeof body);
	size_t n;

	ANSWER(utf16_to_utf8(e->name, name, sizeof name, &n));
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return STATUS_SUCCESS;
	REQUIRE(!name_is_bad(name), STATUS_INVALID_NETWORK_RESPONSE);
	nt s = seen_add(&l->seen, name);
	REQUIRE(!nt_is(s, STATUS_OBJECT_NAME_COLLISION), STATUS_INVALID_NETWORK_RESPONSE);
	TRY(s);
	entry_of_stat(&e->st, name, &row);
	if (!nt_failed(utf16_to_utf8(e->short_name, dos, sizeof dos, &n)))
		row.short_name = str_of(dos);
	client_entry_row_req_encode(&b, &row);
	conf_put(rows, &client_entry_row_desc, wr_done(&b));
	REQUIRE(wr_ok(&b) && wr_ok(rows), STATUS_INVALID_NETWORK_RESPONSE);
	++*io_count;
	return STATUS_SUCCESS;
}

/* *ret_end: the server has no more. */
static nt
page_read(struct listing *l, struct reply *rep, struct wr *rows, uint32_t *io_count, bool *ret_end)
{
	const struct fscc_dir_row *class = fscc_dir_find(LIST_CLASS);
	struct smb2_query_directory_rsp rsp;
	struct fscc_dir_entry e;
	struct rd r;

	*ret_end = nt_is(rep->status, STATUS_NO_MORE_FILES);
	if (*ret_end)
		return STATUS_SUCCESS;
	TRY(rep->status);
	ANSWER(smb2_query_directory_rsp_decode(&rep->body, &rsp));
	REQUIRE(rsp.output.n > 0, STATUS_INVALID_NETWORK_RESPONSE);
	r = rd_init(rsp.output);
	while (fscc_dir_next(&r, class, &e))
		TRY(entry_put(l, &e, rows, io_count));
	REQUIRE(rd_ok(&r), STATUS_INVALID_NETWORK_RESPONSE);
	return STATUS_SUCCESS;
}

static nt
listing_page(struct listing *l, struct job *j, const char *path, uint32_t *ret_count, bool *ret_end)
{
	struct msg m CLEANUP(msg_end) = { 0 };
	struct wr rows		  = wr_init(fiber_alloc(ROWS_ROOM), ROWS_ROOM);
	unsigned first		  = l->opened ? 0 : 1;

	TRY(listing_send(l, path, &m));
	*ret_end = false;
	for (unsigned i = first; i < m.n && !*ret_end; i++)
		TRY(page_read(l, &m.reply[i], &rows, ret_count, ret_end));
	j->data = wr_done(&rows);
	return STATUS_SUCCESS;
}

/* ---- the call ---- */

static nt
listing_new(struct client *me, struct job *j, const struct client_ls_req *req,
	    struct listing **ret)
{
	struct listing *l CLEANUP(listing_drop) = calloc(1, sizeof *l);

	REQUIRE(l, STATUS_INSUFFICIENT_RESOURCES);
	l->client = me;
	(void)snprintf(l->pattern, sizeof l->pattern, "%s", req->pattern.n ? req->pattern.s : "*");
	REQUIRE(utf8_valid(l->pattern, strlen(l->pattern)) && !strpbrk(l->pattern, "/\\"),
		STATUS_OBJECT_NAME_INVALID);
	TRY(where_find(j, req->session, req->share.s, &l->w));
	*ret = STEAL(l);
	return STATUS_SUCCESS;
}

/* A cursor is for its owner's sequence of calls, one at a time. */
static nt
listing_resume(struct client *me, const struct client_ls_req *req, struct listing **ret)
{
	struct listing *l = table_find(me->listings, req->cursor);

	REQUIRE(l && !l->busy && (l->w.session->id == req->session ||
				  l->w.session->parent == req->session),
		STATUS_INVALID_HANDLE);
	*ret = l;
	return STATUS_SUCCESS;
}

nt
client_ls(struct client *me, struct job *j, const struct client_ls_req *req,
	  struct client_ls_rsp *rsp)
{
	struct listing *l CLEANUP(listing_drop) = NULL;
	bool end				= false;

	if (req->cursor != 0)
		TRY(listing_resume(me, req, &l));
	else
		TRY(listing_new(me, j, req, &l));
	l->busy = true;
	loop_timer_clear(&l->idle);
	TRY(listing_page(l, j, req->path.s, &rsp->count, &end));
	l->busy = false;
	if (end)
		return STATUS_SUCCESS;
	if (l->id == 0)
		TRY(table_add(me->listings, l, &l->id));
	rsp->cursor = l->id;
	loop_timer_set(me->loop, &l->idle, LISTING_MS, on_idle, l);
	l = NULL;	/* it waits for the next page's call */
	return STATUS_SUCCESS;
}
