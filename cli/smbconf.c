/* smbconf.c - see smbconf.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "cli/smbconf_private.h"

static void
line_add(struct smbconf *c, const char *text, unsigned from, const char **dropping)
{
	struct smbconf_line *l;
	char *was = smbconf_trimmed(text);

	if (*was == '\0' || *was == '#' || *was == ';') {
		free(was);
		return;
	}
	c->lines = realloc(c->lines, (c->n + 1) * sizeof *c->lines);
	ENSURE(c->lines != NULL);
	l  = &c->lines[c->n++];
	*l = (struct smbconf_line){ .from = from, .was = was };
	smbconf_translate(l, dropping);
}

/* One line with its continuations; 0 at the end, -1 if it is too long. */
static int
logical_line(FILE *f, char *buf, size_t cap, unsigned *number)
{
	size_t n = 0;

	buf[0] = '\0';
	for (;;) {
		if (!fgets(buf + n, (int)(cap - n), f))
			return n > 0;
		n += strlen(buf + n);
		if (n > 0 && buf[n - 1] != '\n' && !feof(f))
			return -1;
		++*number;
		while (n > 0 && (buf[n - 1] == '\n' || buf[n - 1] == '\r'))
			buf[--n] = '\0';
		if (n == 0 || buf[n - 1] != '\\')
			return 1;
		buf[--n] = '\0';
	}
}

bool
smbconf_read(struct smbconf *c, void *file, const char **ret_why)
{
	char buf[SMBCONF_LINE];
	const char *dropping = NULL;
	unsigned number      = 0;
	int more;

	for (;;) {
		unsigned from = number + 1;

		more = logical_line(file, buf, sizeof buf, &number);
		if (more <= 0)
			break;
		if (c->n == SMBCONF_LINES) {
			*ret_why = "more than 20,000 settings";
			return false;
		}
		line_add(c, buf, from, &dropping);
	}
	*ret_why = "a line is longer than 4,095 bytes";
	return more == 0;
}

void
smbconf_free(struct smbconf *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->lines[i].text);
		free(c->lines[i].was);
		free(c->lines[i].why);
	}
	free(c->lines);
	*c = (struct smbconf){ 0 };
}

static bool
is_printed(const struct smbconf_line *l)
{
	return !l->why && !l->quiet;
}

/* A share that cannot be had takes its keys along. */
static void
section_refuse(struct smbconf *c, size_t at, const char *why)
{
	smbconf_line_refuse(&c->lines[at], why);
	for (size_t i = at + 1; i < c->n && !c->lines[i].section; i++)
		smbconf_line_refuse(&c->lines[i], why);
}

bool
smbconf_refuse(struct smbconf *c, size_t wanted, const char *why)
{
	size_t line = 0;

	for (size_t i = 0; i < c->n; i++) {
		if (!is_printed(&c->lines[i]) || ++line != wanted)
			continue;
		if (c->lines[i].section)
			section_refuse(c, i, why);
		else
			smbconf_line_refuse(&c->lines[i], why);
		return true;
	}
	return false;
}

void
smbconf_print(const struct smbconf *c, void *file, bool comments)
{
	FILE *f = file;

	for (size_t i = 0; i < c->n; i++) {
		const struct smbconf_line *l = &c->lines[i];

		if (is_printed(l))
			(void)fprintf(f, "%s%s\n", comments && l->section && i > 0 ? "\n" : "",
			    l->text);
		else if (comments && l->why)
			(void)fprintf(f, "\t# left out, line %u: %s\n\t#     %s\n", l->from, l->was,
			    l->why);
	}
}
