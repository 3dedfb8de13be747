/*
 * fatal.c - the end of a process that finds its own promises broken.
 */
#include "base/fatal.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

void
fatal_at(const char *file, int line, const char *fmt, ...)
{
	char text[LOG_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	log_error("fatal at=%s:%d %s", file, line, text);
	abort();
}

void *
xcalloc(size_t n, size_t size)
{
	/* calloc(0, x) may be NULL; our promise is one addressable object. */
	void *p = calloc(n ? n : 1, size ? size : 1);

	if (!p)
		fatal("out of memory n=%zu size=%zu", n, size);
	return p;
}

char *
xstrdup(const char *s)
{
	size_t n = strlen(s) + 1;

	return memcpy(xcalloc(n, 1), s, n);
}
