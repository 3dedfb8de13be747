/*
 * local.h - the caller's end of a transfer: a descriptor that it handed in, memory, or
 * what is across a ferry.  We read and write there and do nothing else with it.
 */
#ifndef CLIENTD_SESSION_LOCAL_H
#define CLIENTD_SESSION_LOCAL_H

#include "clientd/session/ferry.h"

#define LOCAL_MEMORY_MAX (8u * 1024 * 1024)

struct local {
	struct client *client;
	int fd;			/* -1: memory, or a stream */
	struct stream *stream;	/* … that is across a ferry */
	bool regular;		/* may be read and written at any place, and again */
	bool pollable;
	uint64_t top, tail;	/* how far was written, and how far holes were left */
	uint64_t size;		/* of a regular file, or of the memory to be sent; UINT64_MAX: not known */
	uint8_t *mem;		/* on fiber memory */
	size_t mem_n, mem_cap;
	const uint8_t *from;	/* memory to be sent */
	EVP_MD_CTX *hash;	/* of what passes, in order; NULL: not wanted */
};

/* What a request names: a descriptor, the ferry if that is not all zero, else memory. */
nt local_open(struct job *, const struct client_get_req *, struct local *ret) MUST_USE;
void local_close(struct local *);
static inline void
local_close_p(struct local *l)
{
	local_close(l);
}
static inline bool
local_is_memory(const struct local *l)
{
	return l->fd < 0 && !l->stream;
}
/* Can it give, or take, its bytes once more? */
static inline bool
local_repeats(const struct local *l)
{
	return l->regular || local_is_memory(l);
}
/* In order for all but regular files; local_put() without the hash. */
nt local_put(struct local *, uint64_t off, struct span) MUST_USE;
nt local_write(struct local *, uint64_t off, struct span) MUST_USE;
/*
 * So many zeros that need not be moved: what is new of a regular file stays without them, elsewhere they
 * are written.  Gives way in between.
 */
nt local_hole(struct local *, uint64_t off, uint32_t n) MUST_USE;
/* The same of what is read: only the hash sees them. */
nt local_skip(struct local *, uint32_t n) MUST_USE;
/* Has it so many holes that they are worth looking for? */
bool local_is_sparse(const struct local *);
/* Is there data at this place, and up to where is it so?  The descriptor's own place moves. */
void local_look(const struct local *, uint64_t at, uint64_t *ret_to, bool *ret_hole);
/* All that was written is there; else what went wrong. */
nt local_settle(struct local *) MUST_USE;
/* *ret_n is 0 at the end. */
nt local_read(struct local *, uint64_t off, uint8_t *buf, size_t n, size_t *ret_n) MUST_USE;
/* What local_read() gave before, of what is not a pipe.  STATUS_DATA_ERROR if it is not all there any more. */
nt local_read_again(struct local *, uint64_t off, uint8_t *buf, size_t n) MUST_USE;
/* Begins the hash again, where what passed before is to be forgotten. */
void local_rewind(struct local *);
/* On fiber memory; empty if none was wanted. */
struct span local_hash(struct local *);

#endif
