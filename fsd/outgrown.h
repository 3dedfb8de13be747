/*
 * outgrown.h - a configuration that this process cannot take: roots were opened and
 * accounts asked for at birth, and behind the walls neither can be done again.
 */
#ifndef FSD_OUTGROWN_H
#define FSD_OUTGROWN_H

#include "fsd/fsd.h"

/*
 * After a reload.  What was not there at birth needs a new process: this one ends when
 * nothing is open any more, and is started again.
 */
void outgrown_look(struct fsd *);

#endif
