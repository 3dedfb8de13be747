/*
 * seen.c - see seen.h.  Open addressing, half full at most; two different names
 * meet with a chance of one in 2^40 in the largest listing.
 */
#include "clientd/session/seen.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

static uint64_t
mix(uint64_t h)
{
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdull;
	h ^= h >> 29;
	h *= 0xc4ceb9fe1a85ec53ull;
	return h ^ h >> 32;
}

static uint64_t
hash_of(uint64_t key, const char *name)
{
	uint64_t h = key, word;
	size_t n   = strlen(name);

	for (; n >= 8; n -= 8, name += 8) {
		memcpy(&word, name, 8);
		h = mix(h ^ word) + key;
	}
	word = (uint64_t)n << 56;
	memcpy(&word, name, n);
	h = mix(h ^ word ^ (uint64_t)n << 56);
	return h ? h : 1;
}

static bool
slot_put(uint64_t *slots, size_t cap, uint64_t h)
{
	size_t i = h & (cap - 1);

	while (slots[i] && slots[i] != h)
		i = (i + 1) & (cap - 1);
	if (slots[i] == h)
		return false;
	slots[i] = h;
	return true;
}

static nt
seen_grow(struct seen *s)
{
	size_t cap	= s->cap ? s->cap * 2 : 256;
	uint64_t *slots = calloc(cap, sizeof *slots);

	REQUIRE(slots, STATUS_INSUFFICIENT_RESOURCES);
	for (size_t i = 0; i < s->cap; i++)
		if (s->slots[i])
			(void)slot_put(slots, cap, s->slots[i]);
	free(s->slots);
	s->slots = slots;
	s->cap	 = cap;
	return STATUS_SUCCESS;
}

nt
seen_add(struct seen *s, const char *name)
{
	REQUIRE(s->n < SEEN_MAX, STATUS_INSUFFICIENT_RESOURCES);
	if (s->key == 0)
		s->key = random_u64() | 1;
	if (s->n * 2 >= s->cap)
		TRY(seen_grow(s));
	REQUIRE(slot_put(s->slots, s->cap, hash_of(s->key, name)), STATUS_OBJECT_NAME_COLLISION);
	s->n++;
	return STATUS_SUCCESS;
}

void
seen_drop(struct seen *s)
{
	free(s->slots);
	*s = (struct seen){ 0 };
}
