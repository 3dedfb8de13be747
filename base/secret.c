/*
 * secret.c - wiped memory and random bytes.  Uses mmap, madvise, munmap and
 * getrandom only, so that it works behind every rules table that allows those.
 */
#include "base/secret.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "base/fatal.h"

#define PAGE 4096u

void
secret_wipe(void *p, size_t n)
{
	if (n > 0)
		explicit_bzero(p, n);
}

bool
secret_eq(const void *a, const void *b, size_t n)
{
	const volatile uint8_t *x = a;
	const volatile uint8_t *y = b;
	uint8_t diff		  = 0;

	for (size_t i = 0; i < n; i++)
		diff = (uint8_t)(diff | (x[i] ^ y[i]));
	return diff == 0;
}

static size_t
page_round(size_t n)
{
	ENSURE(n <= SIZE_MAX - PAGE);
	return n == 0 ? PAGE : (n + PAGE - 1) / PAGE * PAGE;
}

void *
secret_alloc(size_t n)
{
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
	size_t size	= page_round(n);
	void *p;

	/* MAP_LOCKED rather than mlock(2): one system call less for the sandbox. */
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags | MAP_LOCKED, -1, 0);
	if (p == MAP_FAILED)
		p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (p == MAP_FAILED)
		fatal("out of memory for a secret size=%zu", n);
	(void)madvise(p, size, MADV_DONTDUMP);
	return p;
}

void
secret_free(void *p, size_t n)
{
	if (!p)
		return;
	secret_wipe(p, n);
	if (munmap(p, page_round(n)) != 0)
		fatal("munmap of a secret: %s", strerror(errno));
}

void
random_bytes(void *p, size_t n)
{
	uint8_t *at = p;
	ssize_t got;

	while (n > 0) {
		got = getrandom(at, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			fatal("getrandom: %s", strerror(errno));
		at += got;
		n -= (size_t)got;
	}
}

uint64_t
random_u64(void)
{
	uint64_t v;

	random_bytes(&v, sizeof v);
	return v;
}
