/*
 * ini.h - the INI reader: one line in, one item out.
 *
 * Sections, `key = value`, comments only at the beginning of a line, lines of
 * up to 4 KiB that may be indented.  Not for: what the keys mean (conf_keys.c).
 */
#ifndef BROKER_INI_H
#define BROKER_INI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cursor.h"

#define INI_LINE_MAX 4096

enum ini_kind { INI_SECTION, INI_KEY, INI_BAD };

struct ini {
	struct span text;
	size_t pos;
	unsigned line;
	char buf[INI_LINE_MAX + 1];	/* the line in hand; items point into it */
};

struct ini_item {
	enum ini_kind kind;
	unsigned line;
	const char *name;	/* of the section or key, as written */
	const char *value;	/* INI_KEY: trimmed, "" if nothing follows */
	const char *problem;	/* INI_BAD: what is wrong with the line */
};

void ini_open(struct ini *, struct span text);
/* False at the end.  The strings hold until the next call. */
bool ini_next(struct ini *, struct ini_item *ret);

/* "Read  Only" -> "readonly": how names of keys are compared.  False if it does not fit. */
bool ini_fold(const char *name, char *dst, size_t cap);

#endif
