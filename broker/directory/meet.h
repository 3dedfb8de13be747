/*
 * meet.h - an introduction in progress; between meet.c and meet_steps.c.
 */
#ifndef BROKER_MEET_H
#define BROKER_MEET_H

#include "broker/directory/directory.h"

enum meet_step {
	MEET_EXPECT,
	MEET_CONNECT,
	MEET_ARENA,
	MEET_RING,
	MEET_CHANNEL,
	MEET_DONE,
};

struct meet {
	struct meet *next;
	struct directory *me;
	uint64_t from, to; /* from connects, or is the lower row of a channel */
	enum meet_step first, step;
	unsigned waiting; /* answers outstanding */
	bool failed, gone;
	nt why;		 /* the first failure of this step; STATUS_SUCCESS: a call was not made */
	uint64_t memory; /* what the first end named */
	struct loop_timer again;
	bool storage, late; /* with a storage that may be away; it has not answered in time */
	struct loop_timer patience;
};

/* Makes the calls of the step that m is at; each is answered by meet_answer(). */
void meet_step(struct meet *, struct peer *from, struct peer *to);
void meet_answer(struct meet *, nt status);

void meet_begin(struct directory *, const struct peer *from, const struct peer *to,
    enum meet_step first);

#endif
