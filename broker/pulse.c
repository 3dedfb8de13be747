/* pulse.c - see pulse.h. */
#include "broker/pulse.h"

#define NS_PER_MS 1000000u

void
pulse_clock_set(struct pulse_clock *c, uint32_t patience_ms)
{
	c->every_ms = patience_ms == 0 ? 0 : patience_ms / PULSE_BEATS + (patience_ms < PULSE_BEATS);
	c->last	    = 0;
}

/* Later than by half a beat. */
bool
pulse_clock_beat(struct pulse_clock *c, uint64_t now)
{
	uint64_t longest = c->every_ms * NS_PER_MS / 2 * 3;
	bool counts	 = c->last != 0 && now - c->last <= longest;

	c->last = now;
	return counts;
}

enum pulse_word
pulse_beat(struct pulse *p, bool counts, uint64_t now)
{
	if (p->asked == 0) {
		*p = (struct pulse){ .asked = now };
		return PULSE_ASK;
	}
	if (!counts || p->missed == PULSE_BEATS)
		return PULSE_WAIT;
	p->missed++;
	if (p->missed == PULSE_BEATS)
		return PULSE_HUNG;
	return p->missed == PULSE_BEATS / 2 ? PULSE_LATE : PULSE_WAIT;
}

uint64_t
pulse_owes(const struct pulse *p, uint64_t now)
{
	return p->asked == 0 ? 0 : (now - p->asked) / NS_PER_MS;
}

uint64_t
pulse_answered(struct pulse *p, uint64_t now)
{
	uint64_t took = pulse_owes(p, now);

	*p = (struct pulse){ 0 };
	return took;
}
