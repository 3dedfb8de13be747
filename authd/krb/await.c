/*
 * await.c - a ring in order of age.  Ids are random: they are known to the
 * store alone, which is the only one to ask.
 */
#include "authd/krb/await.h"

#include <stdlib.h>

#include "authd/krb/krb.h"
#include "base/fatal.h"
#include "base/secret.h"

struct await {
	uint64_t id, since_ms;
	struct exchange *exchange;
	struct outcome *outcome;
};

struct awaits {
	size_t next;
	struct await v[AWAITS_MAX];
};

struct awaits *
awaits_new(void)
{
	return xcalloc(1, sizeof(struct awaits));
}

void
outcome_drop(struct outcome *o)
{
	if (!o)
		return;
	secret_wipe(o, sizeof *o);
	free(o);
}

static void
await_clear(struct await *p)
{
	exchange_drop(p->exchange);
	outcome_drop(p->outcome);
	*p = (struct await){ 0 };
}

void
awaits_drop(struct awaits *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < AWAITS_MAX; i++)
		await_clear(&t->v[i]);
	free(t);
}

/* Those whose time is over keep no memory longer than to the next question. */
static void
expire(struct awaits *t, uint64_t now_ms)
{
	for (size_t i = 0; i < AWAITS_MAX; i++)
		if (t->v[i].id != 0 && now_ms - t->v[i].since_ms > AWAIT_LIFE_MS)
			await_clear(&t->v[i]);
}

uint64_t
await_add(struct awaits *t, uint64_t now_ms, struct exchange *x, struct outcome *o)
{
	struct await *p = &t->v[t->next++ % AWAITS_MAX];

	expire(t, now_ms);
	await_clear(p);
	*p = (struct await){ random_u64() | 1, now_ms, x, o };
	return p->id;
}

nt
await_take(struct awaits *t, uint64_t id, uint64_t now_ms, struct exchange **ret_exchange,
	   struct outcome **ret_outcome)
{
	expire(t, now_ms);
	for (size_t i = 0; id != 0 && i < AWAITS_MAX; i++) {
		if (t->v[i].id != id)
			continue;
		*ret_exchange = STEAL(t->v[i].exchange);
		*ret_outcome  = STEAL(t->v[i].outcome);
		t->v[i]	      = (struct await){ 0 };
		return STATUS_SUCCESS;
	}
	return STATUS_INVALID_PARAMETER;
}
