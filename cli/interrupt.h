/*
 * interrupt.h - Ctrl-C as a fact that loops look at, not as the end of the program.
 * A second one within a second ends it after all.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <stdbool.h>

/*
 * From now on SIGINT, SIGTERM and SIGHUP (a terminal that was closed) only set the flag; system
 * calls end with EINTR.
 */
void interrupt_catch(void);
bool interrupted(void);
void interrupt_clear(void);
/* Was one of them more than a Ctrl-C?  Then the shell ends as well. */
bool interrupt_ends(void);

#endif
