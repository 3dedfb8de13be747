/*
 * test_visits.c - with too many strangers at the port, does who has shown a key
 * stay, and does a flooding address harm itself first?
 */
#include "../check.h"

#include "ipc/visits.h"

static struct visits t;
static const struct visitor quiet = { { 0, 0, 0xffff, 0x7f000002 } };
static const struct visitor loud  = { { 0, 0, 0xffff, 0x7f000001 } };

static bool
is_there(int fd)
{
	for (size_t i = 0; i < t.n; i++) {
		if (t.v[i].fd == fd)
			return !t.v[i].going;
	}
	return false;
}

/* n connections of one address, none of which leaves before it is told to; how many were told. */
static size_t
flood(const struct visitor *from, int first, int n)
{
	size_t told = 0;

	for (int i = 0; i < n; i++) {
		int fd = visits_came(&t, first + i, from);

		told += fd >= 0;
		if (fd >= 0)
			visits_left(&t, fd);
	}
	return told;
}

static void
one_address_floods_at_its_own_cost(void **state)
{
	(void)state;
	t = (struct visits){ 0 };
	assert_int_equal(visits_came(&t, 5, &quiet), -1);
	assert_int_equal(flood(&loud, 100, 3000), 3000 - STRANGERS_OF_ADDRESS);
	assert_true(is_there(5));
	assert_int_equal(t.n, STRANGERS_OF_ADDRESS + 1);
}

static void
many_addresses_leave_who_has_shown_a_key(void **state)
{
	(void)state;
	t = (struct visits){ 0 };
	assert_int_equal(visits_came(&t, 5, &quiet), -1);
	assert_int_equal(visits_known(&t, 5, 1), -1);
	for (uint32_t i = 0; i < 2000; i++) {
		struct visitor v = { { 0, 0, 0xffff, 0x0a000000 + i } };

		(void)flood(&v, 100 + (int)i, 1);
	}
	assert_true(is_there(5));
	assert_int_equal(t.n, STRANGERS_MAX + 1);
}

static void
one_key_has_no_more_than_its_share(void **state)
{
	int fd = 1000;

	(void)state;
	t = (struct visits){ 0 };
	for (uint32_t i = 0; i < KNOWN_OF_KEY; i++, fd++) {
		assert_int_equal(visits_came(&t, fd, &loud), -1);
		assert_int_equal(visits_known(&t, fd, 1), -1);
	}
	assert_int_equal(visits_came(&t, fd, &loud), -1);
	assert_int_equal(visits_known(&t, fd, 1), fd);
	assert_int_equal(visits_came(&t, fd + 1, &quiet), -1);
	assert_int_equal(visits_known(&t, fd + 1, 2), -1);
	assert_int_equal(visits_known(&t, 77, 2), -1);
}

static void
a_number_used_again_is_a_stranger_again(void **state)
{
	(void)state;
	t = (struct visits){ 0 };
	assert_int_equal(visits_came(&t, 5, &quiet), -1);
	assert_int_equal(visits_known(&t, 5, 1), -1);
	assert_int_equal(visits_came(&t, 5, &loud), -1);
	assert_int_equal(t.n, 1);
	assert_int_equal(t.v[0].key, 0);
	visits_left(&t, 5);
	visits_left(&t, 5);
	assert_int_equal(t.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_address_floods_at_its_own_cost),
		cmocka_unit_test(many_addresses_leave_who_has_shown_a_key),
		cmocka_unit_test(one_key_has_no_more_than_its_share),
		cmocka_unit_test(a_number_used_again_is_a_stranger_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
