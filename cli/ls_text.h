/* ls_text.h - entries of a directory for people: columns of names, or a line each. */
#ifndef CLI_LS_TEXT_H
#define CLI_LS_TEXT_H

#include "cli/rows.h"

void ls_text(const struct rows *, bool details, bool colours);

#endif
