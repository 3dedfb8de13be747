/* escape.c - foreign text for a terminal. */
#include "cli/escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/utf16.h"

/* Characters that reorder, hide or break lines.  Unicode, Bidi_Control and friends. */
static bool
misleads(uint32_t cp)
{
	return (cp >= 0x80 && cp <= 0x9f) || cp == 0x61c || (cp >= 0x200b && cp <= 0x200f) ||
	    (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff ||
	    (cp >= 0xd800 && cp <= 0xdfff) || (cp >= 0xfff0 && cp <= 0xfffb) || cp >= 0xe0000;
}

static size_t
length_of(unsigned char lead)
{
	if (lead >= 0xf0)
		return 4;
	return lead >= 0xe0 ? 3 : 2;
}

size_t
harmless(const char *s)
{
	unsigned char lead = (unsigned char)*s;
	size_t n           = length_of(lead);
	uint32_t cp        = lead & (0xffu >> (n + 1));

	if (lead < 0x80)
		return lead >= 0x20 && lead != 0x7f;
	if (strnlen(s, n) < n || !utf8_valid(s, n))
		return 0;
	for (size_t i = 1; i < n; i++)
		cp = cp << 6 | ((unsigned char)s[i] & 0x3f);
	return misleads(cp) ? 0 : n;
}

const char *
escape_add(char *buf, size_t n, const char *s)
{
	size_t at = strlen(buf);

	while (*s && at + 5 < n) {
		size_t len = *s == '\\' ? 0 : harmless(s);

		if (len > 0)
			memcpy(buf + at, s, len);
		else
			(void)snprintf(buf + at, n - at, "\\x%02x", (unsigned char)*s);
		at += len > 0 ? len : 4;
		s += len > 0 ? len : 1;
	}
	buf[at] = '\0';
	return buf;
}

void
escape_put(const char *s)
{
	while (*s) {
		size_t run = 0, len;

		while (s[run] && s[run] != '\\' && (len = harmless(s + run)) > 0)
			run += len;
		(void)fwrite(s, 1, run, stdout);
		s += run;
		if (*s)
			printf("\\x%02x", (unsigned char)*s++);
	}
}
