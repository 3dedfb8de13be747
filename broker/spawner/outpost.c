/*
 * outpost.c - a spawner without a directory of its own: in a container, or on
 * another host, for the roles of one program.
 *
 * It joins an instance whose configuration leaves those roles to others, is
 * told directories, uids and addresses, and from then on does what a spawner
 * does.  When the directory goes its children stay; the next one hears of them.
 * A directory that we had lost and that is still there has declared them dead,
 * so then they have to start again.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/broker.h"
#include "broker/health/health.h"
#include "broker/spawner/spawner.h"
#include "ipc/fdpass.h"
#include "ipc/join.h"

#define AGAIN_MS  300u
#define AGAIN_MAX_MS 5000u
#define CONFIG_MS 10000

/* ---- joining ---- */

/* The directory's first word: what the configuration says about the instance. */
static bool
config_wait(int fd, struct instance *ret, uint64_t *ret_directory)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	uint8_t buf[WIRE_SIZE];
	struct fds fds = { 0 };
	struct wire m;
	bool ok;
	size_t n;

	if (poll(&p, 1, CONFIG_MS) != 1 ||
	    nt_failed(fdpass_recv(fd, buf, sizeof buf, &n, fds.fd, &fds.n)))
		return false;
	ok = !nt_failed(wire_read(SPAN(buf, n), &m)) && m.kind == WIRE_CONFIG && fds.n == 1 &&
	     configure_instance(fds.fd[0], ret);
	fds_close(&fds);
	if (ok)
		*ret_directory = m.peer;
	return ok;
}

/* For `health`, and for ps. */
static void
name_set(bool joined)
{
	(void)prctl(PR_SET_NAME, joined ? OUTPOST_JOINED : OUTPOST_AWAY);
}

/* way: where a bridgehead is open; -1: there is none.  Returns -1: nobody there, or not for us. */
static int
outpost_join(struct spawner *sp, int way, struct instance *ret, uint64_t *ret_directory)
{
	struct dir_join_req req = { .role = PEER_SPAWNER, .roles = sp->post.roles,
				    .storage = str_of(sp->post.storage) };
	const char *why		= "it said nothing";
	uint64_t self;
	int fd = way;
	nt s   = STATUS_NETWORK_UNREACHABLE;

	if (way >= 0)
		s = join_over(way, &req, &self);
	else if (!way_is_long(&sp->post))
		s = join_ask(sp->post.endpoint, sp->post.key, &req, &fd, &self, &why);
	if (!nt_failed(s) && config_wait(fd, ret, ret_directory) && fcntl(fd, F_SETFL, O_NONBLOCK) == 0) {
		sp->next_peer  = sp->next_peer ? sp->next_peer : self;
		sp->post.away = false;
		return fd;
	}
	if (fd >= 0 && (way >= 0 || !nt_failed(s)))
		close(fd);
	if (!sp->post.away)
		log_warn("cannot join endpoint=%s: %s: %s", log_qs(sp->post.endpoint), why,
			 nt_name(s));
	sp->post.away = true;
	return -1;
}

static void outpost_again(void *ctx);

static void
directory_gone(void *ctx)
{
	struct spawner *sp = ctx;
	uint32_t wait	   = sp->post.wait_ms ? sp->post.wait_ms : AGAIN_MS;

	name_set(false);
	if (sp->stopping)
		return;
	loop_timer_set(sp->loop, &sp->post.again, wait, outpost_again, sp);
	if (way_is_long(&sp->post))
		sp->post.wait_ms = wait * 2 < AGAIN_MAX_MS ? wait * 2 : AGAIN_MAX_MS;
}

/* Everybody there has been told that they are dead. */
static void
children_end(struct spawner *sp)
{
	for (struct child *c = sp->children; c; c = c->next)
		(void)kill(c->pid, SIGKILL);
}

static void
outpost_settle(struct spawner *sp, int fd, const struct instance *fresh, uint64_t directory)
{
	bool same = directory == sp->post.directory;

	sp->post.directory = same ? 0 : directory;
	if (fresh->uid_first != sp->inst.uid_first || fresh->uid_last != sp->inst.uid_last) {
		close(fd);
		log_error("the instance has other uids now: ours have to start again");
		supervise_stop(sp, EXIT_REFUSED);
	} else if (same && sp->children) {
		close(fd);
		log_info("the way to the directory was lost: ours start again");
		children_end(sp);
		directory_gone(sp);
	} else {
		sp->post.directory = directory;
		sp->post.wait_ms   = 0;
		log_info("joined again");
		name_set(true);
		requests_join(sp, fd, directory_gone);
	}
}

static void
outpost_try(struct spawner *sp, int way)
{
	struct instance fresh = { 0 };
	uint64_t directory    = 0;
	int fd		      = outpost_join(sp, way, &fresh, &directory);

	if (fd < 0)
		directory_gone(sp);
	else
		outpost_settle(sp, fd, &fresh, directory);
}

static void
outpost_again(void *ctx)
{
	struct spawner *sp = ctx;

	loop_timer_clear(&sp->post.again);
	if (sp->stopping)
		return;
	if (way_is_long(&sp->post))
		way_begin(sp, outpost_try);
	else
		outpost_try(sp, -1);
}

/* sp->log_near holds nothing for us: our log is our standard error. */
void
outpost_begin(struct spawner *sp)
{
	int fd = sp->join;

	sp->join = -1;
	name_set(true);
	requests_join(sp, fd, directory_gone);
	supervise_start(sp);
}

/* ---- birth ---- */

static uint32_t
program_roles(const char *word)
{
	uint32_t roles = 0;

	for (enum tree_row_no row = 0; row < ROW_MAX; row++) {
		if (row != ROW_DIRECTORY && row != ROW_API &&
		    strcmp(tree[row].program + strlen("bulkhead-"), word) == 0)
			roles |= 1u << tree[row].role;
	}
	return roles;
}

static bool
words_read(struct post *p, int argc, char **argv)
{
	const struct {
		const char *name;
		const char **value;
	} words[] = { { "--join", &p->endpoint },
		      { "--key", &p->key },
		      { "--runtime-directory", &p->runtime },
		      { "--state-directory", &p->state },
		      { "--storage", &p->storage },
		      { "--listen", &p->listen_text },
		      { "--server-key", &p->server_key } };
	size_t k;

	p->roles = argc > 2 ? program_roles(argv[2]) : 0;
	for (int i = 3; i < argc; i += 2) {
		for (k = 0; k < NELEM(words) && strcmp(words[k].name, argv[i]) != 0; k++)
			;
		if (k == NELEM(words) || i + 1 == argc)
			return false;
		*words[k].value = argv[i + 1];
	}
	if (p->storage && (p->roles != FROM(FSD) || !storage_name_ok(p->storage)))
		return false;
	return p->roles != 0 && p->endpoint && p->key && way_is_good(p);
}

static bool
place_take(char *dst, size_t cap, const char *path)
{
	return !path || (path[0] == '/' && (size_t)snprintf(dst, cap, "%s", path) < cap);
}

/* A directory that lies cannot have us start anybody as root, nor all as who we are. */
static bool
uids_fit(const struct instance *inst)
{
	bool root = geteuid() == 0;

	if (root == (inst->uid_last != 0) && (!root || inst->uid_first >= 1000))
		return true;
	fprintf(stderr, "bulkhead: %s\n",
		root ? "the instance has no uids for its processes, or reserved ones"
		     : "to join an instance of root one has to be root");
	return false;
}

static bool
has(const struct spawner *sp, uint32_t flag)
{
	for (enum tree_row_no row = 0; row < ROW_MAX; row++) {
		if (tree[row].flags & flag && supervise_ours(sp, row))
			return true;
	}
	return false;
}

static bool
places_make(struct spawner *sp)
{
	if (!place_take(sp->inst.runtime, sizeof sp->inst.runtime, sp->post.runtime) ||
	    !place_take(sp->inst.state, sizeof sp->inst.state, sp->post.state) ||
	    !uids_fit(&sp->inst))
		return false;
	/* Nobody shares another host's runtime directory with us. */
	if (way_is_long(&sp->post) && (!place_runtime(&sp->inst) || !listen_afar(sp)))
		return false;
	if (has(sp, TREE_STATE) && !place_state(&sp->inst, &sp->guid))
		return false;
	return !has(sp, TREE_LISTENERS) || listen_open(sp);
}

static void
ended_early(int signo)
{
	(void)signo;
	_exit(EXIT_OK);
}

static int
first_join(struct spawner *sp)
{
	int way = way_is_long(&sp->post) ? way_wait(sp) : -1;

	return outpost_join(sp, way, &sp->inst, &sp->post.directory);
}

int
outpost_main(int argc, char **argv)
{
	struct spawner *sp = spawner_new();

	if (!words_read(&sp->post, argc, argv)) {
		fprintf(stderr, "usage: bulkhead-broker outpost smbd|fsd|authd|clientd --join "
				"ENDPOINT --key FILE\n"
				"       [--runtime-directory DIR] [--state-directory DIR]\n"
				"       [--storage NAME] (fsd)\n"
				"       to another host: --join tcp://HOST:PORT --listen ADDR:PORT "
				"[--server-key KEY]\n");
		return EXIT_USAGE;
	}
	sp->options.uid = geteuid();
	sp->options.gid = getegid();
	name_set(false);
	sp->ready	= true; /* whether the instance is, is not ours to say */
	(void)signal(SIGTERM, ended_early);
	(void)signal(SIGINT, ended_early);
	while ((sp->join = first_join(sp)) < 0)
		(void)usleep(AGAIN_MS * 1000);
	return places_make(sp) ? spawner_run(sp) : EXIT_REFUSED;
}
