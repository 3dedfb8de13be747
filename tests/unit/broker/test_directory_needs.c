/* test_directory_needs.c - session processes, and others that start when first asked for. */
#include "directory_stage.h"

#include <fcntl.h>
#include <unistd.h>

static void
got_session(void *ctx, nt status, const struct dir_session_get_rsp *rsp, struct span data)
{
	struct got *g = ctx;

	(void)data;
	*g = (struct got){ true, status, rsp ? rsp->peer : 0 };
	loop_stop(loop, 0);
}

static void
ask_session(struct actor *api, const char *owner, struct got *g)
{
	const struct dir_session_get_req req = { .owner = str_of(owner) };

	*g = (struct got){ 0 };
	assert_status(dir_session_get_call(node_directory(api->node), &req, NULL, got_session, g),
		      STATUS_SUCCESS);
}

/* Whatever the directory asks the spawner for next, of this row. */
static struct actor
actor_asked(enum tree_row_no row)
{
	uint64_t until = clock_mono_ns() + PATIENCE_MS * 1000000ull;

	while (clock_mono_ns() < until) {
		for (size_t i = 0; i < n_heard; i++) {
			if (heard[i].kind == WIRE_SPAWN && heard[i].row == row) {
				struct wire m = heard[i];

				heard[i] = heard[--n_heard];
				return actor_new(row, &m);
			}
		}
		spin();
	}
	fail_msg("nobody asked for a %s", peer_role_name(tree[row].role));
	return (struct actor){ 0 };
}

/*
 * All actors have one pid, by which a ROUTER tells its peers apart: so they meet it one after the
 * other here.
 */
static struct actor
cred_asked(const struct actor *api)
{
	struct actor cred = actor_asked(ROW_CRED);

	for (int i = 0; i < 100 && !node_find(cred.node, api->id); i++)
		spin();
	return cred;
}

static void
passed(void *ctx, nt status, const struct dir_pass_rsp *rsp, struct span data)
{
	struct got *g = ctx;

	(void)rsp;
	(void)data;
	*g = (struct got){ true, status, 0 };
	loop_stop(loop, 0);
}

static void
a_session_process_comes_with_what_it_cannot_be_without(void **state)
{
	struct actor api = actor_new(ROW_API, NULL);
	struct actor cred, dialer, session;
	struct got first, second;

	(void)state;
	ask_session(&api, "uid:7", &first);
	cred	= cred_asked(&api);
	session = actor_asked(ROW_SESSION);
	assert_false(first.done);
	dialer = actor_asked(ROW_DIALER);
	await(&first);
	assert_status(first.status, STATUS_SUCCESS);
	assert_int_equal(first.worker, session.id);
	assert_non_null(node_find(api.node, session.id));
	assert_non_null(node_find(cred.node, session.id));
	assert_non_null(node_find(dialer.node, session.id));
	assert_null(node_find(store.node, session.id));
	assert_null(node_find(fsd.node, session.id));
	ask_session(&api, "uid:7", &second);
	await(&second);
	assert_int_equal(second.worker, session.id);
	silence(WIRE_SPAWN);
	actor_end(&session);
	assert_null(node_find(api.node, session.id));
}

static void
a_descriptor_goes_only_to_a_session_process(void **state)
{
	struct actor api	= actor_new(ROW_API, NULL);
	struct dir_pass_req req = { .token = { { 1 } } };
	struct call_opt opt	= { .has_fd = true };
	struct got g;
	struct actor session;

	(void)state;
	ask_session(&api, "uid:7", &g);
	(void)cred_asked(&api);
	(void)actor_asked(ROW_DIALER);
	session = actor_asked(ROW_SESSION);
	await(&g);
	opt.fd	 = open("/dev/null", O_RDONLY | O_CLOEXEC);
	req.peer = fsd.id;
	g.done	 = false;
	assert_status(dir_pass_call(node_directory(api.node), &req, &opt, passed, &g),
		      STATUS_SUCCESS);
	await(&g);
	assert_status(g.status, STATUS_NOT_FOUND);
	req.peer = session.id;
	g.done	 = false;
	assert_status(dir_pass_call(node_directory(api.node), &req, &opt, passed, &g),
		      STATUS_SUCCESS);
	await(&g);
	assert_status(g.status, STATUS_SUCCESS);
	assert_true(given >= 0);
	close(given);
	g.done = false;
	assert_status(dir_pass_call(node_directory(api.node), &req, NULL, passed, &g),
		      STATUS_SUCCESS);
	await(&g);
	assert_status(g.status, STATUS_INVALID_PARAMETER);
	close(opt.fd);
}

static void
needed(void *ctx, nt status, const struct dir_need_rsp *rsp, struct span data)
{
	struct got *g = ctx;

	(void)rsp;
	(void)data;
	*g = (struct got){ true, status, 0 };
	loop_stop(loop, 0);
}

static void
who_is_needed_is_there_when_all_who_may_ask_have_met_it(void **state)
{
	struct actor api	= actor_new(ROW_API, NULL);
	struct dir_need_req req = { .role = PEER_CRED };
	static struct got g; /* an answer may come when this has failed */
	struct actor cred;

	(void)state;
	g = (struct got){ 0 };
	assert_status(dir_need_call(node_directory(api.node), &req, NULL, needed, &g),
		      STATUS_SUCCESS);
	assert_false(g.done);
	cred = actor_asked(ROW_CRED);
	await(&g);
	assert_status(g.status, STATUS_SUCCESS);
	assert_non_null(node_find(cred.node, api.id));
	/* `kerberos` is not configured here, and workers are nobody's to ask for. */
	req.role = PEER_KRB;
	g.done	 = false;
	assert_status(dir_need_call(node_directory(api.node), &req, NULL, needed, &g),
		      STATUS_SUCCESS);
	await(&g);
	assert_status(g.status, STATUS_NOT_SUPPORTED);
	req.role = PEER_WORKER;
	g.done	 = false;
	assert_status(dir_need_call(node_directory(api.node), &req, NULL, needed, &g),
		      STATUS_SUCCESS);
	await(&g);
	assert_status(g.status, STATUS_INVALID_PARAMETER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STAGED(a_session_process_comes_with_what_it_cannot_be_without),
		STAGED(a_descriptor_goes_only_to_a_session_process),
		STAGED(who_is_needed_is_there_when_all_who_may_ask_have_met_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
