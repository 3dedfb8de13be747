/*
 * mapfile.c - see mapfile.h.  The text is an administrator's, and still only
 * read with bounds.
 */
#include "proto/auth/mapfile.h"

#include <stdio.h>
#include <string.h>

#include "base/utf16.h"

#define WORD_MAX 512u

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct span
trimmed(struct span s)
{
	while (s.n > 0 && is_blank(s.p[0]))
		s = SPAN(s.p + 1, s.n - 1);
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

static struct span
line_take(struct span *text)
{
	const uint8_t *end = text->n > 0 ? memchr(text->p, '\n', text->n) : NULL;
	size_t n	   = end ? (size_t)(end - text->p) : text->n;
	struct span line   = SPAN(text->p, n);

	*text = end ? SPAN(end + 1, text->n - n - 1) : SPAN_NONE;
	return trimmed(line);
}

/* A word as a C string; false if it is too long or holds a NUL. */
static bool
word_of(struct span s, char ret[WORD_MAX])
{
	if (s.n == 0 || s.n >= WORD_MAX || memchr(s.p, '\0', s.n))
		return false;
	memcpy(ret, s.p, s.n);
	ret[s.n] = '\0';
	return true;
}

static void
row_split(struct span line, struct mapfile_row *row)
{
	const uint8_t *eq = memchr(line.p, '=', line.n);
	char word[WORD_MAX];
	struct span left;

	if (!eq)
		return;
	left	   = trimmed(SPAN(line.p, (size_t)(eq - line.p)));
	row->value = trimmed(SPAN(eq + 1, line.n - (size_t)(eq - line.p) - 1));
	if (left.n > 0 && left.p[0] == '@') {
		row->is_group = true;
		left	      = SPAN(left.p + 1, left.n - 1);
	}
	row->name   = left;
	row->by_sid = word_of(left, word) && sid_parse(word, &row->sid);
	if (left.n == 0 || !word_of(row->value, word))
		row->value = SPAN_NONE;
}

bool
mapfile_next(struct span *text, unsigned *line, struct mapfile_row *ret)
{
	while (text->n > 0) {
		struct span s = line_take(text);

		++*line;
		if (s.n == 0 || s.p[0] == '#' || s.p[0] == ';')
			continue;
		*ret = (struct mapfile_row){ .line = *line };
		row_split(s, ret);
		return true;
	}
	return false;
}

static bool
name_is(struct span name, const char *want)
{
	char word[WORD_MAX];

	return word_of(name, word) && utf8_casecmp(word, want) == 0;
}

static bool
is_given(const char *s)
{
	return s && *s;
}

/* "a SEP b" of parts that are both there. */
static bool
name_is_joined(struct span name, const char *a, char sep, const char *b)
{
	char want[WORD_MAX];

	if (!is_given(a) || !is_given(b))
		return false;
	return snprintf(want, sizeof want, "%s%c%s", a, sep, b) < (int)sizeof want &&
	       name_is(name, want);
}

static bool
value_take(const struct mapfile_row *row, char *ret, size_t cap)
{
	if (row->value.n == 0 || row->value.n >= cap)
		return false;
	memcpy(ret, row->value.p, row->value.n);
	ret[row->value.n] = '\0';
	return true;
}

bool
mapfile_user(struct span text, const struct sid *sid, const char *domain, const char *realm,
	     const char *logon, char *ret, size_t cap)
{
	struct mapfile_row row;
	unsigned line = 0;

	while (mapfile_next(&text, &line, &row)) {
		bool fits = row.by_sid ? sid && sid_eq(&row.sid, sid)
				       : name_is_joined(row.name, domain, '\\', logon) ||
					     name_is_joined(row.name, logon, '@', realm);

		if (!row.is_group && fits && value_take(&row, ret, cap))
			return true;
	}
	return false;
}

bool
mapfile_local(struct span text, const char *logon, char *ret, size_t cap)
{
	struct mapfile_row row;
	unsigned line = 0;

	while (mapfile_next(&text, &line, &row))
		if (!row.is_group && !row.by_sid && name_is(row.name, logon) &&
		    value_take(&row, ret, cap))
			return true;
	return false;
}

/* Digits only, and neither root's nor nobody's at all. */
static bool
gid_read(struct span s, uint32_t *ret)
{
	uint64_t v = 0;

	if (s.n == 0 || s.n > 10)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (s.p[i] - '0');
	}
	if (v == 0 || v >= UINT32_MAX)
		return false;
	*ret = (uint32_t)v;
	return true;
}

/* Up to the separator or the end; *at stands behind it, NULL: that was the last. */
static bool
id_take(const char **at, char sep, uint32_t *ret)
{
	const char *end = strchr(*at, sep);
	size_t n	= end ? (size_t)(end - *at) : strlen(*at);
	bool ok		= gid_read(SPAN(*at, n), ret);

	*at = end ? end + 1 : NULL;
	return ok;
}

bool
mapfile_ids(const char *value, struct mapfile_ids *ret)
{
	struct mapfile_ids ids = { 0 };
	const char *at	       = value;

	if (!id_take(&at, ':', &ids.uid) || !at || !id_take(&at, ',', &ids.gid))
		return false;
	while (at) {
		if (ids.n == MAPFILE_GIDS || !id_take(&at, ',', &ids.more[ids.n++]))
			return false;
	}
	*ret = ids;
	return true;
}

bool
mapfile_row_gid(const struct mapfile_row *row, uint32_t *ret)
{
	return row->is_group && row->by_sid && gid_read(row->value, ret);
}

bool
mapfile_group_sid(struct span text, const char *name, struct sid *ret)
{
	struct mapfile_row row;
	char word[WORD_MAX];
	unsigned line = 0;

	while (mapfile_next(&text, &line, &row))
		if (row.is_group && !row.by_sid && name_is(row.name, name) &&
		    word_of(row.value, word) && sid_parse(word, ret))
			return true;
	return false;
}

bool
mapfile_group_gid(struct span text, const char *name, uint32_t *ret)
{
	struct mapfile_row row;
	unsigned line = 0;

	while (mapfile_next(&text, &line, &row))
		if (row.is_group && !row.by_sid && name_is(row.name, name) &&
		    gid_read(row.value, ret))
			return true;
	return false;
}
