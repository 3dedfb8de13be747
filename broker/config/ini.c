/*
 * ini.c - reads INI text line by line.  Whatever the bytes are, the outcome is
 * an item or a complaint with a line number; nothing is guessed, joined or cut.
 */
#include "broker/config/ini.h"

#include <ctype.h>
#include <string.h>

#include "base/utf16.h"

void
ini_open(struct ini *in, struct span text)
{
	static const uint8_t bom[] = { 0xef, 0xbb, 0xbf };

	memset(in, 0, sizeof *in);
	in->text = text;
	if (text.n >= sizeof bom && memcmp(text.p, bom, sizeof bom) == 0)
		in->pos = sizeof bom;
}

static struct span
line_take(struct ini *in)
{
	const uint8_t *p   = in->text.p + in->pos;
	size_t left	   = in->text.n - in->pos;
	const uint8_t *end = memchr(p, '\n', left);
	size_t n	   = end ? (size_t)(end - p) : left;

	in->pos += end ? n + 1 : n;
	in->line++;
	return SPAN(p, n);
}

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct span
trim(struct span s)
{
	while (s.n > 0 && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

static bool
has_control(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if ((s.p[i] < 0x20 && s.p[i] != '\t') || s.p[i] == 0x7f)
			return true;
	}
	return false;
}

static void
item_bad(struct ini_item *item, const char *problem)
{
	item->kind    = INI_BAD;
	item->problem = problem;
}

/* "[name]", NUL-terminated in s. */
static void
section_read(char *s, size_t n, struct ini_item *item)
{
	char *close = memchr(s, ']', n);
	struct span name;

	if (!close) {
		item_bad(item, "the section's name has no closing ']'");
		return;
	}
	if (close != s + n - 1) {
		item_bad(item, "nothing may follow the ']' of a section");
		return;
	}
	name = trim(SPAN(s + 1, n - 2));
	if (name.n == 0) {
		item_bad(item, "the section has no name");
		return;
	}
	item->kind					= INI_SECTION;
	item->name					= (const char *)name.p;
	s[(const char *)name.p - s + (ptrdiff_t)name.n] = '\0';
}

static void
key_read(char *s, size_t n, struct ini_item *item)
{
	char *eq = memchr(s, '=', n);
	struct span key;

	if (!eq) {
		item_bad(item, "expected `key = value` or `[section]`");
		return;
	}
	key = trim(SPAN(s, (size_t)(eq - s)));
	if (key.n == 0) {
		item_bad(item, "there is no key before the '='");
		return;
	}
	s[key.n]    = '\0';
	item->kind  = INI_KEY;
	item->name  = s;
	item->value = (const char *)trim(SPAN(eq + 1, n - (size_t)(eq + 1 - s))).p;
}

bool
ini_next(struct ini *in, struct ini_item *ret)
{
	while (in->pos < in->text.n) {
		struct span whole = line_take(in);
		struct span s	  = trim(whole);

		if (s.n == 0 || s.p[0] == '#' || s.p[0] == ';')
			continue;
		*ret = (struct ini_item){ .line = in->line };
		if (whole.n > INI_LINE_MAX) {
			item_bad(ret, "the line is longer than 4096 bytes");
		} else if (has_control(s)) {
			item_bad(ret, "the line has control characters");
		} else if (!utf8_valid((const char *)s.p, s.n)) {
			item_bad(ret, "the line is not UTF-8");
		} else {
			memcpy(in->buf, s.p, s.n);
			in->buf[s.n] = '\0';
			if (in->buf[0] == '[')
				section_read(in->buf, s.n, ret);
			else
				key_read(in->buf, s.n, ret);
		}
		return true;
	}
	return false;
}

bool
ini_fold(const char *name, char *dst, size_t cap)
{
	size_t n = 0;

	for (; *name; name++) {
		if (is_blank((uint8_t)*name))
			continue;
		if (n + 1 >= cap)
			return false;
		dst[n++] = (char)tolower((unsigned char)*name);
	}
	dst[n] = '\0';
	return true;
}
