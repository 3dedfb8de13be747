/* cmd_open.c - open list. */
#include "cli/cli.h"
#include "cli/lists.h"

const struct column open_columns[] = {
	{ "USER", "user", COLUMN_TEXT },
	{ "SHARE", "share", COLUMN_TEXT },
	{ "PATH", "path", COLUMN_TEXT },
	{ "ACCESS", "access", COLUMN_HEX },
	{ "LOCKS", "locks", COLUMN_NUMBER },
	{ "OPLOCK", "oplock", COLUMN_HEX },
};
const size_t open_n_columns = NELEM(open_columns);

int
cmd_open_list(struct cli *c)
{
	return list_command(c, "open.list", "opens", open_columns, open_n_columns);
}
