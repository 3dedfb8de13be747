/*
 * name.c - names inside information classes.
 */
#include "proto/fscc/name.h"

#include <string.h>

#include "base/utf16.h"

/* prefix and utf8 with the wire's separator.  False if that is too long. */
static bool
name_join(char dst[FSCC_PATH_MAX], const char *prefix, const char *utf8)
{
	size_t head = strlen(prefix);
	size_t n    = strlen(utf8);

	if (head >= FSCC_PATH_MAX || n >= FSCC_PATH_MAX - head)
		return false;
	memcpy(dst, prefix, head);
	memcpy(dst + head, utf8, n + 1);
	for (char *p = dst + head; *p; p++) {
		if (*p == '/')
			*p = '\\';
	}
	return true;
}

bool
wr_name_cut(struct wr *w, const char *prefix, const char *utf8, size_t *ret_n)
{
	char joined[FSCC_PATH_MAX];
	uint8_t wide[2 * FSCC_PATH_MAX];
	struct wr t = wr_init(wide, sizeof wide);
	size_t room = wr_left(w) / 2 * 2;

	*ret_n = 0;
	if (!name_join(joined, prefix, utf8)) {
		w->bad = true;
		return false;
	}
	*ret_n = wr_utf16(&t, joined);
	w->bad |= t.bad;
	wr_bytes(w, wide, t.pos < room ? t.pos : room);
	return t.pos > room;
}

size_t
wr_name(struct wr *w, const char *utf8)
{
	size_t n;

	w->bad |= wr_name_cut(w, "", utf8, &n);
	return n;
}

bool
wr_name_with_length(struct wr *w, const char *prefix, const char *utf8)
{
	size_t at = wr_hole(w, 4);
	size_t n;
	bool cut = wr_name_cut(w, prefix, utf8, &n);

	wr_patch32(w, at, (uint32_t)n);
	return cut;
}

struct span
rd_name(struct rd *r, size_t n)
{
	r->bad |= n % 2 != 0;
	return rd_bytes(r, n);
}
