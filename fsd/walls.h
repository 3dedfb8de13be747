/* walls.h - the walls of this process: its system calls and what is in its root. */
#ifndef FSD_WALLS_H
#define FSD_WALLS_H

#include <fcntl.h>

#include "base/nt.h"
#include "fsd/fsd.h"
#include "ipc/birth.h"
#include "sandbox/sandbox.h"

extern const struct sandbox_rule fsd_rules[];
extern const size_t n_fsd_rules;

/* Everything of sandbox_isolate(); true if the roots are at /shares/N. */
bool walls_isolate(struct sandbox *, const struct birth *, const struct shares *);

#endif
