/* test_smbd_window.c - message ids and credits.  [MS-SMB2] 3.3.1.1, 3.3.5.2.3 */
#include "smbd/window.h"
#include "tests/unit/check.h"

static void
window_starts_with_id_zero_alone(void **state)
{
	struct window w;

	(void)state;
	window_init(&w, 8);
	assert_status(window_use(&w, 1, 1), STATUS_INVALID_PARAMETER);
	assert_status(window_use(&w, 0, 1), STATUS_SUCCESS);
	assert_int_equal(w.credits, 0);
	assert_status(window_use(&w, 1, 1), STATUS_INVALID_PARAMETER);
}

static void
window_refuses_an_id_used_twice(void **state)
{
	struct window w;

	(void)state;
	window_init(&w, 8);
	assert_status(window_use(&w, 0, 1), STATUS_SUCCESS);
	assert_int_equal(window_grant(&w, 1, 4, WINDOW_MAX), 4);
	assert_status(window_use(&w, 2, 1), STATUS_SUCCESS);
	assert_status(window_use(&w, 2, 1), STATUS_INVALID_PARAMETER);
	assert_status(window_use(&w, 0, 1), STATUS_INVALID_PARAMETER);
	assert_status(window_use(&w, UINT64_MAX, 1), STATUS_INVALID_PARAMETER);
}

static void
window_charges_consecutive_ids_whole_or_not_at_all(void **state)
{
	struct window w;

	(void)state;
	window_init(&w, 8);
	assert_status(window_use(&w, 0, 1), STATUS_SUCCESS);
	assert_int_equal(window_grant(&w, 1, 4, WINDOW_MAX), 4);
	assert_status(window_use(&w, 3, 1), STATUS_SUCCESS);
	assert_status(window_use(&w, 1, 3), STATUS_INVALID_PARAMETER);
	assert_int_equal(w.credits, 3);
	assert_status(window_use(&w, 1, 2), STATUS_SUCCESS);
	assert_int_equal(w.credits, 1);
}

static void
window_never_grants_above_its_maximum(void **state)
{
	struct window w;

	(void)state;
	window_init(&w, 8);
	assert_status(window_use(&w, 0, 1), STATUS_SUCCESS);
	assert_int_equal(window_grant(&w, 1, UINT16_MAX, WINDOW_MAX), 8);
	assert_int_equal(w.credits, 8);
	assert_status(window_use(&w, 1, 1), STATUS_SUCCESS);
	assert_int_equal(window_grant(&w, 1, UINT16_MAX, WINDOW_MAX), 1);
	assert_int_equal(w.credits, 8);
}

static void
window_gives_a_client_that_asks_for_nothing_what_it_paid(void **state)
{
	struct window w;

	(void)state;
	window_init(&w, 8);
	assert_status(window_use(&w, 0, 1), STATUS_SUCCESS);
	assert_int_equal(window_grant(&w, 1, 0, 0), 1);
	assert_int_equal(w.credits, 1);
}

/* A client that skips an id holds up its own window; ours does not grow. */
static void
window_stops_when_the_lowest_id_never_comes(void **state)
{
	struct window w;

	(void)state;
	window_init(&w, 8);
	assert_status(window_use(&w, 0, 1), STATUS_SUCCESS);
	assert_int_equal(window_grant(&w, 1, 8, WINDOW_MAX), 8);
	for (uint64_t id = 2; id <= 8; id++) {
		assert_status(window_use(&w, id, 1), STATUS_SUCCESS);
		assert_int_equal(window_grant(&w, 1, 8, WINDOW_MAX), 0);
	}
	assert_status(window_use(&w, 9, 1), STATUS_INVALID_PARAMETER);
	assert_status(window_use(&w, 1, 1), STATUS_SUCCESS);
	assert_int_equal(window_grant(&w, 1, 8, WINDOW_MAX), 8);
}

static void
window_survives_the_hand_over(void **state)
{
	struct window a, b;
	uint8_t room[WINDOW_MAX / 8];
	struct wr w = wr_init(room, sizeof room);

	(void)state;
	window_init(&a, 64);
	assert_status(window_use(&a, 0, 1), STATUS_SUCCESS);
	assert_int_equal(window_grant(&a, 1, 20, WINDOW_MAX), 20);
	assert_status(window_use(&a, 5, 1), STATUS_SUCCESS);
	assert_status(window_use(&a, 19, 1), STATUS_SUCCESS);
	window_save(&a, &w);
	window_init(&b, 64);
	assert_true(window_load(&b, a.low, (uint16_t)a.credits, wr_done(&w)));
	assert_int_equal(b.range, a.range);
	assert_status(window_use(&b, 5, 1), STATUS_INVALID_PARAMETER);
	assert_status(window_use(&b, 21, 1), STATUS_INVALID_PARAMETER);
	assert_status(window_use(&b, 20, 1), STATUS_SUCCESS);
}

static void
window_load_refuses_a_bitmap_that_contradicts_the_credits(void **state)
{
	static const uint8_t full[] = { 0xfe, 0xff };
	static const uint8_t low[]  = { 0x01 };
	static const uint8_t big[9] = { 0 };
	struct window w;

	(void)state;
	window_init(&w, 64);
	assert_false(window_load(&w, 0, 0, SPAN(full, sizeof full)));
	assert_false(window_load(&w, 0, 3, SPAN(low, sizeof low)));
	assert_false(window_load(&w, 0, 60, SPAN(big, sizeof big)));
	assert_false(window_load(&w, 0, 60, SPAN(full, sizeof full)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(window_starts_with_id_zero_alone),
		cmocka_unit_test(window_refuses_an_id_used_twice),
		cmocka_unit_test(window_charges_consecutive_ids_whole_or_not_at_all),
		cmocka_unit_test(window_never_grants_above_its_maximum),
		cmocka_unit_test(window_gives_a_client_that_asks_for_nothing_what_it_paid),
		cmocka_unit_test(window_stops_when_the_lowest_id_never_comes),
		cmocka_unit_test(window_survives_the_hand_over),
		cmocka_unit_test(window_load_refuses_a_bitmap_that_contradicts_the_credits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
