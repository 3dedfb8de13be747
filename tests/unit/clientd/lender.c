/*
 * lender.c - see lender.h.
 */
#include "tests/unit/clientd/lender.h"

#include "proto/smb2/error.h"
#include "proto/smb2/query_info.h"

#define PATIENCE 60000

struct lender server;
struct peer *peer;

void
break_comes(const uint8_t key[16], uint32_t flags, uint32_t to)
{
	struct smb2_oplock_break_notify n = { .is_lease = true, .lease_flags = flags,
					      .current_state = RH, .new_state = to };
	uint8_t b[SMB2_HDR_SIZE + 64]	  = { 0 };
	struct wr w = wr_init(b, sizeof b);
	struct rd r;

	w.pos = SMB2_HDR_SIZE;
	memcpy(n.lease_key, key, sizeof n.lease_key);
	smb2_oplock_break_notify_encode(&w, 0, &n);
	r     = rd_init(SPAN(b, w.pos));
	r.pos = SMB2_HDR_SIZE;
	break_received(peer->session->conn, &r);
}

static void
answer_create(const struct smb2_element *e, struct smb2_hdr *h, struct wr *w)
{
	struct smb2_create_rsp rsp	 = { .fid = { 7, 9 }, .end_of_file = server.is.end_of_file,
					     .action = FILE_OPENED };
	struct smb2_create_ctxs_req asked = { 0 };
	struct smb2_create_ctxs_rsp gives = { .present = 1u << SMB2_CTX_RQLS };
	struct smb2_create_req req;
	struct rd r = e->body;
	uint8_t room[256];
	struct wr c = wr_init(room, sizeof room);

	server.creates++;
	assert_status(smb2_create_req_decode(&r, &req), STATUS_SUCCESS);
	assert_int_equal(req.share_access, SHARE_ALL);
	assert_status(smb2_create_ctxs_req_decode(req.contexts, &asked), STATUS_SUCCESS);
	w->pos = SMB2_HDR_SIZE;
	if (smb2_ctx_has(asked.present, SMB2_CTX_RQLS)) {
		server.leases++;
		server.asked = gives.lease = asked.lease;
		assert_int_equal(asked.lease.state, RH);
		if (server.refuses_lease) {
			h->status = STATUS_ACCESS_DENIED;
			smb2_error_rsp_encode(w, 0, &(struct smb2_error_rsp){ 0 });
			return;
		}
		gives.lease.state = server.grants;
		gives.lease.flags = server.flags;
		gives.lease.key[3] ^= server.other_key;
		rsp.oplock_level = server.level;
		smb2_create_ctxs_rsp_encode(&c, &gives);
		rsp.contexts = server.no_context ? SPAN_NONE
						 : SPAN(room, c.pos - (server.cut_context ? 9 : 0));
		if (server.breaks_first)
			break_comes(asked.lease.key, SMB2_NOTIFY_BREAK_LEASE_FLAG_ACK_REQUIRED, 0);
	}
	smb2_create_rsp_encode(w, 0, &rsp);
}

static void
answer_info(struct wr *w)
{
	struct smb2_query_info_rsp rsp;
	uint8_t room[512];
	struct wr b = wr_init(room, sizeof room);
	bool cut;

	server.queries++;
	server.is.path = "f";
	assert_status(fscc_file_encode(&b, FSCC_FILE_ALL, &server.is, &cut), STATUS_SUCCESS);
	rsp.output = wr_done(&b);
	w->pos	   = SMB2_HDR_SIZE;
	smb2_query_info_rsp_encode(w, 0, &rsp);
}

static void
answer_break(const struct smb2_element *e, struct wr *w)
{
	struct smb2_oplock_break_req req;
	struct smb2_oplock_break_rsp rsp;
	struct rd r = e->body;

	assert_status(smb2_oplock_break_req_decode(&r, &req), STATUS_SUCCESS);
	server.acks++;
	server.acked = req.b.lease_state;
	rsp.b	     = req.b;
	w->pos	     = SMB2_HDR_SIZE;
	smb2_oplock_break_rsp_encode(w, 0, &rsp);
}

void
serve(struct peer *p, const struct smb2_element *e, struct smb2_hdr *h, struct wr *w)
{
	(void)p;
	switch (h->command) {
	case SMB2_CMD_create:
		answer_create(e, h, w);
		break;
	case SMB2_CMD_query_info:
		answer_info(w);
		break;
	case SMB2_CMD_oplock_break:
		answer_break(e, w);
		break;
	case SMB2_CMD_close:
		server.closes++;
		break;
	case SMB2_CMD_read:
		server.reads++;
		break;
	default:
		break;
	}
}

void
begin(void)
{
	memset(&server, 0, sizeof server);
	server.grants = RH;
	server.level  = SMB2_OPLOCK_LEVEL_LEASE;
	server.is     = (struct fscc_stat){ .end_of_file = 10, .attributes = FILE_ATTRIBUTE_NORMAL, .nlink = 1 };
	stage	      = stage_new("", "");
	peer	      = peer_new(stage, NULL, serve);
	peer->grants  = 16;
	/* time passes only where a test says so */
	stage->client.cache_times = (struct cache_times){ HOUR_MS, HOUR_MS, HOUR_MS };
	peer->session->timeout_ms = peer->session->conn->timeout_ms = 60000;
	peer->session->conn->nego.server_caps |= SMB2_GLOBAL_CAP_LEASING;
}

void
end(void)
{
	peer_drop(peer);
	stage_drop(stage);
}

nt
ask_stat(const char *path)
{
	struct client_stat_req req = { .session = peer->session->id, .share = str_of("s"),
				       .path = str_of(path) };
	struct client_stat_rsp rsp;
	struct call *c;
	nt s = ASK(client_stat, &req, &rsp, &c);

	if (nt_ok(s)) {
		assert_int_equal(rsp.size, server.is.end_of_file);
		assert_string_equal(rsp.name.s, strrchr(path, '/') ? strrchr(path, '/') + 1 : path);
	}
	call_drop(c);
	return s;
}

void
ask_get(const char *path)
{
	struct client_get_req req = { .session = peer->session->id, .share = str_of("s"),
				      .path = str_of(path) };
	struct call *c;

	assert_status(stage_ask(stage, &client_get_desc, &req, SPAN_NONE, -1, &c), STATUS_SUCCESS);
	assert_int_equal(c->data_n, 10);
	assert_memory_equal(c->data, "0123456789", 10);
	call_drop(c);
}

void
until(const unsigned *counter, unsigned n)
{
	for (unsigned i = 0; i < PATIENCE && *counter < n; i++)
		stage_turn(stage, 1);
	assert_int_equal(*counter, n);
}

void
keep(const char *path)
{
	for (int i = 0; i < ASKED_OFTEN; i++)
		assert_status(ask_stat(path), STATUS_SUCCESS);
	assert_non_null(TAILQ_LAST(&stage->client.kept, kept_list));
}
