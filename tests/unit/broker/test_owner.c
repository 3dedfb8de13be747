/*
 * test_owner.c - is what one user has in flight counted, and bounded for that
 * user alone?
 */
#include "../check.h"

#include <stdlib.h>

#include "broker/api/api.h"

static struct api api;

static struct owner *
enter(uint32_t uid, size_t bytes)
{
	const struct api_user u = { .uid = uid };

	return owner_enter(&api, &u, bytes);
}

static void
leave_all(struct owner *o, size_t n, size_t bytes)
{
	for (size_t i = 0; i < n; i++)
		owner_leave(&api, o, bytes);
}

static void
one_user_has_so_many_requests_and_another_as_many(void **state)
{
	struct owner *a = NULL, *b;

	(void)state;
	for (size_t i = 0; i < REQUESTS_OF_UID; i++) {
		a = enter(1000, 0);
		assert_non_null(a);
	}
	assert_null(enter(1000, 0));
	b = enter(1001, 0);
	assert_non_null(b);
	assert_ptr_not_equal(a, b);
	owner_leave(&api, a, 0);
	assert_ptr_equal(enter(1000, 0), a);
	leave_all(a, REQUESTS_OF_UID, 0);
	owner_leave(&api, b, 0);
	assert_null(api.owners);
}

static void
bytes_in_flight_are_bounded_without_overflow(void **state)
{
	struct owner *o = enter(1000, BYTES_OF_UID);

	(void)state;
	assert_non_null(o);
	assert_null(enter(1000, 1));
	assert_null(enter(1000, SIZE_MAX));
	assert_non_null(enter(1000, 0));
	owner_leave(&api, o, 0);
	owner_leave(&api, o, BYTES_OF_UID);
	assert_null(api.owners);
}

static void
a_first_request_that_is_too_large_is_refused_as_well(void **state)
{
	(void)state;
	assert_null(enter(1000, (size_t)BYTES_OF_UID + 1));
	assert_null(api.owners);
}

static void
who_has_a_session_process_stays_known(void **state)
{
	struct owner *o = enter(1000, 0);

	(void)state;
	o->session = 77;
	owner_leave(&api, o, 0);
	assert_ptr_equal(owner_of_peer(&api, 77), o);
	assert_null(owner_of_peer(&api, 78));
	assert_null(owner_of_peer(&api, 0));
	assert_string_equal(o->name, "uid:1000");
	o->session = 0;
	owner_release(&api, o);
	assert_null(api.owners);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_user_has_so_many_requests_and_another_as_many),
		cmocka_unit_test(bytes_in_flight_are_bounded_without_overflow),
		cmocka_unit_test(a_first_request_that_is_too_large_is_refused_as_well),
		cmocka_unit_test(who_has_a_session_process_stays_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
