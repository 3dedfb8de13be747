/* times.c - utimensat under a raised capability: the times' owner may be another. */
#include "fsd/times.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

#include "fsd/creds.h"
#include "fsd/errno.h"
#include "fsd/handle.h"

#define SECOND INT64_C(1000000000)

static struct timespec
stamp(int64_t ns)
{
	int64_t s = ns / SECOND, rest = ns % SECOND;

	if (rest < 0) {
		s--;
		rest += SECOND;
	}
	return (struct timespec){ .tv_sec = s, .tv_nsec = rest };
}

static struct timespec
wanted(const struct fscc_time_set *t)
{
	if (t->how == FSCC_TIME_SET)
		return stamp(t->ns);
	return (struct timespec){ .tv_nsec = UTIME_OMIT };
}

static nt
stamp_file(int fd, const struct timespec ts[2])
{
	int err;

	creds_raise(CREDS_TIMES);
	err = utimensat(fd, "", ts, AT_EMPTY_PATH) == 0 ? 0 : errno;
	creds_lower();
	return err ? nt_from_errno(err) : STATUS_SUCCESS;
}

static void
freeze(struct handle *h, const struct fscc_time_set *t, uint32_t bit, int64_t now)
{
	if (t->how == FSCC_TIME_THAW)
		h->frozen &= ~bit;
	if (t->how != FSCC_TIME_FREEZE && t->how != FSCC_TIME_SET)
		return;
	h->frozen |= bit;
	h->frozen_at[bit == TIMES_WRITE] = t->how == FSCC_TIME_SET ? t->ns : now;
}

nt
times_set(struct handle *h, const struct fscc_basic_set *b)
{
	struct timespec ts[2] = { wanted(&b->access_time), wanted(&b->write_time) };
	struct fscc_stat st;

	TRY(handle_stat(h, &st));
	if (ts[0].tv_nsec != UTIME_OMIT || ts[1].tv_nsec != UTIME_OMIT)
		TRY(stamp_file(h->fd, ts));
	freeze(h, &b->access_time, TIMES_ACCESS, st.access_time);
	freeze(h, &b->write_time, TIMES_WRITE, st.write_time);
	return STATUS_SUCCESS;
}

void
times_hold(struct handle *h)
{
	struct timespec ts[2] = { { .tv_nsec = UTIME_OMIT }, { .tv_nsec = UTIME_OMIT } };

	if (h->frozen & TIMES_ACCESS)
		ts[0] = stamp(h->frozen_at[0]);
	if (h->frozen & TIMES_WRITE)
		ts[1] = stamp(h->frozen_at[1]);
	if (h->frozen)
		(void)nt_failed(stamp_file(h->fd, ts));
}
