/*
 * test_cursor.c - the one bounds check, and what sticks after it.
 */
#include "tests/unit/check.h"

#include "base/cursor.h"

static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };

static void
reader_past_the_end_is_bad_and_gives_zero(void **state)
{
	struct rd r = rd_init(SPAN(bytes, 3));

	(void)state;
	assert_int_equal(rd_u16(&r), 0x0201);
	assert_int_equal(rd_u16(&r), 0);
	assert_false(rd_ok(&r));
	assert_int_equal(rd_u8(&r), 0); /* although one byte was left */
	assert_int_equal(rd_left(&r), 0);
}

static void
reader_of_nothing_gives_nothing(void **state)
{
	struct rd r = rd_init(SPAN_NONE);

	(void)state;
	assert_int_equal(rd_bytes(&r, 0).n, 0);
	assert_int_equal(rd_rest(&r).n, 0);
	assert_true(rd_ok(&r));
	assert_int_equal(rd_u8(&r), 0);
	assert_false(rd_ok(&r));
}

static void
region_may_not_overlap_what_was_read(void **state)
{
	struct rd r = rd_init(SPAN(bytes, sizeof bytes));

	(void)state;
	rd_zero(&r, 4);
	assert_span(rd_region(&r, 4, 2), bytes + 4, 2);
	assert_span(rd_region(&r, 9, 1), bytes + 9, 1);
	assert_int_equal(rd_region(&r, 100, 0).n, 0);
	assert_true(rd_ok(&r));
	(void)rd_region(&r, 3, 1);
	assert_false(rd_ok(&r));
}

static void
region_refuses_lengths_that_wrap(void **state)
{
	static const struct {
		size_t off, n;
	} rows[] = { { 10, 1 }, { 11, 1 }, { 4, SIZE_MAX }, { SIZE_MAX, 1 }, { 5, SIZE_MAX - 4 } };

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		struct rd r = rd_init(SPAN(bytes, sizeof bytes));

		(void)rd_region(&r, rows[i].off, rows[i].n);
		assert_false(rd_ok(&r));
	}
}

static void
writer_past_its_room_writes_nothing_more(void **state)
{
	uint8_t buf[6] = { 0 };
	struct wr w    = wr_init(buf, 5);

	(void)state;
	wr_u32(&w, 0x04030201);
	wr_u16(&w, 0xffff);
	assert_false(wr_ok(&w));
	wr_u8(&w, 0xff);
	assert_int_equal(buf[4], 0);
	assert_int_equal(wr_done(&w).n, 0);
}

static void
patch_stays_inside_what_was_written(void **state)
{
	uint8_t buf[16] = { 0 };
	struct wr w	= wr_init(buf, sizeof buf);

	(void)state;
	size_t at = wr_hole(&w, 4);
	wr_align(&w, 8);
	wr_patch32(&w, at, 0xaabbccdd);
	wr_patch32(&w, 6, 0xffffffff); /* two bytes of it would be beyond */
	assert_int_equal(buf[0], 0xdd);
	assert_int_equal(buf[8], 0);
	assert_int_equal(w.pos, 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reader_past_the_end_is_bad_and_gives_zero),
		cmocka_unit_test(reader_of_nothing_gives_nothing),
		cmocka_unit_test(region_may_not_overlap_what_was_read),
		cmocka_unit_test(region_refuses_lengths_that_wrap),
		cmocka_unit_test(writer_past_its_room_writes_nothing_more),
		cmocka_unit_test(patch_stays_inside_what_was_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
