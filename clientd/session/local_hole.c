/* local_hole.c - holes at the caller's end: found, left, or filled with zeros. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clientd/session/local.h"

#define ZEROS	  16384u
#define BLOCK	  512u	/* what st_blocks counts */
#define HOLES_MIN (1024u * 1024)

static const uint8_t zeros[ZEROS];

static nt
hash_zeros(struct local *l, uint32_t n)
{
	if (!l->hash)
		return fiber_check();
	for (uint32_t some; n > 0; n -= some) {
		some = n < ZEROS ? n : ZEROS;
		(void)EVP_DigestUpdate(l->hash, zeros, some);
	}
	return fiber_wait_ms(NULL, 1);
}

/* What was in the file before is not the hole's content; what is zeros already stays a hole. */
static bool
is_zero_already(const struct local *l, uint64_t off, uint32_t n)
{
	uint8_t was[ZEROS];
	ssize_t got = l->regular ? pread(l->fd, was, n, (off_t)off) : -1;

	return got >= 0 && memcmp(was, zeros, (size_t)got) == 0;
}

static nt
zeros_put(struct local *l, uint64_t off, uint32_t n)
{
	for (uint32_t some; n > 0; n -= some, off += some) {
		some = n < ZEROS ? n : ZEROS;
		if (!is_zero_already(l, off, some))
			TRY(local_put(l, off, SPAN(zeros, some)));
	}
	return STATUS_SUCCESS;
}

nt
local_hole(struct local *l, uint64_t off, uint32_t n)
{
	REQUIRE(off <= (uint64_t)INT64_MAX - n, STATUS_FILE_TOO_LARGE);
	TRY(hash_zeros(l, n));
	if (l->regular)
		l->tail = off + n > l->tail ? off + n : l->tail;
	if (!l->regular || (!l->stream && off < l->size))
		return zeros_put(l, off, n);
	return STATUS_SUCCESS;
}

nt
local_skip(struct local *l, uint32_t n)
{
	return hash_zeros(l, n);
}

bool
local_is_sparse(const struct local *l)
{
	struct stat st;

	return l->fd >= 0 && l->regular && fstat(l->fd, &st) == 0 &&
	       (uint64_t)st.st_blocks * BLOCK + HOLES_MIN <= (uint64_t)st.st_size;
}

void
local_look(const struct local *l, uint64_t at, uint64_t *ret_to, bool *ret_hole)
{
	off_t data = at < l->size ? lseek(l->fd, (off_t)at, SEEK_DATA) : -1;
	off_t hole = data >= 0 && (uint64_t)data == at ? lseek(l->fd, data, SEEK_HOLE) : -1;

	*ret_hole = at < l->size && (data < 0 ? errno == ENXIO : (uint64_t)data > at);
	if (*ret_hole)
		*ret_to = data < 0 ? l->size : (uint64_t)data;
	else if (hole > 0 && (uint64_t)hole > at)
		*ret_to = (uint64_t)hole;
}
