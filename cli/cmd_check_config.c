/* cmd_check_config.c - becomes `bulkhead-broker check`, which has the only reader. */
#include "cli/cli.h"
#include "cli/server.h"

int
cmd_check_config(struct cli *c)
{
	const char *args[4] = { "check" };

	if (c->config) {
		args[1] = "-c";
		args[2] = c->config;
	}
	return broker_exec(args);
}
