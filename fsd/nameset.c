/* nameset.c - folded names, see nameset.h.  [MS-FSA] 2.1.4.4 compares upcased. */
#include "fsd/nameset.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/utf16.h"
#include "fsd/name.h"
#include "fsd/shortname.h"

#define BUCKETS_FIRST 64u

struct nameset_entry {
	struct nameset_entry *next;
	uint64_t hash;		/* of the folded wire name */
	char disk[];
};

static uint64_t
name_hash(const char *disk)
{
	char wire[NAME_WIRE];

	name_to_wire(disk, wire);
	return utf8_casehash(wire);
}

void
nameset_clear(struct nameset *set)
{
	for (size_t i = 0; i < set->buckets; i++)
		while (set->table[i]) {
			struct nameset_entry *e = set->table[i];

			set->table[i] = e->next;
			free(e);
		}
	free(set->table);
	*set = (struct nameset){ 0 };
}

static void
grow(struct nameset *set)
{
	size_t n                     = set->buckets ? set->buckets * 2 : BUCKETS_FIRST;
	struct nameset_entry **table = xcalloc(n, sizeof(struct nameset_entry *));

	for (size_t i = 0; i < set->buckets; i++)
		while (set->table[i]) {
			struct nameset_entry *e = set->table[i];

			set->table[i]      = e->next;
			e->next            = table[e->hash % n];
			table[e->hash % n] = e;
		}
	free(set->table);
	set->table   = table;
	set->buckets = n;
}

static struct nameset_entry *
bucket(const struct nameset *set, uint64_t hash)
{
	return set->buckets ? set->table[hash % set->buckets] : NULL;
}

void
nameset_remove(struct nameset *set, const char *disk)
{
	uint64_t hash             = name_hash(disk);
	struct nameset_entry **at = set->buckets ? &set->table[hash % set->buckets] : NULL;

	while (at && *at && strcmp((*at)->disk, disk) != 0)
		at = &(*at)->next;
	if (at && *at) {
		struct nameset_entry *e = *at;

		*at = e->next;
		free(e);
		set->count--;
	}
}

void
nameset_add(struct nameset *set, const char *disk)
{
	size_t n = strlen(disk) + 1;
	struct nameset_entry *e;

	nameset_remove(set, disk);
	if (set->count >= set->buckets)
		grow(set);
	e       = xcalloc(1, sizeof *e + n);
	e->hash = name_hash(disk);
	memcpy(e->disk, disk, n);
	e->next                              = bucket(set, e->hash);
	set->table[e->hash % set->buckets] = e;
	set->count++;
}

static const char *
find_folded(const struct nameset *set, const char *wire)
{
	uint64_t hash     = utf8_casehash(wire);
	const char *other = NULL;
	char found[NAME_WIRE];

	for (const struct nameset_entry *e = bucket(set, hash); e; e = e->next) {
		if (e->hash != hash)
			continue;
		name_to_wire(e->disk, found);
		if (strcmp(found, wire) == 0)
			return e->disk;		/* before one that differs in case */
		if (utf8_casecmp(found, wire) == 0)
			other = e->disk;
	}
	return other;
}

/* Seldom asked, so it may take a walk through memory. */
static const char *
find_short(const struct nameset *set, const char *wire)
{
	char found[NAME_WIRE], made[SHORTNAME_MAX];

	for (size_t i = 0; i < set->buckets; i++)
		for (const struct nameset_entry *e = set->table[i]; e; e = e->next) {
			name_to_wire(e->disk, found);
			shortname_of(found, made);
			if (utf8_casecmp(made, wire) == 0)
				return e->disk;
		}
	return NULL;
}

const char *
nameset_find(const struct nameset *set, const char *wire)
{
	const char *disk = find_folded(set, wire);

	return !disk && shortname_is_made_up(wire) ? find_short(set, wire) : disk;
}
