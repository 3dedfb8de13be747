/*
 * cmd_import_smb_conf.c - an smb.conf as our configuration, on stdout, and on
 * stderr every setting that could not be carried over.
 *
 * What we understand only our own reader knows: it is asked, and what it refuses
 * is left out, until it has nothing more to say.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/child.h"
#include "cli/cli.h"
#include "cli/server.h"
#include "cli/smbconf.h"

#define ROUNDS_MAX 50

/* What `bulkhead-broker check -c path` said, in ret; false after a message. */
static bool
checked(const char *path, FILE **ret)
{
	char program[PATH_MAX], buf[4096];
	char *argv[] = { program, (char *)(uintptr_t)"check", (char *)(uintptr_t)"-c",
		(char *)(uintptr_t)path, NULL };
	struct child child;
	off_t at = 0;
	ssize_t n;

	if (!sibling_path("bulkhead-broker", program, sizeof program) || !child_start(&child, argv)) {
		(void)cli_refused("%s: %s", program, strerror(errno));
		return false;
	}
	(void)child_end(&child, false);
	*ret = tmpfile();
	while (*ret && (n = pread(child.err, buf, sizeof buf, at)) > 0) {
		(void)fwrite(buf, 1, (size_t)n, *ret);
		at += n;
	}
	(void)close(child.err);
	if (*ret)
		rewind(*ret);
	return *ret != NULL;
}

/* "path:LINE: why" lines; how many of them named a setting of ours. */
static unsigned
complaints_take(struct smbconf *c, FILE *said, const char *path)
{
	char line[2048];
	unsigned n = 0;
	size_t from = strlen(path);

	struct { unsigned line; char why[512]; } seen[256];
	unsigned n_seen = 0;

	while (n_seen < 256 && fgets(line, sizeof line, said)) {
		char *why;

		line[strcspn(line, "\n")] = '\0';
		if (strncmp(line, path, from) != 0 || line[from] != ':')
			continue;
		seen[n_seen].line = (unsigned)strtoul(line + from + 1, &why, 10);
		(void)snprintf(seen[n_seen].why, sizeof seen[n_seen].why, "%s",
		    why[0] == ':' && why[1] ? why + 2 : "refused");
		n_seen++;
	}
	/* From the end: refusing a line moves those after it. */
	while (n_seen-- > 0)
		n += smbconf_refuse(c, seen[n_seen].line, seen[n_seen].why);
	return n;
}

static bool
settle(struct smbconf *c, const char *path)
{
	for (int round = 0; round < ROUNDS_MAX; round++) {
		FILE *f = fopen(path, "we"), *said = NULL;
		unsigned n;

		if (!f)
			return cli_refused("%s: %s", path, strerror(errno)) == EXIT_OK;
		smbconf_print(c, f, false);
		if (fclose(f) != 0 || !checked(path, &said))
			return false;
		n = complaints_take(c, said, path);
		(void)fclose(said);
		if (n == 0)
			return true;
	}
	return true;
}

static unsigned
report(const struct smbconf *c, const char *name)
{
	unsigned n = 0;

	for (size_t i = 0; i < c->n; i++) {
		if (!c->lines[i].why)
			continue;
		(void)fprintf(stderr, "%s:%u: %s: %s\n", name, c->lines[i].from, c->lines[i].was,
		    c->lines[i].why);
		n++;
	}
	return n;
}

static int
convert(struct smbconf *c, const char *name)
{
	char path[] = "/tmp/bulkhead-import.XXXXXX";
	int fd      = mkstemp(path);
	unsigned left;
	bool good;

	if (fd < 0)
		return cli_refused("%s: %s", path, strerror(errno));
	(void)close(fd);
	good = settle(c, path);
	(void)unlink(path);
	if (!good)
		return EXIT_REFUSED;
	printf("# made from %s by bulkhead import-smb-conf; bulkhead.conf(5) explains the keys\n\n",
	    name);
	smbconf_print(c, stdout, true);
	left = report(c, name);
	if (left > 0)
		(void)fprintf(stderr, "%u settings were left out; they are comments in the output\n",
		    left);
	return EXIT_OK;
}

int
cmd_import_smb_conf(struct cli *c)
{
	const char *name = c->args.operands[0], *why = NULL;
	struct smbconf conf = { 0 };
	FILE *f = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
	int rc;

	if (!f)
		return cli_refused("%s: %s", name, strerror(errno));
	rc = smbconf_read(&conf, f, &why) ? convert(&conf, name) : cli_refused("%s: %s", name, why);
	if (f != stdin)
		(void)fclose(f);
	smbconf_free(&conf);
	return rc;
}
