/* glob.h - names against '*' and '?', without regard to case, as servers match them. */
#ifndef CLI_GLOB_H
#define CLI_GLOB_H

#include <stdbool.h>

bool glob_is(const char *text);	/* has one of the two */
bool glob_match(const char *pattern, const char *name);

#endif
