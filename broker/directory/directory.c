/*
 * directory.c - the directory's birth, and what the spawner tells it.
 */
#include "broker/directory/directory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/broker.h"
#include "ipc/birth.h"
#include "sandbox/sandbox.h"

#define STOP_ROUND_MS 5000u /* for those that others do not wait for */
#define LAST_WORDS_MS 10u

/* ---- links ---- */

static void
joined_gone(void *ctx)
{
	struct peer *p	     = ctx;
	struct directory *me = p->dir;

	log_warn("a joined process is gone role=%s peer=%llu", peer_role_name(tree[p->row].role),
		 (unsigned long long)p->id);
	peer_exited(me, p->id);
}

static void
peer_down(void *ctx, struct link *l)
{
	struct directory *me = ctx;
	struct peer *p	     = peer_of(me, l);

	if (!p)
		return;
	p->link = NULL;
	/* Dead, or we have cut it for talking nonsense: nobody can be without us. */
	if (p->joined)
		loop_timer_set(me->loop, &p->deadline, 0, joined_gone, p);
	else if (p->row != ROW_MAX && !p->stopping)
		peer_kill(me, p);
}

static const struct node_events directory_events = {
	.peer_down = peer_down,
	.log	   = dirlog_got,
};

/* ---- the end: first who needs others, then the others; outposts have ends of their own ---- */

static bool
stop_round(struct directory *me, bool last)
{
	bool any = false;

	for (struct peer *p = me->peers; p; p = p->next) {
		if (p->row == ROW_MAX || p->post || (tree[p->row].flags & TREE_LAST) != (last ? TREE_LAST : 0))
			continue;
		peer_stop(me, p);
		any = true;
	}
	return any;
}

static void
stop_last(void *ctx)
{
	struct directory *me = ctx;

	loop_timer_clear(&me->stop_timer);
	(void)stop_round(me, true);
}

/* After each end: is the first round over? */
static void
stop_progress(struct directory *me)
{
	if (me->stopping && !stop_round(me, false))
		stop_last(me);
}

static void
stop_begin(struct directory *me)
{
	if (me->stopping)
		return;
	me->stopping = true;
	loop_timer_set(me->loop, &me->stop_timer, STOP_ROUND_MS, stop_last, me);
	if (me->kind == KIND_CLIENT)
		stop_last(me); /* nobody here has anything to finish with another */
	stop_progress(me);
}

/* ---- what the spawner says ---- */

static void
problems_take(struct directory *me, int fd)
{
	ssize_t n = pread(fd, me->problems, sizeof me->problems - 1, 0);

	me->problems[n > 0 ? n : 0] = '\0';
	/* Cut at a line, since the answer's bound is tighter than the list. */
	if (n == (ssize_t)sizeof me->problems - 1 && strrchr(me->problems, '\n'))
		strrchr(me->problems, '\n')[1] = '\0';
	close(fd);
}

static void
config_take(struct directory *me, const struct wire *m, int fd)
{
	bool first = me->records.n == 0;
	bool good  = m->status == 0 && fd >= 0 && parts_take(me, fd, &m->id);

	me->n_listeners = m->index;
	if (first && !good)
		fatal("the spawner sent no configuration");
	if (first && me->kind == KIND_CLIENT && me->restarts == 0)
		session_foresee(me, parts_owner(me));
	if (first)
		return;
	if (good)
		parts_send_all(me);
	reload_answered(me, good);
	me->problems[0] = '\0';
}

static void
told(void *ctx, const struct wire *m, int fds[WIRE_FDS])
{
	struct directory *me = ctx;

	switch (m->kind) {
	case WIRE_PROBLEMS:
		problems_take(me, fds[0]);
		break;
	case WIRE_CONFIG:
		config_take(me, m, fds[0]);
		break;
	case WIRE_SPAWNED:
		peer_spawned(me, NULL, m, fds[0]);
		break;
	case WIRE_FAILED:
		worker_failed(me, m);
		break;
	case WIRE_EXITED:
		peer_exited(me, m->peer);
		stop_progress(me);
		break;
	case WIRE_WALLS:
		look_answered(me, m);
		break;
	case WIRE_ALIVE:
		wire_post(&me->wire, m, NULL, 0);
		break;
	case WIRE_JOIN:
		join_open(me, m->name, fds[0]);
		break;
	case WIRE_STOP:
		stop_begin(me);
		break;
	default:
		fatal("the spawner said something unknown kind=%u", m->kind);
	}
}

static void
last_words_heard(void *ctx)
{
	struct directory *me = ctx;

	loop_stop(me->loop, EXIT_OK);
}

/*
 * Without the spawner nobody is restarted: everything ends, and everybody sees
 * it by their channel.  Log records that are on their way are still printed.
 */
static void
spawner_gone(void *ctx)
{
	struct directory *me = ctx;

	loop_timer_set(me->loop, &me->stop_timer, LAST_WORDS_MS, last_words_heard, me);
}

/* ---- birth ---- */

/* The word behind name; the flag itself for the last; NULL if it is not there. */
static const char *
arg(int argc, char **argv, const char *name)
{
	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], name) == 0)
			return i + 1 < argc ? argv[i + 1] : argv[i];
	}
	return NULL;
}

static uint64_t
arg_number(int argc, char **argv, const char *name, uint64_t fallback)
{
	const char *text = arg(argc, argv, name);

	return text ? strtoull(text, NULL, 10) : fallback;
}

static enum tree_kind
kind_find(const char *name)
{
	enum tree_kind kind = KIND_SERVER;

	while (kind < KIND_CLIENT && (!name || strcmp(name, tree_kind_name(kind)) != 0))
		kind++;
	return kind;
}

/* As birth_begin() has them, but our channel is the wire to the spawner. */
static void
args_read(struct directory *me, struct birth *b, int argc, char **argv)
{
	if (!arg(argc, argv, "--channel") || !arg(argc, argv, "--self")) {
		fprintf(stderr, "bulkhead-broker directory is started by the broker itself\n");
		exit(EXIT_USAGE);
	}
	*b	       = (struct birth){ .role		  = PEER_DIRECTORY,
					 .channel	  = (int)arg_number(argc, argv, "--channel", 0),
					 .self		  = arg_number(argc, argv, "--self", 0),
					 .uid		  = (uid_t)arg_number(argc, argv, "--uid", (uid_t)-1),
					 .gid		  = (gid_t)arg_number(argc, argv, "--gid", (gid_t)-1),
					 .require_sandbox = arg(argc, argv, "--require-sandbox") != NULL };
	me->kind       = kind_find(arg(argc, argv, "--kind"));
	me->restarts   = (uint32_t)arg_number(argc, argv, "--restarts", 0);
}

/* The directory is a process as well: it stands in its own list. */
static struct peer *
self_add(struct directory *me, const struct birth *b)
{
	struct peer *p = xcalloc(1, sizeof *p);

	*p	  = (struct peer){ .dir	     = me,
				   .id	     = b->self,
				   .row	     = ROW_DIRECTORY,
				   .pid	     = (uint32_t)getpid(),
				   .uid	     = getuid(),
				   .gid	     = getgid(),
				   .serving  = true,
				   .stopping = true,
				   .restarts = me->restarts,
				   .started  = clock_real_ns() };
	p->next	  = me->peers;
	me->peers = p;
	return p;
}

void
directory_open(struct directory *me, uint64_t self, int wire)
{
	const struct node_conf conf = {
		.loop	   = me->loop,
		.role	   = PEER_DIRECTORY,
		.self	   = self,
		.channel   = -1,
		.methods   = directory_methods,
		.n_methods = directory_methods_n,
		.events	   = &directory_events,
		.me	   = me,
	};

	me->node = node_new(&conf);
	wire_open(&me->wire, me->loop, wire, told, spawner_gone, me);
	node_serve(me->node, 0);
}

int
directory_main(int argc, char **argv)
{
	static struct directory me;
	struct peer *self;
	struct birth b;
	struct sandbox box;

	log_open("directory");
	args_read(&me, &b, argc, argv);
	me.log_level = LOG_LEVEL_INFO;
	log_sink(dirlog_own, &me);
	me.loop = loop_new();
	directory_isolate(&box, &b);
	directory_open(&me, b.self, b.channel);
	self = self_add(&me, &b);
	directory_seal(&box);
	self->walls = sandbox_walls(&box);
	return loop_run(me.loop);
}
