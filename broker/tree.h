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
	ROW_MAX
};

#define TREE_LISTENERS 0x01u	/* inherits the listening sockets */
#define TREE_STATE     0x02u	/* has a directory of its own below the state directory */
#define TREE_BINDS     0x04u	/* has a directory below links/ that others connect to */
#define TREE_SERVES    0x08u	/* needed only where SMB is served, not by `private` */
#define TREE_MANY      0x10u	/* started on demand, never by itself */
#define TREE_LAST      0x20u	/* stopped after the others: they need it to finish */
#define TREE_DOOR      0x40u	/* inherits the scripting socket */

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
/* Roles that a process of this row must have met before it is of use. */
uint32_t tree_meets(enum tree_row_no) MUST_USE;

#endif
