/*
 * registry.c - the session registry on LMDB.  Keys are the id, big-endian, so
 * that the order of keys is the order of ids.
 */
#include "authd/store/registry.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/utf16.h"

#define MAP_SIZE (128u << 20)
#define PREFIX   "sessions-"

struct id_key {
	uint8_t b[8];
};

static struct id_key
id_key(uint64_t id)
{
	struct id_key k;
	struct wr w = wr_init(k.b, sizeof k.b);

	wr_u32be(&w, (uint32_t)(id >> 32));
	wr_u32be(&w, (uint32_t)id);
	return k;
}

static ssize_t
file_read(const char *path, char *buf, size_t cap)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, buf, cap - 1);
	close(fd);
	buf[n > 0 ? n : 0] = '\0';
	return n;
}

/* When our parent started, field 22 of its stat; its name may hold blanks and brackets. */
static unsigned long long
parent_started(void)
{
	unsigned long long started = 0;
	char path[64], text[1024];
	const char *p;

	(void)snprintf(path, sizeof path, "/proc/%d/stat", (int)getppid());
	if (file_read(path, text, sizeof text) <= 0 || !(p = strrchr(text, ')')))
		return 0;
	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	if (p && sscanf(p, " %llu", &started) != 1)
		started = 0;
	return started;
}

/* This boot and this spawner: while both live, the workers of the registry may live. */
static void
incarnation_name(char *buf, size_t cap)
{
	char boot[64] = "";

	if (file_read("/proc/sys/kernel/random/boot_id", boot, sizeof boot) <= 0)
		boot[0] = '\0';
	boot[strcspn(boot, "\n")] = '\0';
	(void)snprintf(buf, cap, PREFIX "%s-%d-%llu", boot, (int)getppid(), parent_started());
}

static void
registry_sweep(const char *dir, const char *keep)
{
	DIR *d = opendir(dir);
	const struct dirent *e;

	if (!d)
		return;
	while ((e = readdir(d)))
		if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) == 0 && strcmp(e->d_name, keep) != 0)
			(void)unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
}

nt
registry_open(const char *dir, struct db **ret)
{
	char name[128], path[PATH_BOUND + 1];

	incarnation_name(name, sizeof name);
	registry_sweep(dir, name);
	REQUIRE(snprintf(path, sizeof path, "%s/%s", dir, name) < (int)sizeof path,
	    STATUS_NAME_TOO_LONG);
	return db_open(path, MAP_SIZE, false, ret);
}

/* Two encodings, each behind its length. */
static void
session_encode(struct wr *w, const struct auth_sessions_rsp *row, const struct fsd_grant_req *grant)
{
	size_t at = wr_hole(w, 2);

	auth_sessions_rsp_encode(w, row);
	wr_patch16(w, at, (uint16_t)(w->pos - at - 2));
	at = wr_hole(w, 2);
	fsd_grant_req_encode(w, grant);
	wr_patch16(w, at, (uint16_t)(w->pos - at - 2));
}

static nt
session_decode(struct session *s)
{
	struct rd r = rd_init(SPAN(s->raw.value, s->raw.value_n));
	struct span row, grant;

	row   = rd_bytes(&r, rd_u16(&r));
	grant = rd_bytes(&r, rd_u16(&r));
	REQUIRE(rd_ok(&r) && rd_left(&r) == 0, STATUS_DATA_ERROR);
	TRY(auth_sessions_rsp_decode(row, &s->row));
	return fsd_grant_req_decode(grant, &s->grant);
}

nt
registry_put(struct db *db, const struct auth_sessions_rsp *row, const struct fsd_grant_req *grant)
{
	uint8_t buf[DB_VALUE_MAX];
	struct wr w       = wr_init(buf, sizeof buf);
	struct id_key key = id_key(row->session);

	session_encode(&w, row, grant);
	REQUIRE(wr_ok(&w), STATUS_INVALID_PARAMETER);
	return db_put(db, SPAN(key.b, sizeof key.b), wr_done(&w));
}

nt
registry_find(struct db *db, uint64_t id, struct session *ret)
{
	struct id_key key = id_key(id);
	nt status         = db_get(db, SPAN(key.b, sizeof key.b), &ret->raw);

	if (nt_is(status, STATUS_NOT_FOUND))
		return STATUS_USER_SESSION_DELETED;
	TRY(status);
	return session_decode(ret);
}

nt
registry_next(struct db *db, uint64_t after, struct session *ret)
{
	struct id_key key = id_key(after);

	TRY(db_next(db, SPAN(key.b, sizeof key.b), &ret->raw));
	return session_decode(ret);
}

void
registry_drop(struct db *db, uint64_t id)
{
	struct id_key key = id_key(id);
	nt status         = db_del(db, SPAN(key.b, sizeof key.b));

	if (nt_failed(status) && !nt_is(status, STATUS_NOT_FOUND))
		log_error("session not removed from the registry status=%s", nt_name(status));
}

/* Guests have a name but are nobody: no session is "of the same user" as theirs. */
bool
session_is_of(const struct session *s, const char *user)
{
	return s->row.flags == 0 && utf8_casecmp(s->row.user.s, user) == 0;
}
