/* cmd_cat.c - files to the standard output; on a terminal their control bytes show as \xNN. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/interrupt.h"
#include "cli/listing.h"
#include "cli/relay.h"

/* Whoever reads it may have seen enough: head, a pager that was left. */
static int
cat_end(const struct place *p, const struct relay *r, nt status)
{
	char text[URL_TEXT];

	if (r->error == EPIPE)
		return EXIT_REFUSED;
	if (r->error != 0)
		return cli_refused("%s: it could not be written: %s", place_print(p, text),
		    strerror(r->error));
	return nt_failed(status) ? place_refused(p, status) : EXIT_OK;
}

int
cat_to(struct cli *c, const struct place *p, int to, bool escape)
{
	struct relay r = { .to = to, .escape = escape };
	int ends[2];
	bool answered;
	nt status;

	if (!relay_pipe(ends))
		return cli_refused("%s", strerror(errno));
	r.from = ends[0];
	if (!relay_start(&r)) {
		(void)close(ends[1]);
		return cli_refused("%s", strerror(errno));
	}
	(void)fflush(stdout);
	answered = place_move_try(c, p, "client.get", NULL, ends[1], &status);
	relay_end(&r);
	return answered ? cat_end(p, &r, status) : EXIT_REFUSED;
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
