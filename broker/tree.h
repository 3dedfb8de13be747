/*
 * tree.h - which processes there are and who meets whom: one row each.
 */
#ifndef BROKER_TREE_H
#define BROKER_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipc/msg/conf.msg.h"

/* A row's number is also its place in the head of `worker uids`: never renumber. */
enum tree_row_no {
	ROW_DIRECTORY = 0,
	ROW_API       = 1,
	ROW_STORE     = 2,
	ROW_NAMES     = 3,
	ROW_GATE      = 4,
	ROW_FSD       = 5,
	ROW_WORKER    = 6,
	ROW_KRB	      = 7,
	ROW_NET	      = 8,
	ROW_CRED      = 9,
	ROW_SESSION   = 10,
	ROW_DIALER    = 11,
	ROW_BRIDGE    = 12,
	ROW_RELAY     = 13,
	ROW_MAX
};

#define TREE_LISTENERS 0x001u	/* inherits the listening sockets */
#define TREE_STATE     0x002u	/* has a directory of its own below the state directory */
#define TREE_BINDS     0x004u	/* has a directory below links/ that others connect to */
#define TREE_SERVES    0x008u	/* needed only where SMB is served */
#define TREE_MANY      0x010u	/* one for each identity or owner, when asked for */
#define TREE_LAST      0x020u	/* stopped after the others: they need it to finish */
#define TREE_DOOR      0x040u	/* inherits the scripting socket */
#define TREE_ACCOUNTS  0x080u	/* needed only where there are accounts: not by `client` */
#define TREE_DEMAND    0x100u	/* when first asked for, from then on always */
#define TREE_CLIENT    0x200u	/* ... but in `client` from the start */
#define TREE_CHOSEN    0x400u	/* from the start where the configuration wants it; else as above, or never */

#define TREE_STORAGES  0x800u	/* inherits the sockets where storages of other hosts join */

/* What an instance is for: three words of the command line. */
enum tree_kind { KIND_SERVER, KIND_ACCOUNTS, KIND_CLIENT };

enum tree_when { TREE_NEVER, TREE_WHEN_ASKED, TREE_ALWAYS };

struct tree_row {
	enum peer_role role;
	const char *program;	/* beside our own */
	uint32_t flags;
	uint32_t connects;	/* FROM() of the roles whose ROUTER it connects to */
	uint32_t channels;	/* roles that it shares a seqpacket socket with */
	uint32_t arenas;	/* roles that it shares memory with: an arena and a ring */
	uint32_t parts;		/* PART() of the configuration records it gets */
};

/* A configuration record as a bit. */
#define PART_ID(id, msg, callers, phase, REQ, RSP) part_##msg = (id),
enum { CONF_MESSAGES(PART_ID) };
#undef PART_ID
#define PART(msg) (1u << part_##msg)

extern const struct tree_row tree[ROW_MAX];

/* The row of a role; ROW_MAX if none. */
enum tree_row_no tree_find(enum peer_role) MUST_USE;
bool tree_connects(enum tree_row_no from, enum tree_row_no to) MUST_USE;
bool tree_channel(enum tree_row_no a, enum tree_row_no b) MUST_USE;	/* either way round */
bool tree_arena(enum tree_row_no a, enum tree_row_no b) MUST_USE;
/* Roles that a process of this row must have met, if they are there, before it is of use. */
uint32_t tree_meets(enum tree_row_no) MUST_USE;
/* wanted: FROM() bits of conf_instance. */
enum tree_when tree_runs(enum tree_row_no, enum tree_kind, uint32_t wanted) MUST_USE;
const char *tree_kind_name(enum tree_kind) MUST_USE;
/* Letters, digits, - and _; not empty, not too long. */
bool storage_name_ok(const char *name) MUST_USE;

#endif
