/* shortname.c - 8.3 names by hash. */
#include "fsd/shortname.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/utf16.h"

#define STEM 8
#define EXT  3

static bool
char_fits(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("!#$%&'()-@^_`{}~", c));
}

/* Up to max characters that 8.3 names may have, in capitals; the others are left out. */
static size_t
take(const char *s, size_t n, size_t max, char *ret)
{
	size_t got = 0;

	for (size_t i = 0; i < n && got < max; i++)
		if (char_fits(s[i]))
			ret[got++] = (char)toupper((unsigned char)s[i]);
	ret[got] = '\0';
	return got;
}

/* Nothing would have to be left out. */
static bool
is_short(const char *s, size_t stem, const char *ext)
{
	char a[STEM + 1], b[EXT + 1];

	return stem > 0 && take(s, stem, STEM, a) == stem &&
	       take(ext, strlen(ext), EXT, b) == strlen(ext);
}

void
shortname_of(const char *wire, char ret[SHORTNAME_MAX])
{
	const char *dot = strrchr(wire, '.');
	const char *ext = dot && dot != wire ? dot + 1 : "";
	size_t stem     = *ext || (dot && dot != wire) ? (size_t)(dot - wire) : strlen(wire);
	bool whole      = is_short(wire, stem, ext);
	char a[STEM + 1], b[EXT + 1];

	(void)take(wire, stem, whole ? STEM : STEM - 3, a);
	(void)take(ext, strlen(ext), EXT, b);
	if (whole)
		(void)snprintf(ret, SHORTNAME_MAX, "%.8s%s%.3s", a, *b ? "." : "", b);
	else
		(void)snprintf(ret, SHORTNAME_MAX, "%.5s~%02X%s%.3s", a,
		    (unsigned)(utf8_casehash(wire) & 0xFF), *b ? "." : "", b);
}

bool
shortname_is_made_up(const char *wire)
{
	const char *tilde = strchr(wire, '~');

	return tilde && tilde - wire <= STEM - 3 && strlen(wire) < SHORTNAME_MAX;
}
