/* test_smbd_handover.c - what the gate says is what the worker reads. */
#include "smbd/handover.h"
#include "tests/unit/check.h"

static void
handover_make(struct handover *h)
{
	*h = (struct handover){ .mode = TAKE_FINISH, .session = 7, .ctx = 7, .session_mode = 2 };
	h->params = (struct conn_params){ .client = { .family = 4, .port = 1000 }, .dialect = 0x0311,
		.cipher = 2, .signing_alg = 1, .client_caps = 0x7f, .server_caps = 4,
		.client_mode = 1, .server_mode = 3, .client_dialects = { 0x0210, 0x0311 },
		.n_client_dialects = 2 };
	h->hdr    = (struct smb2_hdr){ .message_id = 2, .credits = 31 };
	memset(h->negotiate_hash.hash, 1, sizeof h->negotiate_hash.hash);
	memset(h->session_hash.hash, 2, sizeof h->session_hash.hash);
	window_init(&h->window, 32);
	assert_status(window_use(&h->window, 0, 1), STATUS_SUCCESS);
	assert_int_equal(window_grant(&h->window, 1, 5, 32), 5);
	assert_status(window_use(&h->window, 2, 1), STATUS_SUCCESS);
}

static void
handover_arrives_as_it_left(void **state)
{
	struct handover a, b;
	struct handover_room room;
	struct worker_take_req m;

	(void)state;
	handover_make(&a);
	handover_write(&a, &room, &m);
	assert_status(handover_read(&m, 512, &b), STATUS_SUCCESS);
	assert_memory_equal(&a.params, &b.params, sizeof a.params);
	assert_memory_equal(&a.session_hash, &b.session_hash, sizeof a.session_hash);
	assert_memory_equal(&a.negotiate_hash, &b.negotiate_hash, sizeof a.negotiate_hash);
	assert_int_equal(b.hdr.message_id, 2);
	assert_int_equal(b.hdr.session_id, 7);
	assert_int_equal(b.window.max, 512);
	assert_status(window_use(&b.window, 2, 1), STATUS_INVALID_PARAMETER);
	assert_status(window_use(&b.window, 3, 1), STATUS_SUCCESS);
}

static void
handover_refuses_odd_lists_and_unknown_modes(void **state)
{
	struct handover a, b;
	struct handover_room room;
	struct worker_take_req m;

	(void)state;
	handover_make(&a);
	handover_write(&a, &room, &m);
	m.mode = 9;
	assert_status(handover_read(&m, 512, &b), STATUS_INVALID_PARAMETER);
	handover_write(&a, &room, &m);
	m.client_dialects.n = 3;
	assert_status(handover_read(&m, 512, &b), STATUS_INVALID_PARAMETER);
	handover_write(&a, &room, &m);
	m.credits = 600;
	assert_status(handover_read(&m, 512, &b), STATUS_INVALID_PARAMETER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(handover_arrives_as_it_left),
		cmocka_unit_test(handover_refuses_odd_lists_and_unknown_modes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
