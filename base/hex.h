/*
 * hex.h - keys and hashes as people write them.
 */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stdbool.h>

#include "base/cursor.h"
#include "base/nt.h"

/* n bytes from exactly 2n hexadecimal digits.  False: it is something else, and ret is all zeroes. */
bool hex_read(struct span text, uint8_t *ret, size_t n) MUST_USE;

#endif
