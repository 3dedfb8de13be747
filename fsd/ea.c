/* ea.c - user.* attributes as [MS-FSCC] 2.4.16 lists. */
#include "fsd/ea.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/xattr.h>

#include "fsd/creds.h"
#include "fsd/dosattr.h"
#include "fsd/errno.h"
#include "fsd/path.h"
#include "proto/fscc/ea.h"

#define PREFIX   "user."
#define EA_FIXED 8u		/* of an entry: next, flags, lengths */
#define NAMES_MAX 65536		/* what the kernel hands out at most */
#define XATTR_ROOM (sizeof PREFIX + 255)

static bool
is_ea(const char *xattr)
{
	return strncmp(xattr, PREFIX, sizeof PREFIX - 1) == 0 && strcmp(xattr, DOSATTR_XATTR) != 0;
}

/* All attribute names of the file, NUL after NUL; 0 if it has or can have none. */
static size_t
names_read(int fd, char names[NAMES_MAX])
{
	char self[PATH_SELF];
	ssize_t n = listxattr(path_self(fd, self), names, NAMES_MAX);

	return n > 0 ? (size_t)n : 0;
}

/* The attribute for this EA as the disk spells it, or NULL. */
static const char *
name_find(const char *names, size_t n, struct span ea)
{
	for (const char *at = names; at < names + n; at += strlen(at) + 1)
		if (is_ea(at) && strlen(at + sizeof PREFIX - 1) == ea.n &&
		    strncasecmp(at + sizeof PREFIX - 1, (const char *)ea.p, ea.n) == 0)
			return at;
	return NULL;
}

static bool
asked_for(const char *xattr, struct span wanted)
{
	const char *name = xattr + sizeof PREFIX - 1;
	struct rd r      = rd_init(wanted);
	struct span one;

	if (wanted.n == 0)
		return true;
	while (fscc_ea_name_next(&r, &one))
		if (one.n == strlen(name) && strncasecmp(name, (const char *)one.p, one.n) == 0)
			return true;
	return false;
}

/* False if it did not fit. */
static bool
put_one(int fd, const char *xattr, struct chain *ch)
{
	static uint8_t value[EA_LIST_MAX];	/* main thread only */
	char self[PATH_SELF];
	ssize_t n         = getxattr(path_self(fd, self), xattr, value, sizeof value);
	struct fscc_ea ea = { .name = SPAN_STR(xattr + sizeof PREFIX - 1) };

	if (n < 0)
		return true;	/* gone meanwhile */
	ea.value = SPAN(value, (size_t)n);
	return ea.name.n > 254 || fscc_ea_put(ch, &ea);
}

nt
ea_list(int fd, struct span wanted, struct wr *w)
{
	static char names[NAMES_MAX];
	size_t n = names_read(fd, names), start = w->pos;
	struct chain ch;

	fscc_ea_begin(&ch, w);
	for (const char *at = names; at < names + n; at += strlen(at) + 1)
		if (is_ea(at) && asked_for(at, wanted))
			REQUIRE(put_one(fd, at, &ch), STATUS_BUFFER_TOO_SMALL);
	REQUIRE(w->pos > start, STATUS_NO_EAS_ON_FILE);
	return STATUS_SUCCESS;
}

uint32_t
ea_size(int fd)
{
	static uint8_t room[EA_LIST_MAX];
	struct wr w = wr_init(room, sizeof room);

	return nt_ok(ea_list(fd, SPAN_NONE, &w)) ? (uint32_t)w.pos : 0;
}

uint32_t
ea_look_name(const char *name, bool *ret_ours)
{
	static char names[NAMES_MAX];
	ssize_t n      = llistxattr(name, names, sizeof names);
	uint32_t total = 0;

	*ret_ours = false;
	for (const char *at = names; n > 0 && at < names + n; at += strlen(at) + 1) {
		ssize_t value = is_ea(at) ? lgetxattr(name, at, NULL, 0) : -1;

		*ret_ours |= strcmp(at, DOSATTR_XATTR) == 0;
		if (value >= 0)
			total = (total + 3) / 4 * 4 + EA_FIXED +
				(uint32_t)(strlen(at) - (sizeof PREFIX - 1)) + 1 + (uint32_t)value;
	}
	return total;
}

static nt
ea_error(int err)
{
	return err == ENOSPC || err == E2BIG || err == ERANGE ? STATUS_EA_TOO_LARGE
							       : nt_from_errno(err);
}

/* Around one call each: the client's right was checked, the disk's owner may be another. */
static nt
set_one(int fd, const char *xattr, struct span value)
{
	char self[PATH_SELF];
	int err = 0;

	path_self(fd, self);
	creds_raise(CREDS_XATTR);
	if (value.n > 0)
		err = setxattr(self, xattr, value.p, value.n, 0) == 0 ? 0 : errno;
	else if (removexattr(self, xattr) != 0 && errno != ENODATA)
		err = errno;
	creds_lower();
	return err == 0 ? STATUS_SUCCESS : ea_error(err);
}

/* New ones are spelt as the client does. */
static nt
name_for(int fd, struct span ea, char ret[XATTR_ROOM])
{
	static char names[NAMES_MAX];
	const char *known;

	REQUIRE(ea.n > 0 && ea.n <= 254 && !memchr(ea.p, '\0', ea.n), STATUS_INVALID_EA_NAME);
	known = name_find(names, names_read(fd, names), ea);
	(void)snprintf(ret, XATTR_ROOM, PREFIX "%.*s", (int)ea.n, (const char *)ea.p);
	if (known && (size_t)snprintf(ret, XATTR_ROOM, "%s", known) >= XATTR_ROOM)
		return STATUS_INVALID_EA_NAME;
	REQUIRE(strcasecmp(ret, DOSATTR_XATTR) != 0, STATUS_INVALID_EA_NAME);
	return STATUS_SUCCESS;
}

nt
ea_set(int fd, struct span list)
{
	struct rd r = rd_init(list);
	struct fscc_ea ea;
	char xattr[XATTR_ROOM];

	TRY(fscc_ea_check(list));
	while (fscc_ea_next(&r, &ea)) {
		TRY(name_for(fd, ea.name, xattr));
		TRY(set_one(fd, xattr, ea.value));
	}
	return STATUS_SUCCESS;
}
