/*
 * times.h - explicit time stamps, and those an open has frozen: its own
 * operations then leave them alone.  [MS-FSCC] 2.4.7
 */
#ifndef FSD_TIMES_H
#define FSD_TIMES_H

#include "base/nt.h"
#include "proto/fscc/file_info.h"

struct handle;

#define TIMES_ACCESS 0x1u
#define TIMES_WRITE  0x2u

/* The caller has checked FILE_WRITE_ATTRIBUTES. */
nt times_set(struct handle *, const struct fscc_basic_set *) MUST_USE;
/* After an operation of this open: what is frozen is as it was. */
void times_hold(struct handle *);

#endif
