/*
 * test_clientd_answers.c - what a server says, right and wrong: an answer is
 * believed only if it fits its request in every way.  [MS-SMB2] 3.2.5.1
 */
#include <sys/socket.h>

#include "clientd/session/client.h"
#include "proto/smb2/const.h"
#include "proto/smb2/oplock_break.h"
#include "proto/smb2/query_directory.h"
#include "proto/smb2/read.h"
#include "proto/smb2/write.h"
#include "tests/unit/clientd/peer.h"

static const uint8_t key[16] = "0123456789abcdef";
static struct peer *peer;

static void
begin(const uint8_t *with, peer_rule *rule)
{
	stage = stage_new("", "");
	peer  = peer_new(stage, with, rule);
}

static void
end(void)
{
	peer_drop(peer);
	stage_drop(stage);
}

static nt
ask_stat(struct client_stat_rsp *ret)
{
	struct client_stat_req req = { .session = peer->session->id, .share = str_of("s"),
				       .path = str_of("f") };
	struct call *c;
	nt s = ASK(client_stat, &req, ret, &c);

	call_drop(c);
	return s;
}

static nt
ask_echo(void)
{
	struct smb_echo_req req = { .session = peer->session->id };
	struct call *c;
	nt s = stage_ask(stage, &smb_echo_desc, &req, SPAN_NONE, -1, &c);

	call_drop(c);
	return s;
}

static nt
ask_ls(uint32_t *ret_count)
{
	struct client_ls_req req = { .session = peer->session->id, .share = str_of("s") };
	struct client_ls_rsp rsp = { 0 };
	struct call *c;
	nt s = ASK(client_ls, &req, &rsp, &c);

	*ret_count = rsp.count;
	call_drop(c);
	return s;
}

/* ---- honest ---- */

static void
a_compound_is_put_together_from_its_answers(void **state)
{
	struct client_stat_rsp rsp;

	(void)state;
	begin(NULL, NULL);
	assert_status(ask_stat(&rsp), STATUS_SUCCESS);
	assert_int_equal(rsp.size, 10);
	end();
}

static void
signed_answers_are_accepted(void **state)
{
	struct client_stat_rsp rsp;

	(void)state;
	begin(key, NULL);
	assert_status(ask_stat(&rsp), STATUS_SUCCESS);
	assert_status(ask_echo(), STATUS_SUCCESS);
	end();
}

static void
a_listing_leaves_out_the_dots_and_ends(void **state)
{
	uint32_t n;

	(void)state;
	begin(NULL, NULL);
	assert_status(ask_ls(&n), STATUS_SUCCESS);
	assert_int_equal(n, 2);
	end();
}

static void
one_credit_at_a_time_is_enough_for_single_requests(void **state)
{
	(void)state;
	begin(NULL, NULL);
	peer->grants		     = 1;
	peer->session->conn->credits = 1;
	for (int i = 0; i < 5; i++)
		assert_status(ask_echo(), STATUS_SUCCESS);
	end();
}

static void
a_compound_that_no_credits_will_ever_cover_fails_at_once(void **state)
{
	struct client_stat_rsp rsp;

	(void)state;
	begin(NULL, NULL);
	peer->grants		     = 1;
	peer->session->conn->credits = 1;
	assert_status(ask_stat(&rsp), STATUS_INSUFFICIENT_RESOURCES);
	end();
}

/* ---- an answer that does not fit its request: the connection ends ---- */

static void
other_id(struct peer *p, const struct smb2_element *e, struct smb2_hdr *h, struct wr *w)
{
	(void)p, (void)e, (void)w;
	h->message_id += 7;
}

static void
other_command(struct peer *p, const struct smb2_element *e, struct smb2_hdr *h, struct wr *w)
{
	(void)p, (void)e, (void)w;
	h->command = SMB2_CMD_flush;
}

static void
other_session(struct peer *p, const struct smb2_element *e, struct smb2_hdr *h, struct wr *w)
{
	(void)p, (void)e, (void)w;
	h->session_id = 100;
}

static void
a_request(struct peer *p, const struct smb2_element *e, struct smb2_hdr *h, struct wr *w)
{
	(void)p, (void)e, (void)w;
	h->flags &= ~SMB2_FLAGS_SERVER_TO_REDIR;
}

static void
next_past_the_end(struct peer *p, const struct smb2_element *e, struct smb2_hdr *h, struct wr *w)
{
	(void)p, (void)e, (void)w;
	h->next = 4096;
}

static void
pending_for_ever(struct peer *p, const struct smb2_element *e, struct smb2_hdr *h, struct wr *w)
{
	static const uint8_t error[9] = { 9 };
	uint8_t frame[4 + SMB2_HDR_SIZE + sizeof error];

	(void)e, (void)w;
	h->status   = STATUS_PENDING;
	h->flags |= SMB2_FLAGS_ASYNC_COMMAND;
	h->async_id = 3;
	for (unsigned i = 0; i <= INTERIM_MAX; i++) {
		struct wr f = wr_init(frame, sizeof frame);

		transport_encode(frame, sizeof frame - 4);
		f.pos = 4;
		smb2_hdr_encode(&f, h);
		wr_bytes(&f, error, sizeof error);
		assert_int_equal(send(p->fd, frame, sizeof frame, MSG_NOSIGNAL), sizeof frame);
	}
	p->silent = true;
}

static void
what_does_not_fit_ends_the_connection(void **state)
{
	static peer_rule *const rules[] = { other_id, other_command, other_session, a_request,
					    next_past_the_end, pending_for_ever };

	(void)state;
	for (size_t i = 0; i < NELEM(rules); i++) {
		begin(NULL, rules[i]);
		assert_status(ask_echo(), STATUS_INVALID_NETWORK_RESPONSE);
		assert_int_equal(stage->client.nonsense, 1);
		assert_status(ask_echo(), STATUS_INVALID_NETWORK_RESPONSE);
		end();
	}
}

static void
a_replayed_answer_ends_the_connection(void **state)
{
	(void)state;
	begin(NULL, NULL);
	peer->twice = true;
	(void)ask_echo().code;
	stage_turn(stage, 20);
	assert_int_equal(stage->client.nonsense, 1);
	end();
}

static void
a_frame_longer_than_was_agreed_ends_the_connection(void **state)
{
	(void)state;
	begin(NULL, NULL);
	peer->length_plus = 2u << 20;
	assert_status(ask_echo(), STATUS_INVALID_NETWORK_RESPONSE);
	end();
}

static void
unsigned_and_wrongly_signed_answers_are_refused(void **state)
{
	(void)state;
	begin(key, NULL);
	peer->unsigned_ = true;
	assert_status(ask_echo(), STATUS_INVALID_NETWORK_RESPONSE);
	end();
	begin(key, NULL);
	peer->spoiled = true;
	assert_status(ask_echo(), STATUS_INVALID_NETWORK_RESPONSE);
	end();
}

static void
session_forgotten(struct peer *p, const struct smb2_element *e, struct smb2_hdr *h, struct wr *w)
{
	(void)e, (void)w;
	h->status    = STATUS_USER_SESSION_DELETED;
	p->unsigned_ = true;
	h->flags &= ~SMB2_FLAGS_SIGNED;
}

static void
an_unsigned_refusal_is_no_more_than_a_lost_connection(void **state)
{
	(void)state;
	begin(key, session_forgotten);
	assert_status(ask_echo(), STATUS_USER_SESSION_DELETED);
	assert_int_equal(stage->client.nonsense, 0);
	assert_false(conn_is_open(peer->session->conn));
	end();
}

/* ---- a body that lies ---- */

static void
cut(struct peer *p, const struct smb2_element *e, struct smb2_hdr *h, struct wr *w)
{
	(void)p, (void)e;
	if (h->command == SMB2_CMD_query_info)
		w->pos -= 20;
}

static void
a_truncated_body_is_refused(void **state)
{
	struct client_stat_rsp rsp;

	(void)state;
	begin(NULL, cut);
	assert_status(ask_stat(&rsp), STATUS_INVALID_NETWORK_RESPONSE);
	end();
}

static const char *const *names;
static size_t n_names;

static void
list_these(struct peer *p, const struct smb2_element *e, struct smb2_hdr *h, struct wr *w)
{
	struct smb2_query_directory_rsp rsp;
	uint8_t room[4096];
	struct wr b = wr_init(room, sizeof room);

	(void)p, (void)e;
	if (h->command != SMB2_CMD_query_directory)
		return;
	listing_put(&b, names, n_names);
	rsp.output = wr_done(&b);
	h->status  = STATUS_SUCCESS;
	w->pos	   = SMB2_HDR_SIZE;
	smb2_query_directory_rsp_encode(w, 0, &rsp);
}

static void
names_that_lead_elsewhere_or_come_twice_are_refused(void **state)
{
	static const char *const bad[][2] = { { "a/b", "c" }, { "c", "a\\b" }, { "..\\x", "c" },
					      { "/etc", "c" }, { "", "c" }, { "same", "same" } };
	uint32_t n;

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) {
		names	= bad[i];
		n_names = 2;
		begin(NULL, list_these);
		assert_status(ask_ls(&n), STATUS_INVALID_NETWORK_RESPONSE);
		end();
	}
}

/* Each page repeats the first. */
static void
a_listing_that_never_ends_is_noticed(void **state)
{
	static const char *const again[] = { "a", "b" };
	uint32_t n;

	(void)state;
	names	= again;
	n_names = 2;
	begin(NULL, list_these);
	assert_status(ask_ls(&n), STATUS_INVALID_NETWORK_RESPONSE);
	end();
}

static void
too_much(struct peer *p, const struct smb2_element *e, struct smb2_hdr *h, struct wr *w)
{
	static uint8_t data[4096];
	const struct smb2_read_rsp rsp = { .data = { data, sizeof data } };
	const struct smb2_write_rsp wrote = { .count = 1 << 30 };

	(void)p, (void)e;
	w->pos = h->command == SMB2_CMD_read || h->command == SMB2_CMD_write ? SMB2_HDR_SIZE : w->pos;
	if (h->command == SMB2_CMD_read)
		smb2_read_rsp_encode(w, 0, &rsp);
	if (h->command == SMB2_CMD_write)
		smb2_write_rsp_encode(w, 0, &wrote);
}

static void
more_than_was_asked_for_is_refused(void **state)
{
	struct client_get_req req = { .share = str_of("s"), .path = str_of("f"), .offset = 2,
				      .length = 4 };
	struct call *c;

	(void)state;
	begin(NULL, too_much);
	req.session = peer->session->id;
	assert_status(stage_ask(stage, &client_get_desc, &req, SPAN_NONE, -1, &c),
		      STATUS_INVALID_NETWORK_RESPONSE);
	call_drop(c);
	end();
}

static void
more_written_than_was_sent_is_refused(void **state)
{
	struct client_put_req req = { .share = str_of("s"), .path = str_of("f"), .offset = 2 };
	struct call *c;

	(void)state;
	begin(NULL, too_much);
	req.session = peer->session->id;
	assert_status(stage_ask(stage, &client_put_desc, &req, SPAN_STR("abcdef"), -1, &c),
		      STATUS_INVALID_NETWORK_RESPONSE);
	call_drop(c);
	end();
}

/* ---- a server that says nothing ---- */

static void
silence(struct peer *p, const struct smb2_element *e, struct smb2_hdr *h, struct wr *w)
{
	(void)e, (void)h, (void)w;
	p->silent = true;
}

static void
no_answer_ends_in_a_timeout_and_a_cancel(void **state)
{
	(void)state;
	begin(NULL, silence);
	assert_status(ask_echo(), STATUS_IO_TIMEOUT);
	stage_turn(stage, 20);
	assert_true(peer->cancels >= 1);
	end();
}

static void
a_silent_server_does_not_hold_up_another(void **state)
{
	struct smb_echo_req req;
	struct peer *slow;
	struct call *waits;

	(void)state;
	begin(NULL, NULL);
	slow  = peer_new(stage, NULL, silence);
	req   = (struct smb_echo_req){ .session = slow->session->id };
	waits = stage_begin(stage, &smb_echo_desc, &req, SPAN_NONE, -1);
	assert_status(ask_echo(), STATUS_SUCCESS);
	assert_false(waits->answered);
	assert_status(stage_wait(stage, waits), STATUS_IO_TIMEOUT);
	call_drop(waits);
	peer_drop(slow);
	end();
}

static void
a_job_is_cancelled_by_its_number(void **state)
{
	struct client_get_req get = { .share = str_of("s"), .path = str_of("f"), .job = 5 };
	struct client_cancel_req cancel = { .job = 5 };
	struct call *waits, *c;

	(void)state;
	begin(NULL, silence);
	get.session = peer->session->id;
	waits	    = stage_begin(stage, &client_get_desc, &get, SPAN_NONE, -1);
	stage_turn(stage, 10);
	assert_status(stage_ask(stage, &client_cancel_desc, &cancel, SPAN_NONE, -1, &c),
		      STATUS_SUCCESS);
	assert_status(stage_wait(stage, waits), STATUS_CANCELLED);
	call_drop(c);
	call_drop(waits);
	end();
}

static void
ticket_has_ended(struct peer *p, const struct smb2_element *e, struct smb2_hdr *h, struct wr *w)
{
	(void)e, (void)w;
	h->status = STATUS_NETWORK_SESSION_EXPIRED;
	p->silent = h->command == SMB2_CMD_session_setup;
}

/* The server keeps it waiting for the end of a logon; its script closes the session. */
static void
a_session_may_be_closed_while_it_proves_itself_again(void **state)
{
	struct smb_echo_req echo;
	struct client_close_req req;
	struct call *waits, *c;

	(void)state;
	begin(key, ticket_has_ended);
	echo  = (struct smb_echo_req){ .session = peer->session->id };
	req   = (struct client_close_req){ .session = peer->session->id };
	waits = stage_begin(stage, &smb_echo_desc, &echo, SPAN_NONE, -1);
	while (!peer->session->connecting)
		stage_turn(stage, 1);
	assert_status(stage_ask(stage, &client_close_desc, &req, SPAN_NONE, -1, &c), STATUS_SUCCESS);
	assert_true(nt_failed(stage_wait(stage, waits)));
	call_drop(waits);
	call_drop(c);
	end();
}

/* The minute after which it may go begins when the last session ends, not before. */
static void
it_rests_only_without_a_session(void **state)
{
	struct client_close_req req;
	struct call *c;

	(void)state;
	begin(NULL, NULL);
	stage_turn(stage, 1);
	assert_int_equal(stage->client.idle.slot, 0);
	req = (struct client_close_req){ .session = peer->session->id };
	assert_status(stage_ask(stage, &client_close_desc, &req, SPAN_NONE, -1, &c), STATUS_SUCCESS);
	call_drop(c);
	stage_turn(stage, 1);
	assert_int_not_equal(stage->client.idle.slot, 0);
	end();
}

/* 3.3.4.6: what comes after the first break of an open has no acknowledgement. */
static void
the_break_of_an_open_is_acknowledged_once(void **state)
{
	struct holder h = { .fid = { 1, 2 }, .tree_id = 3 };
	const struct smb2_oplock_break_notify n = { .fid = h.fid };
	uint8_t b[SMB2_HDR_SIZE + 64] = { 0 };
	struct wr w = wr_init(b, sizeof b);
	const struct packet *p;
	unsigned waiting = 0;
	struct conn *c;

	(void)state;
	begin(NULL, NULL);
	c     = peer->session->conn;
	w.pos = SMB2_HDR_SIZE;
	smb2_oplock_break_notify_encode(&w, 0, &n);
	LIST_INSERT_HEAD(&c->bond->holders, &h, of_bond);
	for (unsigned i = 0; i < 100; i++) {
		struct rd r = rd_init(SPAN(b, w.pos));

		r.pos = SMB2_HDR_SIZE;
		break_received(c, &r);
	}
	TAILQ_FOREACH(p, &c->waiting, of_conn)
		waiting++;
	assert_true(conn_is_open(c));
	assert_int_equal(waiting, 1);
	LIST_REMOVE(&h, of_bond);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_compound_is_put_together_from_its_answers),
		cmocka_unit_test(signed_answers_are_accepted),
		cmocka_unit_test(a_listing_leaves_out_the_dots_and_ends),
		cmocka_unit_test(one_credit_at_a_time_is_enough_for_single_requests),
		cmocka_unit_test(a_compound_that_no_credits_will_ever_cover_fails_at_once),
		cmocka_unit_test(what_does_not_fit_ends_the_connection),
		cmocka_unit_test(a_replayed_answer_ends_the_connection),
		cmocka_unit_test(a_frame_longer_than_was_agreed_ends_the_connection),
		cmocka_unit_test(unsigned_and_wrongly_signed_answers_are_refused),
		cmocka_unit_test(an_unsigned_refusal_is_no_more_than_a_lost_connection),
		cmocka_unit_test(a_truncated_body_is_refused),
		cmocka_unit_test(names_that_lead_elsewhere_or_come_twice_are_refused),
		cmocka_unit_test(a_listing_that_never_ends_is_noticed),
		cmocka_unit_test(more_than_was_asked_for_is_refused),
		cmocka_unit_test(more_written_than_was_sent_is_refused),
		cmocka_unit_test(no_answer_ends_in_a_timeout_and_a_cancel),
		cmocka_unit_test(a_silent_server_does_not_hold_up_another),
		cmocka_unit_test(a_job_is_cancelled_by_its_number),
		cmocka_unit_test(a_session_may_be_closed_while_it_proves_itself_again),
		cmocka_unit_test(it_rests_only_without_a_session),
		cmocka_unit_test(the_break_of_an_open_is_acknowledged_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
