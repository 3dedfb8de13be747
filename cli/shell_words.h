/*
 * shell_words.h - a line of the shell as words: blanks between them, ';' between
 * commands, '#' before a comment; '...' and "..." quote, backslash the next one
 * character (inside of "..." only before '"' and itself).
 */
#ifndef CLI_SHELL_WORDS_H
#define CLI_SHELL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#define WORDS_MAX  72
#define WORDS_TEXT 16384

struct words {
	char *word[WORDS_MAX + 1];	/* NULL after the last */
	size_t n;
	char text[WORDS_TEXT];
	/* How it ended, for completion: */
	char quote;			/* the open quote, or 0 */
	bool in_word;			/* the last word goes on where the line ends */
};

/*
 * The words of the first command of *line, which moves behind it.  False: more than
 * there is room for.  An open quote is the caller's to complain about.
 */
bool words_read(const char **line, struct words *ret);
/* name as it has to be typed behind what is open; buf of n bytes.  False: does not fit. */
bool words_quote(const char *name, char quote, char *buf, size_t n);

/* As main() would get them, its own name first and NULL behind; how many.  Words of smbclient become ours. */
#define WORDS_ARGV (WORDS_MAX + 3)
int words_argv(struct words *, char *argv[WORDS_ARGV]);

#endif
