/* security.c - descriptors from and to owner, group and mode. */
#include "fsd/security.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fsd/access.h"
#include "fsd/errno.h"
#include "fsd/path.h"
#include "proto/smb2/const.h"

/* The part of an access mask that a mode can say. */
#define MODE_RIGHTS (FILE_READ_DATA | FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_EXECUTE)

void
security_put(struct wr *w, const struct look *l, uint32_t info)
{
	uint8_t room[SD_UNIX_MAX];
	struct sd sd;

	access_descriptor(l, room, &sd);
	sd_encode(w, &sd, info);
}

size_t
security_size(const struct look *l, uint32_t info)
{
	uint8_t room[SD_UNIX_MAX];
	struct sd sd;

	access_descriptor(l, room, &sd);
	return sd_size(&sd, info);
}

/* ---- from a list to a mode ---- */

/* Three classes are all that a mode knows; what only children inherit is nothing to the file. */
static bool
is_expressible(const struct sd *sd, const struct sid *owner, const struct sid *group)
{
	struct rd r = acl_walk(sd->dacl);
	struct ace a;

	while (ace_next(&r, &a)) {
		if (a.flags & INHERIT_ONLY_ACE)
			continue;
		if (!a.has_sid ||
		    (a.type != ACCESS_ALLOWED_ACE_TYPE && a.type != ACCESS_DENIED_ACE_TYPE))
			return false;
		if (!sid_eq(&a.sid, owner) && !sid_eq(&a.sid, group) &&
		    !sid_eq(&a.sid, &sid_everyone))
			return false;
	}
	return true;
}

/* What somebody with these SIDs gets, as permission bits; false if a mode has no word for it. */
static bool
class_mode(const struct sd *sd, const struct sid *sids, size_t n, unsigned *ret)
{
	struct access_token t = { .sids = sids, .count = n };
	uint32_t got          = access_maximum(sd, &t) & MODE_RIGHTS;
	bool w                = (got & FILE_WRITE_DATA) != 0;

	*ret = (got & FILE_READ_DATA ? 4u : 0) | (w ? 2u : 0) | (got & FILE_EXECUTE ? 1u : 0);
	return w == ((got & FILE_APPEND_DATA) != 0);
}

static nt
mode_of(const struct sd *sd, const struct sid *owner, const struct sid *group, mode_t *ret)
{
	const struct sid u[2] = { *owner, sid_everyone }, g[2] = { *group, sid_everyone };
	unsigned rwx[3];

	REQUIRE(sd->control & SE_DACL_PRESENT, STATUS_INVALID_PARAMETER);
	REQUIRE(is_expressible(sd, owner, group), STATUS_NOT_SUPPORTED);
	REQUIRE(class_mode(sd, u, 2, &rwx[0]) && class_mode(sd, g, 2, &rwx[1]) &&
		    class_mode(sd, &sid_everyone, 1, &rwx[2]),
	    STATUS_NOT_SUPPORTED);
	*ret = (mode_t)(rwx[0] << 6 | rwx[1] << 3 | rwx[2]);
	return STATUS_SUCCESS;
}

static nt
mode_set(int fd, const struct look *l, mode_t mode)
{
	char self[PATH_SELF];
	mode_t whole = (l->st.stx_mode & 07000) | mode;

	if (whole == (l->st.stx_mode & 07777))
		return STATUS_SUCCESS;
	/* The owner's own right: no capability is needed, and none is up. */
	return fchmodat(AT_FDCWD, path_self(fd, self), whole, 0) == 0 ? STATUS_SUCCESS
								     : nt_from_errno(errno);
}

/* ---- owner and group ---- */

/* Only who it is already: nobody can give a file away. */
static nt
owner_check(const struct look *l, const struct ident *who, const struct sd *sd)
{
	struct sid own;
	uint32_t uid;

	REQUIRE(sd->has_owner, STATUS_INVALID_OWNER);
	if (sid_to_uid(&sd->owner, &uid))
		return uid == l->st.stx_uid ? STATUS_SUCCESS : STATUS_INVALID_OWNER;
	REQUIRE(sid_parse(who->sid.s, &own) && sid_eq(&own, &sd->owner) &&
		    who->uid == l->st.stx_uid,
	    STATUS_INVALID_OWNER);
	return STATUS_SUCCESS;
}

static nt
group_set(int fd, const struct look *l, const struct sd *sd)
{
	uint32_t gid;

	REQUIRE(sd->has_group && sid_to_gid(&sd->group, &gid), STATUS_NOT_SUPPORTED);
	if (gid == l->st.stx_gid)
		return STATUS_SUCCESS;
	/* The kernel lets the owner choose among its own groups. */
	return fchownat(fd, "", (uid_t)-1, gid, AT_EMPTY_PATH) == 0 ? STATUS_SUCCESS
								   : nt_from_errno(errno);
}

/* Owners are named in two ways; in the list both mean the same. */
static struct sid
owner_in_list(const struct look *l, const struct ident *who, const struct sd *sd)
{
	struct rd r = acl_walk(sd->dacl);
	struct sid own;
	struct ace a;

	if (who->uid == l->st.stx_uid && sid_parse(who->sid.s, &own))
		while (ace_next(&r, &a))
			if (a.has_sid && sid_eq(&a.sid, &own))
				return own;
	return sid_of_uid(l->st.stx_uid);
}

nt
security_set(int fd, const struct look *l, const struct ident *who, struct span bytes,
    uint32_t info)
{
	struct sid owner, group = sid_of_gid(l->st.stx_gid);
	struct sd sd;
	mode_t mode = 0;

	TRY(sd_decode(bytes, &sd));
	REQUIRE(!(info & SACL_SECURITY_INFORMATION), STATUS_PRIVILEGE_NOT_HELD);
	owner = owner_in_list(l, who, &sd);
	if ((info & OWNER_SECURITY_INFORMATION) && sd.has_owner)
		TRY(owner_check(l, who, &sd));
	if ((info & DACL_SECURITY_INFORMATION) && (sd.control & SE_DACL_PRESENT))
		TRY(mode_of(&sd, &owner, &group, &mode));
	if ((info & GROUP_SECURITY_INFORMATION) && sd.has_group)
		TRY(group_set(fd, l, &sd));
	if ((info & DACL_SECURITY_INFORMATION) && (sd.control & SE_DACL_PRESENT))
		TRY(mode_set(fd, l, mode));
	return STATUS_SUCCESS;
}
