/* visits.c - which connections of other machines stay; see visits.h. */
#include "ipc/visits.h"

#include <string.h>

#include "base/secret.h"

static bool
visitor_eq(const struct visitor *a, const struct visitor *b)
{
	return memcmp(a->w, b->w, sizeof a->w) == 0;
}

static struct visit *
visit_find(struct visits *t, int fd)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->v[i].fd == fd)
			return &t->v[i];
	}
	return NULL;
}

/* from NULL: of anywhere. */
static bool
is_stranger(const struct visit *v, const struct visitor *from)
{
	return !v->going && v->key == 0 && (!from || visitor_eq(&v->from, from));
}

static size_t
strangers_count(const struct visits *t, const struct visitor *from)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += is_stranger(&t->v[i], from);
	return n;
}

/* One of n by chance: who floods loses more than who is in the middle of a handshake. */
static struct visit *
stranger_any(struct visits *t, const struct visitor *from, size_t n)
{
	size_t skip = (size_t)(random_u64() % n);

	for (size_t i = 0; i < t->n; i++) {
		if (is_stranger(&t->v[i], from) && skip-- == 0)
			return &t->v[i];
	}
	return NULL;
}

static int
visit_cut(struct visit *v)
{
	if (!v)
		return -1;
	v->going = true;
	return v->fd;
}

int
visits_came(struct visits *t, int fd, const struct visitor *from)
{
	size_t n;

	visits_left(t, fd); /* its end has not been told, and the number is used again */
	if (t->n == VISITS_MAX)
		return fd;
	t->v[t->n++] = (struct visit){ .fd = fd, .from = *from };
	n	     = strangers_count(t, from);
	if (n > STRANGERS_OF_ADDRESS)
		return visit_cut(stranger_any(t, from, n));
	n = strangers_count(t, NULL);
	return n > STRANGERS_MAX ? visit_cut(stranger_any(t, NULL, n)) : -1;
}

static bool
key_may(const struct visits *t, uint64_t key)
{
	size_t of_key = 0, all = 0;

	for (size_t i = 0; i < t->n; i++) {
		if (t->v[i].going || t->v[i].key == 0)
			continue;
		all++;
		of_key += t->v[i].key == key;
	}
	return all < KNOWN_MAX && of_key < KNOWN_OF_KEY;
}

int
visits_known(struct visits *t, int fd, uint64_t key)
{
	struct visit *v = visit_find(t, fd);

	if (!v || v->going || v->key == key)
		return -1;
	if (!key_may(t, key))
		return visit_cut(v);
	v->key = key;
	return -1;
}

void
visits_left(struct visits *t, int fd)
{
	struct visit *v = visit_find(t, fd);

	if (v)
		*v = t->v[--t->n];
}
