/*
 * sd.h - self-relative security descriptors, ACLs and ACEs, and the descriptor
 * that speaks for Unix permissions.  [MS-DTYP] 2.4.4 to 2.4.6
 */
#ifndef PROTO_DTYP_SD_H
#define PROTO_DTYP_SD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/dtyp/sid.h"
#include "proto/smb2/const.h" /* OWNER_SECURITY_INFORMATION ... */

#define SD_SIZE_MAX 65536

/* SECURITY_INFORMATION, 2.4.7, beyond those that SMB2 itself names. */
#define PROTECTED_DACL_SECURITY_INFORMATION   0x80000000u
#define UNPROTECTED_DACL_SECURITY_INFORMATION 0x20000000u

/* Control, 2.4.6. */
#define SE_OWNER_DEFAULTED     0x0001u
#define SE_GROUP_DEFAULTED     0x0002u
#define SE_DACL_PRESENT        0x0004u
#define SE_DACL_DEFAULTED      0x0008u
#define SE_SACL_PRESENT        0x0010u
#define SE_SACL_DEFAULTED      0x0020u
#define SE_DACL_AUTO_INHERIT_REQ 0x0100u
#define SE_SACL_AUTO_INHERIT_REQ 0x0200u
#define SE_DACL_AUTO_INHERITED 0x0400u
#define SE_SACL_AUTO_INHERITED 0x0800u
#define SE_DACL_PROTECTED      0x1000u
#define SE_SACL_PROTECTED      0x2000u
#define SE_SELF_RELATIVE       0x8000u

/* AceType and AceFlags, 2.4.4.1. */
enum ace_type {
	ACCESS_ALLOWED_ACE_TYPE          = 0x00,
	ACCESS_DENIED_ACE_TYPE           = 0x01,
	SYSTEM_AUDIT_ACE_TYPE            = 0x02,
	ACCESS_ALLOWED_CALLBACK_ACE_TYPE = 0x09,
	ACCESS_DENIED_CALLBACK_ACE_TYPE  = 0x0a,
	SYSTEM_MANDATORY_LABEL_ACE_TYPE  = 0x11
};
#define OBJECT_INHERIT_ACE       0x01u
#define CONTAINER_INHERIT_ACE    0x02u
#define NO_PROPAGATE_INHERIT_ACE 0x04u
#define INHERIT_ONLY_ACE         0x08u
#define INHERITED_ACE            0x10u

struct ace {
	uint8_t type, flags;
	uint32_t mask;	 /* 0 for a type that we do not look into */
	bool has_sid;	 /* types 0, 1, 2, 9, 10, 17 */
	struct sid sid;
	struct span raw; /* the whole entry as received */
};

/* Decoded; the lists borrow.  A DACL that is present but null (everyone, everything) has n == 0. */
struct sd {
	uint16_t control;
	bool has_owner, has_group;
	struct sid owner, group;
	struct span dacl, sacl; /* whole ACLs, checked; empty if absent or null */
};

/* Strict: every SID, ACL and ACE inside is checked.  STATUS_INVALID_SECURITY_DESCR. */
nt sd_decode(struct span, struct sd *ret) MUST_USE;
/* Appends the parts named by info (SECURITY_INFORMATION), and only those. */
void sd_encode(struct wr *w, const struct sd *, uint32_t info);
size_t sd_size(const struct sd *, uint32_t info) MUST_USE;

/* Walks an ACL that sd_decode() or acl_check() accepted. */
struct rd acl_walk(struct span acl);
bool ace_next(struct rd *r, struct ace *ret) MUST_USE;
bool acl_check(struct span acl) MUST_USE;

/* Builds an ACL in w: begin, any number of aces, end. */
struct acl_build {
	struct wr *w;
	size_t start;
	uint16_t count;
};
void acl_begin(struct acl_build *, struct wr *w);
void acl_put(struct acl_build *, uint8_t type, uint8_t flags, uint32_t mask, const struct sid *);
void acl_put_raw(struct acl_build *, struct span ace);
void acl_end(struct acl_build *); /* the span is w from start */

/*
 * The descriptor of a file that has only Unix permissions: exactly what owner,
 * group and mode grant, denials where a narrower class has less than a wider one.
 * buf (SD_UNIX_MAX) holds the DACL that *ret borrows.
 */
#define SD_UNIX_MAX 512
void sd_from_mode(const struct sid *owner, const struct sid *group, uint32_t mode, bool is_dir,
		  uint8_t buf[SD_UNIX_MAX], struct sd *ret);

/*
 * What a new child inherits from its parent's DACL, 2.5.3.4: an ACL in w.  False
 * if nothing is inheritable (w is then as before).
 */
bool acl_inherit(struct wr *w, struct span parent, bool is_dir, const struct sid *owner,
		 const struct sid *group) MUST_USE;

#endif
