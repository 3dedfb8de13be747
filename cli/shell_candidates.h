/* shell_candidates.h - the list of what TAB could mean, as it grows. */
#ifndef CLI_SHELL_CANDIDATES_H
#define CLI_SHELL_CANDIDATES_H

#include "cli/shell.h"

#define CANDIDATES_MAX 5000

/* Names that would steer the terminal are left out. */
void candidates_offer(struct candidates *, const char *name, bool directory);
/* Only one that begins with start, whatever the case. */
void candidates_offer_if(struct candidates *, const char *name, const char *start, bool directory);

#endif
