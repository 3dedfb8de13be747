/*
 * health.c - is what this container is for being done?  For the health checks
 * and probes of engines: says what is missing on standard error, exits 1.
 *
 * It asks the kernel: a role serves when a process of its name runs behind a
 * filter that we ourselves are not behind; the seal is the last step of birth.
 * The outpost says by its own name in /proc whether it has joined.  Nothing
 * here goes through the instance: a dead broker makes nobody else unhealthy.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/broker.h"
#include "broker/health/health.h"
#include "broker/tree.h"

#define TEXT_MAX 4096u

/* One file of a process, as a C string; NULs in between stay.  0: it is gone. */
static size_t
proc_read(const char *pid, const char *file, char ret[TEXT_MAX])
{
	char path[64];
	ssize_t n;
	int fd;

	if ((size_t)snprintf(path, sizeof path, "/proc/%s/%s", pid, file) >= sizeof path)
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n  = fd >= 0 ? read(fd, ret, TEXT_MAX - 1) : 0;
	if (fd >= 0)
		close(fd);
	ret[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

/* "Name:\tvalue" of /proc/PID/status; "" if it is not there. */
static const char *
field(const char *status, const char *name)
{
	const char *at = status;
	size_t n       = strlen(name);

	while (at && strncmp(at, name, n) != 0) {
		at = strchr(at, '\n');
		at = at ? at + 1 : NULL;
	}
	return at ? at + n + strspn(at + n, "\t ") : "";
}

static long
filters(const char *pid)
{
	char status[TEXT_MAX];

	if (proc_read(pid, "status", status) == 0)
		return -1;
	return strtol(field(status, "Seccomp_filters:"), NULL, 10);
}

/* Its program and its first word. */
static bool
is_process(const char *pid, const char *program, const char *word)
{
	char line[TEXT_MAX];
	size_t n	 = proc_read(pid, "cmdline", line), at = strlen(line) + 1;
	const char *base = strrchr(line, '/');

	return n > at && strcmp(base ? base + 1 : line, program) == 0 &&
	       strcmp(line + at, word) == 0;
}

/* Halted or dead; or killed by the watchdog, and waiting for a disk before it can die. */
static bool
is_stuck(const char *pid)
{
	const unsigned long long kill_bit = 1ull << (SIGKILL - 1);
	char status[TEXT_MAX];

	return proc_read(pid, "status", status) == 0 || strchr("TtZX", *field(status, "State:")) ||
	       (strtoull(field(status, "ShdPnd:"), NULL, 16) & kill_bit);
}

static bool
is_sealed(const char *pid)
{
	return filters(pid) > filters("self") && !is_stuck(pid);
}

static bool
is_joined(const char *pid)
{
	char comm[TEXT_MAX];

	return proc_read(pid, "comm", comm) > 0 && strcmp(comm, OUTPOST_JOINED "\n") == 0 &&
	       !is_stuck(pid);
}

/* Does one process of this kind pass? */
static bool
any(const char *program, const char *word, bool (*passes)(const char *pid))
{
	DIR *d	   = opendir("/proc");
	bool found = false;
	struct dirent *e;

	while (d && !found && (e = readdir(d)))
		found = isdigit((unsigned char)*e->d_name) &&
			is_process(e->d_name, program, word) && passes(e->d_name);
	if (d)
		(void)closedir(d);
	return found;
}

static bool
role_serves(const char *word)
{
	for (enum tree_row_no row = 0; row < ROW_MAX; row++) {
		if (strcmp(peer_role_name(tree[row].role), word) == 0)
			return any(tree[row].program, word, is_sealed);
	}
	return false;
}

static int
unhealthy(const char *what, const char *why)
{
	fprintf(stderr, "bulkhead: unhealthy: %s %s\n", what, why);
	return EXIT_REFUSED;
}

static int
usage(void)
{
	fprintf(stderr, "usage: bulkhead-broker health [--joined] [--smb ADDR:PORT] [ROLE]...\n");
	return EXIT_USAGE;
}

int
health_main(int argc, char **argv)
{
	for (int i = 2; i < argc; i++) {
		struct net_addr addr;

		if (strcmp(argv[i], "--joined") == 0) {
			if (!any("bulkhead-broker", "outpost", is_joined))
				return unhealthy("the outpost", "has not joined the instance");
		} else if (strcmp(argv[i], "--smb") == 0) {
			if (++i == argc || nt_failed(addr_parse(argv[i], &addr)))
				return usage();
			if (!health_smb(&addr))
				return unhealthy(argv[i], "does not answer a NEGOTIATE");
		} else if (argv[i][0] == '-') {
			return usage();
		} else if (!role_serves(argv[i])) {
			return unhealthy(argv[i], "does not serve");
		}
	}
	return argc > 2 ? EXIT_OK : usage();
}
