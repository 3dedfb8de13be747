/*
 * tree.c - the process table.  Read this first.
 *
 * docs/ARCHITECTURE.md tells who trusts whom; here is what is done about it.
 */
#include "broker/tree.h"

#include <string.h>

#define R(name) FROM(name)

/* clang-format off */
const struct tree_row tree[ROW_MAX] = {
	/* row              role            program             flags
	 *     connects to             channel with  arena with
	 *     parts of the configuration */
	[ROW_DIRECTORY] = { PEER_DIRECTORY, "bulkhead-broker", TREE_LAST,
	       0,                      0,            0,
	       ~0u },
	[ROW_API]       = { PEER_API,       "bulkhead-broker", TREE_DOOR | TREE_STATE | TREE_BINDS | TREE_LAST,
	       R(STORE) | R(FSD) | R(KRB) | R(NET) | R(CRED) | R(BRIDGE), 0, 0,
	       PART(conf_api) | PART(conf_api_key) | PART(conf_instance) | PART(conf_listen) | PART(conf_place) },
	[ROW_STORE]     = { PEER_STORE,     "bulkhead-authd",  TREE_STATE | TREE_BINDS | TREE_ACCOUNTS | TREE_LAST,
	       R(FSD) | R(NAMES) | R(KRB) | R(NET), 0, 0,
	       PART(conf_auth) },
	[ROW_NAMES]     = { PEER_NAMES,     "bulkhead-authd",  TREE_BINDS | TREE_ACCOUNTS | TREE_LAST,
	       0,                      0,            0,
	       0 },
	[ROW_GATE]      = { PEER_GATE,      "bulkhead-smbd",   TREE_LISTENERS | TREE_SERVES,
	       R(STORE) | R(API),      R(WORKER),    0,
	       PART(conf_server) | PART(conf_listen) },
	[ROW_FSD]       = { PEER_FSD,       "bulkhead-fsd",    TREE_BINDS | TREE_SERVES | TREE_CHOSEN | TREE_LAST,
	       0,                      0,            R(WORKER),
	       PART(conf_fsd) | PART(conf_share) | PART(conf_share_acl) },
	[ROW_WORKER]    = { PEER_WORKER,    "bulkhead-smbd",   TREE_SERVES | TREE_MANY,
	       R(STORE) | R(FSD) | R(API), R(GATE),  R(FSD),
	       PART(conf_server) | PART(conf_listen) | PART(conf_place) },
	[ROW_KRB]       = { PEER_KRB,       "bulkhead-authd",  TREE_STATE | TREE_BINDS | TREE_ACCOUNTS | TREE_CHOSEN | TREE_LAST,
	       0,                      0,            0,
	       PART(conf_krb) },
	[ROW_NET]       = { PEER_NET,       "bulkhead-authd",  TREE_BINDS | TREE_CHOSEN | TREE_DEMAND | TREE_LAST,
	       0,                      0,            0,
	       PART(conf_net) },
	[ROW_CRED]      = { PEER_CRED,      "bulkhead-authd",  TREE_BINDS | TREE_DEMAND | TREE_CLIENT | TREE_LAST,
	       R(NET),                 0,            0,
	       PART(conf_cred) },
	[ROW_SESSION]   = { PEER_SESSION,   "bulkhead-clientd", TREE_MANY,
	       R(API) | R(CRED),       R(DIALER),    0,
	       0 },
	[ROW_DIALER]    = { PEER_DIALER,    "bulkhead-clientd", TREE_DEMAND | TREE_CLIENT,
	       0,                      R(SESSION),   0,
	       0 },
	[ROW_BRIDGE]    = { PEER_BRIDGE,    "bulkhead-broker", TREE_STORAGES | TREE_STATE | TREE_BINDS | TREE_SERVES | TREE_CHOSEN | TREE_LAST,
	       0,                      0,            0,
	       0 },
	[ROW_RELAY]     = { PEER_RELAY,     "bulkhead-broker", TREE_BINDS | TREE_SERVES | TREE_CHOSEN | TREE_LAST,
	       0,                      0,            0,
	       PART(conf_storage_host) },
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

enum tree_when
tree_runs(enum tree_row_no row, enum tree_kind kind, uint32_t wanted)
{
	uint32_t flags = tree[row].flags;

	if ((flags & TREE_SERVES && kind != KIND_SERVER) ||
	    (flags & TREE_ACCOUNTS && kind == KIND_CLIENT))
		return TREE_NEVER;
	if (flags & TREE_MANY)
		return TREE_WHEN_ASKED;
	if (flags & TREE_CHOSEN && wanted & 1u << tree[row].role)
		return TREE_ALWAYS;
	if (flags & TREE_DEMAND)
		return flags & TREE_CLIENT && kind == KIND_CLIENT ? TREE_ALWAYS : TREE_WHEN_ASKED;
	return flags & TREE_CHOSEN ? TREE_NEVER : TREE_ALWAYS;
}

const char *
tree_kind_name(enum tree_kind kind)
{
	static const char *const names[] = { "serve", "private", "client" };

	return names[kind];
}

bool
storage_name_ok(const char *name)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	size_t n		    = strlen(name);

	return n > 0 && n <= STORAGE_BOUND && strspn(name, allowed) == n;
}
