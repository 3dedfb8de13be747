/*
 * access.h - access masks, and the check of a token against a descriptor.
 * [MS-DTYP] 2.4.3, 2.5.3.2; [MS-SMB2] 2.2.13.1
 */
#ifndef PROTO_DTYP_ACCESS_H
#define PROTO_DTYP_ACCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/nt.h"
#include "proto/dtyp/sd.h"
#include "proto/dtyp/sid.h"
#include "proto/smb2/const.h" /* the access mask */

struct access_token {
	const struct sid *sids; /* the user first, then groups */
	size_t count;
	bool take_ownership; /* SeTakeOwnershipPrivilege: WRITE_OWNER without the descriptor */
	bool security;	     /* SeSecurityPrivilege: ACCESS_SYSTEM_SECURITY */
};

/* Replaces the four generic bits by what they stand for. */
uint32_t access_map_generic(uint32_t mask) MUST_USE;
/*
 * Checks desired (generic bits are mapped, MAXIMUM_ALLOWED understood) against
 * the DACL.  STATUS_ACCESS_DENIED, STATUS_PRIVILEGE_NOT_HELD, or the granted bits.
 */
nt access_check(const struct sd *, const struct access_token *, uint32_t desired,
		uint32_t *ret_granted) MUST_USE;
/* Every right the token has; no failure, perhaps 0. */
uint32_t access_maximum(const struct sd *, const struct access_token *) MUST_USE;
bool token_has(const struct access_token *, const struct sid *) MUST_USE;

/* The rights that POSIX permission bits (0-7) give a file or directory. */
uint32_t access_from_mode(unsigned rwx, bool is_dir) MUST_USE;

#endif
