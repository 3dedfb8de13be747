/*
 * filetime.c - FILETIME and Unix nanoseconds.  [MS-DTYP] 2.3.3, [MS-FSCC] 2.4.7
 */
#include "proto/fscc/filetime.h"

#define EPOCH_TICKS 116444736000000000 /* 1601 to 1970 in 100 ns */
#define NS_PER_TICK 100

uint64_t
filetime_from_ns(int64_t unix_ns)
{
	int64_t ticks;

	if (unix_ns == FSCC_TIME_NONE)
		return 0;
	ticks = unix_ns / NS_PER_TICK;
	if (unix_ns % NS_PER_TICK < 0)
		ticks--; /* towards the past, also before 1970 */
	return (uint64_t)(ticks + EPOCH_TICKS);
}

bool
filetime_to_ns(uint64_t filetime, int64_t *ret)
{
	const uint64_t least = EPOCH_TICKS - INT64_MAX / NS_PER_TICK;
	const uint64_t most  = EPOCH_TICKS + INT64_MAX / NS_PER_TICK;

	if (filetime == 0) {
		*ret = FSCC_TIME_NONE;
		return true;
	}
	if (filetime < least || filetime > most)
		return false;
	*ret = ((int64_t)filetime - EPOCH_TICKS) * NS_PER_TICK;
	return true;
}

bool
filetime_to_set(uint64_t filetime, struct fscc_time_set *ret)
{
	struct fscc_time_set c = { FSCC_TIME_SET, 0 };

	if (filetime == 0)
		c.how = FSCC_TIME_KEEP;
	else if (filetime == (uint64_t)-1)
		c.how = FSCC_TIME_FREEZE;
	else if (filetime == (uint64_t)-2)
		c.how = FSCC_TIME_THAW;
	else if (!filetime_to_ns(filetime, &c.ns))
		return false;
	*ret = c;
	return true;
}

uint64_t
filetime_from_set(struct fscc_time_set t)
{
	switch (t.how) {
	case FSCC_TIME_SET:
		return filetime_from_ns(t.ns);
	case FSCC_TIME_FREEZE:
		return (uint64_t)-1;
	case FSCC_TIME_THAW:
		return (uint64_t)-2;
	case FSCC_TIME_KEEP:
		break;
	}
	return 0;
}

void
wr_filetime(struct wr *w, int64_t unix_ns)
{
	wr_u64(w, filetime_from_ns(unix_ns));
}
