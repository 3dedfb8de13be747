/* cmd_log_level.c - how much the instance logs from now on. */
#include "cli/ask.h"
#include "cli/cli.h"

int
cmd_log_level(struct cli *c)
{
	const char *level = c->args.operands[0];

	return ask_done(c, level, "log.level", json_pack("{s:s}", "level", level), SPAN_NONE);
}
