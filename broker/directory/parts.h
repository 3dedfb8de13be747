/*
 * parts.h - the configuration's records; between the parts*.c.
 */
#ifndef BROKER_PARTS_H
#define BROKER_PARTS_H

#include "broker/directory/directory.h"

/* The body of the first record of that kind. */
struct span record_find(struct span all, uint16_t wanted);
/* Adds to me->problems what will only be so after a restart. */
void note_restart(struct directory *, struct span after);

#endif
