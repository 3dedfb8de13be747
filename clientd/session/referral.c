/*
 * referral.c - see referral.h.  Names are compared as servers do, without case.
 */
#include "clientd/session/referral.h"

#include <stdlib.h>

#include "base/fatal.h"

#define NS_PER_S 1000000000ull

struct known {
	TAILQ_ENTRY(known) of_session;
	enum referral_kind kind;
	uint64_t until;
	char *prefix;
	unsigned n, first;
	char *target[DFS_TARGETS_MAX];
};

/* The newest first. */
struct referrals {
	TAILQ_HEAD(known_list, known) all;
	unsigned n;
};

/* ---- paths ---- */

/* Behind the component that begins here with '\'. */
static const char *
component_end(const char *s)
{
	return *s ? s + 1 + strcspn(s + 1, "\\") : s;
}

const char *
path_below(const char *path, const char *prefix)
{
	const char *rest = path;
	char *head;

	for (const char *p = prefix; *p; p = component_end(p)) {
		if (!*rest)
			return NULL;
		rest = component_end(rest);
	}
	head = fiber_alloc((size_t)(rest - path) + 1);
	memcpy(head, path, (size_t)(rest - path));
	return utf8_casecmp(head, prefix) == 0 ? rest : NULL;
}

/* ---- the list ---- */

static void
known_drop(struct referrals *all, struct known *k)
{
	TAILQ_REMOVE(&all->all, k, of_session);
	all->n--;
	for (unsigned i = 0; i < k->n; i++)
		free(k->target[i]);
	free(k->prefix);
	free(k);
}

void
referrals_drop(struct session *s)
{
	while (s->referrals && !TAILQ_EMPTY(&s->referrals->all))
		known_drop(s->referrals, TAILQ_FIRST(&s->referrals->all));
	free(s->referrals);
	s->referrals = NULL;
}

static struct known *
known_find(const struct session *s, enum referral_kind kind, const char *path, bool whole)
{
	uint64_t now	  = clock_mono_ns();
	struct known *best = NULL, *k;
	const char *rest;

	if (!s->referrals)
		return NULL;
	TAILQ_FOREACH(k, &s->referrals->all, of_session) {
		if (k->kind != kind || k->until <= now)
			continue;
		rest = path_below(path, k->prefix);
		if (rest && (!whole || !*rest) && (!best || strlen(k->prefix) > strlen(best->prefix)))
			best = k;
	}
	return best;
}

bool
referral_find(const struct session *s, enum referral_kind kind, const char *path,
	      struct referral *ret)
{
	const struct known *k = known_find(s, kind, path, false);

	if (!k)
		return false;
	*ret = (struct referral){ .prefix = fiber_strdup(k->prefix), .n = k->n, .first = k->first };
	for (unsigned i = 0; i < k->n; i++)
		ret->target[i] = fiber_strdup(k->target[i]);
	return true;
}

/* The same again, what is no longer good, and the oldest of too many. */
static void
make_room(struct referrals *all, enum referral_kind kind, const char *prefix)
{
	uint64_t now = clock_mono_ns();
	struct known *k, *next;

	for (k = TAILQ_FIRST(&all->all); k; k = next) {
		next = TAILQ_NEXT(k, of_session);
		if (k->until <= now || (k->kind == kind && utf8_casecmp(k->prefix, prefix) == 0))
			known_drop(all, k);
	}
	while (all->n >= REFERRALS_MAX)
		known_drop(all, TAILQ_LAST(&all->all, known_list));
}

void
referral_keep(struct session *s, enum referral_kind kind, const struct referral *r, uint32_t ttl_s)
{
	struct known *k;

	if (!s->referrals) {
		s->referrals = xcalloc(1, sizeof *s->referrals);
		TAILQ_INIT(&s->referrals->all);
	}
	make_room(s->referrals, kind, r->prefix);
	if (ttl_s == 0)
		return;
	k	  = xcalloc(1, sizeof *k);
	k->kind	  = kind;
	k->until  = clock_mono_ns() + (ttl_s < REFERRAL_TTL_S ? ttl_s : REFERRAL_TTL_S) * NS_PER_S;
	k->prefix = xstrdup(r->prefix);
	k->n	  = r->n;
	k->first  = r->first;
	for (unsigned i = 0; i < r->n; i++)
		k->target[i] = xstrdup(r->target[i]);
	TAILQ_INSERT_HEAD(&s->referrals->all, k, of_session);
	s->referrals->n++;
}

void
referral_prefer(struct session *s, enum referral_kind kind, const char *prefix, unsigned target)
{
	struct known *k = known_find(s, kind, prefix, true);

	if (k && target < k->n)
		k->first = target;
}
