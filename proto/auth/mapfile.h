/*
 * mapfile.h - the file that says which Unix account or uid a user is, which
 * gid a group, and which SID the name of a domain's group stands for.
 *
 *	alice = 7001:7001,7005		user of ours: uid, gid and further gids; no account is asked for
 *	bob = alice			... or another's account
 *	DOMAIN\alice = alice		user: by name, by name@REALM or by SID
 *	S-1-5-21-1-2-3-1104 = alice
 *	@S-1-5-21-1-2-3-1120 = 2001	group: the gid that its members get
 *	@DOMAIN\editors = S-1-5-21-1-2-3-1120
 *	@staff = 7005			the gid of a name in a share's lists
 *
 * Names ignore case.  The first line that fits a user holds.  Not for: what happens to
 * who is not in it.
 */
#ifndef PROTO_AUTH_MAPFILE_H
#define PROTO_AUTH_MAPFILE_H

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/dtyp/sid.h"

#define MAPFILE_MAX  (1u << 20) /* bytes of text */
#define MAPFILE_GIDS 32u

/* One line; the texts borrow from what was read, without their ends. */
struct mapfile_row {
	bool is_group, by_sid;
	struct sid sid;	   /* left side, by_sid */
	struct span name;  /* left side otherwise, without '@' */
	struct span value; /* right side */
	unsigned line;
};

/*
 * The next row of text that is neither empty nor a remark, false at the end.
 * *line counts; a line that makes no sense has an empty value.
 */
bool mapfile_next(struct span *text, unsigned *line, struct mapfile_row *ret);

/* The account of a domain's user, or ids: sid may be NULL, names may be.  False: not in it. */
bool mapfile_user(struct span text, const struct sid *sid, const char *domain, const char *realm,
		  const char *logon, char *ret, size_t cap);
/* The same for a user of ours. */
bool mapfile_local(struct span text, const char *logon, char *ret, size_t cap);
/* "UID:GID[,GID]...": decimal, none of them 0.  False: something else. */
struct mapfile_ids {
	uint32_t uid, gid;
	uint16_t n; /* of more; the first is not among them */
	uint32_t more[MAPFILE_GIDS];
};
bool mapfile_ids(const char *value, struct mapfile_ids *ret);
/* The gid that a row about a group gives its members; false: it gives none. */
bool mapfile_row_gid(const struct mapfile_row *, uint32_t *ret);
/* name: "DOMAIN\group" or "group@REALM", as in the file. */
bool mapfile_group_sid(struct span text, const char *name, struct sid *ret);
/* A group of ours: "staff". */
bool mapfile_group_gid(struct span text, const char *name, uint32_t *ret);

#endif
