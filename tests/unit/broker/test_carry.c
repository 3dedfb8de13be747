/* test_carry.c - broker/bridge/carry.c: two ends in one process, and frames that nobody honest sends. */
#include "../check.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cursor.h"
#include "broker/bridge/carry.h"

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

struct end {
	struct carry carry;
	struct end *other;
	int outside; /* what an outpost, or a directory, would hold */
	bool ended;
	nt took;
};

static struct loop *loop;
static struct end front, storage;

static bool
hand_over(void *ctx, struct span head, struct span memory)
{
	static uint8_t room[CARRY_HEAD + FDPASS_DATAGRAM + 65536];
	struct end *e = ctx;
	struct carry_frame f;

	assert_true(head.n + memory.n <= sizeof room);
	memcpy(room, head.p, head.n);
	if (memory.n > 0)
		memcpy(room + head.n, memory.p, memory.n);
	assert_status(carry_read(SPAN(room, head.n + memory.n), &f), STATUS_SUCCESS);
	e->other->took = carry_take(&e->other->carry, &f);
	return true;
}

static void
has_ended(void *ctx)
{
	((struct end *)ctx)->ended = true;
}

static void
end_open(struct end *e, struct end *other, bool is_storage)
{
	int pair[2];

	assert_status(fdpass_pair(pair), STATUS_SUCCESS);
	*e = (struct end){ .other = other, .outside = pair[0], .took = STATUS_SUCCESS };
	carry_begin(&e->carry, loop, is_storage, pair[1], hand_over, has_ended, e);
}

static int
setup(void **state)
{
	(void)state;
	loop = loop_new();
	end_open(&front, &storage, false);
	end_open(&storage, &front, true);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	carry_drop(&front.carry);
	carry_drop(&storage.carry);
	if (front.outside >= 0)
		close(front.outside);
	if (storage.outside >= 0)
		close(storage.outside);
	loop_drop(loop);
	return 0;
}

static void
stop(void *ctx)
{
	(void)ctx;
	loop_stop(loop, 0);
}

/* Everything happens in this process: what is to come is there after some rounds. */
static void
rounds(void)
{
	struct loop_timer t = { 0 };

	for (int i = 0; i < 20; i++) {
		loop_timer_set(loop, &t, 1, stop, NULL);
		(void)loop_run(loop);
	}
	loop_timer_clear(&t);
}

static void
say(int sock, const char *text, int fd)
{
	struct iovec iov = { (void *)(uintptr_t)text, strlen(text) };

	assert_status(fdpass_send(sock, &iov, 1, &fd, fd >= 0 ? 1 : 0), STATUS_SUCCESS);
	rounds();
}

/* The descriptor that came along, or -1. */
static int
expect_said(int sock, const char *text)
{
	char buf[64];
	struct fds fds = { 0 };
	size_t n;

	assert_status(fdpass_recv(sock, buf, sizeof buf, &n, fds.fd, &fds.n), STATUS_SUCCESS);
	assert_int_equal(n, strlen(text));
	assert_memory_equal(buf, text, n);
	return fds_take(&fds);
}

static int
memory_of(const char *text, int seals)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static void
datagrams_go_both_ways_in_order(void **state)
{
	(void)state;
	say(storage.outside, "one", -1);
	say(storage.outside, "two", -1);
	say(front.outside, "three", -1);
	assert_int_equal(expect_said(front.outside, "one"), -1);
	assert_int_equal(expect_said(front.outside, "two"), -1);
	assert_int_equal(expect_said(storage.outside, "three"), -1);
}

static void
memory_arrives_as_sealed_memory_of_the_same_bytes(void **state)
{
	int fd = memory_of("a part", SEALS), got;
	char buf[16];

	(void)state;
	say(front.outside, "part", fd);
	close(fd);
	got = expect_said(storage.outside, "part");
	assert_true(got >= 0);
	assert_int_equal(fcntl(got, F_GET_SEALS), SEALS);
	assert_int_equal(pread(got, buf, sizeof buf, 0), 6);
	assert_memory_equal(buf, "a part", 6);
	close(got);
}

static void
a_socket_becomes_a_stream_of_its_own(void **state)
{
	int pair[2], far;

	(void)state;
	assert_status(fdpass_pair(pair), STATUS_SUCCESS);
	say(storage.outside, "child", pair[1]);
	close(pair[1]);
	far = expect_said(front.outside, "child");
	assert_true(far >= 0);
	say(far, "down", -1);
	say(pair[0], "up", -1);
	assert_int_equal(expect_said(pair[0], "down"), -1);
	assert_int_equal(expect_said(far, "up"), -1);
	close(pair[0]);
	rounds();
	assert_int_equal(recv(far, &(char){ 0 }, 1, MSG_DONTWAIT), 0); /* its end goes over as well */
	close(far);
	assert_false(front.ended || storage.ended);
}

static void
the_end_of_the_first_stream_is_the_end(void **state)
{
	(void)state;
	close(storage.outside);
	storage.outside = -1;
	rounds();
	assert_true(storage.ended);
	assert_true(front.ended);
}

static void
memory_that_can_change_does_not_travel(void **state)
{
	int fd = memory_of("a part", F_SEAL_SHRINK);

	(void)state;
	say(front.outside, "part", fd);
	close(fd);
	assert_true(front.ended);
}

static void
a_file_does_not_travel(void **state)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	say(storage.outside, "x", fd);
	close(fd);
	assert_true(storage.ended);
}

static void
a_socket_does_not_travel_to_a_storage(void **state)
{
	int pair[2];

	(void)state;
	assert_status(fdpass_pair(pair), STATUS_SUCCESS);
	say(front.outside, "x", pair[0]);
	close(pair[0]);
	close(pair[1]);
	assert_true(front.ended);
}

static nt
take(struct end *e, struct carry_frame f)
{
	f.kind	     = CARRY_DATA;
	f.datagram.p = (const uint8_t *)"x";
	f.datagram.n = 1;
	return carry_take(&e->carry, &f);
}

static void
a_storage_gives_no_memory_and_bears_no_stream_twice(void **state)
{
	(void)state;
	assert_status(take(&front, (struct carry_frame){ .has_memory = true }), STATUS_INVALID_PARAMETER);
	assert_status(take(&front, (struct carry_frame){ .born = 7 }), STATUS_SUCCESS);
	assert_status(take(&front, (struct carry_frame){ .born = 7 }), STATUS_INVALID_PARAMETER);
	assert_status(take(&front, (struct carry_frame){ .born = 3 }), STATUS_INVALID_PARAMETER);
	assert_status(take(&storage, (struct carry_frame){ .born = 9 }), STATUS_INVALID_PARAMETER);
}

static void
streams_have_a_bound(void **state)
{
	nt s = STATUS_SUCCESS;

	(void)state;
	for (uint32_t id = 1; id <= CARRY_STREAMS && !nt_failed(s); id++)
		s = take(&front, (struct carry_frame){ .born = id });
	assert_status(s, STATUS_INVALID_PARAMETER);
	assert_int_equal(front.carry.n, CARRY_STREAMS);
}

static void
what_nobody_reads_has_a_bound(void **state)
{
	static uint8_t much[FDPASS_DATAGRAM];
	const struct carry_frame f = { .kind = CARRY_DATA, .datagram = SPAN(much, sizeof much) };
	nt s			   = STATUS_SUCCESS;

	(void)state;
	for (size_t i = 0; i < 2 * CARRY_QUEUED / sizeof much && !nt_failed(s); i++)
		s = carry_take(&front.carry, &f);
	assert_status(s, STATUS_INSUFFICIENT_RESOURCES);
}

static void
frames_come_back_as_they_were_and_are_refused_cut(void **state)
{
	const struct carry_frame f = { .kind = CARRY_DATA, .stream = 3, .born = 9, .has_memory = true,
				       .datagram = SPAN_STR("hello"), .memory = SPAN_STR("mem") };
	uint8_t room[64];
	struct carry_frame got;
	struct wr w = wr_init(room, sizeof room);

	(void)state;
	carry_write(&w, &f);
	wr_span(&w, f.memory);
	assert_status(carry_read(SPAN(room, w.pos), &got), STATUS_SUCCESS);
	assert_int_equal(got.stream, 3);
	assert_int_equal(got.born, 9);
	assert_true(got.has_memory && span_eq(got.datagram, f.datagram) && span_eq(got.memory, f.memory));
	for (size_t n = 0; n < CARRY_HEAD + f.datagram.n; n++)
		assert_status(carry_read(SPAN(room, n), &got), STATUS_INVALID_PARAMETER);
}

static void
frames_of_no_kind_are_refused(void **state)
{
	static const uint8_t bad[][CARRY_HEAD + 1] = {
		{ 0 },				/* no kind */
		{ 5 },				/* no such kind */
		{ 2, 2 },			/* no such flag */
		{ 2, 0, 1 },			/* something where zeros belong */
		{ 2, 0, 0, 0, 0, 0, 0, 0, 1 },	/* a beat that bears a stream */
		{ 2, 1 },			/* a beat with memory */
		{ 3 },				/* no datagram */
		{ 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff }, /* longer than it is */
	};
	struct carry_frame got;

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++)
		assert_status(carry_read(SPAN(bad[i], CARRY_HEAD), &got), STATUS_INVALID_PARAMETER);
	/* memory behind a datagram that has none */
	assert_status(carry_read(SPAN("\3\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0xy", CARRY_HEAD + 2), &got),
		      STATUS_INVALID_PARAMETER);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(datagrams_go_both_ways_in_order),
		CASE(memory_arrives_as_sealed_memory_of_the_same_bytes),
		CASE(a_socket_becomes_a_stream_of_its_own),
		CASE(the_end_of_the_first_stream_is_the_end),
		CASE(memory_that_can_change_does_not_travel),
		CASE(a_file_does_not_travel),
		CASE(a_socket_does_not_travel_to_a_storage),
		CASE(a_storage_gives_no_memory_and_bears_no_stream_twice),
		CASE(streams_have_a_bound),
		CASE(what_nobody_reads_has_a_bound),
		CASE(frames_come_back_as_they_were_and_are_refused_cut),
		CASE(frames_of_no_kind_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
