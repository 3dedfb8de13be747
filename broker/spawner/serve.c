/*
 * serve.c - the roles that a person starts: serve, private, check.
 *
 * The order: words, configuration child, directories and lock, listeners,
 * less privilege, the children, the loop.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"
#include "broker/broker.h"
#include "broker/spawner/spawner.h"
#include "ipc/fdpass.h"

/* Our siblings stand beside us. */
static const char *
home_find(void)
{
	static char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
	char *slash;

	if (n < 0)
		fatal("/proc/self/exe: %s", strerror(errno));
	path[n] = '\0';
	slash	= strrchr(path, '/');
	ENSURE(slash != NULL);
	*slash = '\0';
	return path;
}

static bool
file_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

static void
nothing_to_serve(const struct options *o)
{
	if (file_exists(o->config))
		fprintf(stderr, "bulkhead: nothing to serve: %s has no share.\n", o->config);
	else
		fprintf(stderr, "bulkhead: nothing to serve: there is no %s, and no --share.\n",
			o->config);
	fprintf(stderr,
		"\nTo try it out, read-only, for one user:\n"
		"    bulkhead user add NAME\n"
		"    bulkhead serve --share stuff=/path/to/stuff --user NAME\n"
		"Add --rw to let them write, --listen ADDR:PORT to choose where.\n"
		"\nOr write shares into %s:\n"
		"    [stuff]\n"
		"    path = /path/to/stuff\n"
		"    read only = no\n",
		o->default_config);
}

bool
spawner_configure(struct spawner *sp)
{
	struct configuring c;
	bool good;

	if (!configure_start(&sp->options, sp->home, &c))
		return false;
	good = configure_wait(&c);
	configure_tell(&c);
	if (good && !configure_instance(c.records, &sp->inst))
		fatal("the configuration child made nonsense");
	if (good) {
		sp->records = c.records;
		c.records   = -1;
	}
	configure_done(&c);
	return good;
}

static bool
places_make(struct spawner *sp)
{
	if (!place_state(&sp->inst, &sp->guid) || !place_runtime(&sp->inst) || !listen_door(sp))
		return false;
	if (sp->kind != KIND_SERVER)
		return true;
	if (sp->inst.external != 0 || sp->inst.storages) {
		if (!place_join_key(&sp->inst, sp->join_key) || !listen_join(sp))
			return false;
		/* Who joined may outlive us and still know the numbers that we gave. */
		sp->next_peer = random_u64() >> 14;
	}
	return listen_open(sp) && listen_remote(sp) && listen_storages(sp);
}

/* ---- signals ---- */

static void
on_stop(void *ctx, int signo)
{
	(void)signo;
	supervise_stop(ctx, EXIT_OK);
}

static void
on_hup(void *ctx, int signo)
{
	(void)signo;
	if (((struct spawner *)ctx)->post.roles == 0)
		reload_begin(ctx);
}

static void
on_child(void *ctx, int signo)
{
	struct spawner *sp = ctx;
	int status;
	pid_t pid;

	(void)signo;
	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (!reload_reaped(sp, pid, status))
			supervise_reaped(sp, pid, status);
	}
}

/* Our log records go to the directory once it has been given the other end. */
static void
log_pair(struct spawner *sp)
{
	int pair[2];

	if (nt_failed(fdpass_pair(pair)))
		fatal("socketpair: %s", strerror(errno));
	sp->log_near = pair[0];
	sp->log_far  = pair[1];
}

int
spawner_run(struct spawner *sp)
{
	sp->loop = loop_new();
	loop_on_signal(sp->loop, SIGTERM, on_stop, sp);
	loop_on_signal(sp->loop, SIGINT, on_stop, sp);
	loop_on_signal(sp->loop, SIGHUP, on_hup, sp);
	loop_on_signal(sp->loop, SIGCHLD, on_child, sp);
	(void)signal(SIGPIPE, SIG_IGN);
	log_pair(sp);
	place_sweep(sp);
	spawner_confine();
	notify_open(sp);
	if (sp->post.roles)
		outpost_begin(sp);
	else
		supervise_start(sp);
	vigil_begin(sp);
	return loop_run(sp->loop);
}

struct spawner *
spawner_new(void)
{
	static struct spawner the_one;
	struct spawner *sp = &the_one;

	log_open("bulkhead-broker");
	sp->home    = home_find();
	sp->started = clock_real_ns();
	sp->records = sp->door = sp->pass = sp->join = sp->log_near = sp->log_far = -1;
	sp->reload = (struct configuring){ .records = -1, .problems = -1 };
	return sp;
}

/* ---- the roles ---- */

int
serve_main(int argc, char **argv)
{
	struct spawner *sp = spawner_new();

	if (!options_read(&sp->options, argc, argv))
		return EXIT_USAGE;
	if (!spawner_configure(sp))
		return EXIT_REFUSED;
	if (!sp->inst.serves) {
		nothing_to_serve(&sp->options);
		return EXIT_REFUSED;
	}
	return places_make(sp) ? spawner_run(sp) : EXIT_REFUSED;
}

bool
spawner_follow(pid_t parent)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	return getppid() == parent;
}

/* Accounts without a server; lives as long as the command that started it. */
int
private_main(int argc, char **argv)
{
	struct spawner *sp = spawner_new();
	pid_t parent	   = getppid();

	sp->kind = KIND_ACCOUNTS;
	if (!spawner_follow(parent))
		return EXIT_REFUSED;
	if (!options_read(&sp->options, argc, argv))
		return EXIT_USAGE;
	return spawner_configure(sp) && places_make(sp) ? spawner_run(sp) : EXIT_REFUSED;
}

int
check_main(int argc, char **argv)
{
	struct spawner *sp = spawner_new();

	if (!options_read(&sp->options, argc, argv))
		return EXIT_USAGE;
	if (!sp->options.print_directories && !file_exists(sp->options.config)) {
		fprintf(stderr, "bulkhead: %s: %s\n", sp->options.config, strerror(errno));
		return EXIT_REFUSED;
	}
	if (!spawner_configure(sp))
		return EXIT_REFUSED;
	if (sp->options.print_directories)
		printf("runtime %s\nstate %s\n", sp->inst.runtime, sp->inst.state);
	return EXIT_OK;
}
