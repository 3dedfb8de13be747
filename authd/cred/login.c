/*
 * login.c - see login.h.  A hash table by handle; handles are random, so their
 * low bits spread.
 */
#include "authd/cred/login.h"

#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/secret.h"

#define BUCKETS 1024u
/* JSON numbers are exact up to 2^53, and so are handles. */
#define HANDLE_BITS 53

LIST_HEAD(login_bucket, login);

struct logins {
	uint32_t count, max;
	struct login_bucket buckets[BUCKETS];
	TAILQ_HEAD(, login) all;
};

struct logins *
logins_new(uint32_t max)
{
	struct logins *t = xcalloc(1, sizeof *t);

	t->max = max;
	TAILQ_INIT(&t->all);
	return t;
}

void
hidden_set(struct hidden *h, struct span s)
{
	hidden_free(h);
	if (s.n == 0)
		return;
	h->p = secret_alloc(s.n);
	h->n = s.n;
	memcpy(h->p, s.p, s.n);
}

void
hidden_free(struct hidden *h)
{
	secret_free(h->p, h->n);
	*h = (struct hidden){ 0 };
}

struct login *
login_new(void)
{
	return secret_alloc(sizeof(struct login)); /* zeroed, as fresh pages are */
}

void
login_free(struct login *l)
{
	if (!l)
		return;
	hidden_free(&l->password);
	hidden_free(&l->key);
	hidden_free(&l->keytab);
	hidden_free(&l->tickets);
	secret_free(l, sizeof *l);
}

void
logins_drop(struct logins *t)
{
	struct login *l;

	if (!t)
		return;
	while ((l = TAILQ_FIRST(&t->all)))
		login_remove(t, l);
	free(t);
}

static struct login *
find(const struct logins *t, uint64_t id)
{
	struct login *l;

	LIST_FOREACH(l, &t->buckets[id % BUCKETS], chain)
		if (l->id == id)
			return l;
	return NULL;
}

static uint64_t
id_new(const struct logins *t)
{
	uint64_t id;

	do
		id = random_u64() >> (64 - HANDLE_BITS);
	while (id == 0 || find(t, id));
	return id;
}

nt
login_add(struct logins *t, struct login *l)
{
	const struct login *other;
	uint32_t n = 0;

	TAILQ_FOREACH(other, &t->all, all)
		n += strcmp(other->owner, l->owner) == 0;
	REQUIRE(n < LOGINS_PER_OWNER, STATUS_QUOTA_EXCEEDED);
	REQUIRE(t->count < t->max, STATUS_INSUFFICIENT_RESOURCES);
	l->id = id_new(t);
	LIST_INSERT_HEAD(&t->buckets[l->id % BUCKETS], l, chain);
	TAILQ_INSERT_TAIL(&t->all, l, all);
	t->count++;
	return STATUS_SUCCESS;
}

struct login *
login_find_id(struct logins *t, uint64_t id)
{
	return find(t, id);
}

struct login *
login_find(struct logins *t, const char *owner, uint64_t id)
{
	struct login *l = find(t, id);

	return l && strcmp(l->owner, owner) == 0 ? l : NULL;
}

struct login *
login_find_lent(struct logins *t, uint64_t peer, uint64_t id)
{
	struct login *l = find(t, id);

	for (size_t i = 0; l && i < l->n_lent; i++)
		if (l->lent[i] == peer)
			return l;
	return NULL;
}

void
login_remove(struct logins *t, struct login *l)
{
	LIST_REMOVE(l, chain);
	TAILQ_REMOVE(&t->all, l, all);
	t->count--;
	login_free(l);
}

struct login *
login_next(struct logins *t, const char *owner, uint64_t after)
{
	struct login *l, *next = NULL;

	TAILQ_FOREACH(l, &t->all, all)
		if (l->id > after && (!next || l->id < next->id) && strcmp(l->owner, owner) == 0)
			next = l;
	return next;
}

nt
login_lend(struct login *l, uint64_t peer)
{
	for (size_t i = 0; i < l->n_lent; i++)
		if (l->lent[i] == peer)
			return STATUS_SUCCESS;
	REQUIRE(l->n_lent < LENT_MAX, STATUS_INSUFFICIENT_RESOURCES);
	l->lent[l->n_lent++] = peer;
	return STATUS_SUCCESS;
}

void
logins_reclaim(struct logins *t, uint64_t peer)
{
	struct login *l;

	TAILQ_FOREACH(l, &t->all, all)
		for (size_t i = 0; i < l->n_lent; i++)
			if (l->lent[i] == peer)
				l->lent[i--] = l->lent[--l->n_lent];
}

void
logins_expire(struct logins *t, uint64_t now_ms, uint64_t idle_ms)
{
	struct login *l, *next;

	for (l = TAILQ_FIRST(&t->all); l; l = next) {
		next = TAILQ_NEXT(l, all);
		if (l->n_lent == 0 && now_ms - l->used_ms > idle_ms)
			login_remove(t, l);
	}
}

uint32_t
logins_count(const struct logins *t)
{
	return t->count;
}
