/*
 * test_clientd_leases.c - what ends a lease: its break, in time, too early, cut and
 * without end, age, our own changes; and a script's own.  [MS-SMB2] 3.2.5.19.2
 */
#include "tests/unit/clientd/lender.h"

/* ---- breaks ---- */

static void
a_break_ends_it(void **state)
{
	(void)state;
	for (int ack = 0; ack < 2; ack++) {
		begin();
		keep("f");
		break_comes(server.asked.key,
			    ack ? SMB2_NOTIFY_BREAK_LEASE_FLAG_ACK_REQUIRED : 0,
			    ack ? SMB2_LEASE_READ_CACHING : 0);
		assert_int_equal(peer->session->kept, 0);
		assert_int_equal(peer->session->breaks, 1);
		until(&server.closes, ASKED_OFTEN);
		assert_int_equal(server.acks, ack);
		assert_int_equal(server.acked, ack ? SMB2_LEASE_READ_CACHING : 0);
		server.is.end_of_file = 77;
		assert_status(ask_stat("f"), STATUS_SUCCESS);
		assert_int_equal(server.leases, 1);	/* it has to be asked about often again */
		end();
	}
}

static void
a_state_that_was_never_ours_is_not_acknowledged(void **state)
{
	(void)state;
	begin();
	keep("f");
	break_comes(server.asked.key, SMB2_NOTIFY_BREAK_LEASE_FLAG_ACK_REQUIRED, UINT32_MAX);
	until(&server.acks, 1);
	assert_int_equal(server.acked, RH);
	end();
}

static void
breaks_without_end_fill_nothing(void **state)
{
	static const uint8_t other[16] = "another's key ..";
	const struct packet *p;
	unsigned waiting = 0;

	(void)state;
	begin();
	keep("f");
	until(&server.closes, ASKED_OFTEN - 1);
	for (int i = 0; i < 1000; i++) {
		break_comes(server.asked.key, SMB2_NOTIFY_BREAK_LEASE_FLAG_ACK_REQUIRED, 0);
		break_comes(other, SMB2_NOTIFY_BREAK_LEASE_FLAG_ACK_REQUIRED, 0);
	}
	TAILQ_FOREACH(p, &peer->session->conn->waiting, of_conn)
		waiting++;
	assert_int_equal(waiting, 2);	/* one acknowledgement, one CLOSE */
	assert_int_equal(stage->client.strays, 1999);
	assert_true(conn_is_open(peer->session->conn));
	assert_status(ask_stat("f"), STATUS_SUCCESS);
	assert_int_equal(server.acks, 1);
	end();
}

static void
a_break_that_overtakes_the_answer_is_heeded(void **state)
{
	(void)state;
	begin();
	server.breaks_first = true;
	for (int i = 0; i < ASKED_OFTEN; i++)
		assert_status(ask_stat("f"), STATUS_SUCCESS);
	assert_int_equal(peer->session->kept, 0);
	assert_int_equal(peer->session->breaks, 1);
	until(&server.closes, ASKED_OFTEN);
	assert_int_equal(server.acks, 1);
	end();
}

static void
a_break_that_is_cut_ends_the_connection(void **state)
{
	uint8_t b[SMB2_HDR_SIZE + 43] = { 0 };
	struct rd r		      = rd_init(SPAN(b, sizeof b));

	(void)state;
	begin();
	keep("f");
	b[SMB2_HDR_SIZE] = 44;
	r.pos		 = SMB2_HDR_SIZE;
	break_received(peer->session->conn, &r);
	assert_false(conn_is_open(peer->session->conn));
	assert_true(nt_failed(ask_stat("f")));	/* and what is known does not answer for a server that is gone */
	end();
}

/* ---- what else ends it ---- */

static void
age(void)
{
	TAILQ_FIRST(&stage->client.kept)->asked -= 2ull * HOUR_MS * NS_PER_MS;
}

/* Another file has its name now. */
static void
a_file_that_was_replaced_is_not_the_one_that_is_kept(void **state)
{
	(void)state;
	begin();
	for (int i = 0; i < ASKED_OFTEN; i++)
		ask_get("f");
	age();
	server.is.file_id++;
	ask_get("f");
	assert_int_equal(server.reads, ASKED_OFTEN + 1);
	assert_int_equal(peer->session->kept, 0);
	end();
}

static void
what_is_old_is_asked_for_again(void **state)
{
	(void)state;
	begin();
	for (int i = 0; i < ASKED_OFTEN; i++)
		ask_get("f");
	age();
	ask_get("f");
	assert_int_equal(server.creates, ASKED_OFTEN + 1);	/* one question, by name */
	assert_int_equal(server.reads, ASKED_OFTEN);
	assert_int_equal(peer->session->kept, 1);
	age();
	server.is.write_time = 1000000000;	/* it changed, and no break came */
	ask_get("f");
	assert_int_equal(server.reads, ASKED_OFTEN + 1);
	assert_int_equal(peer->session->kept, 0);
	until(&server.closes, server.creates);
	end();
}

static void
what_is_not_used_is_closed(void **state)
{
	(void)state;
	begin();
	keep("f");
	TAILQ_FIRST(&stage->client.kept)->used -= 2ull * HOUR_MS * NS_PER_MS;
	until(&server.closes, ASKED_OFTEN);
	assert_int_equal(peer->session->kept, 0);
	end();
}

static nt
change(const struct msg_desc *desc, const void *req, struct span data)
{
	struct call *c;
	nt s = stage_ask(stage, desc, req, data, -1, &c);

	call_drop(c);
	return s;
}

/* Nothing is known any more when the change has been asked for, and the CLOSE went before it. */
static void
ones_own_changes_are_seen(void **state)
{
	const struct client_rm_req rm = { .share = str_of("s"), .path = str_of("D/F") };
	const struct client_rmdir_req rmdir = { .share = str_of("s"), .path = str_of("d") };
	const struct client_put_req put = { .share = str_of("s"), .path = str_of("d\\f") };
	const struct client_mv_req mv = { .share = str_of("s"), .path = str_of("g"), .to = str_of("d/f"),
					  .replace = true };
	const struct client_mv_req away = { .share = str_of("s"), .path = str_of("d"), .to = str_of("e") };
	const struct client_times_req times = { .share = str_of("s"), .path = str_of("d/f"), .written = 5 };
	const struct client_attrib_req attrib = { .share = str_of("s"), .path = str_of("d/f"), .set = 1 };
	const struct client_put_req stream = { .share = str_of("s"), .path = str_of("d/f:x") };
	const struct {
		const struct msg_desc *desc;
		const void *req;
		size_t n;
	} rows[] = {
		{ &client_rm_desc, &rm, sizeof rm },	     { &client_rmdir_desc, &rmdir, sizeof rmdir },
		{ &client_put_desc, &put, sizeof put },	     { &client_mv_desc, &mv, sizeof mv },
		{ &client_mv_desc, &away, sizeof away },     { &client_times_desc, &times, sizeof times },
		{ &client_attrib_desc, &attrib, sizeof attrib }, { &client_put_desc, &stream, sizeof stream },
	};
	union {
		uint64_t session;
		uint8_t b[512];
	} req;

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		begin();
		keep("other");
		keep("d/f");
		assert_int_equal(peer->session->kept, 2);
		assert_true(rows[i].n <= sizeof req);
		memcpy(&req, rows[i].req, rows[i].n);
		req.session = peer->session->id;
		(void)change(rows[i].desc, &req, SPAN_STR("x")).code;
		assert_int_equal(peer->session->kept, 1);
		assert_string_equal(TAILQ_FIRST(&stage->client.kept)->path, "other");
		end();
	}
}

static void
the_middle_level_may_change_anything(void **state)
{
	struct smb_tree_connect_req tree = { .path = str_of("s") };
	struct smb_create_req create	 = { .name = str_of("f"), .share_access = SHARE_ALL };
	struct smb_tree_connect_rsp where;
	struct call *c;
	nt s;

	(void)state;
	begin();
	tree.session = peer->session->id;
	s = ASK(smb_tree_connect, &tree, &where, &c);
	assert_status(s, STATUS_SUCCESS);
	call_drop(c);
	keep("f");
	create.tree = where.tree;
	assert_status(change(&smb_create_desc, &create, SPAN_NONE), STATUS_SUCCESS);
	assert_int_equal(peer->session->kept, 0);
	end();
}

/* Another session of the same owner. */
static void
one_session_sees_what_another_changed(void **state)
{
	struct client_rm_req rm = { .share = str_of("s"), .path = str_of("f") };
	struct peer *mine;

	(void)state;
	begin();
	keep("f");
	mine	   = peer;
	peer	   = peer_new(stage, NULL, serve);
	rm.session = peer->session->id;
	assert_status(change(&client_rm_desc, &rm, SPAN_NONE), STATUS_SUCCESS);
	assert_int_equal(mine->session->kept, 0);
	peer_drop(mine);
	end();
}

static void
a_session_that_ends_takes_them_along(void **state)
{
	struct client_close_req req;

	(void)state;
	begin();
	keep("f");
	req.session = peer->session->id;
	assert_status(change(&client_close_desc, &req, SPAN_NONE), STATUS_SUCCESS);
	assert_true(TAILQ_EMPTY(&stage->client.kept));
	assert_int_equal(stage->client.n_kept, 0);
	end();
}

/* ---- a script's own lease ---- */

static void
the_break_of_a_scripts_lease_is_told(void **state)
{
	static const uint8_t key[16]	 = "a script's key .";
	struct smb2_create_ctxs_req ctx	 = { .present = 1u << SMB2_CTX_RQLS,
					     .lease = { .version = 2, .state = RH } };
	struct smb_tree_connect_req tree = { .path = str_of("s") };
	struct smb_create_req create	 = { .name = str_of("f"), .share_access = SHARE_ALL };
	struct smb_oplock_break_req ack	 = { .lease_state = SMB2_LEASE_READ_CACHING };
	struct smb_tree_connect_rsp where;
	struct smb_oplock_break_rsp left;
	struct smb_create_rsp opened;
	uint8_t room[128];
	struct wr w = wr_init(room, sizeof room);
	struct call *c;
	nt s;

	(void)state;
	begin();
	tree.session = peer->session->id;
	s = ASK(smb_tree_connect, &tree, &where, &c);
	assert_status(s, STATUS_SUCCESS);
	call_drop(c);
	memcpy(ctx.lease.key, key, sizeof key);
	smb2_create_ctxs_req_encode(&w, &ctx);
	create.tree	= where.tree;
	create.contexts = wr_done(&w);
	s = ASK(smb_create, &create, &opened, &c);
	assert_status(s, STATUS_SUCCESS);
	call_drop(c);
	break_comes(key, SMB2_NOTIFY_BREAK_LEASE_FLAG_ACK_REQUIRED, SMB2_LEASE_READ_CACHING);
	assert_int_equal(stage->events, 1);
	assert_int_equal(stage->event.action, SMB2_LEASE_READ_CACHING);
	ack.file = opened.file;
	memcpy(ack.lease_key.b, key, sizeof key);
	s = ASK(smb_oplock_break, &ack, &left, &c);
	assert_status(s, STATUS_SUCCESS);
	call_drop(c);
	assert_int_equal(left.lease_state, SMB2_LEASE_READ_CACHING);
	assert_int_equal(server.acks, 1);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_break_ends_it),
		cmocka_unit_test(a_state_that_was_never_ours_is_not_acknowledged),
		cmocka_unit_test(breaks_without_end_fill_nothing),
		cmocka_unit_test(a_break_that_overtakes_the_answer_is_heeded),
		cmocka_unit_test(a_break_that_is_cut_ends_the_connection),
		cmocka_unit_test(a_file_that_was_replaced_is_not_the_one_that_is_kept),
		cmocka_unit_test(what_is_old_is_asked_for_again),
		cmocka_unit_test(what_is_not_used_is_closed),
		cmocka_unit_test(ones_own_changes_are_seen),
		cmocka_unit_test(the_middle_level_may_change_anything),
		cmocka_unit_test(one_session_sees_what_another_changed),
		cmocka_unit_test(a_session_that_ends_takes_them_along),
		cmocka_unit_test(the_break_of_a_scripts_lease_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
