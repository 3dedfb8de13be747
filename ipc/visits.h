/*
 * visits.h - the connections of other machines: who is only a stranger yet, who
 * has asked something by a key, and who has to go when there are too many.
 *
 * A stranger is cut for strangers' sake alone, and first one of the address that
 * has too many; a connection that has shown its key stays.  Pure: no socket here.
 */
#ifndef IPC_VISITS_H
#define IPC_VISITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VISITS_MAX	     1024u
#define STRANGERS_MAX	     256u /* connections that have asked nothing yet */
#define STRANGERS_OF_ADDRESS 64u
#define KNOWN_MAX	     256u /* that have */
#define KNOWN_OF_KEY	     64u

/* One machine: an IPv4 address as ::ffff:a.b.c.d, or the first half of an IPv6 one. */
struct visitor {
	uint32_t w[4];
};

struct visit {
	int fd;
	bool going;	/* told to; counted no more */
	uint64_t key;	/* 0: a stranger */
	struct visitor from;
};

struct visits {
	struct visit v[VISITS_MAX];
	size_t n;
};

/* It came.  The descriptor of the connection that has to go, perhaps this one; -1: none. */
int visits_came(struct visits *, int fd, const struct visitor *from);
/* It has asked something by this key.  As before. */
int visits_known(struct visits *, int fd, uint64_t key);
void visits_left(struct visits *, int fd);
#endif
