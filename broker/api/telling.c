/*
 * telling.c - one word to several processes, and its answer; see telling.h.
 */
#include "broker/api/telling.h"

#include <stdlib.h>

#include "base/fatal.h"
#include "base/log.h"

struct telling {
	struct request *rq;	/* NULL: nobody waits */
	size_t left;		/* answers, and one until all are asked */
	uint64_t lost;
};

struct telling *
telling_new(struct request *rq)
{
	struct telling *t = xcalloc(1, sizeof *t);

	*t = (struct telling){ .rq = rq, .left = 1 };
	return t;
}

void
telling_asked(struct telling *t, nt called)
{
	if (nt_failed(called))
		log_warn("a process was not told what a script wants status=%s", nt_name(called));
	else
		t->left++;
}

void
telling_lost(struct telling *t, uint64_t n)
{
	t->lost += n;
}

void
telling_done(struct telling *t)
{
	if (--t->left > 0)
		return;
	if (t->rq && t->lost > 0)
		(void)json_object_set_new(t->rq->reply, "lost", json_u64(t->lost));
	if (t->rq)
		request_done(t->rq);
	free(t);
}
