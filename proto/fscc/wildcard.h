/*
 * wildcard.h - names against search patterns: * ? and the DOS forms < > ".
 * [MS-FSA] 2.1.4.3, 2.1.4.4
 */
#ifndef PROTO_FSCC_WILDCARD_H
#define PROTO_FSCC_WILDCARD_H

#include <stdbool.h>

#include "base/nt.h"

/* Does name match?  Both UTF-8; case is ignored.  Name times pattern at worst, never more. */
bool wildcard_match(const char *pattern, const char *name) MUST_USE;
bool wildcard_has(const char *pattern) MUST_USE; /* any wildcard at all */

#endif
