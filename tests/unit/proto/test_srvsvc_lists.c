/*
 * test_srvsvc_lists.c - sessions, connections and files as the server is asked
 * for them and tells them.  [MS-SRVS] 2.2.4, 3.1.4.1 to 3.1.4.6
 */
#include "proto/rpc/srvsvc_client.h"
#include "proto/rpc/srvsvc_lists.h"
#include "proto/smb2/const.h"
#include "tests/unit/check.h"

static struct srvsvc_list list;
static uint8_t room[RPC_STUB_MAX];
static unsigned seen;
static struct srvsvc_session last;

static void
on_session(void *ctx, const struct srvsvc_session *s)
{
	(void)ctx;
	seen++;
	last = *s;
}

static const struct srvsvc_row alice = { .client = "\\\\192.0.2.1", .user = "alice", .name = "C:\\data\\f",
	.id = 7, .opens = 3, .users = 1, .type = 0, .seconds = 100, .idle = 5, .flags = SESS_GUEST,
	.permissions = PERM_FILE_READ, .locks = 2 };

static void
begin(uint16_t opnum, uint32_t level, uint32_t preferred_max)
{
	const struct srvsvc_list_req q = { .level = level, .preferred_max = preferred_max,
		.has_resume = true };

	srvsvc_list_begin(&list, opnum, &q);
}

static struct span
end(uint32_t werror, uint32_t resume, uint32_t left)
{
	struct wr w = wr_init(room, sizeof room);

	srvsvc_list_end(&list, &w, werror, resume, left);
	assert_true(wr_ok(&w));
	return wr_done(&w);
}

static void
session_list_of_level_10_is_what_a_client_reads(void **state)
{
	struct srvsvc_page page;

	(void)state;
	seen = 0;
	begin(SRVSVC_SESSION_ENUM, 10, UINT32_MAX);
	assert_true(srvsvc_list_add(&list, &alice));
	assert_true(srvsvc_list_add(&list, &alice));
	assert_status(srvsvc_session_enum_response(end(WERR_OK, 0, 0), on_session, NULL, &page),
	    STATUS_SUCCESS);
	assert_int_equal(seen, 2);
	assert_string_equal(last.client, "\\\\192.0.2.1");
	assert_string_equal(last.user, "alice");
	assert_int_equal(last.active_s, 100);
	assert_int_equal(last.idle_s, 5);
	assert_int_equal(page.werror, WERR_OK);
}

static void
list_without_rows_is_whole(void **state)
{
	struct srvsvc_page page = { .werror = 1 };

	(void)state;
	seen = 0;
	begin(SRVSVC_SESSION_ENUM, 10, UINT32_MAX);
	assert_status(srvsvc_session_enum_response(end(WERR_ACCESS_DENIED, 0, 0), on_session, NULL, &page),
	    STATUS_SUCCESS);
	assert_int_equal(seen, 0);
	assert_int_equal(page.werror, WERR_ACCESS_DENIED);
}

static void
full_list_says_where_to_go_on(void **state)
{
	struct srvsvc_page page;
	unsigned n = 0;

	(void)state;
	seen = 0;
	begin(SRVSVC_SESSION_ENUM, 10, UINT32_MAX);
	while (srvsvc_list_add(&list, &alice))
		n++;
	assert_in_range(n, 300, 5000);
	assert_status(srvsvc_session_enum_response(end(WERR_MORE_DATA, 4711, 9), on_session, NULL, &page),
	    STATUS_SUCCESS);
	assert_int_equal(seen, n);
	assert_int_equal(page.werror, WERR_MORE_DATA);
	assert_int_equal(page.resume, 4711);
}

static void
list_keeps_to_what_the_client_wants_but_for_one_row(void **state)
{
	(void)state;
	begin(SRVSVC_SESSION_ENUM, 1, 0);
	assert_true(srvsvc_list_add(&list, &alice));
	assert_false(srvsvc_list_add(&list, &alice));
	begin(SRVSVC_SESSION_ENUM, 1, 200);
	assert_true(srvsvc_list_add(&list, &alice));
	assert_true(srvsvc_list_add(&list, &alice));
	assert_false(srvsvc_list_add(&list, &alice));
}

static void
row_whose_name_is_not_utf8_leaves_no_trace(void **state)
{
	struct srvsvc_row bad = alice;
	struct srvsvc_page page;

	(void)state;
	seen	 = 0;
	bad.user = "\xff";
	begin(SRVSVC_SESSION_ENUM, 10, UINT32_MAX);
	assert_false(srvsvc_list_add(&list, &bad));
	assert_true(srvsvc_list_add(&list, &alice));
	assert_status(srvsvc_session_enum_response(end(WERR_OK, 0, 0), on_session, NULL, &page),
	    STATUS_SUCCESS);
	assert_int_equal(seen, 1);
	assert_string_equal(last.user, "alice");
}

/* Level, switch, container, count, array, count: then the row's own numbers. */
static void
check_numbers(uint16_t opnum, uint32_t level, const uint32_t *want, size_t n)
{
	struct rd r;

	begin(opnum, level, UINT32_MAX);
	assert_true(srvsvc_list_add(&list, &alice));
	r = rd_init(end(WERR_OK, 0, 0));
	assert_int_equal(rd_u32(&r), level);
	assert_int_equal(rd_u32(&r), level);
	assert_int_not_equal(rd_u32(&r), 0);
	assert_int_equal(rd_u32(&r), 1);
	assert_int_not_equal(rd_u32(&r), 0);
	assert_int_equal(rd_u32(&r), 1);
	for (size_t i = 0; i < n; i++) {
		uint32_t v = rd_u32(&r);

		if (want[i] != UINT32_MAX) /* a pointer */
			assert_int_equal(v, want[i]);
		else
			assert_int_not_equal(v, 0);
	}
	assert_true(rd_ok(&r));
}

static void
levels_have_their_members_in_order(void **state)
{
#define P UINT32_MAX
	(void)state;
	check_numbers(SRVSVC_CONNECTION_ENUM, 0, (uint32_t[]){ 7, 1 }, 2);
	check_numbers(SRVSVC_CONNECTION_ENUM, 1, (uint32_t[]){ 7, 0, 3, 1, 100, P, P, 6 }, 8);
	check_numbers(SRVSVC_FILE_ENUM, 2, (uint32_t[]){ 7, 1 }, 2);
	check_numbers(SRVSVC_FILE_ENUM, 3, (uint32_t[]){ 7, PERM_FILE_READ, 2, P, P, 10 }, 6);
	check_numbers(SRVSVC_SESSION_ENUM, 0, (uint32_t[]){ P, 12 }, 2);
	check_numbers(SRVSVC_SESSION_ENUM, 1, (uint32_t[]){ P, P, 3, 100, 5, SESS_GUEST, 12 }, 7);
	check_numbers(SRVSVC_SESSION_ENUM, 2, (uint32_t[]){ P, P, 3, 100, 5, SESS_GUEST, P, 12 }, 8);
	check_numbers(SRVSVC_SESSION_ENUM, 502,
	    (uint32_t[]){ P, P, 3, 100, 5, SESS_GUEST, P, P, 12 }, 9);
#undef P
}

static void
unknown_level_is_an_empty_arm(void **state)
{
	struct rd r;

	(void)state;
	assert_false(srvsvc_list_has_level(SRVSVC_SESSION_ENUM, 3));
	begin(SRVSVC_SESSION_ENUM, 3, UINT32_MAX);
	r = rd_init(end(WERR_OK, 0, 0));
	assert_int_equal(rd_u32(&r), 3);
	assert_int_equal(rd_u32(&r), 3);
	assert_int_equal(rd_u32(&r), 0);	/* TotalEntries */
	assert_int_not_equal(rd_u32(&r), 0);
	assert_int_equal(rd_u32(&r), 0);	/* ResumeHandle */
	assert_int_equal(rd_u32(&r), WERR_INVALID_LEVEL);
	assert_int_equal(rd_left(&r), 0);
}

/* ---- questions ---- */

static struct span
question_with(bool array, const char *first, const char *second, uint32_t level)
{
	struct wr w	   = wr_init(room, sizeof room);
	struct ndr_ids ids = { 0 };

	wr_ndr_ptr(&w, &ids, true);
	wr_ndr_string(&w, "\\\\server");
	wr_ndr_ptr(&w, &ids, first != NULL);
	if (first)
		wr_ndr_string(&w, first);
	wr_ndr_ptr(&w, &ids, second != NULL);
	if (second)
		wr_ndr_string(&w, second);
	wr_ndr_u32(&w, level);
	wr_ndr_u32(&w, level);
	wr_ndr_ptr(&w, &ids, true);
	wr_ndr_u32(&w, 0);
	wr_ndr_ptr(&w, &ids, array);
	if (array)
		wr_ndr_u32(&w, 0);
	wr_ndr_u32(&w, 5000);
	wr_ndr_ptr(&w, &ids, true);
	wr_ndr_u32(&w, 42);
	assert_true(wr_ok(&w));
	return wr_done(&w);
}

static struct span
question(const char *first, const char *second, uint32_t level)
{
	return question_with(false, first, second, level);
}

static void
empty_array_is_as_good_as_none(void **state)
{
	struct srvsvc_list_req q;

	(void)state;
	assert_status(srvsvc_list_decode(SRVSVC_FILE_ENUM, question_with(true, NULL, NULL, 3), &q),
	    STATUS_SUCCESS);
	assert_int_equal(q.preferred_max, 5000);
}

static void
questions_name_client_path_and_user(void **state)
{
	struct srvsvc_list_req q;

	(void)state;
	assert_status(srvsvc_list_decode(SRVSVC_SESSION_ENUM, question("\\\\pc", "bob", 10), &q),
	    STATUS_SUCCESS);
	assert_string_equal(q.client, "pc");
	assert_string_equal(q.user, "bob");
	assert_int_equal(q.level, 10);
	assert_int_equal(q.preferred_max, 5000);
	assert_int_equal(q.resume, 42);
	assert_status(srvsvc_list_decode(SRVSVC_FILE_ENUM, question("C:\\data", NULL, 3), &q),
	    STATUS_SUCCESS);
	assert_string_equal(q.path, "C:\\data");
	assert_string_equal(q.user, "");
}

static void
client_without_backslashes_is_refused(void **state)
{
	struct srvsvc_list_req q;

	(void)state;
	assert_status(srvsvc_list_decode(SRVSVC_SESSION_ENUM, question("pc", NULL, 10), &q),
	    STATUS_INVALID_PARAMETER);
	assert_status(srvsvc_list_decode(SRVSVC_SESSION_ENUM, question("\\pc", NULL, 10), &q),
	    STATUS_INVALID_PARAMETER);
}

static void
cut_questions_are_refused(void **state)
{
	struct span whole = question("\\\\pc", "bob", 10);
	struct srvsvc_session_del del;
	struct srvsvc_list_req q;
	uint8_t *copy = test_malloc(whole.n);

	(void)state;
	memcpy(copy, whole.p, whole.n);
	for (size_t n = 0; n < whole.n; n++)
		assert_status(srvsvc_list_decode(SRVSVC_SESSION_ENUM, SPAN(copy, n), &q),
		    STATUS_INVALID_PARAMETER);
	assert_status(srvsvc_session_del_decode(SPAN(copy, whole.n), &del), STATUS_SUCCESS);
	assert_string_equal(del.client, "pc");
	assert_string_equal(del.user, "bob");
	test_free(copy);
}

static void
permissions_are_those_that_the_open_has(void **state)
{
	(void)state;
	assert_int_equal(srvsvc_file_permissions(FILE_READ_DATA | FILE_APPEND_DATA),
	    PERM_FILE_READ | PERM_FILE_WRITE);
	assert_int_equal(srvsvc_file_permissions(DELETE | WRITE_DAC), PERM_FILE_DELETE | PERM_FILE_PERM);
	assert_int_equal(srvsvc_file_permissions(FILE_READ_ATTRIBUTES | SYNCHRONIZE), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(session_list_of_level_10_is_what_a_client_reads),
		cmocka_unit_test(list_without_rows_is_whole),
		cmocka_unit_test(full_list_says_where_to_go_on),
		cmocka_unit_test(list_keeps_to_what_the_client_wants_but_for_one_row),
		cmocka_unit_test(row_whose_name_is_not_utf8_leaves_no_trace),
		cmocka_unit_test(levels_have_their_members_in_order),
		cmocka_unit_test(unknown_level_is_an_empty_arm),
		cmocka_unit_test(empty_array_is_as_good_as_none),
		cmocka_unit_test(questions_name_client_path_and_user),
		cmocka_unit_test(client_without_backslashes_is_refused),
		cmocka_unit_test(cut_questions_are_refused),
		cmocka_unit_test(permissions_are_those_that_the_open_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
