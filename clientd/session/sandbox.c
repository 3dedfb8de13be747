/*
 * sandbox.c - what a session process may ask of the kernel: I/O on descriptors
 * that others gave it.  A hostile server that takes it over finds here neither
 * a socket nor a file to open.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/fatal.h"
#include "clientd/session/client.h"

#define INT 0xffffffffu /* the kernel looks at 32 bits of an int argument */

static const struct sandbox_rule session_rules[] = {
	ALLOW(pread64, "local files that a caller handed in"),
	ALLOW(pwrite64, "the same"),
	ALLOW(dup, "descriptors waiting for a full channel"),
	ALLOW_IF(fcntl, 1, INT, F_DUPFD_CLOEXEC, "the same"),
	DENY(openat, EACCES, "there is nothing to open"),
};

static void
bind_links(struct sandbox *box, const char *runtime, const char *role, bool write, char *from,
	   char *to)
{
	ENSURE(snprintf(from, PATH_BOUND, "%s/links/%s", runtime, role) < (int)PATH_BOUND);
	ENSURE(snprintf(to, NAME_BOUND, "/links/%s", role) < (int)NAME_BOUND);
	sandbox_bind(box, from, to, write);
}

void
session_isolate(struct client *me, const struct birth *b, char *links, size_t cap)
{
	static const char *const roles[] = { "api", "cred" };
	char from[NELEM(roles)][PATH_BOUND], to[NELEM(roles)][NAME_BOUND];

	me->box = (struct sandbox){
		.who	 = "session",
		.uid	 = b->uid,
		.gid	 = b->gid,
		.require = b->require_sandbox,
		.files	 = CLIENT_FILES,
	};
	for (size_t i = 0; i < NELEM(roles); i++)
		bind_links(&me->box, b->runtime, roles[i], false, from[i], to[i]);
	if (sandbox_isolate(&me->box))
		ENSURE(snprintf(links, cap, "/links") < (int)cap);
	else
		ENSURE(snprintf(links, cap, "%s/links", b->runtime) < (int)cap);
	me->box.n_binds = 0;
}

void
session_seal(struct client *me)
{
	sandbox_seal(&me->box, session_rules, NELEM(session_rules));
}
