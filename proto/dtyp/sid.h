/*
 * sid.h - security identifiers.  [MS-DTYP] 2.4.2
 */
#ifndef PROTO_DTYP_SID_H
#define PROTO_DTYP_SID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

#define SID_SUBS_MAX 15
#define SID_SIZE_MAX (8 + 4 * SID_SUBS_MAX)
#define SID_TEXT_MAX 192 /* "S-1-0x…" and fifteen numbers */

struct sid { /* revision 1 */
	uint64_t authority; /* 48 bits */
	uint8_t count;
	uint32_t subs[SID_SUBS_MAX];
};

/* Reads one SID; makes r bad for another revision or too many sub-authorities. */
void rd_sid(struct rd *r, struct sid *ret);
void wr_sid(struct wr *w, const struct sid *);
size_t sid_size(const struct sid *) MUST_USE;
bool sid_eq(const struct sid *, const struct sid *) MUST_USE;
/* Into a caller's buffer of SID_TEXT_MAX; returns it. */
const char *sid_print(const struct sid *, char buf[SID_TEXT_MAX]);
/* "S-1-5-32-544".  False for anything else. */
bool sid_parse(const char *text, struct sid *ret) MUST_USE;
/* Appends one sub-authority (a RID).  False if there is no room. */
bool sid_append(struct sid *, uint32_t rid) MUST_USE;

extern const struct sid sid_everyone;		  /* S-1-1-0 */
extern const struct sid sid_creator_owner;	  /* S-1-3-0 */
extern const struct sid sid_creator_group;	  /* S-1-3-1 */
extern const struct sid sid_owner_rights;	  /* S-1-3-4 */
extern const struct sid sid_network;		  /* S-1-5-2 */
extern const struct sid sid_anonymous;		  /* S-1-5-7 */
extern const struct sid sid_authenticated_users;  /* S-1-5-11 */
extern const struct sid sid_system;		  /* S-1-5-18 */
extern const struct sid sid_builtin_admins;	  /* S-1-5-32-544 */
extern const struct sid sid_builtin_users;	  /* S-1-5-32-545 */
extern const struct sid sid_builtin_guests;	  /* S-1-5-32-546 */

/* S-1-22-1-UID and S-1-22-2-GID, the customary SIDs of Unix ids that no map names. */
struct sid sid_of_uid(uint32_t uid);
struct sid sid_of_gid(uint32_t gid);
bool sid_to_uid(const struct sid *, uint32_t *ret) MUST_USE;
bool sid_to_gid(const struct sid *, uint32_t *ret) MUST_USE;

#endif
