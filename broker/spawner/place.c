/*
 * place.c - the directories of an instance: made, owned, checked, locked.
 *
 *	<runtime>/broker.sock         the scripting socket
 *	<runtime>/pass.sock           where scripts hand descriptors in
 *	<runtime>/links/<role>/<ID>   ZeroMQ sockets, in a directory of that role's uid
 *	<state>/lock  <state>/guid    one instance per state directory; its ServerGuid
 *	<state>/api/                  authorised keys, and our own
 *	<state>/<role>/               what a role keeps, owned by its uid
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/secret.h"
#include "broker/config/conf.h"
#include "broker/spawner/spawner.h"

bool
place_complain(const char *path, const char *why)
{
	fprintf(stderr, "bulkhead: %s: %s\n", path, why);
	return false;
}

bool
place_is_root(const struct instance *inst)
{
	return inst->uid_last != 0;
}

uid_t
place_uid(const struct instance *inst, enum tree_row_no row, uint32_t index)
{
	if (!place_is_root(inst))
		return (uid_t)-1;
	if (tree[row].flags & TREE_MANY)
		return inst->uid_first + CONF_ROLE_UIDS + index;
	return inst->uid_first + (uid_t)row;
}

/* The directories above: what is there is somebody else's business. */
static bool
parents_make(const char *path)
{
	char up[PATH_BOUND + 1];

	(void)snprintf(up, sizeof up, "%s", path);
	for (char *p = strchr(up + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(up, 0755) != 0 && errno != EEXIST)
			return place_complain(up, strerror(errno));
		*p = '/';
	}
	return true;
}

/* A real directory, ours or that role's, not to be written by others. */
static bool
dir_check(const char *path, uid_t uid, struct stat *ret)
{
	if (lstat(path, ret) != 0)
		return place_complain(path, strerror(errno));
	if (!S_ISDIR(ret->st_mode))
		return place_complain(path, "is not a directory");
	if (ret->st_uid != geteuid() && ret->st_uid != uid)
		return place_complain(path, "belongs to another user");
	if (ret->st_mode & 022)
		return place_complain(path, "can be written by others");
	return true;
}

/*
 * The runtime or the state directory, which a person may have chosen: one that
 * is there is left as it is.
 */
static bool
dir_top(const char *path, mode_t mode)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return chmod(path, mode) == 0 || place_complain(path, strerror(errno));
	if (errno != EEXIST)
		return place_complain(path, strerror(errno));
	return dir_check(path, geteuid(), &st);
}

/* One of those in it, which are ours alone: with this owner and mode. */
static bool
dir_make(const char *path, mode_t mode, uid_t uid)
{
	struct stat st;

	if (mkdir(path, mode) != 0 && errno != EEXIST)
		return place_complain(path, strerror(errno));
	if (!dir_check(path, uid, &st))
		return false;
	if (uid != (uid_t)-1 && st.st_uid != uid && lchown(path, uid, uid) != 0)
		return place_complain(path, strerror(errno));
	if ((st.st_mode & 07777) != mode && chmod(path, mode) != 0)
		return place_complain(path, strerror(errno));
	return true;
}

static bool
dir_below(const char *parent, const char *name, mode_t mode, uid_t uid)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof path, "%s/%s", parent, name) >= sizeof path)
		return place_complain(parent, "the path is too long");
	return dir_make(path, mode, uid);
}

/* Whoever outlives its spawner, or has another beside us, still listens.  In doubt it does. */
static bool
socket_lives(const char *path)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int fd		      = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool lives	      = true;

	if (fd >= 0 && strlen(path) < sizeof un.sun_path) {
		memcpy(un.sun_path, path, strlen(path) + 1);
		lives = connect(fd, (struct sockaddr *)&un, sizeof un) == 0 ||
			errno != ECONNREFUSED;
	}
	if (fd >= 0)
		close(fd);
	return lives;
}

/* A name with a dot is that of a process still on its way to listen: router_bind(). */
static bool
socket_is_left(const char *name, const char *path, bool unborn)
{
	if (name[0] == '.')
		return unborn && strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
	return !socket_lives(path);
}

void
place_links_sweep(const char *runtime, const char *role, bool unborn)
{
	char path[PATH_MAX];
	struct dirent *e;
	DIR *d;

	if ((size_t)snprintf(path, sizeof path, "%s/links/%s", runtime, role) >= sizeof path)
		return;
	d = opendir(path);
	while (d && (e = readdir(d))) {
		char one[PATH_MAX];

		if ((size_t)snprintf(one, sizeof one, "%s/%s", path, e->d_name) < sizeof one &&
		    socket_is_left(e->d_name, one, unborn))
			(void)unlinkat(dirfd(d), e->d_name, 0);
	}
	if (d)
		(void)closedir(d);
}

bool
place_links_make(const struct instance *inst)
{
	mode_t pass = place_is_root(inst) ? 0711 : 0700;

	if (!dir_below(inst->runtime, "links", pass, geteuid()))
		return false;
	for (enum tree_row_no row = 0; row < ROW_MAX; row++) {
		char name[PATH_MAX];

		if (!(tree[row].flags & TREE_BINDS))
			continue;
		(void)snprintf(name, sizeof name, "links/%s", peer_role_name(tree[row].role));
		if (!dir_below(inst->runtime, name, pass, place_uid(inst, row, 0)))
			return false;
	}
	return true;
}

void
place_sweep(const struct spawner *sp)
{
	for (enum tree_row_no row = 0; row < ROW_MAX; row++) {
		if (tree[row].flags & TREE_BINDS && supervise_ours(sp, row))
			place_links_sweep(sp->inst.runtime, peer_role_name(tree[row].role), false);
	}
}

bool
place_runtime(const struct instance *inst)
{
	return parents_make(inst->runtime) &&
	       dir_top(inst->runtime, place_is_root(inst) ? 0755 : 0700) && place_links_make(inst);
}

/* Held open, and so locked, until the process ends. */
static bool
lock_take(const char *state)
{
	char path[PATH_MAX], pid[32] = "";
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof path, "%s/lock", state);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return place_complain(path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		n					   = read(fd, pid, sizeof pid - 1);
		pid[n > 0 ? strspn(pid, "0123456789") : 0] = '\0';
		fprintf(stderr, "bulkhead: another instance (pid %s) uses the state directory %s\n",
			pid[0] ? pid : "unknown", state);
		close(fd);
		return false;
	}
	n = snprintf(pid, sizeof pid, "%d\n", (int)getpid());
	if (ftruncate(fd, 0) != 0 || pwrite(fd, pid, (size_t)n, 0) != n)
		return place_complain(path, strerror(errno));
	return true;
}

/* [MS-SMB2] 3.3.1.5 ServerGuid: the same as long as the state is. */
static bool
guid_get(const char *state, struct id16 *ret)
{
	char path[PATH_MAX];
	struct id16 id;
	bool ok;
	int fd;

	(void)snprintf(path, sizeof path, "%s/guid", state);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return place_complain(path, strerror(errno));
	ok = read(fd, id.b, sizeof id.b) == (ssize_t)sizeof id.b;
	if (!ok) {
		random_bytes(id.b, sizeof id.b);
		ok = pwrite(fd, id.b, sizeof id.b, 0) == (ssize_t)sizeof id.b && fsync(fd) == 0;
	}
	if (!ok)
		(void)place_complain(path, strerror(errno));
	close(fd);
	if (ok)
		*ret = id;
	return ok;
}

#define KEY_PATH (PATH_BOUND + sizeof "/join.key")

/* An orchestrator's secret, which may be a link, is read; one of our own is made. */
static int
join_key_open(const struct instance *inst, char path[KEY_PATH])
{
	int fd;

	if (*inst->join_key) {
		(void)snprintf(path, KEY_PATH, "%s", inst->join_key);
		return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	}
	(void)snprintf(path, KEY_PATH, "%s/join.key", inst->state);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 && errno == EROFS)
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd;
}

static bool
join_key_make(int fd, char ret[JOIN_KEY + 1])
{
	uint8_t raw[JOIN_KEY / 2];

	random_bytes(raw, sizeof raw);
	for (size_t i = 0; i < sizeof raw; i++)
		(void)snprintf(ret + 2 * i, 3, "%02x", raw[i]);
	secret_wipe(raw, sizeof raw);
	return pwrite(fd, ret, JOIN_KEY, 0) == JOIN_KEY;
}

/* Made once, if its file is empty; to be copied to where the joining process is started. */
bool
place_join_key(const struct instance *inst, char ret[JOIN_KEY + 1])
{
	char path[KEY_PATH];
	bool ok   = true;
	int fd	  = join_key_open(inst, path);
	ssize_t n = 0;

	if (fd < 0)
		return place_complain(path, strerror(errno));
	memset(ret, 0, JOIN_KEY + 1);
	n = read(fd, ret, JOIN_KEY);
	if (n < 0 || (n == 0 && !join_key_make(fd, ret)))
		ok = place_complain(path, strerror(errno));
	else if (strspn(ret, "0123456789abcdef") != JOIN_KEY)
		ok = place_complain(path, "does not begin with 64 hexadecimal digits in lower case");
	close(fd);
	return ok;
}

bool
place_state(const struct instance *inst, struct id16 *ret_guid)
{
	if (!parents_make(inst->state) || !dir_top(inst->state, 0700) || !lock_take(inst->state) ||
	    !guid_get(inst->state, ret_guid))
		return false;
	for (enum tree_row_no row = 0; row < ROW_MAX; row++) {
		if (tree[row].flags & TREE_STATE &&
		    !dir_below(inst->state, peer_role_name(tree[row].role), 0700,
			       place_uid(inst, row, 0)))
			return false;
	}
	return true;
}
