/*
 * test_throttle.c - who waits for whose failures, and what is forgotten.
 */
#include "tests/unit/check.h"

#include <unistd.h>

#include "authd/store/throttle.h"

static const struct net_addr here  = { .family = 4, .b = { 192, 0, 2, 1 } };
static const struct net_addr there = { .family = 4, .b = { 192, 0, 2, 2 } };

static uint64_t
miss(struct throttle *t, const char *name, const struct net_addr *addr, uint64_t now)
{
	return throttle_outcome(t, name, addr, now, false).wait_ms;
}

static uint64_t
hit(struct throttle *t, const char *name, const struct net_addr *addr, uint64_t now)
{
	struct throttle_result r = throttle_outcome(t, name, addr, now, true);

	assert_true(r.ok && !r.why && !r.locks);
	return r.wait_ms;
}

static void
cost_doubles_from_the_third_failure_to_the_cap(void **state)
{
	static const uint32_t want[] = { 0, 0, 0, 500, 1000, 2000, 4000, 5000, 5000 };

	(void)state;
	for (uint32_t i = 0; i < NELEM(want); i++)
		assert_int_equal(throttle_cost(i), want[i]);
	assert_int_equal(throttle_cost(UINT32_MAX), THROTTLE_CAP_MS);
}

static void
success_after_typing_errors_is_not_delayed(void **state)
{
	struct throttle *t = throttle_new(100, NULL);

	(void)state;
	assert_int_equal(miss(t, "alice", &here, 0), 0);
	assert_int_equal(miss(t, "alice", &here, 1000), 0);
	assert_int_equal(hit(t, "alice", &here, 2000), 0);
	throttle_drop(t);
}

static void
attack_from_elsewhere_does_not_slow_the_owner_down(void **state)
{
	struct throttle *t = throttle_new(100, NULL);

	(void)state;
	for (int i = 0; i < 100; i++)
		(void)miss(t, "alice", &there, 1);
	assert_int_equal(hit(t, "alice", &here, 1), 0);
	throttle_drop(t);
}

static void
guesses_of_many_addresses_are_slow_everywhere(void **state)
{
	struct throttle *t = throttle_new(1000, NULL);
	struct net_addr a  = here;
	uint64_t ms	   = 0;

	(void)state;
	for (uint8_t i = 0; i < 10; i++) {
		a.b[3] = i;
		ms     = miss(t, "alice", &a, 1);
	}
	assert_int_equal(ms, THROTTLE_CAP_MS);
	throttle_drop(t);
}

static void
guesses_at_many_names_are_slow_from_one_address(void **state)
{
	static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h" };
	struct throttle *t		 = throttle_new(1000, NULL);
	uint64_t ms			 = 0;

	(void)state;
	for (size_t i = 0; i < NELEM(names); i++)
		ms = miss(t, names[i], &here, 1);
	assert_int_equal(ms, THROTTLE_CAP_MS);
	throttle_drop(t);
}

/* Twenty connections guess at once: their answers come one after the other. */
static void
parallel_guesses_queue_up(void **state)
{
	struct throttle *t = throttle_new(100, NULL);
	uint64_t last	   = 0;

	(void)state;
	for (int i = 0; i < 6; i++) {
		uint64_t ms = miss(t, "alice", &here, 1);

		assert_true(i < 2 ? ms == 0 : ms > last);
		last = ms;
	}
	assert_int_equal(last, 500 + 1000 + 2000 + 4000);
	/* The right guess waits behind the wrong ones, so silence tells nothing. */
	assert_int_equal(hit(t, "alice", &here, 1), last);
	throttle_drop(t);
}

static void
guess_beyond_the_queue_does_not_count_even_if_right(void **state)
{
	struct throttle *t = throttle_new(100, NULL);
	struct throttle_result r;

	(void)state;
	for (int i = 0; i < 12; i++)
		(void)miss(t, "alice", &here, 1);
	r = throttle_outcome(t, "alice", &here, 1, true);
	assert_false(r.ok);
	assert_non_null(r.why);
	assert_int_equal(r.wait_ms, THROTTLE_CAP_MS);
	throttle_drop(t);
}

static void
pair_is_locked_out_for_a_while_and_nobody_else(void **state)
{
	struct throttle *t = throttle_new(100, NULL);
	uint64_t now	   = 1;

	(void)state;
	for (uint32_t i = 1; i <= THROTTLE_PAIR_LOCK; i++) {
		assert_int_equal(throttle_outcome(t, "alice", &here, now, false).locks,
				 i == THROTTLE_PAIR_LOCK);
		now += 6000;
	}
	assert_false(throttle_outcome(t, "alice", &here, now, true).ok);
	assert_int_equal(hit(t, "alice", &there, now), 0);
	(void)hit(t, "bob", &here, now);
	assert_int_equal(hit(t, "alice", &here, now + 2 * THROTTLE_LOCK_MS), 0);
	throttle_drop(t);
}

static void
address_is_locked_out_after_many_names(void **state)
{
	struct throttle *t = throttle_new(1000, NULL);
	char name[16];

	(void)state;
	for (uint32_t i = 0; i < THROTTLE_ADDRESS_LOCK; i++) {
		(void)snprintf(name, sizeof name, "user%u", i);
		(void)miss(t, name, &here, 1);
	}
	assert_false(throttle_outcome(t, "alice", &here, 2, true).ok);
	assert_int_equal(hit(t, "alice", &there, 2), 0);
	throttle_drop(t);
}

static void
counters_survive_a_restart(void **state)
{
	char path[] = "/tmp/bh-counters-XXXXXX";
	int fd	    = mkstemp(path);
	struct throttle *t;
	struct db *db;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_status(db_open(path, 4u << 20, false, &db), STATUS_SUCCESS);
	t = throttle_new(100, db);
	for (int i = 0; i < 5; i++)
		(void)miss(t, "alice", &here, 1000);
	throttle_drop(t);
	db_drop(db);

	assert_status(db_open(path, 4u << 20, false, &db), STATUS_SUCCESS);
	t = throttle_new(100, db);
	assert_int_equal(miss(t, "alice", &here, 60000), throttle_cost(6));
	assert_int_equal(miss(t, "bob", &there, 60000), 0);
	throttle_drop(t);
	db_drop(db);
	unlink(path);
}

/* A table that forgets must forget on disk as well, or it comes back bigger than it may be. */
static void
forgotten_counters_leave_the_disk(void **state)
{
	char path[] = "/tmp/bh-counters-XXXXXX", name[16];
	int fd	    = mkstemp(path);
	struct throttle *t;
	struct db *db;

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	assert_status(db_open(path, 4u << 20, false, &db), STATUS_SUCCESS);
	t = throttle_new(10, db);
	for (int i = 0; i < 100; i++) {
		(void)snprintf(name, sizeof name, "user%d", i);
		(void)miss(t, name, &here, 1);
	}
	assert_int_equal(db_count(db), 10 + 1 + 10 + 1); /* names, address, pairs, secret */
	throttle_drop(t);
	db_drop(db);
	unlink(path);
}

static void
ten_quiet_minutes_forget(void **state)
{
	struct throttle *t = throttle_new(100, NULL);

	(void)state;
	for (int i = 0; i < 5; i++)
		(void)miss(t, "alice", &here, 1);
	assert_true(miss(t, "alice", &here, 9 * 60000) > 0);
	assert_int_equal(miss(t, "alice", &here, 9 * 60000 + 11 * 60000), 0);
	throttle_drop(t);
}

static void
addresses_of_one_ipv6_network_are_one(void **state)
{
	struct throttle *t = throttle_new(100, NULL);
	struct net_addr a  = { .family = 6, .b = { 0x20, 0x01, 0x0d, 0xb8 } };

	(void)state;
	for (uint8_t i = 0; i < 3; i++) {
		char name[2] = { (char)('a' + i), '\0' };

		a.b[15] = i;
		(void)miss(t, name, &a, 1);
	}
	a.b[15] = 99;
	assert_int_equal(miss(t, "z", &a, 1), 1000);
	a.b[7] = 1;
	assert_int_equal(miss(t, "y", &a, 1), 0);
	throttle_drop(t);
}

static void
table_is_bounded_and_forgets_the_oldest(void **state)
{
	struct throttle *t = throttle_new(9, NULL);
	char name[16];

	(void)state;
	for (int i = 0; i < 3; i++)
		(void)miss(t, "alice", &there, 1);
	for (int i = 0; i < 1000; i++) {
		struct net_addr a = { .family = 4, .b = { 10, 0, (uint8_t)(i >> 8), (uint8_t)i } };

		(void)snprintf(name, sizeof name, "user%d", i);
		(void)miss(t, name, &a, 2);
	}
	assert_int_equal(miss(t, "alice", &there, 3), 0);
	throttle_drop(t);
}

static void
lock_outs_are_seen_and_ended(void **state)
{
	const struct throttle_rules rules = { .pair = 3, .address = 0, .lock_ms = 1000,
					      .window_ms = 600000 };
	struct throttle *t		  = throttle_new(100, NULL);
	struct throttle_lock lock;

	(void)state;
	throttle_configure(t, &rules);
	for (int i = 0; i < 3; i++)
		(void)miss(t, "alice", &there, 1);
	(void)miss(t, "bob", &there, 1);
	assert_true(throttle_next(t, 0, 2, &lock));
	assert_string_equal(lock.name, "alice");
	assert_memory_equal(lock.client.b, there.b, 4);
	assert_int_equal(lock.failures, 3);
	assert_int_equal(lock.left_ms, 999);
	assert_false(throttle_next(t, lock.index, 2, &lock));
	assert_false(throttle_outcome(t, "alice", &there, 2, true).ok);

	assert_int_equal(throttle_unlock(t, "bob", NULL, 3), 0);
	assert_int_equal(throttle_unlock(t, "alice", NULL, 3), 1);
	assert_false(throttle_next(t, 0, 3, &lock));
	assert_int_equal(hit(t, "alice", &there, 100000), 0);
	throttle_drop(t);
}

static void
address_is_locked_out_as_configured_and_let_in_again(void **state)
{
	const struct throttle_rules rules = { .pair = 0, .address = 5, .lock_ms = 1000,
					      .window_ms = 600000 };
	struct throttle *t		  = throttle_new(100, NULL);
	struct throttle_lock lock;
	char name[] = "user0";

	(void)state;
	throttle_configure(t, &rules);
	for (int i = 0; i < 5; i++, name[4]++)
		(void)miss(t, name, &there, 1);
	assert_true(throttle_next(t, 0, 2, &lock));
	assert_null(lock.name);
	assert_int_equal(hit(t, "alice", &here, 2), 0); /* nobody elsewhere minds */
	assert_int_equal(throttle_unlock(t, NULL, &there, 2), 1);
	assert_false(throttle_next(t, 0, 2, &lock));
	throttle_drop(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cost_doubles_from_the_third_failure_to_the_cap),
		cmocka_unit_test(success_after_typing_errors_is_not_delayed),
		cmocka_unit_test(attack_from_elsewhere_does_not_slow_the_owner_down),
		cmocka_unit_test(guesses_of_many_addresses_are_slow_everywhere),
		cmocka_unit_test(guesses_at_many_names_are_slow_from_one_address),
		cmocka_unit_test(parallel_guesses_queue_up),
		cmocka_unit_test(guess_beyond_the_queue_does_not_count_even_if_right),
		cmocka_unit_test(pair_is_locked_out_for_a_while_and_nobody_else),
		cmocka_unit_test(address_is_locked_out_after_many_names),
		cmocka_unit_test(counters_survive_a_restart),
		cmocka_unit_test(forgotten_counters_leave_the_disk),
		cmocka_unit_test(ten_quiet_minutes_forget),
		cmocka_unit_test(addresses_of_one_ipv6_network_are_one),
		cmocka_unit_test(table_is_bounded_and_forgets_the_oldest),
		cmocka_unit_test(lock_outs_are_seen_and_ended),
		cmocka_unit_test(address_is_locked_out_as_configured_and_let_in_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
