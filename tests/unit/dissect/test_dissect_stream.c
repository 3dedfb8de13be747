/*
 * test_dissect_stream.c - segments in any order, and what a gap leaves of messages.
 */
#include "tests/unit/check.h"

#include "dissect/stream.h"
#include "dissect/text.h"

#define LOG_MAX 4096

static char seen[LOG_MAX]; /* "20 30+5": a message of 20 bytes, one of 30 that lacks 5 */
static size_t ended;

static void
frame(void *ctx, const struct frame *f)
{
	size_t n = strlen(seen);

	(void)ctx;
	*f->user = &ended;
	assert_memory_equal(f->bytes.p, "\xfeSMB", 4);
	(void)snprintf(seen + n, sizeof seen - n, f->missing ? "%s%zu+%u" : "%s%zu",
		       n > 0 ? " " : "", f->bytes.n, f->missing);
}

static void
gone(void *ctx, void *user)
{
	(void)ctx;
	assert_ptr_equal(user, &ended);
	ended++;
}

static struct streams *
start(void)
{
	seen[0] = '\0';
	ended	= 0;
	return streams_new((struct stream_sink){ frame, gone, NULL });
}

static void
feed_on(struct streams *s, uint16_t port, uint32_t seq, uint8_t flags, struct span payload,
	uint32_t missing)
{
	static uint64_t number;
	struct packet packet   = { .number = ++number };
	struct segment segment = { .from    = { 4, { 10, 0, 0, 1 }, port },
				   .to	    = { 4, { 10, 0, 0, 2 }, 445 },
				   .seq	    = seq,
				   .flags   = flags,
				   .payload = payload,
				   .missing = missing };

	streams_feed(s, &packet, &segment);
}

static void
feed(struct streams *s, uint32_t seq, struct span payload)
{
	feed_on(s, 1000, seq, TCP_ACK, payload, 0);
}

/* Messages of these lengths behind each other. */
static struct span
messages(uint8_t *room, const size_t *lengths, size_t n)
{
	size_t at = 0;

	for (size_t i = 0; i < n; i++) {
		memset(room + at, 'x', lengths[i] + 4);
		room[at] = room[at + 1] = 0;
		room[at + 2]		= (uint8_t)(lengths[i] >> 8);
		room[at + 3]		= (uint8_t)lengths[i];
		memcpy(room + at + 4, "\xfeSMB", 4);
		at += lengths[i] + 4;
	}
	return SPAN(room, at);
}

static struct span
part(struct span s, size_t from, size_t to)
{
	return SPAN(s.p + from, to - from);
}

static void
each_cut_in_two_gives_the_same_messages(void **state)
{
	static const size_t lengths[] = { 64, 8, 300 };
	uint8_t room[512];
	struct span s = messages(room, lengths, 3);

	(void)state;
	for (size_t cut = 0; cut <= s.n; cut++) {
		for (int turned = 0; turned < 2; turned++) {
			struct streams *t = start();
			uint32_t base	  = 0xffffff00u; /* wraps inside */

			feed_on(t, 1000, base - 1, TCP_SYN, SPAN_NONE, 0);
			if (turned)
				feed(t, base + (uint32_t)cut, part(s, cut, s.n));
			feed(t, base, part(s, 0, cut));
			feed(t, base, part(s, 0, cut)); /* again */
			if (!turned)
				feed(t, base + (uint32_t)cut, part(s, cut, s.n));
			feed(t, base, s); /* all of it once more */
			streams_drop(t);
			assert_string_equal(seen, "64 8 300");
			assert_int_equal(ended, 1);
		}
	}
}

static void
byte_by_byte_backwards_within_the_bound(void **state)
{
	static const size_t lengths[] = { 40 };
	uint8_t room[64];
	struct span s	  = messages(room, lengths, 1);
	struct streams *t = start();

	(void)state;
	feed_on(t, 1000, 99, TCP_SYN, SPAN_NONE, 0);
	for (size_t i = s.n; i-- > 0;)
		feed(t, 100 + (uint32_t)i, part(s, i, i + 1));
	streams_drop(t);
	assert_string_equal(seen, "40");
}

static void
a_gap_costs_the_message_it_lies_in_and_no_other(void **state)
{
	static const size_t lengths[] = { 100, 200, 50, 60 };
	uint8_t room[512];
	struct span s	  = messages(room, lengths, 4);
	size_t second	  = 104, third = 104 + 204;
	struct streams *t = start();

	(void)state;
	feed_on(t, 1000, 0, TCP_SYN, SPAN_NONE, 0);
	feed(t, 1, part(s, 0, second + 50));
	feed(t, 1 + (uint32_t)third, part(s, third, s.n));
	streams_drop(t);
	/* 46 bytes of the second are there; where it ends the next is found again */
	assert_string_equal(seen, "100 46+154 50 60");
}

static void
bytes_that_a_capture_cut_off_count_as_a_gap(void **state)
{
	static const size_t lengths[] = { 100, 60 };
	uint8_t room[256];
	struct span s	  = messages(room, lengths, 2);
	struct streams *t = start();

	(void)state;
	feed_on(t, 1000, 1, TCP_ACK, part(s, 0, 44), 60);
	feed(t, 105, part(s, 104, s.n));
	streams_drop(t);
	assert_string_equal(seen, "40+60 60");
}

static void
the_end_hands_out_what_was_begun(void **state)
{
	static const size_t lengths[] = { 100 };
	uint8_t room[128];
	struct span s	  = messages(room, lengths, 1);
	struct streams *t = start();

	(void)state;
	feed(t, 1, part(s, 0, 80));
	feed_on(t, 1000, 81, TCP_RST, SPAN_NONE, 0);
	assert_string_equal(seen, "76+24");
	assert_int_equal(ended, 1);
	streams_drop(t);
}

static void
a_capture_may_begin_inside_a_message(void **state)
{
	static const size_t lengths[] = { 400, 30 };
	uint8_t room[512];
	struct span s	  = messages(room, lengths, 2);
	struct streams *t = start();

	(void)state;
	feed(t, 101, part(s, 100, 250));
	feed(t, 251, part(s, 250, s.n)); /* the second starts in the middle of this one */
	streams_drop(t);
	assert_string_equal(seen, "30");
}

static void
other_protocols_and_keepalives_are_passed_over(void **state)
{
	static const size_t lengths[] = { 70 };
	uint8_t room[128];
	struct span s	  = messages(room, lengths, 1);
	struct streams *t = start();

	(void)state;
	feed_on(t, 22, 1, TCP_ACK, SPAN_STR("SSH-2.0-OpenSSH and more of that"), 0);
	feed_on(t, 22, 33, TCP_ACK, SPAN_STR("\x14zzzzzzzzzzzzzzzzzzzzzz"), 0);
	feed(t, 1, SPAN("\x85\0\0\0\x85\0", 6));
	feed(t, 7, SPAN("\0\0", 2));
	feed(t, 9, s);
	streams_drop(t);
	assert_string_equal(seen, "70");
}

static void
more_connections_than_there_is_room_for(void **state)
{
	static const size_t lengths[] = { 70 };
	uint8_t room[128];
	struct span s	  = messages(room, lengths, 1);
	struct streams *t = start();

	(void)state;
	for (uint16_t port = 1; port <= STREAMS_MAX + 50; port++) {
		seen[0] = '\0';
		feed_on(t, port, 1, TCP_ACK, s, 0);
		assert_string_equal(seen, "70");
	}
	assert_int_equal(ended, 50);
	streams_drop(t);
	assert_int_equal(ended, STREAMS_MAX + 50);
}

static void
the_same_ports_again_are_another_connection(void **state)
{
	static const size_t lengths[] = { 70 };
	uint8_t room[128];
	struct span s	  = messages(room, lengths, 1);
	struct streams *t = start();

	(void)state;
	feed_on(t, 1000, 0, TCP_SYN, SPAN_NONE, 0);
	feed(t, 1, s);
	feed_on(t, 1000, 5000, TCP_SYN, SPAN_NONE, 0);
	assert_int_equal(ended, 1);
	feed(t, 5001, s);
	streams_drop(t);
	assert_string_equal(seen, "70 70");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_cut_in_two_gives_the_same_messages),
		cmocka_unit_test(byte_by_byte_backwards_within_the_bound),
		cmocka_unit_test(a_gap_costs_the_message_it_lies_in_and_no_other),
		cmocka_unit_test(bytes_that_a_capture_cut_off_count_as_a_gap),
		cmocka_unit_test(the_end_hands_out_what_was_begun),
		cmocka_unit_test(a_capture_may_begin_inside_a_message),
		cmocka_unit_test(other_protocols_and_keepalives_are_passed_over),
		cmocka_unit_test(more_connections_than_there_is_room_for),
		cmocka_unit_test(the_same_ports_again_are_another_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
