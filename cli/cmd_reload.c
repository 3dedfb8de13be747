/* cmd_reload.c - has the configuration read again; problems leave the old one in force. */
#include <stdio.h>

#include "cli/ask.h"
#include "cli/cli.h"

int
cmd_reload(struct cli *c)
{
	json_t *reply = NULL;
	const char *problems;
	int rc = ask(c, "reload", "reload", json_object(), SPAN_NONE, &reply);

	if (rc != EXIT_OK)
		return rc;
	problems = json_string_value(json_object_get(reply, "problems"));
	if (c->json)
		json_print(reply);
	else if (problems && problems[0])
		printf("%s\n", problems);
	json_decref(reply);
	return EXIT_OK;
}
