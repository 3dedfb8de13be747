/* shell_tab.h - what TAB does to the line, once it is known what it could mean. */
#ifndef CLI_SHELL_TAB_H
#define CLI_SHELL_TAB_H

#include <histedit.h>

#include "cli/shell.h"

/* At least one candidate; what libedit wants to hear. */
unsigned char shell_tab(EditLine *, struct candidates *);

#endif
