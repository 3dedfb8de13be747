/*
 * said.c - see said.h.
 */
#include "clientd/session/said.h"

#include <stdarg.h>

#define NAME_SAID 300u

/* How long the character is that begins here; 0: it is none, a control, or half of one of UTF-16. */
static size_t
character(const char *s)
{
	const unsigned char c = (unsigned char)*s;
	size_t n	      = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	unsigned char next;

	if (c < 0x20 || c == 0x7f || strnlen(s, n) < n || !utf8_valid(s, n))
		return 0;
	next = (unsigned char)s[1];
	return (c == 0xc2 && next < 0xa0) || (c == 0xed && next >= 0xa0) ? 0 : n;
}

const char *
said(const char *name)
{
	char *text = fiber_alloc(NAME_SAID + 4);
	size_t at  = 0, n;

	for (; *name && at + 4 <= NAME_SAID; name += n, at += n) {
		n = character(name);
		memcpy(text + at, n > 0 ? name : "?", n > 0 ? n : 1);
		n = n > 0 ? n : 1;
	}
	(void)strcpy(text + at, *name ? "..." : "");
	return text;
}

void
job_says(struct job *j, const char *fmt, ...)
{
	char *text = fiber_alloc(TEXT_BOUND + 1);
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	(void)vsnprintf(text, TEXT_BOUND + 1, fmt, ap);
	va_end(ap);
	for (n = strlen(text); n > 0 && !utf8_valid(text, n); n--)
		text[n - 1] = '\0';	/* a character was cut */
	j->why = SPAN(text, n);
}
