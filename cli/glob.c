/* glob.c - names against '*' and '?'. */
#include "cli/glob.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/utf16.h"

bool
glob_is(const char *text)
{
	return strpbrk(text, "*?") != NULL;
}

/* Length of the character at s; a stray byte is one of its own. */
static size_t
step(const char *s)
{
	size_t n = 1;

	while (((unsigned char)s[n] & 0xc0) == 0x80 && n < 4)
		n++;
	return n;
}

static bool
same(const char *a, size_t na, const char *b, size_t nb)
{
	char x[8], y[8];

	if (na >= sizeof x || nb >= sizeof y)
		return false;
	memcpy(x, a, na);
	memcpy(y, b, nb);
	x[na] = y[nb] = '\0';
	return utf8_casecmp(x, y) == 0;
}

bool
glob_match(const char *pattern, const char *name)
{
	const char *star = NULL, *resume = NULL;

	while (*name) {
		size_t n = step(name);

		if (*pattern == '*') {
			star   = ++pattern;
			resume = name;
		} else if (*pattern && (*pattern == '?' || same(pattern, step(pattern), name, n))) {
			pattern += step(pattern);
			name += n;
		} else if (star) {
			resume += step(resume);
			pattern = star;
			name    = resume;
		} else {
			return false;
		}
	}
	return pattern[strspn(pattern, "*")] == '\0';
}
