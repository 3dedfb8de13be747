/*
 * access.c - access masks and the access check.  [MS-DTYP] 2.4.3, 2.5.3.2
 */
#include "proto/dtyp/access.h"

#define GENERIC_BITS (GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE | GENERIC_ALL)

uint32_t
access_map_generic(uint32_t mask)
{
	static const struct {
		uint32_t generic, means;
	} rows[] = {
		{ GENERIC_READ, FILE_GENERIC_READ },
		{ GENERIC_WRITE, FILE_GENERIC_WRITE },
		{ GENERIC_EXECUTE, FILE_GENERIC_EXECUTE },
		{ GENERIC_ALL, FILE_ALL_ACCESS },
	};
	uint32_t out = mask & ~GENERIC_BITS;

	for (size_t i = 0; i < NELEM(rows); i++) {
		if (mask & rows[i].generic)
			out |= rows[i].means;
	}
	return out;
}

bool
token_has(const struct access_token *t, const struct sid *sid)
{
	for (size_t i = 0; i < t->count; i++) {
		if (sid_eq(&t->sids[i], sid))
			return true;
	}
	return false;
}

/* Does an entry for OWNER RIGHTS replace what the owner has by himself? */
static bool
owner_rights_present(const struct sd *sd)
{
	struct rd r = acl_walk(sd->dacl);
	struct ace ace;

	while (ace_next(&r, &ace)) {
		if (ace.has_sid && !(ace.flags & INHERIT_ONLY_ACE) &&
		    sid_eq(&ace.sid, &sid_owner_rights))
			return true;
	}
	return false;
}

static bool
ace_concerns(const struct ace *ace, const struct access_token *t, bool is_owner)
{
	if (!ace->has_sid || (ace->flags & INHERIT_ONLY_ACE))
		return false;
	return token_has(t, &ace->sid) || (is_owner && sid_eq(&ace->sid, &sid_owner_rights));
}

/*
 * The first entry that names a bit decides it.  Conditional (callback) entries
 * are not evaluated: one that allows gives nothing, one that denies denies.
 */
static uint32_t
dacl_granted(const struct sd *sd, const struct access_token *t, bool is_owner)
{
	struct rd r	 = acl_walk(sd->dacl);
	uint32_t granted = 0;
	uint32_t decided = 0;
	struct ace ace;

	while (ace_next(&r, &ace)) {
		uint32_t mask = access_map_generic(ace.mask) & ~decided;

		if (!ace_concerns(&ace, t, is_owner))
			continue;
		if (ace.type == ACCESS_ALLOWED_ACE_TYPE)
			granted |= mask;
		else if (ace.type != ACCESS_DENIED_ACE_TYPE &&
			 ace.type != ACCESS_DENIED_CALLBACK_ACE_TYPE)
			continue;
		decided |= mask;
	}
	return granted;
}

uint32_t
access_maximum(const struct sd *sd, const struct access_token *t)
{
	bool is_owner	 = sd->has_owner && token_has(t, &sd->owner);
	bool everything	 = !(sd->control & SE_DACL_PRESENT) || sd->dacl.n == 0;
	uint32_t granted = everything ? FILE_ALL_ACCESS : dacl_granted(sd, t, is_owner);

	if (is_owner && !owner_rights_present(sd))
		granted |= READ_CONTROL | WRITE_DAC;
	if (t->take_ownership)
		granted |= WRITE_OWNER;
	if (t->security)
		granted |= ACCESS_SYSTEM_SECURITY;
	return granted;
}

nt
access_check(const struct sd *sd, const struct access_token *t, uint32_t desired,
	     uint32_t *ret_granted)
{
	uint32_t maximum = access_maximum(sd, t);
	uint32_t want	 = access_map_generic(desired & ~MAXIMUM_ALLOWED);

	REQUIRE(!(want & ACCESS_SYSTEM_SECURITY) || t->security, STATUS_PRIVILEGE_NOT_HELD);
	REQUIRE((want & ~maximum) == 0, STATUS_ACCESS_DENIED);
	if (desired & MAXIMUM_ALLOWED)
		want |= maximum & ~ACCESS_SYSTEM_SECURITY;
	REQUIRE(want != 0 || desired == 0, STATUS_ACCESS_DENIED);
	*ret_granted = want;
	return STATUS_SUCCESS;
}

uint32_t
access_from_mode(unsigned rwx, bool is_dir)
{
	uint32_t mask = 0;

	if (rwx & 4)
		mask |= FILE_GENERIC_READ;
	if (rwx & 2)
		mask |= FILE_GENERIC_WRITE | (is_dir ? FILE_DELETE_CHILD : 0);
	if (rwx & 1)
		mask |= FILE_GENERIC_EXECUTE;
	return mask;
}
