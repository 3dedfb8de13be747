/* shell_candidates.c - see shell_candidates.h. */
#include "cli/shell_candidates.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fatal.h"
#include "cli/escape.h"
#include "cli/shell_words.h"

static bool
is_plain(const char *s)
{
	while (*s) {
		size_t n = harmless(s);

		if (n == 0)
			return false;
		s += n;
	}
	return true;
}

void
candidates_offer(struct candidates *cs, const char *name, bool directory)
{
	char text[1024];

	if (cs->n >= CANDIDATES_MAX || !is_plain(name) ||
	    !words_quote(name, cs->quote, text, sizeof text))
		return;
	if (cs->n == cs->cap) {
		struct candidate *more = xcalloc(2 * cs->cap + 64, sizeof *more);

		if (cs->n > 0)
			memcpy(more, cs->c, cs->n * sizeof *more);
		free(cs->c);
		cs->c   = more;
		cs->cap = 2 * cs->cap + 64;
	}
	cs->c[cs->n++] = (struct candidate){ xstrdup(name), xstrdup(text), directory };
}

void
candidates_free(struct candidates *cs)
{
	for (size_t i = 0; i < cs->n; i++) {
		free(cs->c[i].name);
		free(cs->c[i].text);
	}
	free(cs->c);
}

void
candidates_offer_if(struct candidates *cs, const char *name, const char *start, bool directory)
{
	if (strncasecmp(name, start, strlen(start)) == 0)
		candidates_offer(cs, name, directory);
}
