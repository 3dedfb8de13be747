/* outgrown.c - see outgrown.h. */
#include "fsd/outgrown.h"

#include <string.h>

#include "base/fatal.h"
#include "base/log.h"

#define LOOK_MS 1000u /* is something open still? */

static bool
same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* This path, and writable there if it has to be. */
static bool
path_was_there(const struct shares *born, const struct share *s)
{
	for (const struct share *b = born->first; b; b = b->next)
		if (strcmp(b->path, s->path) == 0 &&
		    (share_is_read_only(s) || !share_is_read_only(b)))
			return true;
	return false;
}

static bool
account_was_asked(const struct shares *born, const struct share *s)
{
	for (const struct share *b = born->first; b; b = b->next)
		if (same(b->force_user, s->force_user))
			return true;
	return !s->force_user || !s->force_user[0] || s->force_uid != NO_ID;
}

static bool
group_was_asked(const struct shares *born, const struct share_rule *r)
{
	if (!r->is_group || r->known)
		return true;
	for (const struct share *b = born->first; b; b = b->next)
		for (const struct share_rule *k = b->rules; k; k = k->next)
			if (k->is_group && strcmp(k->who, r->who) == 0)
				return true;
	return false;
}

static bool
share_fits(const struct shares *born, const struct share *s)
{
	for (const struct share_rule *r = s->rules; r; r = r->next)
		if (!group_was_asked(born, r))
			return false;
	return path_was_there(born, s) && account_was_asked(born, s);
}

/* The first that does not, or NULL. */
static const struct share *
misfit(const struct fsd *me, const struct shares *born)
{
	const struct share *s = me->shares.first;

	while (s && share_fits(born, s))
		s = s->next;
	return s;
}

static void
end_if_idle(void *ctx)
{
	struct fsd *me = ctx;

	if (table_count(me->handles) > 0 || me->n_parked > 0) {
		loop_timer_set(me->loop, &me->outgrown, LOOK_MS, end_if_idle, me);
		return;
	}
	log_info("starting again for the new configuration: nothing is open");
	fsd_stop(me);
}

void
outgrown_look(struct fsd *me)
{
	struct shares born = { 0 };
	const struct share *s;

	if (nt_failed(shares_read(&born, me->born, &me->shares)))
		fatal("the configuration part of our birth is not usable");
	s = misfit(me, &born);
	loop_timer_clear(&me->outgrown);
	if (s) {
		log_warn("share needs another fsd, which starts when nothing is open share=%s opens=%u",
		    log_qs(s->name), table_count(me->handles));
		loop_timer_set(me->loop, &me->outgrown, 0, end_if_idle, me);
	}
	shares_drop(&born);
}
