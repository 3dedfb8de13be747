/*
 * names_rows.h - how the tables of names_*.c are written; for them alone.
 */
#ifndef DISSECT_NAMES_ROWS_H
#define DISSECT_NAMES_ROWS_H

#include "base/nt.h"

#define N(constant)  { constant, #constant }
#define VALUES(rows) { false, false, NELEM(rows), rows, NULL }
#define HEXES(rows)  { false, true, NELEM(rows), rows, NULL }
#define BITS(rows)   { true, true, NELEM(rows), rows, NULL }

#endif
