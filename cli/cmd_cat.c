/* cmd_cat.c - files to the standard output; on a terminal their control bytes show as \xNN. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "cli/listing.h"
#include "cli/relay.h"

int
cat_to(struct cli *c, const struct place *p, int to, bool escape)
{
	struct relay r = { .to = to, .escape = escape };
	char text[URL_TEXT];
	int ends[2], rc;

	if (!relay_pipe(ends))
		return cli_refused("%s", strerror(errno));
	r.from = ends[0];
	if (!relay_start(&r)) {
		(void)close(ends[1]);
		return cli_refused("%s", strerror(errno));
	}
	(void)fflush(stdout);
	rc = place_move(c, p, "client.get", NULL, ends[1]);
	relay_end(&r);
	return rc == EXIT_OK && !r.ok
	    ? cli_refused("%s: it could not be written", place_print(p, text)) : rc;
}

static int
cat_one(struct cli *c, const struct place *p, void *ctx)
{
	(void)ctx;
	return cat_to(c, p, STDOUT_FILENO, isatty(STDOUT_FILENO));
}

int
cmd_cat(struct cli *c)
{
	int rc;

	interrupt_catch();
	rc = each_operand(c, cat_one, NULL);
	interrupt_clear();
	return rc;
}
