/*
 * nameset.h - the names of one directory, found case aside: a hash of folded
 * wire names.  Not for: whether it is true (dirindex.c).
 */
#ifndef FSD_NAMESET_H
#define FSD_NAMESET_H

#include <stddef.h>

struct nameset_entry;

/* Zeroed is empty. */
struct nameset {
	struct nameset_entry **table;
	size_t buckets, count;
};

void nameset_clear(struct nameset *);
void nameset_add(struct nameset *, const char *disk);	/* again is fine */
void nameset_remove(struct nameset *, const char *disk);
/*
 * The name as on disk: spelt exactly like wire, else one that differs in case,
 * else one whose 8.3 name wire is; or NULL.
 */
const char *nameset_find(const struct nameset *, const char *wire);

#endif
