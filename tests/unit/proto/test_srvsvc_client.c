/*
 * test_srvsvc_client.c - NetrSessionEnum from the asking side, whole and cut.
 * [MS-SRVS] 2.2.4.15, 3.1.4.5
 */
#include "proto/rpc/ndr.h"
#include "proto/rpc/srvsvc_client.h"
#include "tests/unit/check.h"

static unsigned seen;
static struct srvsvc_session last;

static void
on_session(void *ctx, const struct srvsvc_session *s)
{
	(void)ctx;
	seen++;
	last = *s;
}

/* Two sessions, as a server would say. */
static struct span
answer(uint8_t *room, size_t cap, uint32_t count)
{
	struct wr w	   = wr_init(room, cap);
	struct ndr_ids ids = { 0 };

	wr_ndr_u32(&w, 10);
	wr_ndr_u32(&w, 10);
	wr_ndr_ptr(&w, &ids, true);
	wr_ndr_u32(&w, count);
	wr_ndr_ptr(&w, &ids, true);
	wr_ndr_u32(&w, count);
	for (uint32_t i = 0; i < 2; i++) {
		wr_ndr_ptr(&w, &ids, true);
		wr_ndr_ptr(&w, &ids, true);
		wr_ndr_u32(&w, 100 + i);
		wr_ndr_u32(&w, i);
	}
	for (uint32_t i = 0; i < 2; i++) {
		wr_ndr_string(&w, "\\\\192.0.2.1");
		wr_ndr_string(&w, i ? "bob" : "alice");
	}
	wr_ndr_u32(&w, 2);
	wr_ndr_ptr(&w, &ids, true);
	wr_ndr_u32(&w, 0);
	wr_ndr_u32(&w, WERR_OK);
	assert_true(wr_ok(&w));
	return wr_done(&w);
}

static void
sessions_are_read(void **state)
{
	uint8_t room[1024];
	struct srvsvc_page page = { .werror = 1 };

	(void)state;
	seen = 0;
	assert_status(srvsvc_session_enum_response(answer(room, sizeof room, 2), on_session, NULL,
						   &page),
		      STATUS_SUCCESS);
	assert_int_equal(seen, 2);
	assert_string_equal(last.user, "bob");
	assert_string_equal(last.client, "\\\\192.0.2.1");
	assert_int_equal(last.active_s, 101);
	assert_int_equal(page.werror, WERR_OK);
}

static void
an_answer_cut_anywhere_is_refused(void **state)
{
	uint8_t room[1024];
	struct span whole = answer(room, sizeof room, 2);
	struct srvsvc_page page;

	(void)state;
	for (size_t n = 0; n < whole.n; n++)
		assert_status(srvsvc_session_enum_response(SPAN(whole.p, n), on_session, NULL,
							   &page),
			      STATUS_INVALID_PARAMETER);
}

static void
more_sessions_than_bytes_are_refused(void **state)
{
	uint8_t room[1024];
	struct srvsvc_page page;

	(void)state;
	assert_status(srvsvc_session_enum_response(answer(room, sizeof room, 0x10000000),
						   on_session, NULL, &page),
		      STATUS_INVALID_PARAMETER);
}

static void
the_question_is_aligned_ndr(void **state)
{
	uint8_t room[256];
	struct wr w = wr_init(room, sizeof room);
	char name[64];
	struct rd r;

	(void)state;
	srvsvc_session_enum_request(&w, "server", 3);
	r = rd_init(wr_done(&w));
	assert_true(ndr_ptr(&r));
	ndr_string(&r, name, sizeof name);
	assert_string_equal(name, "server");
	assert_false(ndr_ptr(&r));
	assert_false(ndr_ptr(&r));
	assert_int_equal(ndr_u32(&r), 10);
	assert_int_equal(ndr_u32(&r), 10);
	assert_true(ndr_ptr(&r));
	assert_int_equal(ndr_u32(&r), 0);
	assert_false(ndr_ptr(&r));
	assert_int_equal(ndr_u32(&r), UINT32_MAX);
	assert_true(ndr_ptr(&r));
	assert_int_equal(ndr_u32(&r), 3);
	assert_true(rd_ok(&r) && rd_left(&r) == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions_are_read),
		cmocka_unit_test(an_answer_cut_anywhere_is_refused),
		cmocka_unit_test(more_sessions_than_bytes_are_refused),
		cmocka_unit_test(the_question_is_aligned_ndr),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
