/* grant.c - the bounded table of grants. */
#include "fsd/grant.h"

#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/secret.h"

#define GRANT_BUCKETS 1024u

struct grants {
	uint32_t count, max;
	struct grant *buckets[GRANT_BUCKETS];
};

struct grants *
grants_new(uint32_t max)
{
	struct grants *g = xcalloc(1, sizeof *g);

	g->max = max;
	return g;
}

/* The id is random already. */
static struct grant **
slot(struct grants *g, const struct id16 *id)
{
	struct grant **at = &g->buckets[(id->b[0] | (unsigned)id->b[1] << 8) % GRANT_BUCKETS];

	while (*at && !secret_eq((*at)->id.b, id->b, sizeof id->b))
		at = &(*at)->next;
	return at;
}

void
grant_end(struct grants *g, struct grant *gr)
{
	struct grant **at = slot(g, &gr->id);

	ENSURE(*at == gr);
	*at = gr->next;
	g->count--;
	ident_drop(gr->who);
	secret_wipe(&gr->id, sizeof gr->id);
	free(gr);
}

void
grants_drop(struct grants *g)
{
	if (!g)
		return;
	for (unsigned i = 0; i < GRANT_BUCKETS; i++)
		while (g->buckets[i])
			grant_end(g, g->buckets[i]);
	free(g);
}

/* Re-authentication: what is open holds the identity that it was opened for. */
static nt
renew(struct grant *old, const struct grant *fresh)
{
	if (old->worker != fresh->worker || (fresh->who->uid == 0 && old->who->uid != 0)) {
		ident_drop(fresh->who);
		return STATUS_ACCESS_DENIED;
	}
	ident_drop(old->who);
	old->who     = fresh->who;
	old->expires = fresh->expires;
	return STATUS_SUCCESS;
}

nt
grant_put(struct grants *g, const struct grant *fresh, struct grant **ret)
{
	struct grant **at = slot(g, &fresh->id), *gr;

	if (*at) {
		TRY(renew(*at, fresh));
		*ret = *at;
		return STATUS_SUCCESS;
	}
	if (g->count >= g->max) {
		ident_drop(fresh->who);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	gr       = xcalloc(1, sizeof *gr);
	*gr      = *fresh;
	gr->next = NULL;
	*at      = gr;
	g->count++;
	*ret = gr;
	return STATUS_SUCCESS;
}

struct grant *
grant_any(struct grants *g, const struct id16 *id)
{
	return *slot(g, id);
}

nt
grant_find(struct grants *g, const struct id16 *id, uint64_t worker, struct grant **ret)
{
	struct grant *gr = grant_any(g, id);

	REQUIRE(gr && gr->worker == worker, STATUS_USER_SESSION_DELETED);
	*ret = gr;
	return STATUS_SUCCESS;
}

struct grant *
grant_of_worker(struct grants *g, uint64_t worker)
{
	for (unsigned i = 0; i < GRANT_BUCKETS; i++)
		for (struct grant *gr = g->buckets[i]; gr; gr = gr->next)
			if (gr->worker == worker)
				return gr;
	return NULL;
}

nt
grant_check_time(const struct grant *gr, uint64_t now)
{
	REQUIRE(gr->expires == 0 || now < gr->expires, STATUS_NETWORK_SESSION_EXPIRED);
	return STATUS_SUCCESS;
}
