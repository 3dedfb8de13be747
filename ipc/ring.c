/*
 * ring.c - single producer, single consumer, twice; see ring.h.
 */
#include "ipc/ring.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fatal.h"

#define RING_BYTES (256u * 1024)	/* a power of two: counters wrap freely */
#define RING_DATA  4096u		/* offset of the first ring's bytes */
#define RING_TOTAL (RING_DATA + 2 * RING_BYTES)
#define RING_SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

/* One direction.  Each word has a cache line of its own. */
struct ring_half {
	_Alignas(64) _Atomic uint32_t head;	/* producer: bytes ever written */
	_Alignas(64) _Atomic uint32_t tail;	/* consumer: bytes ever read */
	_Alignas(64) _Atomic uint32_t sleeps;	/* consumer: ring when something comes */
	_Alignas(64) _Atomic uint32_t starved;	/* producer: ring when there is room */
};

_Static_assert(2 * sizeof(struct ring_half) <= RING_DATA, "counters fit in front of the bytes");

struct ring {
	uint8_t *mem;
	struct ring_half *tx, *rx;
	uint8_t *tx_bytes, *rx_bytes;
	uint32_t head, tail;	/* our own truth about the words that we write */
	bool awake;
	int bell_in, bell_out;
};

int
ring_memfd(void)
{
	int fd = memfd_create("bulkhead-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	if (ftruncate(fd, RING_TOTAL) != 0 || fcntl(fd, F_ADD_SEALS, RING_SEALS) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

nt
ring_map(int memfd, int bell_in, int bell_out, unsigned side, struct ring **ret)
{
	void *mem = MAP_FAILED;
	int seals = fcntl(memfd, F_GET_SEALS);
	struct ring *r;
	struct stat st;

	if (seals >= 0 && (seals & RING_SEALS) == RING_SEALS && side < 2 &&
	    fstat(memfd, &st) == 0 && st.st_size == RING_TOTAL)
		mem = mmap(NULL, RING_TOTAL, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0);
	close(memfd);
	if (mem == MAP_FAILED) {
		close(bell_in);
		close(bell_out);
		return STATUS_INVALID_PARAMETER;
	}
	r           = xcalloc(1, sizeof *r);
	r->mem      = mem;
	r->tx       = (struct ring_half *)mem + side;
	r->rx       = (struct ring_half *)mem + (1 - side);
	r->tx_bytes = r->mem + RING_DATA + side * RING_BYTES;
	r->rx_bytes = r->mem + RING_DATA + (1 - side) * RING_BYTES;
	r->awake    = true;
	r->bell_in  = bell_in;
	r->bell_out = bell_out;
	*ret        = r;
	return STATUS_SUCCESS;
}

void
ring_drop(struct ring *r)
{
	if (!r)
		return;
	munmap(r->mem, RING_TOTAL);
	close(r->bell_in);
	close(r->bell_out);
	free(r);
}

int
ring_bell(const struct ring *r)
{
	return r->bell_in;
}

/* The counter only grows; a full one blocks nobody, since EAGAIN means it rings already. */
static void
bell(const struct ring *r)
{
	const uint64_t one = 1;
	ssize_t n          = write(r->bell_out, &one, sizeof one);

	(void)n;
}

/* As much of s as there is room for; how much that was. */
static size_t
ring_fill(struct ring *r, struct span s, uint32_t used)
{
	uint32_t at  = r->head % RING_BYTES;
	size_t n     = s.n < RING_BYTES - used ? s.n : RING_BYTES - used;
	size_t first = n < RING_BYTES - at ? n : RING_BYTES - at;

	if (n > 0) {
		memcpy(r->tx_bytes + at, s.p, first);
		memcpy(r->tx_bytes, s.p + first, n - first);
	}
	r->head += (uint32_t)n;
	return n;
}

/*
 * Having said that we starve we look once more: they may have made room just
 * before they could see it, and would not ring.
 */
nt
ring_write(struct ring *r, struct span s, size_t *ret_n)
{
	size_t done = 0;
	bool again  = true;

	while (again) {
		uint32_t tail = atomic_load_explicit(&r->tx->tail, memory_order_acquire);

		REQUIRE(r->head - tail <= RING_BYTES, STATUS_INVALID_PARAMETER);
		done += ring_fill(r, SPAN(s.p + done, s.n - done), r->head - tail);
		atomic_store_explicit(&r->tx->starved, done < s.n, memory_order_relaxed);
		atomic_store_explicit(&r->tx->head, r->head, memory_order_release);
		atomic_thread_fence(memory_order_seq_cst);
		again = done < s.n &&
		    atomic_load_explicit(&r->tx->tail, memory_order_relaxed) != tail;
	}
	if (atomic_load_explicit(&r->tx->sleeps, memory_order_relaxed) != 0)
		bell(r);
	*ret_n = done;
	return STATUS_SUCCESS;
}

nt
ring_read(struct ring *r, void *dst, size_t cap, size_t *ret_n)
{
	uint32_t have = atomic_load_explicit(&r->rx->head, memory_order_acquire) - r->tail;
	uint32_t at   = r->tail % RING_BYTES;
	size_t n, first;

	REQUIRE(have <= RING_BYTES, STATUS_INVALID_PARAMETER);
	if (!r->awake) {
		atomic_store_explicit(&r->rx->sleeps, 0, memory_order_relaxed);
		r->awake = true;
	}
	n     = have < cap ? have : cap;
	first = n < RING_BYTES - at ? n : RING_BYTES - at;
	if (n > 0) {
		memcpy(dst, r->rx_bytes + at, first);
		memcpy((uint8_t *)dst + first, r->rx_bytes, n - first);
		r->tail += (uint32_t)n;
		atomic_store_explicit(&r->rx->tail, r->tail, memory_order_release);
		atomic_thread_fence(memory_order_seq_cst);
		if (atomic_load_explicit(&r->rx->starved, memory_order_relaxed) != 0)
			bell(r);
	}
	*ret_n = n;
	return STATUS_SUCCESS;
}

bool
ring_sleep(struct ring *r)
{
	atomic_store_explicit(&r->rx->sleeps, 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_seq_cst);
	if (atomic_load_explicit(&r->rx->head, memory_order_acquire) == r->tail) {
		r->awake = false;
		return false;
	}
	atomic_store_explicit(&r->rx->sleeps, 0, memory_order_relaxed);
	return true;
}
