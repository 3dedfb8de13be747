/*
 * sandbox.c - what a session process may ask of the kernel: I/O on descriptors
 * that others gave it.  A hostile server that takes it over finds here neither
 * a socket nor a file to open.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "clientd/session/client.h"

#define INT 0xffffffffu /* the kernel looks at 32 bits of an int argument */

static const struct sandbox_rule session_rules[] = {
	ALLOW(pread64, "local files that a caller handed in"),
	ALLOW(pwrite64, "the same"),
	ALLOW_IF(lseek, 2, INT, SEEK_DATA, "their holes are not sent"),
	ALLOW_IF(lseek, 2, INT, SEEK_HOLE, "the same"),
	ALLOW(dup, "descriptors waiting for a full channel"),
	ALLOW_IF(fcntl, 1, INT, F_DUPFD_CLOEXEC, "the same"),
	DENY(openat, EACCES, "there is nothing to open"),
};

void
session_isolate(struct client *me, const struct birth *b, char *links, size_t cap)
{
	static const char *const roles[] = { "api", "cred" };

	me->box = (struct sandbox){
		.who	 = "session",
		.uid	 = b->uid,
		.gid	 = b->gid,
		.require = b->require_sandbox,
		.files	 = CLIENT_FILES,
	};
	sandbox_isolate_links(&me->box, b->runtime, roles, NELEM(roles), false, links, cap);
}

void
session_seal(struct client *me)
{
	sandbox_seal(&me->box, session_rules, NELEM(session_rules));
}
