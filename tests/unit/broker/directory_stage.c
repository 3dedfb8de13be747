/*
 * directory_stage.c - a directory under test: the test plays its spawner, the other
 * processes are nodes of their own on the same loop, over real sockets.
 */
#include "directory_stage.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "broker/config/conf.h"
#include "ipc/birth.h"
#include "ipc/fdpass.h"
#include "ipc/msg/client.msg.h"

struct loop *loop;
struct directory *dir;
struct wire_end spawner;
struct wire heard[64];
size_t n_heard;
static char links[64];
static uint64_t last_id;
static struct node *nodes[64]; /* all that ever were: a node stays as long as its loop */
int far_ends[64];       /* kept open, as the spawner does, or the dead would see their end */
static size_t n_nodes;
size_t n_far;
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
void
spin(void)
{
	loop_timer_set(loop, &patience, 60, out_of_patience, NULL);
	(void)loop_run(loop);
	loop_timer_clear(&patience);
}

/* Until the directory has said this to the spawner. */
struct wire
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

void
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

struct actor
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

int given = -1; /* what session_give brought */

static void
give_serve(void *me, struct call *c, struct span body)
{
	(void)me;
	(void)body;
	given = call_take_fd(c);
	call_answer(c, STATUS_SUCCESS, SPAN_NONE);
	loop_stop(loop, 0);
}

void
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

struct actor
actor_new(enum tree_row_no row, const struct wire *ask)
{
	struct actor a = actor_spawn(row, ask);

	actor_serve(&a, row);
	return a;
}

void
actor_end(struct actor *a)
{
	struct wire m = { .kind = WIRE_EXITED, .peer = a->id, .pid = (uint32_t)getpid() };

	wire_post(&spawner, &m, NULL, 0);
	if (!a->node)
		close(a->channel);
	spin();
}

/* ---- asking for workers ---- */

static void
got_worker(void *ctx, nt status, const struct dir_worker_get_rsp *rsp, struct span data)
{
	struct got *g = ctx;

	(void)data;
	*g = (struct got){ true, status, rsp ? rsp->worker : 0 };
	loop_stop(loop, 0);
}

void
ask(struct actor *who, const char *identity, bool fresh, struct got *g)
{
	const struct dir_worker_get_req req = { .identity = str_of(identity), .fresh = fresh };

	*g = (struct got){ 0 };
	assert_status(dir_worker_get_call(node_directory(who->node), &req, NULL, got_worker, g),
		      STATUS_SUCCESS);
}

void
await(const struct got *g)
{
	uint64_t until = clock_mono_ns() + PATIENCE_MS * 1000000ull;

	while (!g->done && clock_mono_ns() < until)
		spin();
	assert_true(g->done);
}

/* ---- the stage ---- */

struct actor store, fsd, gate, names;

int
stage_setup(void **state)
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

int
stage_teardown(void **state)
{
	char command[128];

	(void)state;
	wire_close(&spawner);
	wire_close(&dir->wire);
	alive_begin(dir, 0);
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
