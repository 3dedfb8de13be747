/*
 * test_clientd_extents.c - what a server says about a file's data is a hint: believed where it is
 * in order and inside of the question, else all of the file is read.  [MS-FSCC] 2.3.48
 */
#include "clientd/session/extents.h"
#include "tests/unit/check.h"

#define UNIT 65536u
#define SIZE (100u * UNIT + 1)

static struct extents x;

/* Pairs of offset and length. */
static bool
take(const uint64_t *pairs, size_t n, bool more)
{
	static uint8_t buf[(EXTENTS_MAX + 1) * 16];
	struct wr w = wr_init(buf, sizeof buf);

	for (size_t i = 0; i < n; i++)
		wr_u64(&w, pairs[i]);
	x = (struct extents){ .known_at_all = true };
	return extents_take(&x, wr_done(&w), UNIT, SIZE, more);
}
#define TAKE(more, ...)                                                 \
	__extension__({                                                 \
		const uint64_t pairs_[] = { __VA_ARGS__ };              \
		take(pairs_, sizeof pairs_ / sizeof pairs_[0], (more)); \
	})

static void
data_and_holes_are_told_apart(void **state)
{
	uint64_t to;
	bool hole;

	(void)state;
	assert_true(TAKE(false, 10 * UNIT + 5, 7, 20 * UNIT, 3 * UNIT));
	assert_status(extents_there(&x, NULL, (struct smb2_fid){ 0 }, UNIT, SIZE, &to, &hole),
		      STATUS_SUCCESS);
	assert_true(hole);
	assert_int_equal(to, 10 * UNIT);
	assert_status(extents_there(&x, NULL, (struct smb2_fid){ 0 }, 10 * UNIT, SIZE, &to, &hole),
		      STATUS_SUCCESS);
	assert_false(hole);
	assert_int_equal(to, 11 * UNIT);
	assert_status(extents_there(&x, NULL, (struct smb2_fid){ 0 }, 22 * UNIT + 1, SIZE, &to, &hole),
		      STATUS_SUCCESS);
	assert_false(hole);
	assert_int_equal(to, 23 * UNIT);
	assert_status(extents_there(&x, NULL, (struct smb2_fid){ 0 }, 23 * UNIT, SIZE, &to, &hole),
		      STATUS_SUCCESS);
	assert_true(hole);
	assert_int_equal(to, SIZE);
}

static void
small_holes_are_no_holes_and_the_end_is_not_passed(void **state)
{
	(void)state;
	assert_true(TAKE(false, 2 * UNIT, 1, 3 * UNIT - 1, 1, 3 * UNIT, 1, SIZE - 1, 1));
	assert_int_equal(x.n, 2);
	assert_int_equal(x.data[0].from, 2 * UNIT);
	assert_int_equal(x.data[0].to, 4 * UNIT);
	assert_int_equal(x.data[1].from, 100 * UNIT);
	assert_int_equal(x.data[1].to, SIZE);
}

static void
nothing_is_all_holes_unless_more_is_to_come(void **state)
{
	(void)state;
	assert_true(take(NULL, 0, false));
	assert_int_equal(x.n, 0);
	assert_int_equal(x.to, SIZE);
	assert_false(take(NULL, 0, true));
	assert_true(TAKE(true, 5 * UNIT, UNIT));
	assert_int_equal(x.to, 6 * UNIT);	/* behind it the server is asked again */
}

static void
what_makes_no_sense_is_refused(void **state)
{
	(void)state;
	assert_false(TAKE(false, 5 * UNIT, UNIT, 4 * UNIT, UNIT));	/* not in order */
	assert_false(TAKE(false, 5 * UNIT, UNIT, 5 * UNIT + 9, UNIT));	/* one on the other */
	assert_false(TAKE(false, 0, UNIT));				/* before what was asked */
	assert_false(TAKE(false, 5 * UNIT, 0));				/* endless, otherwise */
	assert_false(TAKE(false, SIZE, 1));
	assert_false(TAKE(false, SIZE - 1, 2));
	assert_false(TAKE(false, 5 * UNIT, UINT64_MAX - UNIT));
	assert_false(TAKE(false, 5 * UNIT, UNIT, 7 * UNIT));		/* half a range */
}

static void
more_than_was_asked_room_for_is_refused(void **state)
{
	static uint64_t pairs[2 * (EXTENTS_MAX + 1)];

	(void)state;
	for (size_t i = 0; i <= EXTENTS_MAX; i++) {
		pairs[2 * i]	 = UNIT + 2 * i;
		pairs[2 * i + 1] = 1;
	}
	assert_true(take(pairs, NELEM(pairs) - 2, true));
	assert_false(take(pairs, NELEM(pairs), true));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_and_holes_are_told_apart),
		cmocka_unit_test(small_holes_are_no_holes_and_the_end_is_not_passed),
		cmocka_unit_test(nothing_is_all_holes_unless_more_is_to_come),
		cmocka_unit_test(what_makes_no_sense_is_refused),
		cmocka_unit_test(more_than_was_asked_room_for_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
