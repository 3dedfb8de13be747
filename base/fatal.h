/*
 * fatal.h - for our own broken promises only: a corrupted table, an impossible
 * switch, a *more* trusted peer talking nonsense, memory gone at start-up.
 * Logs who, where and why, then aborts.  Never reachable from a client's bytes.
 */
#ifndef BASE_FATAL_H
#define BASE_FATAL_H

#include <stddef.h>

_Noreturn void fatal_at(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#define fatal(...) fatal_at(__FILE__, __LINE__, __VA_ARGS__)
#define ENSURE(cond)                               \
	do {                                       \
		if (!(cond))                       \
			fatal("ENSURE(%s)", #cond); \
	} while (0)

/* Allocate or die: only for sizes that we choose, never a peer. */
void *xcalloc(size_t n, size_t size) __attribute__((malloc, returns_nonnull));
char *xstrdup(const char *) __attribute__((malloc, returns_nonnull));

#endif
