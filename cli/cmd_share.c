/* cmd_share.c - share list. */
#include "cli/cli.h"
#include "cli/lists.h"

const struct column share_columns[] = {
	{ "SHARE", "name", COLUMN_TEXT },
	{ "PATH", "path", COLUMN_TEXT },
	{ "USERS", "users", COLUMN_NUMBER },
	{ "READ ONLY", "read_only", COLUMN_FLAG },
	{ "GUEST", "guest_ok", COLUMN_FLAG },
	{ "COMMENT", "comment", COLUMN_TEXT },
};
const size_t share_n_columns = NELEM(share_columns);

int
cmd_share_list(struct cli *c)
{
	return list_command(c, "share.list", "shares", share_columns, share_n_columns);
}
