/*
 * test_wire.c - do spawner and directory understand each other, and nothing else?
 */
#include "../check.h"

#include <fcntl.h>
#include <unistd.h>

#include "broker/wire.h"
#include "ipc/fdpass.h"

static const struct wire sample = { .kind	   = WIRE_SPAWNED,
				    .row	   = 6,
				    .peer	   = 1ull << 40,
				    .pid	   = 77,
				    .uid	   = 62016,
				    .gid	   = 62016,
				    .status	   = 9,
				    .tag	   = 0x1122334455667788u,
				    .index	   = 3,
				    .restarts	   = 2,
				    .started	   = 5,
				    .seccomp	   = 2,
				    .no_new_privs  = 1,
				    .cap_effective = 0xc0,
				    .cap_permitted = 0xff,
				    .namespaces	   = WIRE_NS_NET,
				    .id		   = { { 1, 2, 3 } },
				    .name	   = "alice" };

static void
a_record_survives_the_wire(void **state)
{
	uint8_t buf[WIRE_SIZE];
	struct wr w = wr_init(buf, sizeof buf);
	struct wire back;

	(void)state;
	wire_write(&w, &sample);
	assert_true(wr_ok(&w));
	assert_int_equal(w.pos, WIRE_SIZE);
	assert_status(wire_read(wr_done(&w), &back), STATUS_SUCCESS);
	assert_int_equal(back.kind, sample.kind);
	assert_int_equal(back.peer, sample.peer);
	assert_int_equal(back.tag, sample.tag);
	assert_int_equal(back.cap_permitted, sample.cap_permitted);
	assert_int_equal(back.namespaces, sample.namespaces);
	assert_memory_equal(back.id.b, sample.id.b, 16);
	assert_string_equal(back.name, "alice");
}

static void
cut_refused(struct span s)
{
	struct wire back;

	assert_status(wire_read(s, &back), STATUS_INVALID_PARAMETER);
}

static void
any_other_length_is_refused(void **state)
{
	uint8_t buf[WIRE_SIZE + 1] = { 0 };
	struct wr w		   = wr_init(buf, WIRE_SIZE);

	(void)state;
	wire_write(&w, &sample);
	check_cuts(wr_done(&w), cut_refused);
	cut_refused(SPAN(buf, sizeof buf));
}

static void
a_name_without_end_is_refused(void **state)
{
	uint8_t buf[WIRE_SIZE];
	struct wr w   = wr_init(buf, sizeof buf);
	struct wire m = sample;
	struct wire back;

	(void)state;
	memset(m.name, 'x', sizeof m.name);
	wire_write(&w, &m);
	assert_status(wire_read(wr_done(&w), &back), STATUS_INVALID_PARAMETER);
}

/* ---- ends ---- */

struct ear {
	unsigned got, gone;
	uint64_t last;
	int fd;
	struct loop *loop;
	unsigned until;
};

static void
heard(void *ctx, const struct wire *m, int fds[WIRE_FDS])
{
	struct ear *e = ctx;

	e->last = m->peer;
	if (fds[0] >= 0) {
		if (e->fd >= 0)
			close(e->fd);
		e->fd = fds[0];
	}
	if (++e->got == e->until)
		loop_stop(e->loop, 0);
}

static void
silent(void *ctx)
{
	struct ear *e = ctx;

	e->gone++;
	loop_stop(e->loop, 0);
}

static void
more_than_the_socket_holds_arrives_in_order(void **state)
{
	enum { MANY = 3000 };
	struct loop *loop = loop_new();
	struct wire_end a, b;
	struct ear ea = { .fd = -1, .loop = loop }, eb = { .fd = -1, .loop = loop, .until = MANY };
	struct wire m = sample;
	int pair[2];

	(void)state;
	assert_status(fdpass_pair(pair), STATUS_SUCCESS);
	wire_open(&a, loop, pair[0], heard, silent, &ea);
	wire_open(&b, loop, pair[1], heard, silent, &eb);
	for (m.peer = 1; m.peer <= MANY; m.peer++)
		wire_post(&a, &m, NULL, 0);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(eb.got, MANY);
	assert_int_equal(eb.last, MANY);
	wire_close(&a);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(eb.gone, 1);
	assert_false(wire_is_open(&b));
	loop_drop(loop);
}

static void
a_descriptor_comes_along(void **state)
{
	struct loop *loop = loop_new();
	struct wire_end a, b;
	struct ear ea = { .fd = -1, .loop = loop }, eb = { .fd = -1, .loop = loop, .until = 1 };
	int pair[2], null			       = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_status(fdpass_pair(pair), STATUS_SUCCESS);
	wire_open(&a, loop, pair[0], heard, silent, &ea);
	wire_open(&b, loop, pair[1], heard, silent, &eb);
	wire_post(&a, &sample, &null, 1);
	close(null);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(write(eb.fd, "x", 1), 1);
	close(eb.fd);
	wire_close(&a);
	wire_close(&b);
	loop_drop(loop);
}

static void
nonsense_closes_the_end(void **state)
{
	struct loop *loop = loop_new();
	struct wire_end b;
	struct ear eb = { .fd = -1, .loop = loop };
	int pair[2];

	(void)state;
	assert_status(fdpass_pair(pair), STATUS_SUCCESS);
	wire_open(&b, loop, pair[1], heard, silent, &eb);
	assert_int_equal(write(pair[0], "hello", 5), 5);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(eb.gone, 1);
	assert_int_equal(eb.got, 0);
	assert_false(wire_is_open(&b));
	close(pair[0]);
	loop_drop(loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_survives_the_wire),
		cmocka_unit_test(any_other_length_is_refused),
		cmocka_unit_test(a_name_without_end_is_refused),
		cmocka_unit_test(more_than_the_socket_holds_arrives_in_order),
		cmocka_unit_test(a_descriptor_comes_along),
		cmocka_unit_test(nonsense_closes_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
