/*
 * alive.c - who hangs?  Every process is asked for a sign of life over its channel, which
 * its event loop gives; who has owed it for too long is ended, and replaced like one that
 * crashed.  Threads that wait for a disk are not asked: a loop that waits for one hangs.
 *
 * The directory itself is asked by its spawner (spawner/vigil.c), the spawner by the
 * service manager.
 */
#include "base/log.h"
#include "broker/directory/directory.h"
#include "ipc/msg/link.msg.h"

static unsigned long long
seconds(const struct peer *p)
{
	return pulse_owes(&p->pulse, clock_mono_ns()) / 1000;
}

/* Others have deadlines of their own: to be born, to end. */
static bool
is_asked(const struct peer *p)
{
	return p->row != ROW_MAX && p->row != ROW_DIRECTORY && p->link && p->serving && !p->stopping;
}

static void
answered(void *ctx, nt status, const struct link_alive_rsp *rsp, struct span data)
{
	struct peer *p = ctx;
	bool was_late  = p->pulse.missed >= PULSE_BEATS / 2;
	uint64_t took;

	(void)rsp;
	(void)data;
	if (nt_failed(status))
		return; /* its link has ended, and so will it */
	took = pulse_answered(&p->pulse, clock_mono_ns());
	if (was_late)
		log_info("it answers again role=%s peer=%llu pid=%u after=%llus",
			 peer_role_name(tree[p->row].role), (unsigned long long)p->id, p->pid,
			 (unsigned long long)(took / 1000));
}

static void
ask(struct peer *p)
{
	static const struct link_alive_req req;

	if (nt_failed(link_alive_call(p->link, &req, NULL, answered, p)))
		p->pulse = (struct pulse){ 0 };
}

static void
hung(struct peer *p)
{
	log_error("killed: it hangs role=%s peer=%llu pid=%u silent=%llus",
		  peer_role_name(tree[p->row].role), (unsigned long long)p->id, p->pid, seconds(p));
	p->dir->hung[p->row]++;
	peer_kill(p->dir, p);
}

static void
look(struct peer *p, bool counts)
{
	switch (pulse_beat(&p->pulse, counts, clock_mono_ns())) {
	case PULSE_ASK:
		ask(p);
		break;
	case PULSE_LATE:
		log_warn("it does not answer role=%s peer=%llu pid=%u silent=%llus",
			 peer_role_name(tree[p->row].role), (unsigned long long)p->id, p->pid,
			 seconds(p));
		break;
	case PULSE_HUNG:
		hung(p);
		break;
	case PULSE_WAIT:
		break;
	}
}

static void
beat(void *ctx)
{
	struct directory *me = ctx;
	bool counts	     = pulse_clock_beat(&me->pulse_clock, clock_mono_ns());

	for (struct peer *p = me->peers; p; p = p->next) {
		if (is_asked(p))
			look(p, counts);
	}
	loop_timer_set(me->loop, &me->pulse_timer, me->pulse_clock.every_ms, beat, me);
}

void
alive_begin(struct directory *me, uint32_t patience_ms)
{
	pulse_clock_set(&me->pulse_clock, patience_ms);
	loop_timer_clear(&me->pulse_timer);
	if (patience_ms > 0)
		loop_timer_set(me->loop, &me->pulse_timer, me->pulse_clock.every_ms, beat, me);
}
