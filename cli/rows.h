/*
 * rows.h - a directory of a server as the session process packed it: for
 * listings of many names, which JSON would make several times dearer.  The same
 * as JSON objects, for those that show or keep them: listing.h.
 */
#ifndef CLI_ROWS_H
#define CLI_ROWS_H

#include "cli/listing.h"

/* What is shown of an entry; name lies in the rows' memory. */
struct row {
	const char *name;
	uint64_t size, written;	/* Unix ns */
	uint32_t attributes, reparse_tag;
	bool directory;
};

struct rows {
	struct row *v;
	size_t n, cap;
	struct rows_page *pages;
};

/* The names of dir that fit pattern (NULL: all).  EXIT_OK or a code after a message. */
int rows_read(struct cli *, const struct place *dir, const char *pattern, struct rows *ret);
/* One that is known as JSON already; entry has to outlive it. */
void rows_one(struct rows *ret, const json_t *entry);
void rows_free(struct rows *);
/* As the options say. */
void rows_sort(const struct cli *, struct rows *);
/* A directory to go into: not one that leads elsewhere. */
bool row_is_tree(const struct row *);

#endif
