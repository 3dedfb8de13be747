/*
 * access.c - what owner, group and mode say of an identity.  [MS-FSA] 2.1.5.1.2.1
 *
 * The same rights that sd_from_mode() spells out as a list, counted directly:
 * it happens at every open.
 */
#include "fsd/access.h"

#include "proto/smb2/const.h"

#define ANYBODY (READ_CONTROL | SYNCHRONIZE | FILE_READ_ATTRIBUTES)
#define OWNER                                                                            \
	(ANYBODY | WRITE_DAC | WRITE_OWNER | FILE_WRITE_ATTRIBUTES | FILE_READ_EA | FILE_WRITE_EA)

/* Bits that stand for nothing, [MS-SMB2] 2.2.13.1; and SACLs, for which nobody has the privilege. */
#define MEANINGLESS 0x0CE0FE00u

static unsigned
class_bits(const struct statx *st, const struct ident *who)
{
	if (st->stx_uid == who->uid)
		return st->stx_mode >> 6 & 7;
	if (ident_has_group(who, st->stx_gid))
		return st->stx_mode >> 3 & 7;
	return st->stx_mode & 7;
}

void
access_descriptor(const struct look *l, uint8_t buf[SD_UNIX_MAX], struct sd *ret)
{
	struct sid owner = sid_of_uid(l->st.stx_uid), group = sid_of_gid(l->st.stx_gid);

	sd_from_mode(&owner, &group, l->st.stx_mode, look_is_dir(l), buf, ret);
}

uint32_t
access_of(const struct look *l, const struct ident *who, bool parent_writable)
{
	unsigned rwx     = class_bits(&l->st, who);
	uint32_t granted = ANYBODY | access_from_mode(rwx, look_is_dir(l));

	if (l->st.stx_uid == who->uid)
		granted |= OWNER;
	/* Executing over the wire is reading. */
	if ((rwx & 4) && !look_is_dir(l))
		granted |= FILE_EXECUTE;
	/* Who may change it may rename it; the name's directory has the last word. */
	if (rwx & 2)
		granted |= FILE_DELETE_CHILD;
	if ((rwx & 2) || parent_writable)
		granted |= DELETE;
	return granted;
}

bool
access_dir_writable(const struct look *dir, const struct ident *who)
{
	return (class_bits(&dir->st, who) & 3) == 3;
}

bool
access_may_unlink(const struct look *dir, const struct look *file, const struct ident *who)
{
	if (!access_dir_writable(dir, who))
		return false;
	return !(dir->st.stx_mode & S_ISVTX) || dir->st.stx_uid == who->uid ||
	       file->st.stx_uid == who->uid;
}

nt
access_map(uint32_t asked, uint32_t *ret)
{
	REQUIRE(asked != 0 && (asked & MEANINGLESS) == 0, STATUS_ACCESS_DENIED);
	REQUIRE(!(asked & ACCESS_SYSTEM_SECURITY), STATUS_PRIVILEGE_NOT_HELD);
	*ret = access_map_generic(asked);
	return STATUS_SUCCESS;
}
