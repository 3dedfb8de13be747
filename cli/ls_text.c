/* ls_text.c - see ls_text.h. */
#include "cli/ls_text.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/escape.h"
#include "cli/print.h"
#include "cli/values.h"

#define NAME_TEXT 1100	/* 255 bytes, each escaped */

static void
print_details(const struct row *r, bool colours)
{
	char attributes[ATTRIBUTES_TEXT], written[TIME_TEXT];
	bool blue = colours && r->directory;

	printf("%-7s %12llu  %-19s  %s",
	    attributes_print(r->attributes, attributes),
	    (unsigned long long)r->size,
	    time_print((int64_t)r->written, written), blue ? "\033[1;34m" : "");
	escape_put(r->name);
	printf("%s\n", blue ? "\033[0m" : "");
}

static size_t
print_name(const struct row *r, bool colours)
{
	char name[NAME_TEXT] = "";

	(void)escape_add(name, sizeof name, r->name);
	printf(colours && r->directory ? "\033[1;34m%s\033[0m%s" : "%s%s", name,
	    r->directory ? "/" : "");
	return text_width(name) + r->directory;
}

static size_t
terminal_width(void)
{
	struct winsize w;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0 || w.ws_col == 0)
		return 0;
	return w.ws_col;
}

/* Down the columns on a terminal, else a name a line. */
static void
print_names(const struct rows *all, bool colours)
{
	size_t widest = 1, width = terminal_width(), columns, lines;
	char name[NAME_TEXT];

	for (size_t i = 0; width > 0 && i < all->n; i++) {
		name[0] = '\0';
		(void)escape_add(name, sizeof name, all->v[i].name);
		widest = text_width(name) + 3 > widest ? text_width(name) + 3 : widest;
	}
	columns = width / widest;
	columns = columns > 0 ? columns : 1;
	lines   = (all->n + columns - 1) / columns;
	for (size_t line = 0; line < lines; line++) {
		for (size_t i = line; i < all->n; i += lines) {
			size_t used = print_name(&all->v[i], colours);

			if (i + lines < all->n)
				printf("%*s", (int)(widest - used), "");
		}
		(void)putchar('\n');
	}
}

void
ls_text(const struct rows *all, bool details, bool colours)
{
	if (!details) {
		print_names(all, colours);
		return;
	}
	for (size_t i = 0; i < all->n; i++)
		print_details(&all->v[i], colours);
}
