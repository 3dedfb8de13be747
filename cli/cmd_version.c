/* cmd_version.c - which version this is. */
#include <stdio.h>

#include "cli/cli.h"

int
cmd_version(struct cli *c)
{
	if (c->json)
		printf("{\"version\": \"%s\"}\n", BH_VERSION);
	else
		printf("bulkhead %s\n", BH_VERSION);
	return EXIT_OK;
}
