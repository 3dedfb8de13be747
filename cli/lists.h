/* lists.h - the columns of session, open, share and lock-out lists, which status shows as well. */
#ifndef CLI_LISTS_H
#define CLI_LISTS_H

#include "cli/print.h"

extern const struct column session_columns[], open_columns[], share_columns[], lock_columns[];
extern const size_t session_n_columns, open_n_columns, share_n_columns, lock_n_columns;

#endif
