/*
 * creds.h - as whom a thread meets the file system.
 *
 * Each thread switches fsuid, fsgid and supplementary groups for itself by raw
 * system calls (glibc would switch the whole process).  Capabilities are never
 * effective while acting as a user, but for what creds_raise() brackets.
 */
#ifndef FSD_CREDS_H
#define FSD_CREDS_H

#include <stdbool.h>
#include <stdint.h>

#include "ipc/types.h"
#include "proto/dtyp/sid.h"

/* Whom a domain knows, in its own words. */
struct ident_domain {
	char domain[NAME_BOUND + 1], realm[NAME_BOUND + 1], logon[NAME_BOUND + 1];
	size_t sids_n;
	uint8_t sids[];		/* its groups there: binary, one after the other */
};

/*
 * Somebody for whom files are opened.  Counted: a grant, its trees, its opens
 * and the work in the pool hold it.  Counted on the main thread only.
 */
struct ident {
	uint32_t refs;
	uint64_t serial;	/* never used again, unlike the address */
	uint32_t uid, gid;
	uint32_t flags;		/* AUTH_* */
	struct gid_list groups;
	struct str user;	/* in text[] */
	struct str sid;
	struct ident_domain *domain;	/* NULL: an account of this machine */
	char text[2 * (NAME_BOUND + 1)];
};

/* Capabilities that single calls may borrow: they must be in hold_caps of the sandbox. */
#define CREDS_XATTR (1ull << 1)			/* CAP_DAC_OVERRIDE: our own xattrs */
#define CREDS_TIMES (1ull << 3)			/* CAP_FOWNER: explicit times */
#define CREDS_HELD  (CREDS_XATTR | CREDS_TIMES)
#define CREDS_KEPT  (1ull << 6 | 1ull << 7)	/* CAP_SETGID, CAP_SETUID: always effective */

struct ident *ident_new(const char *user, const char *sid, uint32_t uid, uint32_t gid,
    const struct gid_list *groups, uint32_t flags);
/* Only of a fresh one. */
void ident_set_domain(struct ident *, const char *domain, const char *realm, const char *logon,
    struct span sids);
/* Is this its own SID, or one of its groups'? */
bool ident_has_sid(const struct ident *, const struct sid *);
struct ident *ident_hold(struct ident *);
void ident_drop(struct ident *);	/* NULL is fine */
bool ident_has_group(const struct ident *, uint32_t gid);

/* Looks whether this process can switch at all; without that everybody is its own uid. */
void creds_init(void);
bool creds_switches(void);
/* This thread acts as who from now on; cheap if it does already.  Dies if the kernel refuses. */
void creds_become(const struct ident *);
/* Around one named call, after our own access check.  Without privilege both do nothing. */
void creds_raise(uint64_t caps);
void creds_lower(void);

#endif
