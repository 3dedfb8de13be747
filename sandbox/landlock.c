/*
 * landlock.c - the files again, by another mechanism: whatever happens to the
 * mounts, only what lies below a bind can be opened.  Also no TCP, no signals
 * and no abstract sockets to anybody outside, as far as the kernel's ABI goes.
 * Restricts this thread; threads started later inherit it.  landlock(7)
 *
 * Not covered: connect() to a socket that has a path.  That is what the empty
 * root and our ZAP handler are for.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/landlock.h>

#include "base/log.h"
#include "base/nt.h"
#include "sandbox/parts.h"

/* Younger than Debian 12's header. */
#define FS_TRUNCATE  (1ull << 14) /* ABI 3 */
#define FS_IOCTL_DEV (1ull << 15) /* ABI 5 */
#define NET_BIND     (1ull << 0)  /* ABI 4 */
#define NET_CONNECT  (1ull << 1)
#define SCOPE_UNIX   (1ull << 0) /* ABI 6 */
#define SCOPE_SIGNAL (1ull << 1)

#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
/* No devices and no FIFOs: nobody of us makes them. */
#define FS_WRITE                                                                                   \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                           \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |                            \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |                              \
	 LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER | FS_TRUNCATE)
/* What makes sense on something that is not a directory; the kernel refuses the rest. */
#define FS_ON_FILE                                                                                 \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |                              \
	 LANDLOCK_ACCESS_FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV)

struct ruleset_attr {
	uint64_t fs, net, scoped;
};

/* All file rights that exist at this ABI: bits 0 to 12 at first, then one a time. */
static uint64_t
fs_rights(int abi)
{
	return abi >= 5 ? 0xffff : abi >= 3 ? 0x7fff : abi == 2 ? 0x3fff : 0x1fff;
}

static int
ruleset_new(int abi, bool keep_net)
{
	struct ruleset_attr attr = { .fs = fs_rights(abi) };
	size_t size              = abi >= 6 ? 24 : abi >= 4 ? 16 : 8;

	if (abi >= 4 && !keep_net)
		attr.net = NET_BIND | NET_CONNECT;
	if (abi >= 6)
		attr.scoped = SCOPE_UNIX | SCOPE_SIGNAL;
	return (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
}

static bool
rule_add(int ruleset, int abi, const char *path, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = rights & fs_rights(abi) };
	struct stat st;
	bool ok;

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return true; /* what cannot be reached needs no rule */
	if (fstat(rule.parent_fd, &st) != 0 || !S_ISDIR(st.st_mode))
		rule.allowed_access &= FS_ON_FILE;
	ok = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
	close(rule.parent_fd);
	return ok;
}

static bool
rules_add(int ruleset, int abi, const struct sandbox *s, bool rooted)
{
	for (size_t i = 0; i < s->n_binds; i++) {
		const struct sandbox_bind *b = &s->binds[i];
		uint64_t rights              = FS_READ;

		if (b->write)
			rights |= FS_WRITE;
		if (b->exec)
			rights |= LANDLOCK_ACCESS_FS_EXECUTE;
		if (!rule_add(ruleset, abi, rooted ? b->to : b->from, rights)) {
			log_warn("sandbox: landlock rule path=%s: %s", log_qs(b->from),
				 strerror(errno));
			return false;
		}
	}
	return true;
}

/* The root itself is no bind, so listing it must fail now and by this wall: it is 0755. */
static bool
landlock_confirmed(void)
{
	int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd < 0 && errno == EACCES;
}

void
landlock_enter(struct sandbox *s, bool rooted)
{
	int abi =
	    (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	int ruleset;

	if (abi < 1)
		return;
	ruleset = ruleset_new(abi, s->keep_net);
	if (ruleset < 0)
		return;
	if (rules_add(ruleset, abi, s, rooted) &&
	    syscall(SYS_landlock_restrict_self, ruleset, 0) == 0 && landlock_confirmed())
		s->walls |= WALL_LANDLOCK;
	close(ruleset);
}
