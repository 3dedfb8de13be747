/*
 * client.c - an instance for one command: api, credentials, dialer, session;
 * neither accounts nor state.  It ends with who started it.
 *
 * Says on stdout, in one line, where to ask: "running PATH" if the instance of
 * that configuration runs and lets us in (then this process has ended), else
 * "client PATH" when its own api answers.  PATH is a runtime directory.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/nt.h"
#include "broker/broker.h"
#include "broker/spawner/spawner.h"

static bool
instance_runs(const struct instance *inst)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd, n = snprintf(un.sun_path, sizeof un.sun_path, "%s/broker.sock", inst->runtime);
	bool runs;

	if (n < 0 || (size_t)n >= sizeof un.sun_path)
		return false;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	runs = connect(fd, (struct sockaddr *)&un, sizeof un) == 0;
	close(fd);
	return runs;
}

/* Memory rather than a disk, where there is such a directory. */
static const char *
temporary_base(void)
{
	const char *const dirs[] = { getenv("XDG_RUNTIME_DIR"), geteuid() == 0 ? "/run" : NULL };

	for (size_t i = 0; i < NELEM(dirs); i++) {
		if (dirs[i] && dirs[i][0] == '/' && access(dirs[i], W_OK | X_OK) == 0)
			return dirs[i];
	}
	return "/tmp";
}

/* From here on there is something to take away: what would end us waits for the loop. */
static void
signals_hold(void)
{
	sigset_t ends;

	(void)sigemptyset(&ends);
	(void)sigaddset(&ends, SIGTERM);
	(void)sigaddset(&ends, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &ends, NULL);
}

int
client_main(int argc, char **argv)
{
	struct spawner *sp = spawner_new();
	pid_t parent	   = getppid();
	int rc;

	sp->kind = KIND_CLIENT;
	if (!spawner_follow(parent))
		return EXIT_REFUSED;
	if (!options_read(&sp->options, argc, argv))
		return EXIT_USAGE;
	if (!spawner_configure(sp))
		return EXIT_REFUSED;
	if (!sp->options.always_private && instance_runs(&sp->inst)) {
		printf("running %s\n", sp->inst.runtime);
		return EXIT_OK;
	}
	signals_hold();
	if (!place_temporary(&sp->inst, temporary_base()))
		return EXIT_REFUSED;
	rc = listen_door(sp) ? spawner_run(sp) : EXIT_REFUSED;
	place_remove(&sp->inst);
	return rc;
}
