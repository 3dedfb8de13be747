/* test_directory.c - does the directory introduce, start and retire workers as it should? */
#include "directory_stage.h"

static void
who_connects_is_introduced_to_who_binds(void **state)
{
	(void)state;
	for (int i = 0;
	     i < 20 && !(node_peer(store.node, PEER_NAMES) && node_peer(store.node, PEER_FSD) &&
			 node_peer(gate.node, PEER_STORE));
	     i++)
		spin();
	assert_non_null(node_peer(store.node, PEER_NAMES));
	assert_non_null(node_peer(store.node, PEER_FSD));
	assert_non_null(node_peer(gate.node, PEER_STORE));
	assert_null(node_peer(gate.node, PEER_FSD));
	assert_null(node_peer(names.node, PEER_FSD));
}

static void
a_worker_is_started_once_and_given_out_when_it_has_met_all(void **state)
{
	struct got first, second, third;
	struct wire m;
	struct actor worker;

	(void)state;
	ask(&store, "alice", false, &first);
	ask(&store, "ALICE", false, &second);
	m = hear(WIRE_SPAWN);
	assert_int_equal(m.row, ROW_WORKER);
	assert_int_equal(m.index, 0);
	assert_string_equal(m.name, "alice");
	silence(WIRE_SPAWN);
	worker = actor_spawn(ROW_WORKER, &m);
	assert_false(first.done);
	actor_serve(&worker, ROW_WORKER);
	await(&first);
	await(&second);
	assert_status(first.status, STATUS_SUCCESS);
	assert_int_equal(first.worker, worker.id);
	assert_int_equal(second.worker, worker.id);
	assert_non_null(node_find(gate.node, worker.id));
	assert_non_null(link_arena(node_find(fsd.node, worker.id)));
	assert_non_null(link_arena(node_find(worker.node, fsd.id)));
	ask(&store, "alice", false, &third);
	await(&third);
	assert_int_equal(third.worker, worker.id);
	silence(WIRE_SPAWN);
	actor_end(&worker);
	assert_null(node_find(gate.node, worker.id));
	assert_null(node_find(fsd.node, worker.id));
}

static void
uids_are_used_again_only_after_death(void **state)
{
	struct got a, b;
	struct wire ma, mb;
	struct actor wa, wb;

	(void)state;
	ask(&store, "a", false, &a);
	ma = hear(WIRE_SPAWN);
	ask(&store, "b", false, &b);
	mb = hear(WIRE_SPAWN);
	assert_int_equal(ma.index, 0);
	assert_int_equal(mb.index, 1);
	wa = actor_new(ROW_WORKER, &ma);
	wb = actor_new(ROW_WORKER, &mb);
	await(&a);
	await(&b);
	actor_end(&wa);
	ask(&store, "c", false, &a);
	ma = hear(WIRE_SPAWN);
	assert_int_equal(ma.index, 0);
	wa = actor_new(ROW_WORKER, &ma);
	await(&a);
	assert_int_equal(a.worker, wa.id);
	actor_end(&wa);
	actor_end(&wb);
}

static void
guests_get_workers_of_their_own_up_to_their_number(void **state)
{
	struct got a, b;
	struct wire m;
	struct actor w;

	(void)state;
	ask(&store, "guest", true, &a);
	m = hear(WIRE_SPAWN);
	assert_int_equal(m.tag, 0);
	ask(&store, "guest", true, &b);
	await(&b);
	assert_status(b.status, STATUS_INSUFFICIENT_RESOURCES);
	w = actor_new(ROW_WORKER, &m);
	await(&a);
	assert_int_equal(a.worker, w.id);
	actor_end(&w);
}

static void
workers_stay_below_their_number(void **state)
{
	struct got g[4];
	static const char *const who[] = { "a", "b", "c", "d" };
	struct wire failed;

	(void)state;
	for (size_t i = 0; i < 4; i++)
		ask(&store, who[i], false, &g[i]);
	await(&g[3]);
	assert_status(g[3].status, STATUS_INSUFFICIENT_RESOURCES);
	for (size_t i = 0; i < 3; i++) {
		failed	    = hear(WIRE_SPAWN);
		failed.kind = WIRE_FAILED;
		wire_post(&spawner, &failed, NULL, 0);
	}
	for (size_t i = 0; i < 3; i++) {
		await(&g[i]);
		assert_status(g[i].status, STATUS_INSUFFICIENT_RESOURCES);
	}
}

static void
who_waits_for_a_worker_that_dies_is_told_to_ask_again(void **state)
{
	struct got g;
	struct wire m;
	struct actor w;

	(void)state;
	ask(&store, "alice", false, &g);
	m = hear(WIRE_SPAWN);
	w = actor_spawn(ROW_WORKER, &m);
	actor_end(&w);
	await(&g);
	assert_status(g.status, STATUS_RETRY);
}

static void
idle_answered(void *ctx, nt status, const struct dir_worker_idle_rsp *rsp, struct span data)
{
	struct got *g = ctx;

	(void)rsp;
	(void)data;
	*g = (struct got){ true, status, 0 };
	loop_stop(loop, 0);
}

static void
a_worker_just_promised_is_not_retired(void **state)
{
	static const struct dir_worker_idle_req req;
	struct got g;
	struct wire m;
	struct actor w;

	(void)state;
	ask(&store, "alice", false, &g);
	m = hear(WIRE_SPAWN);
	w = actor_new(ROW_WORKER, &m);
	await(&g);
	g.done = false;
	assert_status(dir_worker_idle_call(node_directory(w.node), &req, NULL, idle_answered, &g),
		      STATUS_SUCCESS);
	await(&g);
	assert_status(g.status, STATUS_RETRY);
	actor_end(&w);
}

static void
condemn_answered(void *ctx, nt status, const struct dir_condemn_rsp *rsp, struct span data)
{
	struct got *g = ctx;

	(void)rsp;
	(void)data;
	*g = (struct got){ true, status, 0 };
	loop_stop(loop, 0);
}

static void
only_the_more_trusted_can_condemn(void **state)
{
	struct dir_condemn_req req = { .why = str_of("test") };
	struct got g		   = { 0 };

	(void)state;
	req.peer = store.id;
	assert_status(dir_condemn_call(node_directory(gate.node), &req, NULL, condemn_answered, &g),
		      STATUS_SUCCESS);
	await(&g);
	assert_status(g.status, STATUS_ACCESS_DENIED);
	silence(WIRE_KILL);
	req.peer = gate.id;
	g.done	 = false;
	assert_status(
	    dir_condemn_call(node_directory(store.node), &req, NULL, condemn_answered, &g),
	    STATUS_SUCCESS);
	await(&g);
	assert_status(g.status, STATUS_SUCCESS);
	assert_int_equal(hear(WIRE_KILL).peer, gate.id);
}

static void
a_restarted_process_is_introduced_like_a_new_one(void **state)
{
	uint64_t before = fsd.id;

	(void)state;
	for (int i = 0; i < 20 && !node_peer(store.node, PEER_FSD); i++)
		spin();
	actor_end(&fsd);
	assert_null(node_find(store.node, before));
	fsd = actor_new(ROW_FSD, NULL);
	for (int i = 0; i < 20 && !node_peer(store.node, PEER_FSD); i++)
		spin();
	assert_non_null(node_find(store.node, fsd.id));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STAGED(who_connects_is_introduced_to_who_binds),
		STAGED(a_worker_is_started_once_and_given_out_when_it_has_met_all),
		STAGED(uids_are_used_again_only_after_death),
		STAGED(guests_get_workers_of_their_own_up_to_their_number),
		STAGED(workers_stay_below_their_number),
		STAGED(who_waits_for_a_worker_that_dies_is_told_to_ask_again),
		STAGED(a_worker_just_promised_is_not_retired),
		STAGED(only_the_more_trusted_can_condemn),
		STAGED(a_restarted_process_is_introduced_like_a_new_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
