/* dispatch.h - from words to the row of the table that they mean. */
#ifndef CLI_DISPATCH_H
#define CLI_DISPATCH_H

#include "cli/cli.h"

/*
 * Reads argv (argv[0] is nobody's) into c->args and finds c->cmd.  EXIT_OK and c->cmd:
 * run it.  EXIT_OK without: nothing more to do.  Else a code after a message.
 */
int dispatch(struct cli *, int argc, char *const *argv);

#endif
