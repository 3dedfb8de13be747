/* listing.h - where an open directory's enumeration stands.  [MS-FSA] 2.1.5.6.3 */
#ifndef FSD_LISTING_H
#define FSD_LISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/nt.h"
#include "fsd/name.h"

struct handle;
struct listing;

struct listing_entry {
	char disk[NAME_DISK];
	char wire[NAME_WIRE];
	unsigned char type;	/* DT_* */
};

void listing_drop(struct listing *);
/* Starts anew if there is none or restart says so; the pattern is kept from then on. */
nt listing_start(struct handle *, const char *pattern, bool restart) MUST_USE;
/*
 * The next name that matches, without consuming it; false at the end (or with
 * *ret_status failed).
 */
bool listing_peek(struct handle *, const struct listing_entry **ret, nt *ret_status);
void listing_consume(struct handle *);
/* The descriptor that names are relative to. */
int listing_fd(const struct handle *);
bool listing_found_any(const struct handle *);
void listing_found(struct handle *);

#endif
