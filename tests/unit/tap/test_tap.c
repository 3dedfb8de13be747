/*
 * test_tap.c - which messages a tap is about, and what its peer hears of them: over a
 * channel whose other end plays the api.
 */
#include "tap/tap.h"

#include <unistd.h>

#include "ipc/internal.h"
#include "proto/smb2/commands.h"
#include "proto/smb2/header.h"
#include "tests/unit/check.h"

static struct {
	struct loop *loop;
	struct node *node, *api;
	struct taps taps;
	struct loop_timer stop;
	unsigned packets;
	struct trace_packet_req last;
	uint64_t lost;
} t;

/* ---- the api's side ---- */

static void
packet_serve(void *me, struct call *c, struct span body)
{
	nt s = trace_packet_req_decode(body, &t.last);

	(void)me;
	t.packets++;
	t.lost += t.last.lost;
	call_answer(c, s, SPAN_NONE);
}

static void
stop_now(void *ctx)
{
	loop_stop(ctx, 0);
}

/* Everything that is on its way arrives: two ends, there and back. */
static void
run(void)
{
	for (unsigned i = 0; i < 4 || (t.taps.out > 0 && i < 10000); i++) {
		loop_timer_set(t.loop, &t.stop, 0, stop_now, t.loop);
		loop_run(t.loop);
	}
}

static int
setup(void **state)
{
	static const struct ipc_method taps[] = { TAP_ROWS };
	static const struct ipc_method api[]  = { { &trace_packet_desc, packet_serve } };
	struct node_conf conf = { .role = PEER_WORKER, .channel = -1, .methods = taps,
				  .n_methods = NELEM(taps) };
	int p[2];

	(void)state;
	memset(&t, 0, sizeof t);
	t.loop	  = loop_new();
	conf.loop = t.loop;
	t.node	  = node_new(&conf);
	conf	  = (struct node_conf){ .role = PEER_API, .channel = -1, .methods = api,
					.n_methods = NELEM(api), .loop = t.loop };
	t.api	  = node_new(&conf);
	node_set_phase(t.node, PHASE_SERVING);
	node_set_phase(t.api, PHASE_SERVING);
	taps_init(&t.taps, t.node);
	assert_status(fdpass_pair(p), STATUS_SUCCESS);
	node_adopt(t.node, 2, PEER_API, 0, 0, p[0]);
	node_adopt(t.api, 1, PEER_WORKER, 0, 0, p[1]);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	node_drop(t.node);
	node_drop(t.api);
	taps_clear(&t.taps);
	loop_drop(t.loop);
	return 0;
}

static void
tapped(void *ctx, nt status, const struct trace_tap_rsp *rsp, struct span data)
{
	nt *ret = ctx;

	(void)rsp;
	(void)data;
	*ret = status;
}

static nt
tap(const struct trace_tap_req *req)
{
	nt got = STATUS_PENDING;

	assert_status(trace_tap_call(node_peer(t.api, PEER_WORKER), req, NULL, tapped, &got),
		      STATUS_SUCCESS);
	run();
	return got;
}

static void
untapped(void *ctx, nt status, const struct trace_untap_rsp *rsp, struct span data)
{
	(void)data;
	*(uint64_t *)ctx = nt_failed(status) ? UINT64_MAX : rsp->lost;
}

static uint64_t
untap(uint32_t trace)
{
	const struct trace_untap_req req = { .trace = trace };
	uint64_t got			 = 0;

	assert_status(trace_untap_call(node_peer(t.api, PEER_WORKER), &req, NULL, untapped, &got),
		      STATUS_SUCCESS);
	run();
	return got;
}

/* ---- what a tap is about ---- */

static bool
about(const struct trace_tap_req *want, const struct tap_about *a)
{
	bool yes;

	assert_status(tap(want), STATUS_SUCCESS);
	yes = taps_match(&t.taps, a) != 0;
	(void)untap(want->trace);
	return yes;
}

static void
a_tap_is_about_what_it_names(void **state)
{
	const struct net_addr here = { .family = 4, .port = 1000, .b = { 192, 0, 2, 1 } };
	const struct net_addr host = { .family = 4, .b = { 192, 0, 2, 1 } };
	const struct net_addr port = { .family = 4, .port = 1001, .b = { 192, 0, 2, 1 } };
	const struct net_addr six  = { .family = 6, .b = { 192, 0, 2, 1 } };
	const struct tap_about a   = { .session = 7, .user = "Alice", .share = "data",
				       .client = &here, .command = SMB2_CMD_create };
	const struct tap_about bare = { .client = &here, .command = 40000 };

	(void)state;
	assert_true(about(&(struct trace_tap_req){ .trace = 1 }, &a));
	assert_true(about(&(struct trace_tap_req){ .trace = 1 }, &bare));
	assert_true(about(&(struct trace_tap_req){ .trace = 1, .session = 7 }, &a));
	assert_false(about(&(struct trace_tap_req){ .trace = 1, .session = 8 }, &a));
	assert_true(about(&(struct trace_tap_req){ .trace = 1, .user = str_of("ALICE") }, &a));
	assert_false(about(&(struct trace_tap_req){ .trace = 1, .user = str_of("bob") }, &a));
	assert_false(about(&(struct trace_tap_req){ .trace = 1, .user = str_of("alice") }, &bare));
	assert_true(about(&(struct trace_tap_req){ .trace = 1, .share = str_of("Data") }, &a));
	assert_false(about(&(struct trace_tap_req){ .trace = 1, .share = str_of("data") }, &bare));
	assert_true(about(&(struct trace_tap_req){ .trace = 1, .client = host }, &a));
	assert_true(about(&(struct trace_tap_req){ .trace = 1, .client = here }, &a));
	assert_false(about(&(struct trace_tap_req){ .trace = 1, .client = port }, &a));
	assert_false(about(&(struct trace_tap_req){ .trace = 1, .client = six }, &a));
	assert_true(about(&(struct trace_tap_req){ .trace = 1, .commands = 1u << 5 }, &a));
	assert_false(about(&(struct trace_tap_req){ .trace = 1, .commands = ~(1u << 5) }, &a));
	assert_false(about(&(struct trace_tap_req){ .trace = 1, .commands = ~0u }, &bare));
}

/* ---- what its peer hears ---- */

static void
show(size_t n)
{
	static uint8_t m[SMB2_HDR_SIZE + 4096];
	struct wr w	    = wr_init(m, sizeof m);
	struct smb2_hdr h   = { .command = SMB2_CMD_echo };
	struct tap_about a  = { 0 };
	struct iovec iov[2] = { { m, SMB2_HDR_SIZE }, { m + SMB2_HDR_SIZE, n } };
	struct tap_packet p = { .iov = iov, .n_iov = 2, .user = "alice" };

	smb2_hdr_encode(&w, &h);
	taps_show(&t.taps, taps_match(&t.taps, &a), &p);
}

static void
a_packet_is_told_once_to_each_that_wants_it(void **state)
{
	(void)state;
	show(10);
	run();
	assert_int_equal(t.packets, 0);
	assert_status(tap(&(struct trace_tap_req){ .trace = 5 }), STATUS_SUCCESS);
	assert_status(tap(&(struct trace_tap_req){ .trace = 5 }), STATUS_SUCCESS);
	assert_status(tap(&(struct trace_tap_req){ .trace = 6, .snap = 100 }), STATUS_SUCCESS);
	assert_int_equal(t.taps.n, 2);
	show(100);
	run();
	assert_int_equal(t.packets, 2);
	assert_int_equal(t.last.missing, 64);
	assert_int_equal(untap(5), 0);
	assert_int_equal(untap(6), 0);
	assert_int_equal(untap(6), UINT64_MAX);
	assert_int_equal(t.taps.n, 0);
	assert_null(t.taps.room);
	assert_int_equal(t.taps.out, 0);
	assert_int_equal(t.taps.out_bytes, 0);
}

static void
what_finds_no_room_is_counted_and_nothing_waits(void **state)
{
	(void)state;
	assert_status(tap(&(struct trace_tap_req){ .trace = 1 }), STATUS_SUCCESS);
	for (unsigned i = 0; i < TAP_OUT_MAX + 7; i++)
		show(10);
	run();
	assert_int_equal(t.packets, TAP_OUT_MAX);
	show(10);
	run();
	assert_int_equal(t.last.lost, 7);
	for (unsigned i = 0; i < TAP_OUT_MAX; i++)
		show(4096);
	run();
	assert_true(t.packets < 2 * TAP_OUT_MAX && t.packets > TAP_OUT_MAX + 900);
	assert_true(untap(1) > 900);
}

static void
no_more_taps_than_there_is_room_for(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= TRACES_MAX; i++)
		assert_status(tap(&(struct trace_tap_req){ .trace = i }), STATUS_SUCCESS);
	assert_status(tap(&(struct trace_tap_req){ .trace = 99 }), STATUS_INSUFFICIENT_RESOURCES);
	assert_status(tap(&(struct trace_tap_req){ 0 }), STATUS_INVALID_PARAMETER);
	assert_status(tap(&(struct trace_tap_req){ .trace = 98, .snap = TRACE_SNAP_MAX + 1 }),
		      STATUS_INVALID_PARAMETER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_tap_is_about_what_it_names, setup, teardown),
		cmocka_unit_test_setup_teardown(a_packet_is_told_once_to_each_that_wants_it, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_finds_no_room_is_counted_and_nothing_waits,
						setup, teardown),
		cmocka_unit_test_setup_teardown(no_more_taps_than_there_is_room_for, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
