/* sharemode.h - do two opens of one file get along?  [MS-FSA] 2.1.5.1.2.2 */
#ifndef FSD_SHAREMODE_H
#define FSD_SHAREMODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/nt.h"

struct file;
struct handle;

/* Only looks at attributes: takes no part in sharing and breaks no oplock. */
bool access_is_stat(uint32_t access);
/* … or at the security descriptor too: breaks no lease. */
bool access_is_look(uint32_t access);
bool sharemode_conflict(uint32_t access_a, uint32_t share_a, uint32_t access_b, uint32_t share_b);
/* STATUS_SHARING_VIOLATION if an open of f (but except) is in the way. */
nt sharemode_check(const struct file *f, uint32_t access, uint32_t share,
    const struct handle *except) MUST_USE;

#endif
