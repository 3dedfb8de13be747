/* cmd_mkdir.c - mkdir, with -p also what is missing above; rmdir. */
#include <stdio.h>
#include <string.h>

#include "base/nt.h"
#include "cli/listing.h"

/* A directory that is there already is as good as a new one. */
static int
mkdir_if_missing(struct cli *c, const struct place *p)
{
	json_t *reply   = NULL;
	const char *why = "";
	char text[URL_TEXT];
	int rc = EXIT_OK;
	nt status;

	if (!place_try(c, p, "client.mkdir", NULL, &reply, &status, &why))
		return cli_refused("%s: %s", place_print(p, text), why);
	/* servers name different things first: the root, or a directory that may not be written */
	if (nt_failed(status) && !place_is_directory(c, p))
		rc = place_refused_as(p, reply, status);
	json_decref(reply);
	return rc;
}

int
place_mkdirs(struct cli *c, const struct place *p)
{
	struct place step = *p;
	int rc            = EXIT_OK;

	for (char *at = step.path; *at && rc == EXIT_OK;) {
		char *slash = at + strcspn(at, "/");
		char was    = *slash;

		*slash = '\0';
		rc     = mkdir_if_missing(c, &step);
		*slash = was;
		at     = slash + (was != '\0');
	}
	return rc;
}

static int
mkdir_one(struct cli *c, const struct place *p, void *ctx)
{
	(void)ctx;
	if (options_has(&c->args, OPT_PARENTS))
		return place_mkdirs(c, p);
	return place_do(c, p, "client.mkdir", NULL);
}

static int
each_plain(struct cli *c, place_fn *each)
{
	int worst = EXIT_OK;

	for (size_t i = 0; i < c->args.n_operands; i++) {
		struct place p;
		int rc = place_find(c, c->args.operands[i], WANT_SHARE, &p);

		if (rc == EXIT_OK)
			rc = each(c, &p, NULL);
		worst = rc > worst ? rc : worst;
	}
	return worst;
}

int
cmd_mkdir(struct cli *c)
{
	return each_plain(c, mkdir_one);
}

static int
rmdir_one(struct cli *c, const struct place *p, void *ctx)
{
	(void)ctx;
	return place_do(c, p, "client.rmdir", NULL);
}

int
cmd_rmdir(struct cli *c)
{
	return each_plain(c, rmdir_one);
}
