/*
 * keys.c - the list of authorised keys and our own pair; see keys.h.
 *
 * The list is a text of lines, each added whole and never changed:
 *	add NAME user|admin|storage PUBLIC-KEY TIME
 *	revoke NAME PUBLIC-KEY TIME
 * A last line without its end was never answered for and is cut off.
 */
#include "broker/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/loop.h"
#include "base/secret.h"

#define LINE_CAP 256
#define LIST_CAP (2u * KEYS_MAX * LINE_CAP)

/* ---- words ---- */

bool
key_name_allowed(const char *s)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				   "._-@";

	return s[0] && strlen(s) <= KEY_LABEL && s[strspn(s, good)] == '\0';
}

bool
key_read(const char *text, uint8_t ret[KEY_BYTES])
{
	uint8_t out[KEY_BYTES];

	if (strlen(text) != KEY_TEXT || !zmq_z85_decode(out, text))
		return false;
	memcpy(ret, out, sizeof out);
	return true;
}

const char *
key_print(const uint8_t key[KEY_BYTES], char buf[KEY_TEXT + 1])
{
	ENSURE(zmq_z85_encode(buf, key, KEY_BYTES) != NULL);
	return buf;
}

static const char *const role_words[] = {
	[KEY_USER] = "user", [KEY_ADMIN] = "admin", [KEY_STORAGE] = "storage",
};

const char *
key_role_name(enum key_role role)
{
	return role_words[role];
}

static bool
role_read(const char *word, enum key_role *ret)
{
	for (size_t i = 0; i < NELEM(role_words); i++) {
		if (strcmp(role_words[i], word) == 0) {
			*ret = (enum key_role)i;
			return true;
		}
	}
	return false;
}

/* ---- finding ---- */

const struct key *
keys_find(const struct keys *t, uint64_t number)
{
	return number > 0 && number <= t->n ? &t->v[number - 1] : NULL;
}

const struct key *
keys_find_public(const struct keys *t, const uint8_t public[KEY_BYTES])
{
	for (size_t i = 0; i < t->n; i++) {
		if (memcmp(t->v[i].public, public, KEY_BYTES) == 0)
			return &t->v[i];
	}
	return NULL;
}

const struct key *
keys_find_name(const struct keys *t, const char *name)
{
	for (size_t i = 0; i < t->n; i++) {
		if (!t->v[i].revoked && strcmp(t->v[i].name, name) == 0)
			return &t->v[i];
	}
	return NULL;
}

/* ---- the list in memory ---- */

nt
key_enter(struct keys *t, const char *name, const uint8_t public[KEY_BYTES], enum key_role role,
	  uint64_t when)
{
	struct key *k = &t->v[t->n];

	REQUIRE(!keys_find_name(t, name) && !keys_find_public(t, public),
		STATUS_OBJECT_NAME_COLLISION);
	REQUIRE(t->n < KEYS_MAX, STATUS_INSUFFICIENT_RESOURCES);
	*k = (struct key){ .number = ++t->n, .role = role, .added = when };
	memcpy(k->name, name, strlen(name));
	memcpy(k->public, public, KEY_BYTES);
	return STATUS_SUCCESS;
}

static nt
key_end(struct keys *t, const char *name, uint64_t when)
{
	const struct key *found = keys_find_name(t, name);

	REQUIRE(found, STATUS_NOT_FOUND);
	t->v[found->number - 1].revoked = true;
	t->v[found->number - 1].ended	= when;
	return STATUS_SUCCESS;
}

/* ---- the list on disk ---- */

static bool
line_take(struct keys *t, const char *line)
{
	char name[KEY_LABEL + 1], word[8], text[KEY_TEXT + 1];
	uint8_t public[KEY_BYTES];
	enum key_role role;
	unsigned long long when;
	int end = 0;

	if (sscanf(line, "add %48s %7s %40s %llu%n", name, word, text, &when, &end) == 4 &&
	    line[end] == '\0')
		return key_name_allowed(name) && key_read(text, public) &&
		       role_read(word, &role) && !nt_failed(key_enter(t, name, public, role, when));
	return sscanf(line, "revoke %48s %40s %llu%n", name, text, &when, &end) == 3 &&
	       line[end] == '\0' && !nt_failed(key_end(t, name, when));
}

static void
list_read(struct keys *t, const char *path)
{
	char *all  = xcalloc(LIST_CAP + 1, 1);
	ssize_t n  = pread(t->fd, all, LIST_CAP, 0);
	char *line = all, *end;

	if (n < 0)
		fatal("%s: %s", log_qs(path), strerror(errno));
	for (; (end = memchr(line, '\n', (size_t)(all + n - line))); line = end + 1) {
		*end = '\0';
		if (!line_take(t, line))
			fatal("%s is not the list of keys that we wrote", log_qs(path));
	}
	if (ftruncate(t->fd, line - all) != 0)
		fatal("%s: %s", log_qs(path), strerror(errno));
	free(all);
}

/* Whole, or not at all. */
static __attribute__((format(printf, 2, 3))) nt
line_append(struct keys *t, const char *fmt, ...)
{
	char line[LINE_CAP];
	struct stat st;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	ENSURE(n > 0 && n < (int)sizeof line);
	REQUIRE(t->fd >= 0, STATUS_NOT_SUPPORTED);
	REQUIRE(fstat(t->fd, &st) == 0, STATUS_UNEXPECTED_IO_ERROR);
	if (write(t->fd, line, (size_t)n) == n && fdatasync(t->fd) == 0)
		return STATUS_SUCCESS;
	log_error("the list of keys cannot be written: %s", strerror(errno));
	(void)!ftruncate(t->fd, st.st_size);
	return STATUS_DISK_FULL;
}

nt
keys_add(struct keys *t, const char *name, const uint8_t public[KEY_BYTES], enum key_role role)
{
	char text[KEY_TEXT + 1];
	uint64_t now = clock_real_ns();

	REQUIRE(t->fd >= 0, STATUS_NOT_SUPPORTED);
	REQUIRE(key_name_allowed(name), STATUS_INVALID_PARAMETER);
	TRY(key_enter(t, name, public, role, now));
	if (!nt_failed(line_append(t, "add %s %s %s %llu\n", name, key_role_name(role),
				   key_print(public, text), (unsigned long long)now)))
		return STATUS_SUCCESS;
	t->n--;
	return STATUS_DISK_FULL;
}

/* In force whether or not it could be written; the answer says so. */
nt
keys_revoke(struct keys *t, const char *name)
{
	const struct key *k = keys_find_name(t, name);
	uint64_t now	    = clock_real_ns();
	char text[KEY_TEXT + 1];

	REQUIRE(t->fd >= 0, STATUS_NOT_SUPPORTED);
	REQUIRE(k, STATUS_NOT_FOUND);
	TRY(key_end(t, name, now));
	return line_append(t, "revoke %s %s %llu\n", name, key_print(k->public, text),
			   (unsigned long long)now);
}

/* ---- opening ---- */

static int
file_in(const char *state, const char *name, int flags, char path[PATH_MAX])
{
	int fd;

	ENSURE(snprintf(path, PATH_MAX, "%s/%s", state, name) < PATH_MAX);
	fd = open(path, flags | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		fatal("%s: %s", log_qs(path), strerror(errno));
	return fd;
}

/* Ours is made once: whoever has the public half trusts it. */
static void
own_get(struct keys *t, const char *state)
{
	char path[PATH_MAX], text[KEY_TEXT + 2] = "", public[KEY_TEXT + 1];
	int fd	  = file_in(state, "server.key", O_RDWR, path);
	ssize_t n = pread(fd, text, KEY_TEXT, 0);

	if (n == 0) {
		if (zmq_curve_keypair(public, text) != 0)
			fatal("no CURVE in this libzmq: %s", zmq_strerror(errno));
		if (pwrite(fd, text, KEY_TEXT, 0) != KEY_TEXT || fsync(fd) != 0)
			fatal("%s: %s", log_qs(path), strerror(errno));
	}
	text[KEY_TEXT] = '\0';
	if (!key_read(text, t->secret) || zmq_curve_public(t->public, text) != 0)
		fatal("%s is not the key that we wrote", log_qs(path));
	secret_wipe(text, sizeof text);
	close(fd);
}

void
keys_open_own(struct keys *t, const char *state)
{
	*t   = (struct keys){ .fd = -1 };
	t->v = xcalloc(KEYS_MAX, sizeof *t->v);
	own_get(t, state);
}

nt
keys_learn(struct keys *t, const char *name, const uint8_t public[KEY_BYTES], bool good)
{
	const struct key *known = keys_find_public(t, public);
	struct key *k;

	REQUIRE(key_name_allowed(name), STATUS_INVALID_PARAMETER);
	REQUIRE(known || t->n < KEYS_MAX, STATUS_INSUFFICIENT_RESOURCES);
	k = &t->v[known ? known->number - 1 : t->n];
	if (!known) {
		*k = (struct key){ .number = ++t->n, .role = KEY_STORAGE };
		memcpy(k->name, name, strlen(name));
		memcpy(k->public, public, KEY_BYTES);
	}
	k->revoked = k->revoked || !good;
	return STATUS_SUCCESS;
}

void
keys_open(struct keys *t, const char *state)
{
	char path[PATH_MAX];

	*t = (struct keys){ .fd = -1 };
	if (!state)
		return;
	t->v  = xcalloc(KEYS_MAX, sizeof *t->v);
	t->fd = file_in(state, "authorised-keys", O_RDWR | O_APPEND, path);
	list_read(t, path);
	own_get(t, state);
}

void
keys_drop(struct keys *t)
{
	if (t->fd >= 0)
		close(t->fd);
	free(t->v);
	secret_wipe(t->secret, sizeof t->secret);
	*t = (struct keys){ .fd = -1 };
}
