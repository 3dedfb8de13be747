/*
 * test_directory.c - does the directory introduce, start and retire as it
 * should?  The test plays the spawner; the other processes are nodes of their
 * own on the same loop, over real sockets.
 */
#include "../check.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/config/conf.h"
#include "broker/directory/directory.h"
#include "ipc/birth.h"
#include "ipc/fdpass.h"
#include "ipc/msg/client.msg.h"
#include "ipc/msg/fsd.msg.h"

#define PATIENCE_MS 5000u

struct actor {
	struct node *node;
	int channel;
	uint64_t id;
};

static struct loop *loop;
static struct directory *dir;
static struct wire_end spawner;
static struct wire heard[64];
static size_t n_heard;
static char links[64];
static uint64_t last_id;
static struct node *nodes[64]; /* all that ever were: a node stays as long as its loop */
static int far_ends[64];       /* kept open, as the spawner does, or the dead would see their end */
static size_t n_nodes, n_far;
static struct loop_timer patience;

/* ---- the test as spawner ---- */

static void
spawner_got(void *ctx, const struct wire *m, int fds[WIRE_FDS])
{
	(void)ctx;
	assert_int_equal(fds[0], -1);
	assert_true(n_heard < NELEM(heard));
	heard[n_heard++] = *m;
	loop_stop(loop, 0);
}

static void
spawner_gone(void *ctx)
{
	(void)ctx;
}

static void
out_of_patience(void *ctx)
{
	(void)ctx;
	loop_stop(loop, 1);
}

/* Runs the loop a little. */
static void
spin(void)
{
	loop_timer_set(loop, &patience, 60, out_of_patience, NULL);
	(void)loop_run(loop);
	loop_timer_clear(&patience);
}

/* Until the directory has said this to the spawner. */
static struct wire
hear(uint32_t kind)
{
	uint64_t until = clock_mono_ns() + PATIENCE_MS * 1000000ull;

	for (;;) {
		for (size_t i = 0; i < n_heard; i++) {
			if (heard[i].kind == kind) {
				struct wire m = heard[i];

				heard[i] = heard[--n_heard];
				return m;
			}
		}
		if (clock_mono_ns() > until)
			fail_msg("the directory did not say %u", kind);
		spin();
	}
}

static void
silence(uint32_t kind)
{
	for (int i = 0; i < 3; i++)
		spin();
	for (size_t i = 0; i < n_heard; i++)
		assert_int_not_equal(heard[i].kind, kind);
}

static void
config_give(const char *text)
{
	static const struct conf_host host = {
		.root = true, .name = "BOX", .runtime_dir = "/r", .state_dir = "/s", .version = "1"
	};
	static uint8_t room[65536];
	struct wr w   = wr_init(room, sizeof room);
	struct wire m = { .kind = WIRE_CONFIG };
	struct conf c;
	int fd = memfd_create("test", MFD_CLOEXEC);

	conf_init(&c, "f", &host);
	conf_read(&c, SPAN_STR(text));
	conf_check(&c, &host);
	assert_int_equal(c.n_errors, 0);
	conf_emit(&c, &host, &w);
	conf_drop(&c);
	assert_int_equal(write(fd, w.base, w.pos), (ssize_t)w.pos);
	wire_post(&spawner, &m, &fd, 1);
	close(fd);
}

/* ---- the others ---- */

static struct actor
actor_spawn(enum tree_row_no row, const struct wire *ask)
{
	struct wire m  = ask ? *ask : (struct wire){ .row = row };
	struct actor a = { .id = ++last_id };
	uint8_t part[256];
	int pair[2], fds[FDPASS_MAX];
	size_t n, n_fds;

	m.kind = WIRE_SPAWNED;
	m.peer = a.id;
	m.pid  = (uint32_t)getpid();
	m.uid  = getuid();
	m.gid  = getgid();
	assert_status(fdpass_pair(pair), STATUS_SUCCESS);
	a.channel = pair[0];
	wire_post(&spawner, &m, &pair[1], 1);
	far_ends[n_far++] = pair[1];
	spin();
	/* Its first words are the configuration. */
	assert_status(fdpass_recv(a.channel, part, sizeof part, &n, fds, &n_fds), STATUS_SUCCESS);
	assert_int_equal(n_fds, 1);
	close(fds[0]);
	return a;
}

static int given = -1; /* what session_give brought */

static void
give_serve(void *me, struct call *c, struct span body)
{
	(void)me;
	(void)body;
	given = call_take_fd(c);
	call_answer(c, STATUS_SUCCESS, SPAN_NONE);
	loop_stop(loop, 0);
}

static void
actor_serve(struct actor *a, enum tree_row_no row)
{
	static const struct ipc_method methods[] = { { &session_give_desc, give_serve } };
	const struct node_conf conf = { .loop	 = loop,
					.role	 = tree[row].role,
					.self	 = a->id,
					.channel = a->channel,
					.links	 = links,
					.listens = (tree[row].flags & TREE_BINDS) != 0,
					.methods = methods,
					.n_methods = NELEM(methods) };

	a->node = nodes[n_nodes++] = node_new(&conf);
	node_serve(a->node, 0);
}

static struct actor
actor_new(enum tree_row_no row, const struct wire *ask)
{
	struct actor a = actor_spawn(row, ask);

	actor_serve(&a, row);
	return a;
}

static void
actor_end(struct actor *a)
{
	struct wire m = { .kind = WIRE_EXITED, .peer = a->id, .pid = (uint32_t)getpid() };

	wire_post(&spawner, &m, NULL, 0);
	if (!a->node)
		close(a->channel);
	spin();
}

/* ---- asking for workers ---- */

struct got {
	bool done;
	nt status;
	uint64_t worker;
};

static void
got_worker(void *ctx, nt status, const struct dir_worker_get_rsp *rsp, struct span data)
{
	struct got *g = ctx;

	(void)data;
	*g = (struct got){ true, status, rsp ? rsp->worker : 0 };
	loop_stop(loop, 0);
}

static void
ask(struct actor *store, const char *identity, bool fresh, struct got *g)
{
	const struct dir_worker_get_req req = { .identity = str_of(identity), .fresh = fresh };

	*g = (struct got){ 0 };
	assert_status(dir_worker_get_call(node_directory(store->node), &req, NULL, got_worker, g),
		      STATUS_SUCCESS);
}

static void
await(const struct got *g)
{
	uint64_t until = clock_mono_ns() + PATIENCE_MS * 1000000ull;

	while (!g->done && clock_mono_ns() < until)
		spin();
	assert_true(g->done);
}

/* ---- the stage ---- */

static struct actor store, fsd, gate, names;

static int
setup(void **state)
{
	static const char *const roles[] = { "store", "fsd", "names", "api", "cred", "net" };
	char path[128];
	int pair[2];

	(void)state;
	(void)snprintf(links, sizeof links, "/tmp/bh-dir-XXXXXX");
	assert_non_null(mkdtemp(links));
	for (size_t i = 0; i < NELEM(roles); i++) {
		(void)snprintf(path, sizeof path, "%s/%s", links, roles[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
	loop	  = loop_new();
	dir	  = calloc(1, sizeof *dir);
	dir->loop = loop;
	n_heard = last_id = 0;
	assert_status(fdpass_pair(pair), STATUS_SUCCESS);
	wire_open(&spawner, loop, pair[0], spawner_got, spawner_gone, NULL);
	directory_open(dir, 1, pair[1]);
	config_give("[global]\nmax workers = 3\nmax guest workers = 1\n[a]\npath=/a\n"
		    "[v]\npath=/v\nstorage=vault\nvalid users=anna\n");
	last_id = 10;
	store	= actor_new(ROW_STORE, NULL);
	fsd	= actor_new(ROW_FSD, NULL);
	gate	= actor_new(ROW_GATE, NULL);
	names	= actor_new(ROW_NAMES, NULL);
	return 0;
}

static int
teardown(void **state)
{
	char command[128];

	(void)state;
	wire_close(&spawner);
	wire_close(&dir->wire);
	while (n_nodes > 0)
		node_drop(nodes[--n_nodes]);
	while (n_far > 0)
		close(far_ends[--n_far]);
	loop_timer_clear(&patience);
	/* What the directory holds ends with its process; here it would be seen as a leak. */
	while (dir->peers)
		peer_exited(dir, dir->peers->id);
	node_drop(dir->node);
	(void)munmap((void *)(uintptr_t)dir->records.p, dir->records.n);
	free(dir->index_used);
	free(dir);
	loop_drop(loop);
	(void)snprintf(command, sizeof command, "rm -rf %s", links);
	assert_int_equal(system(command), 0);
	return 0;
}

/* ---- what is tested ---- */

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

/* ---- session processes ---- */

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

/* ---- outposts ---- */

#define POST_ID (JOIN_ID | 4096u)

/* One that may fill krb's seat and start workers; our end of its wire, the configuration read. */
static int
outpost_join(void)
{
	const struct ucred who = { .uid = getuid(), .gid = getgid(), .pid = getpid() };
	uint8_t buf[WIRE_SIZE];
	int pair[2], fds[FDPASS_MAX];
	size_t n, n_fds;

	dir->joins.roles = FROM(KRB) | FROM(WORKER);
	assert_true(outpost_roles_free(dir, FROM(KRB) | FROM(WORKER)));
	assert_false(outpost_roles_free(dir, FROM(NET)));	/* not left to others */
	assert_status(fdpass_pair(pair), STATUS_SUCCESS);
	outpost_open(dir, POST_ID, &who, FROM(KRB) | FROM(WORKER), "", true, false, pair[1]);
	assert_false(outpost_roles_free(dir, FROM(KRB)));
	spin();
	assert_status(fdpass_recv(pair[0], buf, sizeof buf, &n, fds, &n_fds), STATUS_SUCCESS);
	assert_int_equal(n_fds, 1);
	close(fds[0]);
	return pair[0];
}

/* Says that it has started one, and tells whether the directory knows it then. */
static bool
outpost_says(int wire, struct wire m)
{
	uint8_t buf[WIRE_SIZE];
	struct wr w	 = wr_init(buf, sizeof buf);
	struct iovec iov = { buf, sizeof buf };
	int pair[2];

	m.kind = WIRE_SPAWNED;
	wire_write(&w, &m);
	assert_status(fdpass_pair(pair), STATUS_SUCCESS);
	assert_status(fdpass_send(wire, &iov, 1, &pair[1], 1), STATUS_SUCCESS);
	close(pair[1]);
	far_ends[n_far++] = pair[0];
	spin();
	return peer_find(dir, m.peer) != NULL;
}

static void
an_outpost_is_believed_about_its_own_children_alone(void **state)
{
	const uint32_t uid = dir->uid_first + ROW_KRB;
	const struct wire good = { .row = ROW_KRB, .peer = POST_ID + 1, .uid = uid };
	struct wire lies[] = { good, good, good, good };

	(void)state;
	lies[0].row  = ROW_STORE;		/* a role that is not its */
	lies[1].uid  = dir->uid_first;		/* another's uid */
	lies[2].peer = 7;			/* a number of our spawner's */
	lies[3].row  = ROW_MAX;			/* none at all */
	for (size_t i = 0; i < NELEM(lies); i++) {
		int wire = outpost_join();

		assert_false(outpost_says(wire, lies[i]));
		assert_null(dir->outposts);
		close(wire);
	}
}

/* One whose only child is the fsd of that storage. */
static int
storage_join(uint64_t id, const char *storage)
{
	const struct ucred who = { .uid = getuid(), .gid = getgid(), .pid = getpid() };
	int pair[2];

	assert_status(fdpass_pair(pair), STATUS_SUCCESS);
	outpost_open(dir, id, &who, FROM(FSD), storage, false, false, pair[1]);
	return pair[0];
}

static bool
part_has_share(struct span part, const char *name)
{
	struct rd r = rd_init(part);
	struct conf_share_req s;
	struct span body;
	uint16_t id;

	while (conf_next(&r, &id, &body)) {
		if (id == part_conf_share && !nt_failed(conf_share_req_decode(body, &s)) &&
		    strcmp(s.name.s, name) == 0)
			return true;
	}
	return false;
}

static void
a_storages_seat_is_had_once_and_has_its_own_shares(void **state)
{
	struct wire m = { .row	= ROW_FSD,
			  .peer = POST_ID + 1,
			  .uid	= dir->uid_first + ROW_FSD };
	const struct peer *own, *vault;
	int wire;

	(void)state;
	assert_true(outpost_storage_free(dir, "vault"));
	assert_false(outpost_storage_free(dir, "cellar")); /* no share is there */
	wire = storage_join(POST_ID, "vault");
	assert_false(outpost_storage_free(dir, "vault"));
	assert_true(outpost_says(wire, m));
	own   = peer_row(dir, ROW_FSD);
	vault = peer_storage(dir, "vault");
	assert_true(own->id == fsd.id && vault->id == m.peer);
	assert_true(part_has_share(own->part, "a") && !part_has_share(own->part, "v"));
	assert_true(part_has_share(vault->part, "v") && !part_has_share(vault->part, "a"));
	close(wire);
	spin();
	assert_true(outpost_storage_free(dir, "vault"));
}

static void
a_storage_has_one_fsd_and_nothing_else(void **state)
{
	const struct wire good = { .row	 = ROW_FSD,
				   .peer = POST_ID + 1,
				   .uid	 = dir->uid_first + ROW_FSD };
	struct wire bad[]      = { good, good };

	(void)state;
	bad[0].peer++;		  /* a second fsd */
	bad[1].row = ROW_STORE;
	for (size_t i = 0; i < NELEM(bad); i++) {
		int wire = storage_join(POST_ID, "vault");

		if (i == 0)
			assert_true(outpost_says(wire, good));
		assert_false(outpost_says(wire, bad[i]));
		assert_null(peer_storage(dir, "vault"));
		close(wire);
	}
}

static void
an_outposts_children_go_with_it(void **state)
{
	const struct wire good = { .row	 = ROW_KRB,
				   .peer = POST_ID + 1,
				   .uid	 = dir->uid_first + ROW_KRB };
	int wire = outpost_join();

	(void)state;
	assert_true(outpost_says(wire, good));
	assert_true(peer_find(dir, good.peer)->foreign);
	close(wire);
	spin();
	assert_null(peer_find(dir, good.peer));
	assert_null(dir->outposts);
}

int
main(void)
{
#define STAGED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
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
		STAGED(a_session_process_comes_with_what_it_cannot_be_without),
		STAGED(a_descriptor_goes_only_to_a_session_process),
		STAGED(who_is_needed_is_there_when_all_who_may_ask_have_met_it),
		STAGED(an_outpost_is_believed_about_its_own_children_alone),
		STAGED(an_outposts_children_go_with_it),
		STAGED(a_storages_seat_is_had_once_and_has_its_own_shares),
		STAGED(a_storage_has_one_fsd_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
