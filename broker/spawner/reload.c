/*
 * reload.c - SIGHUP, or an administrator's word: the file is read again by a
 * new configuration child; good records go to the directory, which hands the
 * parts out.  Problems change nothing.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "broker/spawner/spawner.h"

/* Directories, addresses and uids stay as they are until a restart; the directory says so. */
static void
reload_take(struct spawner *sp, bool good)
{
	struct instance inst;

	if (good && !configure_instance(sp->reload.records, &inst)) {
		log_error("the new configuration makes no sense");
		good = false;
	}
	requests_config(sp, &sp->reload, good);
	if (good) {
		close(sp->records);
		sp->records	   = sp->reload.records;
		sp->reload.records = -1;
		if (sp->inst.watchdog_ms != inst.watchdog_ms) {
			sp->inst.watchdog_ms = inst.watchdog_ms;
			vigil_begin(sp);
		}
	}
	configure_done(&sp->reload);
}

void
reload_begin(struct spawner *sp)
{
	if (sp->stopping)
		return;
	if (sp->reload.pid > 0) {
		sp->reload_asked = true;
		return;
	}
	sp->reload_asked = false;
	log_info("reading the configuration again file=%s", log_qs(sp->options.config));
	if (!configure_start(&sp->options, sp->home, &sp->reload)) {
		log_error("the configuration cannot be read file=%s", log_qs(sp->options.config));
		requests_config(sp, &sp->reload, false);
	} else if (sp->reload.pid == 0) {
		configure_seal(&sp->reload);
		reload_take(sp, true);
	}
}

bool
reload_reaped(struct spawner *sp, pid_t pid, int status)
{
	if (sp->reload.pid == 0 || pid != sp->reload.pid)
		return false;
	sp->reload.pid = 0;
	configure_seal(&sp->reload);
	reload_take(sp, WIFEXITED(status) && WEXITSTATUS(status) == 0);
	if (sp->reload_asked)
		reload_begin(sp);
	return true;
}
