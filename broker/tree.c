/*
 * tree.c - the process table.  Read this first.
 *
 * docs/ARCHITECTURE.md tells who trusts whom; here is what is done about it.
 */
#include "broker/tree.h"

#define R(name) FROM(name)

/* clang-format off */
const struct tree_row tree[ROW_MAX] = {
	/* row              role            program             flags
	 *     connects to             channel with  arena with
	 *     parts of the configuration */
	[ROW_DIRECTORY] = { PEER_DIRECTORY, "bulkhead-broker", TREE_LAST,
	       0,                      0,            0,
	       ~0u },
	[ROW_API]       = { PEER_API,       "bulkhead-broker", TREE_DOOR | TREE_LAST,
	       R(STORE) | R(FSD),      0,            0,
	       PART(conf_api) | PART(conf_instance) | PART(conf_listen) },
	[ROW_STORE]     = { PEER_STORE,     "bulkhead-authd",  TREE_STATE | TREE_BINDS | TREE_LAST,
	       R(FSD) | R(NAMES),      0,            0,
	       PART(conf_auth) },
	[ROW_NAMES]     = { PEER_NAMES,     "bulkhead-authd",  TREE_BINDS | TREE_LAST,
	       0,                      0,            0,
	       0 },
	[ROW_GATE]      = { PEER_GATE,      "bulkhead-smbd",   TREE_LISTENERS | TREE_SERVES,
	       R(STORE),               R(WORKER),    0,
	       PART(conf_server) | PART(conf_listen) },
	[ROW_FSD]       = { PEER_FSD,       "bulkhead-fsd",    TREE_BINDS | TREE_SERVES | TREE_LAST,
	       0,                      0,            R(WORKER),
	       PART(conf_fsd) | PART(conf_share) | PART(conf_share_acl) },
	[ROW_WORKER]    = { PEER_WORKER,    "bulkhead-smbd",   TREE_SERVES | TREE_MANY,
	       R(STORE) | R(FSD),      R(GATE),      R(FSD),
	       PART(conf_server) | PART(conf_listen) },
};
/* clang-format on */

enum tree_row_no
tree_find(enum peer_role role)
{
	enum tree_row_no row = 0;

	while (row < ROW_MAX && tree[row].role != role)
		row++;
	return row;
}

bool
tree_connects(enum tree_row_no from, enum tree_row_no to)
{
	return (tree[from].connects & (1u << tree[to].role)) != 0;
}

bool
tree_channel(enum tree_row_no a, enum tree_row_no b)
{
	return (tree[a].channels & (1u << tree[b].role)) != 0;
}

bool
tree_arena(enum tree_row_no a, enum tree_row_no b)
{
	return (tree[a].arenas & (1u << tree[b].role)) != 0;
}

uint32_t
tree_meets(enum tree_row_no row)
{
	return tree[row].connects | tree[row].channels;
}
