/* confine.c - one process, one thread, descriptors that are open already. */
#include "cli/confine.h"

#include <errno.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/log.h"
#include "base/nt.h"
#include "sandbox/sandbox.h"

#define UID_NOBODY 65534u

static const struct sandbox_rule rules[] = {
	DENY(ioctl, ENOTTY, "stdio asks whether its output is a terminal"),
	DENY(openat, EACCES, "time zone data; times are printed in UTC"),
	DENY(readlink, EACCES, "the same"),
	DENY(lseek, ESPIPE, "stdio's end: nothing is read ahead on stdin"),
	DENY(socket, EACCES, "nobody to talk to"),
	DENY(connect, EACCES, "the same"),
};

void
cli_confine(void)
{
	bool root	 = geteuid() == 0;
	struct sandbox s = { .who     = "dissect",
			     .uid     = root ? UID_NOBODY : (uid_t)-1,
			     .gid     = root ? UID_NOBODY : (gid_t)-1,
			     .require = true };

	log_open("dissect");
	sandbox_isolate(&s);
	sandbox_seal(&s, rules, NELEM(rules));
}
