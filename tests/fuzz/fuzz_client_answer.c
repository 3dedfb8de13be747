/*
 * fuzz_client_answer.c - what a server sends to a session process, once the session
 * stands.  Reaches conn_frame, conn_message, every decoder of an answer and
 * what the calls of the high level do with it.
 *
 * Input: the call (one byte), then frames: length (two bytes), how (one byte),
 * bytes.  how & 1: the header is made to fit the oldest request in flight;
 * & 2: success; & 4: its status is the third of a few that mean something.
 */
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/unit/clientd/peer.h"

#define FRAMES_MAX 24

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct msg_desc *const calls[] = {
	&client_ls_desc,     &client_stat_desc,	  &client_df_desc,    &client_getsd_desc,
	&client_get_desc,    &client_put_desc,	  &client_copy_desc,  &client_shares_desc,
	&client_server_desc, &client_watch_desc,  &client_attrib_desc, &client_mv_desc,
	&client_rm_desc,     &smb_tree_connect_desc,
};

/* Every request begins with session, and most go on with share and path. */
static struct call *
call_begin(struct stage *st, const struct msg_desc *desc, uint64_t session)
{
	static uint8_t room[4096];
	const struct msg_field *f = desc->req();

	memset(room, 0, sizeof room);
	*(uint64_t *)(void *)room = session;
	for (size_t i = 1; i < desc->n_req; i++) {
		struct str *s = (struct str *)(void *)(room + f[i].at);

		if (f[i].type == MSG_T_name || f[i].type == MSG_T_path)
			*s = str_of(strcmp(f[i].name, "what") == 0	  ? "network"
				    : strcmp(f[i].name, "pattern") == 0 ? "*"
									: "x");
		if (strcmp(f[i].name, "watch") == 0)
			*(uint64_t *)(void *)(room + f[i].at) = 3;
	}
	return stage_begin(st, desc, room, SPAN_NONE, -1);
}

/* The header of an answer that is looked at further. */
static void
frame_fit(struct conn *c, struct frame *f, uint8_t how)
{
	static const nt statuses[] = { { NT_BUFFER_OVERFLOW }, { NT_NO_MORE_FILES },
				       { NT_END_OF_FILE }, { NT_PENDING } };
	struct wr w = wr_init(f->b, f->n);
	struct smb2_hdr h = { .flags = SMB2_FLAGS_SERVER_TO_REDIR, .credits = 2,
			      .session_id = c->session_id };
	struct request *rq;

	TAILQ_FOREACH(rq, &c->in_flight, of_conn)
		if (rq->sent)
			break;
	if (!rq || f->n < SMB2_HDR_SIZE)
		return;
	h.message_id = rq->message_id;
	h.command    = rq->command;
	if (how & 4)
		h.status = statuses[how >> 4 & 3];
	if (nt_is(h.status, STATUS_PENDING))
		h.flags |= SMB2_FLAGS_ASYNC_COMMAND;
	smb2_hdr_encode(&w, &h);
}

static bool
frame_feed(struct conn *c, struct rd *r)
{
	uint16_t n  = rd_u16(r);
	uint8_t how = rd_u8(r);
	struct span bytes = rd_bytes(r, n < rd_left(r) ? n : rd_left(r));
	struct frame *f;

	if (!rd_ok(r) || bytes.n == 0 || !conn_is_open(c))
		return false;
	f	= malloc(sizeof *f + bytes.n);
	f->refs = 1;
	f->n	= bytes.n;
	memcpy(f->b, bytes.p, bytes.n);
	if (how & 1)
		frame_fit(c, f, how);
	conn_frame(c, f);
	frame_release(f);
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct rd r = rd_init(SPAN(data, n));
	uint8_t which;
	struct session *s;
	struct call *call;
	struct conn *c;
	int pair[2];

	log_set_level(LOG_LEVEL_ERROR);
	which = rd_u8(&r);
	stage = stage_new("", "");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		abort();
	s = peer_session(stage, pair[0], NULL);
	c = s->conn;
	conn_hold(c);
	call = call_begin(stage, calls[which % NELEM(calls)], s->id);
	stage_turn(stage, 0);
	for (int i = 0; i < FRAMES_MAX && frame_feed(c, &r); i++)
		stage_turn(stage, 0);
	conn_release(c);
	stage_drop(stage);
	call_drop(call);
	close(pair[1]);
	return 0;
}
