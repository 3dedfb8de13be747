/*
 * test_node.c - a directory, an fsd and a worker in one process: introduction,
 * calls both ways, chains, deadlines, arenas, death.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/internal.h"
#include "ipc/msg/dir.msg.h"
#include "ipc/msg/fsd.msg.h"
#include "ipc/msg/link.msg.h"
#include "ipc/msg/smbd.msg.h"
#include "tests/unit/check.h"

#define ID_FSD    7u
#define ID_WORKER 9u

struct world {
	struct loop *loop;
	struct node *dir, *fsd, *worker;
	char links[64];
	struct loop_timer stop;
	unsigned hellos, ups, downs, done, late;
	nt status[16];
	uint64_t number;
	struct call *kept;
	char data[64];
};

static struct world world;

static void
stop_now(void *ctx)
{
	loop_stop(ctx, 0);
}

static void
run_ms(unsigned ms)
{
	loop_timer_set(world.loop, &world.stop, ms, stop_now, world.loop);
	loop_run(world.loop);
}

/* A busy machine may take its time; ten seconds are for what never comes. */
#define RUN_UNTIL(condition)                                         \
	for (int tries = 0; tries < 1000 && !(condition); tries++) \
		run_ms(10)

/* ---- what they serve ---- */

#define MSG_ME struct world

#define DIR_ROWS(M)                                                                        \
	M(0x0201, dir_hello, FROM_ANY, PHASE_ALL, DIR_HELLO_REQ, NO_FIELDS)                \
	M(0x0209, dir_condemn, FROM_ANY, PHASE_ALL, DIR_CONDEMN_REQ, NO_FIELDS)
#define FSD_ROWS(M)                                                                        \
	M(0x0313, fsd_read, FROM(WORKER), PHASE_SERVING, FSD_READ_REQ, FSD_READ_RSP)       \
	M(0x0314, fsd_write, FROM(WORKER), PHASE_SERVING, FSD_WRITE_REQ, FSD_WRITE_RSP)    \
	M(0x0315, fsd_flush, FROM(WORKER), PHASE_ALL, FSD_FILE_REQ, NO_FIELDS)
#define WORKER_ROWS(M) M(0x0504, worker_break, FROM(FSD), PHASE_ALL, WORKER_BREAK_REQ, NO_FIELDS)

DIR_ROWS(MSG_HANDLER)
FSD_ROWS(MSG_HANDLER)
WORKER_ROWS(MSG_HANDLER)

nt
dir_hello(struct world *me, struct call *c, const struct dir_hello_req *req, struct dir_hello_rsp *rsp)
{
	(void)c;
	(void)rsp;
	me->hellos++;
	me->number = req->walls;
	return STATUS_SUCCESS;
}

nt
dir_condemn(struct world *me, struct call *c, const struct dir_condemn_req *req,
    struct dir_condemn_rsp *rsp)
{
	(void)c;
	(void)rsp;
	me->number = req->peer;
	return STATUS_SUCCESS;
}

nt
fsd_read(struct world *me, struct call *c, const struct fsd_read_req *req, struct fsd_read_rsp *rsp)
{
	me->number = req->offset;
	if (req->slot != SLOT_NONE) {
		char *p = arena_at(link_arena(call_link(c)), req->slot, req->length);

		if (!p)
			return STATUS_INVALID_PARAMETER;
		memset(p, 'r', req->length);
	} else {
		call_set_data(c, SPAN("payload", 7));
	}
	rsp->length = req->length;
	return STATUS_SUCCESS;
}

nt
fsd_write(struct world *me, struct call *c, const struct fsd_write_req *req, struct fsd_write_rsp *rsp)
{
	struct span d = call_data(c);

	rsp->length = req->length;
	snprintf(me->data, sizeof me->data, "%.*s", (int)d.n, (const char *)d.p);
	return STATUS_SUCCESS;
}

/* Waits until the test lets it go. */
nt
fsd_flush(struct world *me, struct call *c, const struct fsd_flush_req *req, struct fsd_flush_rsp *rsp)
{
	(void)req;
	(void)rsp;
	me->kept = call_keep(c);
	return STATUS_PENDING;
}

nt
worker_break(struct world *me, struct call *c, const struct worker_break_req *req,
    struct worker_break_rsp *rsp)
{
	struct span d = call_data(c);

	(void)rsp;
	me->number = req->file;
	snprintf(me->data, sizeof me->data, "%.*s", (int)d.n, (const char *)d.p);
	return STATUS_SUCCESS;
}

DIR_ROWS(MSG_SERVE)
FSD_ROWS(MSG_SERVE)
WORKER_ROWS(MSG_SERVE)
static const struct ipc_method dir_methods[]    = { DIR_ROWS(MSG_ROW) };
static const struct ipc_method fsd_methods[]    = { FSD_ROWS(MSG_ROW) };
static const struct ipc_method worker_methods[] = { WORKER_ROWS(MSG_ROW) };

static void
peer_up(void *me, struct link *l)
{
	(void)me;
	(void)l;
	world.ups++;
}

static void
peer_down(void *me, struct link *l)
{
	(void)me;
	(void)l;
	world.downs++;
}

static const struct node_events events = { .peer_up = peer_up, .peer_down = peer_down };

/* ---- what they get back ---- */

static void
note(nt status)
{
	world.status[world.done++] = status;
}

#define NOTE_DONE(msg)                                                                     \
	static void msg##_noted(void *ctx, nt status, const struct msg##_rsp *rsp, struct span d) \
	{                                                                                  \
		(void)ctx;                                                                 \
		(void)rsp;                                                                 \
		(void)d;                                                                   \
		note(status);                                                              \
	}
NOTE_DONE(link_expect)
NOTE_DONE(link_connect)
NOTE_DONE(link_share_arena)
NOTE_DONE(link_gone)
NOTE_DONE(link_share_ring)
NOTE_DONE(fsd_write)
NOTE_DONE(fsd_flush)
NOTE_DONE(worker_break)

static void
read_noted(void *ctx, nt status, const struct fsd_read_rsp *rsp, struct span d)
{
	(void)ctx;
	note(status);
	if (rsp)
		snprintf(world.data, sizeof world.data, "%u:%.*s", rsp->length, (int)d.n, (const char *)d.p);
}

static void
late_noted(void *ctx)
{
	(void)ctx;
	world.late++;
}

static struct node *
process(enum peer_role role, uint64_t id, bool listens, const struct ipc_method *m, size_t n)
{
	struct node_conf conf = { .loop = world.loop, .role = role, .self = id, .links = world.links,
		.listens = listens, .methods = m, .n_methods = n, .events = &events, .me = &world };
	struct node *node;
	int p[2];

	assert_status(fdpass_pair(p), STATUS_SUCCESS);
	conf.channel = p[1];
	node_adopt(world.dir, id, role, getuid(), (uint32_t)getpid(), p[0]);
	node = node_new(&conf);
	node_serve(node, 5);
	return node;
}

static void
introduce(void)
{
	struct link_expect_req expect = { ID_WORKER, PEER_WORKER, getuid(), (uint32_t)getpid(),
		 { { 0 } } };
	struct link_connect_req conn  = { ID_FSD, PEER_FSD, getuid(), (uint32_t)getpid(),
		 str_of("fsd/7"), str_of(""), { { 0 } } };

	assert_status(link_expect_call(node_find(world.dir, ID_FSD), &expect, NULL, link_expect_noted, NULL),
	    STATUS_SUCCESS);
	RUN_UNTIL(world.done == 1);
	assert_status(link_connect_call(node_find(world.dir, ID_WORKER), &conn, NULL, link_connect_noted,
			  NULL), STATUS_SUCCESS);
	RUN_UNTIL(world.done == 2);
	assert_int_equal(world.done, 2);
	assert_status(world.status[1], STATUS_SUCCESS);
	world.done = 0;
}

static int
world_open(void **state)
{
	struct node_conf conf = { .role = PEER_DIRECTORY, .channel = -1, .methods = dir_methods,
		.n_methods = NELEM(dir_methods), .me = &world };
	char sub[80];

	(void)state;
	memset(&world, 0, sizeof world);
	strcpy(world.links, "/tmp/bh-node-XXXXXX");
	assert_non_null(mkdtemp(world.links));
	snprintf(sub, sizeof sub, "%s/fsd", world.links);
	assert_int_equal(mkdir(sub, 0700), 0);
	world.loop = conf.loop = loop_new();
	world.dir  = node_new(&conf);
	node_set_phase(world.dir, PHASE_SERVING);
	world.fsd    = process(PEER_FSD, ID_FSD, true, fsd_methods, NELEM(fsd_methods));
	world.worker = process(PEER_WORKER, ID_WORKER, false, worker_methods, NELEM(worker_methods));
	RUN_UNTIL(world.hellos == 2);
	introduce();
	return 0;
}

static int
world_close(void **state)
{
	char cmd[128];

	(void)state;
	node_drop(world.worker);
	node_drop(world.fsd);
	node_drop(world.dir);
	loop_drop(world.loop);
	snprintf(cmd, sizeof cmd, "rm -r %s", world.links);
	return system(cmd);
}

static struct link *
to_fsd(void)
{
	struct link *l = node_peer(world.worker, PEER_FSD);

	assert_non_null(l);
	return l;
}

/* ---- the promises ---- */

static void
both_sides_learn_of_the_link(void **state)
{
	(void)state;
	assert_int_equal(world.hellos, 2);
	assert_int_equal(world.ups, 2);
	assert_int_equal(link_peer(to_fsd()), ID_FSD);
	assert_int_equal(link_peer(node_peer(world.fsd, PEER_WORKER)), ID_WORKER);
	introduce();		/* again: nothing changes */
	assert_int_equal(world.ups, 2);
}

static void
a_call_is_answered_with_fields_and_payload(void **state)
{
	struct fsd_read_req req = { .offset = 1ull << 40, .length = 7, .slot = SLOT_NONE };

	(void)state;
	assert_status(fsd_read_call(to_fsd(), &req, NULL, read_noted, NULL), STATUS_SUCCESS);
	RUN_UNTIL(world.done == 1);
	assert_int_equal(world.done, 1);
	assert_status(world.status[0], STATUS_SUCCESS);
	assert_int_equal(world.number, 1ull << 40);
	assert_string_equal(world.data, "7:payload");
}

static void
the_listening_side_may_ask_as_well(void **state)
{
	struct worker_break_req req = { .file = 77 };

	(void)state;
	assert_status(worker_break_call(node_peer(world.fsd, PEER_WORKER), &req, NULL, worker_break_noted,
			  NULL), STATUS_SUCCESS);
	RUN_UNTIL(world.done == 1);
	assert_int_equal(world.done, 1);
	assert_int_equal(world.number, 77);
}

static void
payload_of_a_request_arrives(void **state)
{
	struct fsd_write_req req = { .length = 5, .slot = SLOT_NONE };
	struct call_opt opt      = { .data = SPAN("bytes", 5) };

	(void)state;
	assert_status(fsd_write_call(to_fsd(), &req, &opt, fsd_write_noted, NULL), STATUS_SUCCESS);
	RUN_UNTIL(world.done == 1);
	assert_status(world.status[0], STATUS_SUCCESS);
	assert_string_equal(world.data, "bytes");
}

/* Nor does it travel with the next message, which would take it for its own. */
static void
payload_of_what_could_not_leave_goes_with_it(void **state)
{
	struct worker_break_req req = { .file = 1 }, next = { .file = 2 };
	struct call_opt lost = { .data = SPAN("lost", 4) }, here = { .data = SPAN("here", 4) };
	struct link *l       = node_peer(world.fsd, PEER_WORKER);

	(void)state;
	l->rid[0] ^= 0xff; /* as of a connection that is no more */
	assert_status(worker_break_call(l, &req, &lost, worker_break_noted, NULL), STATUS_SUCCESS);
	link_flush_all(world.fsd);
	l->rid[0] ^= 0xff;
	assert_status(worker_break_call(l, &next, &here, worker_break_noted, NULL), STATUS_SUCCESS);
	RUN_UNTIL(world.done == 1);
	assert_int_equal(world.done, 1);
	assert_int_equal(world.number, 2);
	assert_string_equal(world.data, "here");
}

static void
a_chain_waits_for_the_call_before(void **state)
{
	struct fsd_flush_req first = { .file = 1 };
	struct fsd_read_req second = { .offset = 5, .length = 1, .slot = SLOT_NONE };
	struct call_opt opt        = { .chain = 3 };

	(void)state;
	assert_status(fsd_flush_call(to_fsd(), &first, &opt, fsd_flush_noted, NULL), STATUS_SUCCESS);
	assert_status(fsd_read_call(to_fsd(), &second, &opt, read_noted, NULL), STATUS_SUCCESS);
	RUN_UNTIL(world.kept);
	assert_int_equal(world.done, 0);
	assert_non_null(world.kept);
	fsd_flush_reply(world.kept, STATUS_DISK_FULL, NULL, SPAN_NONE);
	RUN_UNTIL(world.done == 2);
	assert_int_equal(world.done, 2);
	assert_status(world.status[0], STATUS_DISK_FULL);
	assert_status(world.status[1], STATUS_SUCCESS);
	assert_int_equal(world.number, 5);
}

static void
a_late_answer_is_reaped_once(void **state)
{
	struct fsd_flush_req req = { .file = 1 };
	struct call_opt opt      = { .timeout_ms = 10, .late = late_noted };

	(void)state;
	assert_status(fsd_flush_call(to_fsd(), &req, &opt, fsd_flush_noted, NULL), STATUS_SUCCESS);
	RUN_UNTIL(world.done == 1 && world.kept);
	assert_int_equal(world.done, 1);
	assert_status(world.status[0], STATUS_IO_TIMEOUT);
	assert_int_equal(world.late, 0);
	fsd_flush_reply(world.kept, STATUS_SUCCESS, NULL, SPAN_NONE);
	RUN_UNTIL(world.late == 1);
	assert_int_equal(world.late, 1);
	assert_int_equal(world.done, 1);
}

static void
death_fails_what_waits_and_late_answers_go_nowhere(void **state)
{
	struct fsd_flush_req req = { .file = 1 };
	struct link_gone_req gone = { ID_FSD }, gone2 = { ID_WORKER };

	(void)state;
	assert_status(fsd_flush_call(to_fsd(), &req, NULL, fsd_flush_noted, NULL), STATUS_SUCCESS);
	RUN_UNTIL(world.kept);
	assert_status(link_gone_call(node_find(world.dir, ID_WORKER), &gone, NULL, link_gone_noted, NULL),
	    STATUS_SUCCESS);
	assert_status(link_gone_call(node_find(world.dir, ID_FSD), &gone2, NULL, link_gone_noted, NULL),
	    STATUS_SUCCESS);
	RUN_UNTIL(world.done == 3 && world.downs == 2);
	assert_int_equal(world.done, 3);
	assert_status(world.status[0], STATUS_CONNECTION_RESET);
	assert_int_equal(world.downs, 2);
	assert_null(node_peer(world.worker, PEER_FSD));
	fsd_flush_reply(world.kept, STATUS_SUCCESS, NULL, SPAN_NONE);
	run_ms(20);
	assert_int_equal(world.done, 3);
}

static void
share_arena(uint64_t id, uint64_t peer, int fd)
{
	struct link_share_arena_req req = { peer, 4 };
	struct call_opt opt             = { .fd = fd, .has_fd = true };

	assert_status(link_share_arena_call(node_find(world.dir, id), &req, &opt, link_share_arena_noted,
			  NULL), STATUS_SUCCESS);
}

static void
an_arena_carries_payload_and_no_wild_index(void **state)
{
	struct fsd_read_req req = { .length = 3, .slot = 2 };
	int fd                  = arena_memfd(4);

	(void)state;
	share_arena(ID_FSD, ID_WORKER, fd);
	share_arena(ID_WORKER, ID_FSD, fd);
	close(fd);
	RUN_UNTIL(world.done == 2);
	assert_status(world.status[0], STATUS_SUCCESS);
	assert_status(world.status[1], STATUS_SUCCESS);
	assert_status(fsd_read_call(to_fsd(), &req, NULL, read_noted, NULL), STATUS_SUCCESS);
	RUN_UNTIL(world.done == 3);
	assert_status(world.status[2], STATUS_SUCCESS);
	assert_memory_equal(arena_at(link_arena(to_fsd()), 2, 3), "rrr", 3);
	req.slot = 4;
	assert_status(fsd_read_call(to_fsd(), &req, NULL, read_noted, NULL), STATUS_SUCCESS);
	RUN_UNTIL(world.done == 4);
	assert_status(world.status[3], STATUS_INVALID_PARAMETER);
}

static void
share_ring(uint64_t id, uint64_t peer, uint8_t side, int memfd, int in, int out)
{
	struct link_share_ring_req req = { peer, side };
	int more[2]                    = { in, out };
	struct call_opt opt = { .fd = memfd, .has_fd = true, .more_fds = more, .n_more_fds = 2 };

	assert_status(link_share_ring_call(node_find(world.dir, id), &req, &opt, link_share_ring_noted,
			  NULL), STATUS_SUCCESS);
}

/* Also a payload that is larger than the ring itself. */
static void
a_ring_carries_the_same_calls(void **state)
{
	static char big[700000];
	struct fsd_read_req req  = { .offset = 11, .length = 7, .slot = SLOT_NONE };
	struct fsd_write_req put = { .length = 9, .slot = SLOT_NONE };
	struct call_opt opt      = { .data = SPAN(big, sizeof big) };
	int memfd = ring_memfd(), a = eventfd(0, EFD_NONBLOCK), b = eventfd(0, EFD_NONBLOCK);

	(void)state;
	strcpy(big, "big bytes");
	share_ring(ID_FSD, ID_WORKER, 0, memfd, a, b);
	share_ring(ID_WORKER, ID_FSD, 1, memfd, b, a);
	close(memfd);
	close(a);
	close(b);
	RUN_UNTIL(world.done == 2);
	assert_status(world.status[0], STATUS_SUCCESS);
	assert_status(world.status[1], STATUS_SUCCESS);
	for (int i = 0; i < 3; i++) {
		assert_status(fsd_read_call(to_fsd(), &req, NULL, read_noted, NULL), STATUS_SUCCESS);
		RUN_UNTIL(world.done == 3u + (unsigned)i);
		assert_status(world.status[2 + i], STATUS_SUCCESS);
		assert_string_equal(world.data, "7:payload");
	}
	assert_true(to_fsd()->ring_tx && node_peer(world.fsd, PEER_WORKER)->ring_tx);
	assert_status(fsd_write_call(to_fsd(), &put, &opt, fsd_write_noted, NULL), STATUS_SUCCESS);
	RUN_UNTIL(world.done == 6);
	assert_status(world.status[5], STATUS_SUCCESS);
	assert_string_equal(world.data, "big bytes");
}

static void
a_message_it_may_not_send_costs_the_link(void **state)
{
	struct worker_break_req req = { .file = 1 };

	(void)state;
	assert_status(worker_break_call(to_fsd(), &req, NULL, worker_break_noted, NULL),
	    STATUS_SUCCESS);
	RUN_UNTIL(world.number == ID_WORKER);
	assert_null(node_find(world.fsd, ID_WORKER));
	assert_int_equal(world.downs, 1);
	assert_int_equal(world.number, ID_WORKER);	/* the directory was told */
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, world_open, world_close)
	const struct CMUnitTest tests[] = {
		T(both_sides_learn_of_the_link),
		T(a_call_is_answered_with_fields_and_payload),
		T(the_listening_side_may_ask_as_well),
		T(payload_of_a_request_arrives),
		T(payload_of_what_could_not_leave_goes_with_it),
		T(a_chain_waits_for_the_call_before),
		T(a_late_answer_is_reaped_once),
		T(death_fails_what_waits_and_late_answers_go_nowhere),
		T(an_arena_carries_payload_and_no_wild_index),
		T(a_ring_carries_the_same_calls),
		T(a_message_it_may_not_send_costs_the_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
