/* test_types.c - field types: round trips, bounds, and what no peer may send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "ipc/types.h"
#include "tests/unit/check.h"

static uint8_t room[70000];

static struct rd
wrote(struct wr *w)
{
	assert_true(wr_ok(w));
	return rd_init(wr_done(w));
}

static void
name_comes_back_as_a_c_string(void **state)
{
	struct wr w   = wr_init(room, sizeof room);
	struct str in = str_of("J\xc3\xbcrgen"), out;
	struct rd r;

	(void)state;
	wr_msg_name(&w, &in);
	r = wrote(&w);
	rd_msg_name(&r, &out);
	assert_true(rd_ok(&r));
	assert_int_equal(rd_left(&r), 0);
	assert_string_equal(out.s, in.s);
}

static void
name_refuses_more_than_255_bytes(void **state)
{
	char long_name[257];
	struct str in = { long_name, 256 }, out;
	struct wr w   = wr_init(room, sizeof room);
	struct rd r;

	(void)state;
	memset(long_name, 'x', sizeof long_name);
	wr_msg_name(&w, &in);
	assert_false(wr_ok(&w));
	w = wr_init(room, sizeof room);
	wr_msg_text(&w, &in);	/* fits a text, is refused when read as a name */
	r = wrote(&w);
	rd_msg_name(&r, &out);
	assert_false(rd_ok(&r));
	assert_string_equal(out.s, "");
}

static void
name_refuses_a_nul_inside_and_a_missing_one_at_the_end(void **state)
{
	static const uint8_t inside[]  = { 3, 0, 'a', 0, 'b', 0 };
	static const uint8_t missing[] = { 3, 0, 'a', 'b', 'c', 'd' };
	struct rd r                    = rd_init(SPAN(inside, sizeof inside));
	struct str out;

	(void)state;
	rd_msg_name(&r, &out);
	assert_false(rd_ok(&r));
	r = rd_init(SPAN(missing, sizeof missing));
	rd_msg_name(&r, &out);
	assert_false(rd_ok(&r));
}

static void
flag_is_zero_or_one(void **state)
{
	static const uint8_t two[] = { 2 };
	struct rd r                = rd_init(SPAN(two, 1));
	bool out;

	(void)state;
	rd_msg_flag(&r, &out);
	assert_false(rd_ok(&r));
}

static void
gids_refuse_more_than_they_hold(void **state)
{
	static struct gid_list in, out;
	struct wr w = wr_init(room, sizeof room);
	struct rd r;

	(void)state;
	in.n = GIDS_MAX;
	for (uint32_t i = 0; i < GIDS_MAX; i++)
		in.v[i] = i * 7;
	wr_msg_gids(&w, &in);
	r = wrote(&w);
	rd_msg_gids(&r, &out);
	assert_true(rd_ok(&r));
	assert_memory_equal(&in, &out, sizeof in);
	room[0] = GIDS_MAX + 1;
	room[1] = 0;
	r       = rd_init(SPAN(room, sizeof room));
	rd_msg_gids(&r, &out);
	assert_false(rd_ok(&r));
	assert_int_equal(out.n, 0);
}

static void
blob_bound_is_checked_on_both_sides(void **state)
{
	static uint8_t bytes[BLOB_BOUND + 1];
	struct span in = SPAN(bytes, sizeof bytes), out;
	struct wr w    = wr_init(room, sizeof room);
	struct rd r;

	(void)state;
	wr_msg_blob(&w, &in);
	assert_false(wr_ok(&w));
	w = wr_init(room, sizeof room);
	wr_msg_token(&w, &in);
	r = wrote(&w);
	rd_msg_blob(&r, &out);
	assert_false(rd_ok(&r));
}

static void
addresses_print_and_parse(void **state)
{
	static const char *const good[] = { "127.0.0.1:445", "[::1]:4450", "0.0.0.0:0" };
	static const char *const bad[]  = { "", ":1", "127.0.0.1", "127.0.0.1:", "127.0.0.1:99999",
		 "::1:445", "[::1]", "127.0.0.1:4x", "[127.0.0.1]:1", "host:1" };
	char buf[ADDR_TEXT];
	struct net_addr a;

	(void)state;
	for (size_t i = 0; i < NELEM(good); i++) {
		assert_status(addr_parse(good[i], &a), STATUS_SUCCESS);
		assert_string_equal(addr_print(&a, buf), good[i]);
	}
	for (size_t i = 0; i < NELEM(bad); i++)
		assert_status(addr_parse(bad[i], &a), STATUS_INVALID_PARAMETER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_comes_back_as_a_c_string),
		cmocka_unit_test(name_refuses_more_than_255_bytes),
		cmocka_unit_test(name_refuses_a_nul_inside_and_a_missing_one_at_the_end),
		cmocka_unit_test(flag_is_zero_or_one),
		cmocka_unit_test(gids_refuse_more_than_they_hold),
		cmocka_unit_test(blob_bound_is_checked_on_both_sides),
		cmocka_unit_test(addresses_print_and_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
