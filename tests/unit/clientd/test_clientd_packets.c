/*
 * test_clientd_packets.c - packets as JSON and back, on the stack of a fiber.
 */
#include "base/fatal.h"
#include "tests/unit/clientd/stage.h"

#define ECHO_TEXT "{\"Header\": {\"Command\": \"ECHO\"}, \"Body\": {}}"
#define CREATE_TEXT                                                                       \
	"{\"Header\": {\"Command\": \"CREATE\"}, \"Body\": {\"Name\": \"a\\\\b\","        \
	" \"DesiredAccess\": 1179785}}"

static struct call *asked;

/* What it answered is asked's until the next question. */
static nt
decode(struct span bytes)
{
	struct packet_decode_req req = { .dialect = 0x0311 };

	call_drop(asked);
	asked = NULL;
	return stage_ask(stage, &packet_decode_desc, &req, bytes, -1, &asked);
}

static nt
build(struct span text, struct packet_build_rsp *rsp)
{
	struct packet_build_req req;
	nt s;

	call_drop(asked);
	asked = NULL;
	s     = stage_ask(stage, &packet_build_desc, &req, text, -1, &asked);
	if (!nt_failed(s))
		assert_status(packet_build_rsp_decode(SPAN(asked->body, asked->n), rsp),
			      STATUS_SUCCESS);
	return s;
}

static struct span
built(const char *text, uint8_t *room, size_t cap)
{
	struct packet_build_rsp rsp = { 0 };

	assert_status(build(SPAN_STR(text), &rsp), STATUS_SUCCESS);
	assert_int_equal(rsp.problem.n, 0);
	assert_true(asked->data_n > 0 && asked->data_n <= cap);
	memcpy(room, asked->data, asked->data_n);
	return SPAN(room, asked->data_n);
}

static int
begin(void **state)
{
	(void)state;
	stage = stage_new("", "");
	return 0;
}

static int
end(void **state)
{
	(void)state;
	call_drop(asked);
	asked = NULL;
	stage_drop(stage);
	return 0;
}

/* ---- there and back ---- */

static void
what_was_decoded_builds_the_same_bytes(void **state)
{
	uint8_t room[256], again[256];
	struct span bytes = built(CREATE_TEXT, room, sizeof room), back;
	char *text;

	(void)state;
	assert_status(decode(bytes), STATUS_SUCCESS);
	text = strndup((const char *)asked->data, asked->data_n);
	assert_non_null(strstr(text, "\"Name\":\"a\\\\b\""));
	back = built(text, again, sizeof again);
	free(text);
	assert_int_equal(back.n, bytes.n);
	assert_memory_equal(back.p, bytes.p, bytes.n);
}

static void
a_chain_comes_back_as_its_packets(void **state)
{
	uint8_t room[256];
	struct span bytes = built("{\"packets\": [" ECHO_TEXT ", " ECHO_TEXT "]}", room,
				  sizeof room);

	(void)state;
	assert_int_equal(bytes.n, 72 + 68);
	assert_status(decode(bytes), STATUS_SUCCESS);
}

/* ---- nonsense ---- */

static void
every_cut_and_every_changed_byte_is_answered(void **state)
{
	uint8_t room[256];
	struct span bytes = built(CREATE_TEXT, room, sizeof room);

	(void)state;
	for (size_t n = 1; n <= bytes.n; n++)
		assert_status(decode(SPAN(room, n)), STATUS_SUCCESS);
	for (size_t i = 0; i < bytes.n; i++) {
		room[i] ^= 0xff;
		assert_status(decode(bytes), STATUS_SUCCESS);
		room[i] ^= 0xff;
	}
}

static void
every_cut_text_is_refused_with_a_sentence(void **state)
{
	struct packet_build_rsp rsp;

	(void)state;
	for (size_t n = 1; n < strlen(CREATE_TEXT); n++) {
		assert_status(build(SPAN(CREATE_TEXT, n), &rsp), STATUS_SUCCESS);
		assert_true(rsp.problem.n > 0);
		assert_int_equal(asked->data_n, 0);
	}
}

static void
depth_size_and_emptiness_are_bounded(void **state)
{
	struct packet_build_rsp rsp;
	size_t n      = PACKET_MAX + 1;
	uint8_t *deep = xcalloc(n, 1);

	(void)state;
	memset(deep, '[', n);
	assert_status(build(SPAN(deep, 100000), &rsp), STATUS_SUCCESS);
	assert_true(rsp.problem.n > 0);
	assert_status(build(SPAN_NONE, &rsp), STATUS_INVALID_PARAMETER);
	assert_status(decode(SPAN_NONE), STATUS_INVALID_PARAMETER);
	assert_status(decode(SPAN(deep, n)), STATUS_INVALID_PARAMETER);
	assert_status(decode(SPAN(deep, n - 1)), STATUS_SUCCESS);
	free(deep);
}

static void
a_chain_of_large_packets_is_built(void **state)
{
	struct packet_build_rsp rsp;
	static const char head[] = "{\"packets\":[";
	static const char one[]	 = "{\"Header\":{\"Command\":13},\"Body\":\"";
	size_t body = 400000, cap = sizeof head + 3 * (sizeof one + body + 8), n = 0;
	char *text = xcalloc(cap, 1);

	(void)state;
	n += (size_t)snprintf(text + n, cap - n, "%s", head);
	for (int i = 0; i < 2; i++) {
		n += (size_t)snprintf(text + n, cap - n, "%s%s", i ? "," : "", one);
		memset(text + n, '0', body);
		n += body;
		n += (size_t)snprintf(text + n, cap - n, "\"}");
	}
	n += (size_t)snprintf(text + n, cap - n, "]}");
	assert_status(build(SPAN(text, n), &rsp), STATUS_SUCCESS);
	assert_int_equal(rsp.problem.n, 0);
	assert_true(asked->data_n > body);	/* half of the digits of two */
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_was_decoded_builds_the_same_bytes, begin, end),
		cmocka_unit_test_setup_teardown(a_chain_comes_back_as_its_packets, begin, end),
		cmocka_unit_test_setup_teardown(every_cut_and_every_changed_byte_is_answered, begin,
						end),
		cmocka_unit_test_setup_teardown(every_cut_text_is_refused_with_a_sentence, begin,
						end),
		cmocka_unit_test_setup_teardown(depth_size_and_emptiness_are_bounded, begin, end),
		cmocka_unit_test_setup_teardown(a_chain_of_large_packets_is_built, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
