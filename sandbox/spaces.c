/*
 * spaces.c - namespaces.  As root each by itself, so that one refusal costs one
 * wall.  Not as root a user namespace comes first and gives the right to the
 * others; a kernel that refuses half-way would leave us without a user id, so
 * a child tries it before we do.  user_namespaces(7), mount_namespaces(7)
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/nt.h"
#include "sandbox/parts.h"

static const struct space {
	int flag;
	const char *file; /* its inode names the namespace */
	uint32_t wall;
} spaces[] = {
	{ CLONE_NEWNS, "/proc/self/ns/mnt", WALL_MOUNT_NS },
	{ CLONE_NEWIPC, "/proc/self/ns/ipc", WALL_IPC_NS },
	{ CLONE_NEWNET, "/proc/self/ns/net", WALL_NET_NS },
};

/* 0 where /proc is not mounted. */
static ino_t
space_number(const char *file)
{
	struct stat st;

	return stat(file, &st) == 0 ? st.st_ino : 0;
}

static bool
space_leave(int flag, const char *file)
{
	ino_t before = space_number(file);

	if (unshare(flag) != 0)
		return false;
	return before != 0 && space_number(file) != before;
}

static bool
text_put(const char *file, const char *text)
{
	int fd  = open(file, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

/* One uid and one gid, our own: there is nobody else to become. */
static bool
user_map(uid_t uid, gid_t gid)
{
	char line[48];

	if (!text_put("/proc/self/setgroups", "deny"))
		return false;
	(void)snprintf(line, sizeof line, "%u %u 1", uid, uid);
	if (!text_put("/proc/self/uid_map", line))
		return false;
	(void)snprintf(line, sizeof line, "%u %u 1", gid, gid);
	return text_put("/proc/self/gid_map", line);
}

static bool
user_space_enter(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	return space_leave(CLONE_NEWUSER, "/proc/self/ns/user") && user_map(uid, gid);
}

static bool
user_space_works(void)
{
	pid_t child = fork();
	int status  = 0;

	if (child == 0)
		_exit(user_space_enter() && unshare(CLONE_NEWNS) == 0 ? 0 : 1);
	if (child < 0)
		return false;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void
spaces_enter(struct sandbox *s)
{
	if (geteuid() != 0) {
		/* Else /proc/self/uid_map is root's; isolate.c takes it back. */
		(void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
		if (!user_space_works() || !user_space_enter())
			return;
		s->walls |= WALL_USER_NS;
	}
	for (size_t i = 0; i < NELEM(spaces); i++) {
		if (spaces[i].flag == CLONE_NEWNET && s->keep_net)
			continue;
		if (space_leave(spaces[i].flag, spaces[i].file))
			s->walls |= spaces[i].wall;
	}
	/* What is mounted from here on is seen by nobody else. */
	if ((s->walls & WALL_MOUNT_NS) && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
		log_warn("mounts stay shared, no root of our own: %s", strerror(errno));
		s->walls &= ~(uint32_t)WALL_MOUNT_NS;
	}
}
