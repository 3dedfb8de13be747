/*
 * share.h - the shares of this fsd, from its part of the configuration, and
 * who may do what in them.  Not for: rights on single files (access.c).
 */
#ifndef FSD_SHARE_H
#define FSD_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "fsd/creds.h"
#include "ipc/msg/conf.msg.h"
#include "ipc/types.h"

/* One entry of a user or host list. */
struct share_rule {
	struct share_rule *next;
	uint8_t list;		/* ACL_* */
	char *who;
	bool is_group, known;	/* a group that could be asked about */
	uint32_t gid;
	bool by_sid;		/* of a domain: its user or its group */
	struct sid sid;
	bool everybody;		/* hosts: ALL */
	struct net_addr net;	/* hosts; family 0: never matches */
	unsigned prefix;
};

#define NO_ID UINT32_MAX	/* no uid: setfsuid(2) refuses it, and so do we */

struct share {
	struct share *next;
	uint32_t refs;		/* the list and the trees */
	uint32_t index;
	char *name, *path, *comment, *hide_files, *force_user;
	uint32_t flags;		/* SHARE_* */
	uint8_t encrypt;	/* CONF_* */
	uint32_t create_mask, directory_mask;
	uint32_t force_uid, force_gid;	/* NO_ID: of nobody */
	struct share_rule *rules;
	int root;		/* O_PATH; -1: not there, STATUS_BAD_NETWORK_NAME */
	uint32_t users;		/* trees */
};

struct shares {
	struct share *first;	/* in file order */
	struct share_rule *operators;	/* who may see and end what others do */
	uint8_t encrypt;
	uint32_t max_opens;
	uint32_t threads;
	uint32_t as_uid, as_gid;
	uint8_t *map;		/* text of `idmap file`, only while being read at birth */
	size_t map_n;
};

/*
 * Reads a part of the configuration.  STATUS_INVALID_PARAMETER: not from our directory.
 * Groups are asked of the system at birth (known is NULL); behind the walls
 * nobody can be asked, and only those that known has are known.
 */
nt shares_read(struct shares *ret, struct span part, const struct shares *known) MUST_USE;
/* Nobody can write there by configuration: it need not be writable for us. */
bool share_is_read_only(const struct share *);
void shares_drop(struct shares *);
struct share *shares_find(const struct shares *, const char *name);	/* case aside */
struct share *share_hold(struct share *);
void share_drop(struct share *);

/* The roots, by their paths here or (in the new root) as /shares/N. */
void shares_open(struct shares *, bool new_root);
/* A re-read configuration: shares keep their open roots; those with new paths wait for a restart. */
void shares_replace(struct shares *, struct shares *fresh);

/*
 * May who, from client, enter?  STATUS_ACCESS_DENIED, or success and whether
 * only for reading.
 */
nt share_admit(const struct share *, const struct ident *who, const struct net_addr *client,
    bool *ret_read_only) MUST_USE;
/* Is this one of `server operators`?  Strangers are not, whatever their name. */
bool shares_operator(const struct shares *, const struct ident *) MUST_USE;
/* The share's `hide files` and `hide dot files`; name as on the wire. */
bool share_hides(const struct share *, const char *name);
bool share_must_encrypt(const struct shares *, const struct share *);

#endif
