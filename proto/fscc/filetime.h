/*
 * filetime.h - FILETIME (100 ns since 1601) and Unix nanoseconds, with the
 * special values of a set request.  [MS-DTYP] 2.3.3, [MS-FSCC] 2.4.7
 */
#ifndef PROTO_FSCC_FILETIME_H
#define PROTO_FSCC_FILETIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

/* A time that is not known; goes out as FILETIME 0. */
#define FSCC_TIME_NONE INT64_MIN

/* What a set request wants of one time stamp. */
enum fscc_time_how {
	FSCC_TIME_KEEP,	  /* 0: unchanged */
	FSCC_TIME_SET,	  /* to ns */
	FSCC_TIME_FREEZE, /* -1: this open's operations no longer change it */
	FSCC_TIME_THAW	  /* -2: they do again */
};

struct fscc_time_set {
	enum fscc_time_how how;
	int64_t ns;
};

uint64_t filetime_from_ns(int64_t unix_ns) MUST_USE;
/* False beyond what Unix nanoseconds hold (1677 to 2262); 0 gives FSCC_TIME_NONE. */
bool filetime_to_ns(uint64_t filetime, int64_t *ret) MUST_USE;
/* False for a negative value other than -1 and -2, or one beyond the range. */
bool filetime_to_set(uint64_t filetime, struct fscc_time_set *ret) MUST_USE;
uint64_t filetime_from_set(struct fscc_time_set) MUST_USE;
void wr_filetime(struct wr *w, int64_t unix_ns);

#endif
