/* lists.h - the columns of session list, open list and share list, which status shows as well. */
#ifndef CLI_LISTS_H
#define CLI_LISTS_H

#include "cli/print.h"

extern const struct column session_columns[], open_columns[], share_columns[];
extern const size_t session_n_columns, open_n_columns, share_n_columns;

#endif
