/*
 * secret.h - memory that is wiped, kept out of core files and, where the
 * kernel allows, out of swap.  For keys and passwords only.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/nt.h"

void secret_wipe(void *p, size_t n);			/* not optimised away */
bool secret_eq(const void *a, const void *b, size_t n) MUST_USE;	/* constant time */
/* mmap'd with MADV_DONTDUMP and mlock where allowed.  Never NULL. */
void *secret_alloc(size_t n);
void secret_free(void *p, size_t n);			/* wipes; NULL is fine */
/* From getrandom(2); dies if the kernel cannot. */
void random_bytes(void *p, size_t n);
uint64_t random_u64(void);

#endif
