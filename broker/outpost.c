/*
 * outpost.c - a spawner without a directory of its own: in a container, for
 * the roles of one program.
 *
 * It joins an instance whose configuration leaves those roles to others, is
 * told directories, uids and addresses, and from then on does what a spawner
 * does.  When the directory goes its children stay; the next one hears of them.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/broker.h"
#include "broker/spawner.h"
#include "ipc/fdpass.h"
#include "ipc/join.h"

#define AGAIN_MS  300u
#define CONFIG_MS 10000

/* ---- joining ---- */

/* The directory's first word: what the configuration says about the instance. */
static bool
config_wait(int fd, struct instance *ret)
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
	return ok;
}

/* -1: nobody there, or not for us. */
static int
outpost_join(struct spawner *sp, struct instance *ret)
{
	struct dir_join_req req = { .role = PEER_SPAWNER, .roles = sp->post.roles,
				    .storage = str_of(sp->post.storage) };
	const char *why		= "it said nothing";
	uint64_t self;
	int fd;
	nt s = join_ask(sp->post.endpoint, sp->post.key, &req, &fd, &self, &why);

	if (!nt_failed(s) && config_wait(fd, ret) && fcntl(fd, F_SETFL, O_NONBLOCK) == 0) {
		sp->next_peer  = sp->next_peer ? sp->next_peer : self;
		sp->post.away = false;
		return fd;
	}
	if (!nt_failed(s))
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

	if (!sp->stopping)
		loop_timer_set(sp->loop, &sp->post.again, AGAIN_MS, outpost_again, sp);
}

static void
outpost_again(void *ctx)
{
	struct spawner *sp    = ctx;
	struct instance fresh = { 0 };
	int fd;

	loop_timer_clear(&sp->post.again);
	if (sp->stopping)
		return;
	fd = outpost_join(sp, &fresh);
	if (fd < 0) {
		directory_gone(sp);
		return;
	}
	log_info("joined again");
	if (fresh.uid_first == sp->inst.uid_first && fresh.uid_last == sp->inst.uid_last) {
		requests_join(sp, fd, directory_gone);
		return;
	}
	close(fd);
	log_error("the instance has other uids now: ours have to start again");
	supervise_stop(sp, EXIT_REFUSED);
}

/* sp->log_near holds nothing for us: our log is our standard error. */
void
outpost_begin(struct spawner *sp)
{
	int fd = sp->join;

	sp->join = -1;
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
		      { "--storage", &p->storage } };
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
	return p->roles != 0 && p->endpoint && p->key;
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

int
outpost_main(int argc, char **argv)
{
	struct spawner *sp = spawner_new();

	if (!words_read(&sp->post, argc, argv)) {
		fprintf(stderr, "usage: bulkhead-broker outpost smbd|fsd|authd|clientd --join "
				"ENDPOINT --key FILE\n"
				"       [--runtime-directory DIR] [--state-directory DIR]\n"
				"       [--storage NAME] (fsd)\n");
		return EXIT_USAGE;
	}
	sp->options.uid = geteuid();
	sp->options.gid = getegid();
	sp->ready	= true; /* whether the instance is, is not ours to say */
	(void)signal(SIGTERM, ended_early);
	(void)signal(SIGINT, ended_early);
	while ((sp->join = outpost_join(sp, &sp->inst)) < 0)
		(void)usleep(AGAIN_MS * 1000);
	return places_make(sp) ? spawner_run(sp) : EXIT_REFUSED;
}
