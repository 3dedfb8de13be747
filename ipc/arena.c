/*
 * arena.c - sealed shared memory in 64 KiB slots; see arena.h.
 *
 * The bitmap of free slots is the allocator's private memory, so the other
 * side can spoil payload but not the bookkeeping.
 */
#include "ipc/arena.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fatal.h"

#define ARENA_SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

struct arena {
	uint8_t *mem;
	uint32_t refs;
	uint32_t slots;
	uint32_t n_free;
	uint32_t hint;		/* below it nothing was freed lately */
	uint64_t used[];	/* one bit a slot */
};

int
arena_memfd(uint32_t slots)
{
	int fd = memfd_create("bulkhead-arena", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	if (ftruncate(fd, (off_t)slots * ARENA_SLOT) != 0 ||
	    fcntl(fd, F_ADD_SEALS, ARENA_SEALS) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool
arena_is_ours(int fd, uint32_t slots)
{
	struct stat st;
	int seals = fcntl(fd, F_GET_SEALS);

	return seals >= 0 && (seals & ARENA_SEALS) == ARENA_SEALS && fstat(fd, &st) == 0 &&
	    st.st_size == (off_t)slots * ARENA_SLOT;
}

nt
arena_map(int fd, uint32_t slots, struct arena **ret)
{
	struct arena *a;
	void *mem = MAP_FAILED;

	if (slots > 0 && arena_is_ours(fd, slots))
		mem = mmap(NULL, (size_t)slots * ARENA_SLOT, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		    0);
	close(fd);
	REQUIRE(mem != MAP_FAILED, STATUS_INVALID_PARAMETER);
	a         = xcalloc(1, sizeof *a + (slots + 63) / 64 * sizeof a->used[0]);
	a->mem    = mem;
	a->refs   = 1;
	a->slots  = slots;
	a->n_free = slots;
	*ret      = a;
	return STATUS_SUCCESS;
}

struct arena *
arena_hold(struct arena *a)
{
	a->refs++;
	return a;
}

void
arena_drop(struct arena *a)
{
	if (!a || --a->refs > 0)
		return;
	munmap(a->mem, (size_t)a->slots * ARENA_SLOT);
	free(a);
}

static bool
slot_used(const struct arena *a, uint32_t i)
{
	return a->used[i / 64] >> (i % 64) & 1;
}

static void
slots_mark(struct arena *a, uint32_t from, uint32_t n, bool used)
{
	for (uint32_t i = from; i < from + n; i++) {
		uint64_t bit = 1ull << (i % 64);

		ENSURE(slot_used(a, i) != used);
		a->used[i / 64] ^= bit;
	}
	a->n_free += used ? 0u - n : n;
}

static uint32_t
slots_for(size_t bytes)
{
	return bytes == 0 ? 1 : (uint32_t)((bytes - 1) / ARENA_SLOT + 1);
}

/* First fit from the hint, then from the start. */
static bool
run_find(const struct arena *a, uint32_t from, uint32_t to, uint32_t want, uint32_t *ret)
{
	uint32_t run = 0;

	for (uint32_t i = from; i < to; i++) {
		run = slot_used(a, i) ? 0 : run + 1;
		if (run == want) {
			*ret = i + 1 - want;
			return true;
		}
	}
	return false;
}

nt
arena_alloc(struct arena *a, size_t bytes, uint32_t *ret_slot)
{
	uint32_t want, at;

	REQUIRE(bytes <= (size_t)a->slots * ARENA_SLOT, STATUS_INSUFFICIENT_RESOURCES);
	want = slots_for(bytes);
	REQUIRE(want <= a->n_free, STATUS_INSUFFICIENT_RESOURCES);
	if (!run_find(a, a->hint, a->slots, want, &at) && !run_find(a, 0, a->slots, want, &at))
		return STATUS_INSUFFICIENT_RESOURCES;
	slots_mark(a, at, want, true);
	a->hint   = at + want < a->slots ? at + want : 0;
	*ret_slot = at;
	return STATUS_SUCCESS;
}

/* The lowest free slot is the one whose memory is most likely still in the cache. */
void
arena_free(struct arena *a, uint32_t slot, size_t bytes)
{
	uint32_t n = slots_for(bytes);

	ENSURE(slot < a->slots && n <= a->slots - slot);
	slots_mark(a, slot, n, false);
	if (slot < a->hint)
		a->hint = slot;
}

uint32_t
arena_slots(const struct arena *a)
{
	return a->slots;
}

uint32_t
arena_slots_free(const struct arena *a)
{
	return a->n_free;
}

void *
arena_at(const struct arena *a, uint32_t slot, size_t bytes)
{
	if (!a || slot >= a->slots || bytes > (size_t)(a->slots - slot) * ARENA_SLOT)
		return NULL;
	return a->mem + (size_t)slot * ARENA_SLOT;
}
