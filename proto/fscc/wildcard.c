/*
 * wildcard.c - all ways through the pattern at once: a set of pattern positions
 * moves along the name, so no pattern can make it slow.  Units are UTF-16, as
 * for Windows: '?' is half of a character beyond the BMP.  [MS-FSA] 2.1.4.4
 */
#include "proto/fscc/wildcard.h"

#include <stdint.h>
#include <string.h>

#include "base/cursor.h"
#include "base/utf16.h"

#define UNITS_MAX 1024 /* of a pattern or a name; longer ones match nothing */
#define NAME_END  0    /* no unit of a name is NUL */

#define DOS_STAR '<'
#define DOS_QM	 '>'
#define DOS_DOT	 '"'

struct text {
	uint16_t unit[UNITS_MAX];
	size_t n;
};

static bool
text_load(struct text *t, const char *utf8)
{
	uint8_t wide[2 * UNITS_MAX];
	struct wr w = wr_init(wide, sizeof wide);
	struct rd r;

	(void)wr_utf16(&w, utf8);
	r    = rd_init(wr_done(&w));
	t->n = 0;
	while (rd_left(&r) > 0)
		t->unit[t->n++] = (uint16_t)unicode_upper(rd_u16(&r));
	return wr_ok(&w);
}

/* May pattern unit p be passed without taking the unit c that comes next? */
static bool
passes_free(uint16_t p, uint16_t c)
{
	switch (p) {
	case '*':
	case DOS_STAR:
		return true;
	case DOS_QM:
		return c == '.' || c == NAME_END;
	case DOS_DOT:
		return c == NAME_END;
	default:
		return false;
	}
}

/* May p take c and stay?  DOS_STAR takes anything but the name's last dot. */
static bool
takes_and_stays(uint16_t p, uint16_t c, bool last_dot)
{
	return p == '*' || (p == DOS_STAR && !(c == '.' && last_dot));
}

static bool
takes_and_moves(uint16_t p, uint16_t c)
{
	switch (p) {
	case '*':
	case DOS_STAR:
		return false;
	case '?':
		return true;
	case DOS_QM:
		return c != '.';
	case DOS_DOT:
		return c == '.';
	default:
		return p == c;
	}
}

static void
spread(const struct text *p, bool *at, uint16_t c)
{
	for (size_t i = 0; i < p->n; i++)
		at[i + 1] |= at[i] && passes_free(p->unit[i], c);
}

static bool
run(const struct text *p, const struct text *name, size_t last_dot)
{
	bool at[UNITS_MAX + 1] = { true };
	bool to[UNITS_MAX + 1];

	for (size_t k = 0; k < name->n; k++) {
		uint16_t c = name->unit[k];

		spread(p, at, c);
		memset(to, 0, p->n + 1);
		for (size_t i = 0; i < p->n; i++) {
			if (!at[i])
				continue;
			to[i] |= takes_and_stays(p->unit[i], c, k == last_dot);
			to[i + 1] |= takes_and_moves(p->unit[i], c);
		}
		memcpy(at, to, p->n + 1);
	}
	spread(p, at, NAME_END);
	return at[p->n];
}

bool
wildcard_has(const char *pattern)
{
	return strpbrk(pattern, "*?<>\"") != NULL;
}

bool
wildcard_match(const char *pattern, const char *name)
{
	struct text p, n;
	size_t last_dot;

	if (!*pattern || !*name)
		return !*pattern && !*name;
	if (strcmp(pattern, "*") == 0 || strcmp(pattern, "*.*") == 0)
		return true;
	if (!wildcard_has(pattern))
		return utf8_casecmp(pattern, name) == 0;
	if (!text_load(&p, pattern) || !text_load(&n, name))
		return false;
	last_dot = n.n;
	for (size_t i = 0; i < n.n; i++) {
		if (n.unit[i] == '.')
			last_dot = i;
	}
	return run(&p, &n, last_dot);
}
