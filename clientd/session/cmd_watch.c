/*
 * cmd_watch.c - changes below a directory as events, until the caller ends it: a
 * CHANGE_NOTIFY is always out, and the next one goes as soon as one has answered.
 * [MS-SMB2] 3.2.4.18, [MS-FSCC] 2.7.1
 */
#include "base/log.h"
#include "clientd/session/open.h"
#include "proto/fscc/notify.h"
#include "proto/smb2/change_notify.h"

#define NOTIFY_MAX  65536u
#define WATCHES_MAX 64u
#define FILTER_ALL  0x00000FFFu

static void
on_told(void *ctx, nt status, const struct api_event_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)status;
	(void)rsp;
	(void)data;
}

static void
event_tell(struct job *j, uint64_t watch, uint32_t action, const char *path, const char *to)
{
	const struct api_event_req req = { .kind = str_of("change"), .session = j->session,
					   .watch = watch, .action = action, .path = str_of(path),
					   .to = str_of(to) };
	const struct call_opt opt      = { .timeout_ms = 60000 };
	struct link *api	       = node_peer(j->client->node, PEER_API);

	if (api && nt_failed(api_event_call(api, &req, &opt, on_told, NULL)))
		log_debug("an event was not told");
}

/* A server's name for what changed: relative, and nothing that means another place. */
static nt
name_take(struct span utf16, char *ret, size_t cap)
{
	size_t n;

	ANSWER(utf16_to_utf8(utf16, ret, cap, &n));
	for (char *p = ret; *p; p++)
		if (*p == '\\')
			*p = '/';
	REQUIRE(ret[0] != '/' && strcmp(ret, "..") != 0 && strncmp(ret, "../", 3) != 0 &&
			!strstr(ret, "/../"),
		STATUS_INVALID_NETWORK_RESPONSE);
	return STATUS_SUCCESS;
}

/* The two halves of a renaming follow each other and become one event. */
static nt
changes_tell(struct job *j, uint64_t watch, struct span list)
{
	char *path = fiber_alloc(PATH_BOUND + 1), *old = fiber_alloc(PATH_BOUND + 1);
	struct rd r = rd_init(list);
	struct fscc_notify n;

	while (fscc_notify_next(&r, &n)) {
		TRY(name_take(n.name, path, PATH_BOUND + 1));
		if (n.action == FILE_ACTION_RENAMED_OLD_NAME) {
			(void)strcpy(old, path);
		} else if (n.action == FILE_ACTION_RENAMED_NEW_NAME && *old) {
			event_tell(j, watch, n.action, old, path);
			*old = '\0';
		} else {
			event_tell(j, watch, n.action, path, "");
		}
	}
	if (*old)
		event_tell(j, watch, FILE_ACTION_RENAMED_OLD_NAME, old, "");
	REQUIRE(rd_ok(&r), STATUS_INVALID_NETWORK_RESPONSE);
	return STATUS_SUCCESS;
}

static nt
watch_submit(const struct where *w, struct smb2_fid fid, const struct client_watch_req *req,
	     struct msg *m)
{
	const struct smb2_change_notify_req body = {
		.flags		   = req->recursive ? SMB2_WATCH_TREE : 0,
		.output_length	   = NOTIFY_MAX,
		.fid		   = fid,
		.completion_filter = req->filter ? req->filter : FILTER_ALL };
	size_t at;

	TRY(where_begin(m, w, MSG_ROOM));
	m->timeout_ms = UINT32_MAX;
	at	      = msg_add(m, SMB2_CMD_change_notify, w->tree_id, NOTIFY_MAX);
	smb2_change_notify_req_encode(&m->w, at, &body);
	return msg_submit(m);
}

static nt
watch_answer(struct job *j, uint64_t watch, struct msg *m)
{
	struct smb2_change_notify_rsp rsp;
	struct reply *rep = &m->reply[0];

	if (nt_is(rep->status, STATUS_NOTIFY_ENUM_DIR)) {
		event_tell(j, watch, 0, "", "");	/* too much happened: look again */
		return STATUS_SUCCESS;
	}
	TRY(rep->status);
	REQUIRE(nt_ok(rep->status), STATUS_NETWORK_NAME_DELETED);
	ANSWER(smb2_change_notify_rsp_decode(&rep->body, &rsp));
	if (rsp.output.n == 0) {
		event_tell(j, watch, 0, "", "");
		return STATUS_SUCCESS;
	}
	return changes_tell(j, watch, rsp.output);
}

static nt
watch_run(struct job *j, const struct where *w, struct smb2_fid fid,
	  const struct client_watch_req *req)
{
	for (;;) {
		struct msg m CLEANUP(msg_end) = { 0 };

		TRY(watch_submit(w, fid, req, &m));
		if (j->call) {	/* from here on nothing is missed */
			client_watch_reply(j->call, STATUS_SUCCESS, NULL, SPAN_NONE);
			j->call = NULL;
		}
		TRY(msg_wait(&m));
		TRY(watch_answer(j, req->watch, &m));
	}
}

static unsigned
watches(const struct client *me)
{
	struct job *j;
	unsigned n = 0;

	TAILQ_FOREACH(j, &me->jobs, all)
		n += j->watch != 0;
	return n;
}

static struct job *
watch_find(struct client *me, uint64_t watch)
{
	struct job *j;

	TAILQ_FOREACH(j, &me->jobs, all)
		if (j->watch == watch)
			return j;
	return NULL;
}

/*
 * Answered once the first CHANGE_NOTIFY is out; its end, whatever the reason, is
 * an event of action 0xffffffff.
 */
nt
client_watch(struct client *me, struct job *j, const struct client_watch_req *req,
	     struct client_watch_rsp *rsp)
{
	const struct open_how how = { .path = req->path.s, .disposition = FILE_OPEN,
				      .access  = FILE_LIST_DIRECTORY | FILE_READ_ATTRIBUTES,
				      .options = FILE_DIRECTORY_FILE };
	struct where w CLEANUP(where_end) = { 0 };
	struct smb2_create_rsp created;
	nt s;

	(void)rsp;
	REQUIRE(req->watch != 0, STATUS_INVALID_PARAMETER);
	REQUIRE(j->watch == req->watch || !watch_find(me, req->watch), STATUS_OBJECT_NAME_COLLISION);
	REQUIRE(watches(me) < WATCHES_MAX, STATUS_QUOTA_EXCEEDED);
	TRY(where_find(j, req->session, req->share.s, &w));
	TRY(file_open(&w, &how, &created));
	j->watch = req->watch;
	s	 = watch_run(j, &w, created.fid, req);
	fid_close_later(w.conn, w.tree_id, w.seal, created.fid);
	if (!j->call)
		event_tell(j, req->watch, UINT32_MAX, nt_name(s), "");
	return s;
}

nt
client_unwatch(struct client *me, struct job *j, const struct client_unwatch_req *req,
	       struct client_unwatch_rsp *rsp)
{
	struct job *w = req->watch ? watch_find(me, req->watch) : NULL;

	(void)j;
	(void)rsp;
	REQUIRE(w, STATUS_NOT_FOUND);
	fiber_cancel(w->fiber);
	return STATUS_SUCCESS;
}
