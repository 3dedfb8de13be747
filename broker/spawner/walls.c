/*
 * walls.c - what the kernel says of a child: /proc/PID/status and whether its
 * namespaces are others than ours.  Kernel text, nobody else's.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/nt.h"
#include "broker/spawner/spawner.h"

static unsigned long long
status_value(const char *text, const char *key, int base)
{
	const char *p = strstr(text, key);

	return p ? strtoull(p + strlen(key), NULL, base) : 0;
}

static bool
ns_differs(pid_t pid, const char *ns)
{
	char theirs[64], ours[64];
	struct stat a, b;

	(void)snprintf(theirs, sizeof theirs, "/proc/%d/ns/%s", (int)pid, ns);
	(void)snprintf(ours, sizeof ours, "/proc/self/ns/%s", ns);
	return stat(theirs, &a) == 0 && stat(ours, &b) == 0 && a.st_ino != b.st_ino;
}

static const struct {
	const char *name;
	uint32_t bit;
} namespaces[] = {
	{ "net", WIRE_NS_NET },
	{ "mnt", WIRE_NS_MOUNT },
	{ "user", WIRE_NS_USER },
};

/* Zeroes for a process that is no more. */
void
walls_read(pid_t pid, struct wire *ret)
{
	char path[64], text[8192];
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	n = read(fd, text, sizeof text - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	ret->pid	    = (uint32_t)pid;
	ret->seccomp	    = (uint32_t)status_value(text, "\nSeccomp:", 10);
	ret->no_new_privs   = (uint32_t)status_value(text, "\nNoNewPrivs:", 10);
	ret->cap_effective  = status_value(text, "\nCapEff:", 16);
	ret->cap_permitted  = status_value(text, "\nCapPrm:", 16);
	ret->uid	    = (uint32_t)status_value(text, "\nUid:", 10);
	for (size_t i = 0; i < NELEM(namespaces); i++) {
		if (ns_differs(pid, namespaces[i].name))
			ret->namespaces |= namespaces[i].bit;
	}
}
