/* shell_words.c - a line of the shell as words. */
#include "cli/shell_words.h"

#include <stdint.h>
#include <string.h>

#include "base/nt.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct words_reader {
	struct words *w;
	size_t used;
	bool full;
};

static void
put(struct words_reader *r, char c)
{
	if (r->used + 1 >= WORDS_TEXT)
		r->full = true;
	else
		r->w->text[r->used++] = c;
}

static void
word_begin(struct words_reader *r)
{
	if (r->w->in_word)
		return;
	if (r->w->n == WORDS_MAX || r->used + 1 >= WORDS_TEXT) {
		r->full = true;
		return;
	}
	r->w->word[r->w->n++] = r->w->text + r->used;
	r->w->in_word         = true;
}

static void
word_end(struct words_reader *r)
{
	if (r->w->in_word)
		put(r, '\0');
	r->w->in_word = false;
}

/* One character inside of quotes; p stands on it.  Returns how many it was. */
static size_t
take_quoted(struct words_reader *r, const char *p)
{
	if (*p == r->w->quote) {
		r->w->quote = 0;
		return 1;
	}
	if (r->w->quote == '"' && *p == '\\' && (p[1] == '"' || p[1] == '\\')) {
		put(r, p[1]);
		return 2;
	}
	put(r, *p);
	return 1;
}

static size_t
take_plain(struct words_reader *r, const char *p)
{
	word_begin(r);
	if (*p == '\'' || *p == '"') {
		r->w->quote = *p;
		return 1;
	}
	if (*p == '\\' && p[1]) {
		put(r, p[1]);
		return 2;
	}
	put(r, *p);
	return 1;
}

bool
words_read(const char **line, struct words *ret)
{
	struct words_reader r = { .w = ret };
	const char *p         = *line;
	bool open;

	ret->n       = 0;
	ret->quote   = 0;
	ret->in_word = false;
	while (*p && !r.full) {
		if (ret->quote) {
			p += take_quoted(&r, p);
		} else if (*p == ';' || (*p == '#' && !ret->in_word)) {
			break;
		} else if (is_blank(*p)) {
			word_end(&r);
			p++;
		} else {
			p += take_plain(&r, p);
		}
	}
	open = ret->in_word;
	word_end(&r);
	ret->in_word      = open;
	ret->word[ret->n] = NULL;
	*line             = *p == ';' ? p + 1 : *p == '#' ? p + strlen(p) : p;
	return !r.full;
}

bool
words_quote(const char *name, char quote, char *buf, size_t n)
{
	const char *special = quote == '"' ? "\"\\" : quote ? "" : " \t'\"\\;#*?";
	size_t at           = 0;

	for (; *name; name++) {
		if (at + 3 >= n || (quote == '\'' && *name == '\''))
			return false;
		if (strchr(special, *name))
			buf[at++] = '\\';
		buf[at++] = *name;
	}
	buf[at] = '\0';
	return true;
}

/* ---- what they mean ---- */

/* What users of smbclient type; the first word becomes these. */
static const struct habit {
	const char *typed, *means, *option;
} habits[] = {
	{ "dir", "ls", "-l" },	   { "del", "rm", NULL },      { "md", "mkdir", NULL },
	{ "rd", "rmdir", NULL },   { "rename", "mv", NULL },   { "allinfo", "stat", NULL },
	{ "?", "help", NULL },	   { "q", "quit", NULL },
};

int
words_argv(struct words *w, char *argv[WORDS_ARGV])
{
	const struct habit *h = NULL;
	int n                 = 0;

	for (size_t i = 0; i < NELEM(habits); i++)
		if (strcmp(w->word[0], habits[i].typed) == 0)
			h = &habits[i];
	argv[n++] = w->text;
	argv[n++] = h ? (char *)(uintptr_t)h->means : w->word[0];
	if (h && h->option)
		argv[n++] = (char *)(uintptr_t)h->option;
	for (size_t i = 1; i < w->n; i++)
		argv[n++] = w->word[i];
	argv[n] = NULL;
	return n;
}
