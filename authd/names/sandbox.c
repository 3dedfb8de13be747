/*
 * sandbox.c - what names may ask of the kernel: what NSS modules do.
 *
 * The modules themselves were loaded before, so nothing executable is in the
 * root and nothing can be mapped executable.  /etc is there as a whole, because
 * passwd and group are replaced by renaming and a bind of the file would show
 * the old one; our uid reads there what everybody reads.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "authd/names/names.h"

#define INT 0xffffffffu /* the kernel looks at 32 bits of an int argument */

static const struct sandbox_rule names_rules[] = {
	ALLOW(openat, "passwd, group, nsswitch.conf, sssd's cache"),
	ALLOW(newfstatat, "has nsswitch.conf changed, size of a file"),
	ALLOW(statx, "the same"),
	ALLOW(lseek, "reading passwd again from its start"),
	ALLOW(pread64, "sssd's cache"),
	ALLOW(access, "is there a daemon's socket"),
	ALLOW(faccessat2, "the same"),
	ALLOW_IF(fcntl, 1, INT, F_SETLK, "locks on the modules' files"),
	ALLOW_IF(fcntl, 1, INT, F_SETLKW, "the same"),
	ALLOW_IF(fcntl, 1, INT, F_DUPFD, "modules keep descriptors out of the way"),
	ALLOW_IF(fcntl, 1, INT, F_DUPFD_CLOEXEC, "the same"),
	ALLOW(getuid, "modules ask who we are"),
	ALLOW(geteuid, "the same"),
	ALLOW(getgid, "the same"),
	ALLOW(getegid, "the same"),
	ALLOW(getdents64, "systemd's user records"),
	ALLOW(readlinkat, "the same"),
	ALLOW(fstatfs, "the same"),
	ALLOW(dup, "the same"),
	ALLOW(uname, "winbind, LDAP"),
	ALLOW(getppid, "winbind: are we forked"),
	ALLOW(select, "winbind waits for its daemon"),
	ALLOW(pselect6, "the same"),
	ALLOW(flock, "sssd's cache"),
	DENY_UNLESS(socket, EACCES, 0, AF_UNIX, "no networks; modules ask their daemons locally"),
	DENY(ioctl, ENOTTY, "is this file a terminal"),
	DENY(clone3, EACCES, "no further threads"),
};

/* Where the daemons behind NSS listen; what is not there is not brought in. */
static const char *const names_paths[] = {
	"/etc",		       /* files */
	"/run/nscd",	       /* nscd */
	"/var/lib/sss/pipes",  /* sssd */
	"/var/lib/sss/mc",     /* sssd's cache */
	"/run/nslcd",	       /* nslcd */
	"/run/samba/winbindd", /* winbind */
	"/run/systemd/userdb", /* systemd */
};

void
names_isolate(struct names *me, const struct birth *b, char *links, size_t cap)
{
	static const char *const roles[] = { "names" };

	me->box = (struct sandbox){
		.who	 = "names",
		.uid	 = b->uid,
		.gid	 = b->gid,
		.require = b->require_sandbox,
	};
	for (size_t i = 0; i < NELEM(names_paths); i++)
		if (access(names_paths[i], F_OK) == 0)
			sandbox_bind(&me->box, names_paths[i], names_paths[i], false);
	sandbox_isolate_links(&me->box, b->runtime, roles, NELEM(roles), true, links, cap);
}

void
names_seal(struct names *me)
{
	sandbox_seal(&me->box, names_rules, NELEM(names_rules));
}
