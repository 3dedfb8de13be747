/*
 * carry_inner.h - a stream from the inside; between carry.c and carry_take.c.
 */
#ifndef BROKER_CARRY_INNER_H
#define BROKER_CARRY_INNER_H

#include "broker/bridge/carry.h"

/* Of memory that travels: nobody changes it any more. */
#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

struct parcel {
	struct parcel *next;
	struct fds fds;
	size_t n;
	uint8_t b[];
};

struct stream {
	struct stream *next;
	struct carry *carry;
	uint32_t id;
	int fd;
	struct loop_fd watch;
	struct parcel *first, **last;
};

struct stream *stream_find(const struct carry *, uint32_t id);	/* or NULL */
void stream_add(struct carry *, uint32_t id, int fd);		/* takes fd */
void stream_drop(struct stream *);
void stream_drain(struct stream *);	/* what its socket has room for */
/* Ends it all, but not at once: the caller may still look at it. */
void carry_fail(struct carry *, const char *why);

#endif
