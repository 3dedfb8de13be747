/*
 * nt.h - NTSTATUS as a type of its own.
 *
 * A status is a struct, so it mixes with neither int, bool nor errno, and a
 * dropped one is a warning.  Every code the program knows stands once in
 * nt.def.h.  [MS-ERREF] 2.3
 */
#ifndef BASE_NT_H
#define BASE_NT_H

#include <stdbool.h>
#include <stdint.h>

#define MUST_USE __attribute__((warn_unused_result))

typedef struct nt {
	uint32_t code;
} nt;

/* NT_X is the number (for switch and tables), STATUS_X the value. */
#define NT_DEF(name, value, sentence) NT_##name = (value),
enum nt_code {
#include "nt.def.h"
};
#undef NT_DEF

#define NT_DEF(name, value, sentence) \
	static const nt STATUS_##name __attribute__((unused)) = { (value) };
#include "nt.def.h"
#undef NT_DEF

/* Severity 3 is an error, 2 a warning; both end a TRY().  [MS-ERREF] 2.3 */
static inline bool
nt_failed(nt s)
{
	return s.code >= 0x80000000u;
}

static inline bool
nt_ok(nt s)
{
	return s.code == 0;
}

static inline bool
nt_is(nt a, nt b)
{
	return a.code == b.code;
}

/* "STATUS_ACCESS_DENIED", or "STATUS_0xC0001234" from a static buffer per thread. */
const char *nt_name(nt) MUST_USE;
/* A sentence for people; never NULL. */
const char *nt_sentence(nt) MUST_USE;
/* The value whose name this is, with or without "STATUS_".  False if unknown. */
bool nt_from_name(const char *name, nt *ret) MUST_USE;

/* Propagate / refuse / clean up.  See STYLE section 2. */
#define TRY(expr)                              \
	do {                                   \
		nt try_status_ = (expr);       \
		if (nt_failed(try_status_))    \
			return try_status_;    \
	} while (0)

#define REQUIRE(cond, status)                  \
	do {                                   \
		if (!(cond))                   \
			return (status);       \
	} while (0)

#define CLEANUP(fn) __attribute__((cleanup(fn##_p)))
/* Declares the cleanup helper for an owned pointer: DEFINE_CLEANUP(struct handle, handle_drop). */
#define DEFINE_CLEANUP(type, fn)               \
	static inline void fn##_p(type **p)    \
	{                                      \
		fn(*p);                        \
	}
#define STEAL(p)                               \
	__extension__({                        \
		__typeof__(p) steal_ = (p);    \
		(p)                  = 0;      \
		steal_;                        \
	})

#define NELEM(a) (sizeof(a) / sizeof((a)[0]))

#endif
