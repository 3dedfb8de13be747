/*
 * vigil.c - does the directory hang?  It is asked over the wire, as it asks everybody
 * else (directory/alive.c); the service manager asks us (notify.c).
 */
#include <signal.h>

#include "base/log.h"
#include "broker/spawner/spawner.h"

static void
look(struct spawner *sp, struct child *c, bool counts)
{
	const struct wire m  = { .kind = WIRE_ALIVE };
	enum pulse_word word = pulse_beat(&c->pulse, counts, clock_mono_ns());

	if (word == PULSE_ASK)
		wire_post(&sp->wire, &m, NULL, 0);
	if (word == PULSE_HUNG)
		log_channel(-1); /* it would have printed what we say */
	if (word == PULSE_LATE || word == PULSE_HUNG)
		log_at(word == PULSE_HUNG ? LOG_LEVEL_ERROR : LOG_LEVEL_WARN,
		       "%s role=directory peer=%llu pid=%d silent=%llus",
		       word == PULSE_HUNG ? "killed: it hangs" : "it does not answer",
		       (unsigned long long)c->peer, (int)c->pid,
		       (unsigned long long)pulse_owes(&c->pulse, clock_mono_ns()) / 1000);
	if (word == PULSE_HUNG)
		(void)kill(c->pid, SIGKILL);
}

static void
beat(void *ctx)
{
	struct spawner *sp = ctx;
	struct child *c	   = sp->seats[ROW_DIRECTORY].child;
	bool counts	   = pulse_clock_beat(&sp->pulse_clock, clock_mono_ns());

	if (c && !sp->stopping && sp->ready && wire_is_open(&sp->wire))
		look(sp, c, counts);
	loop_timer_set(sp->loop, &sp->pulse_timer, sp->pulse_clock.every_ms, beat, sp);
}

/* An outpost's directory is somebody else's to look after. */
void
vigil_begin(struct spawner *sp)
{
	pulse_clock_set(&sp->pulse_clock, sp->inst.watchdog_ms);
	loop_timer_clear(&sp->pulse_timer);
	if (sp->inst.watchdog_ms > 0 && sp->post.roles == 0)
		loop_timer_set(sp->loop, &sp->pulse_timer, sp->pulse_clock.every_ms, beat, sp);
}

void
vigil_heard(struct spawner *sp)
{
	struct child *c = sp->seats[ROW_DIRECTORY].child;

	if (c)
		(void)pulse_answered(&c->pulse, clock_mono_ns());
}
