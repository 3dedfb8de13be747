/*
 * name.h - the lengths and names inside information classes; for proto/fscc alone.
 */
#ifndef PROTO_FSCC_NAME_H
#define PROTO_FSCC_NAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cursor.h"
#include "base/nt.h"

#define FSCC_PATH_MAX 4096 /* UTF-8 with its NUL */

/*
 * UTF-8 with '/' becomes UTF-16LE with '\\', behind prefix.  Writes what fits,
 * in whole units; *ret_n is what it would have been.  True if it was cut; bad w if
 * utf8 is no UTF-8 or too long.
 */
bool wr_name_cut(struct wr *w, const char *prefix, const char *utf8, size_t *ret_n) MUST_USE;
/* All of it, or a bad w.  Returns the bytes. */
size_t wr_name(struct wr *w, const char *utf8);
/* A u32 length and its name, cut if need be. */
bool wr_name_with_length(struct wr *w, const char *prefix, const char *utf8) MUST_USE;
/* n bytes of UTF-16LE; bad r if n is odd. */
struct span rd_name(struct rd *r, size_t n);

#endif
