/*
 * pulse.h - who has to give a sign of life and owes it: counted in beats, not in time.
 *
 * A beat that comes late does not count: then we ourselves had no processor, or the machine
 * stood still, and so did those who are asked.  Pure: no clock, no process here.
 */
#ifndef BROKER_PULSE_H
#define BROKER_PULSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/nt.h"

#define PULSE_BEATS 4u	/* that may pass without the sign */

/* Of who asks. */
struct pulse_clock {
	uint64_t every_ms;	/* 0: nobody is asked */
	uint64_t last;		/* CLOCK_MONOTONIC ns of the last beat; 0: none yet */
};

/* Of who is asked; zeroed: nothing is owed. */
struct pulse {
	uint64_t asked;		/* CLOCK_MONOTONIC ns; 0: it owes nothing */
	uint32_t missed;	/* beats since */
};

enum pulse_word { PULSE_WAIT, PULSE_ASK, PULSE_LATE, PULSE_HUNG };

/* patience_ms: when the last of the beats has passed. */
void pulse_clock_set(struct pulse_clock *, uint32_t patience_ms);
/* A beat now: does it count? */
bool pulse_clock_beat(struct pulse_clock *, uint64_t now) MUST_USE;
/* What is to be done about this one; LATE and HUNG are said once each. */
enum pulse_word pulse_beat(struct pulse *, bool counts, uint64_t now) MUST_USE;
/* It has given the sign.  How long that took, ms. */
uint64_t pulse_answered(struct pulse *, uint64_t now);
/* For how long it has owed it by now, ms. */
uint64_t pulse_owes(const struct pulse *, uint64_t now) MUST_USE;

#endif
