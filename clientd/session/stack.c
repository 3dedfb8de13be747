/*
 * stack.c - see stack.h.
 */
#include "clientd/session/stack.h"

#include <sys/mman.h>

#include "clientd/session/fiber.h"

#ifdef BH_SANITIZE
#include <sanitizer/lsan_interface.h>
#endif

#define GUARD	    4096u
#define STACKS_KEPT 32u	/* for the next fibers; each costs the pages it once touched */

struct stack {
	SLIST_ENTRY(stack) of;	/* lies in the stack itself, at its upper end */
	unsigned char *map;
};

static struct stack *
stack_new(void)
{
	unsigned char *map = mmap(NULL, FIBER_STACK, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct stack *s;

	if (map == MAP_FAILED)
		return NULL;
	if (mprotect(map, GUARD, PROT_NONE) != 0) {
		munmap(map, FIBER_STACK);
		return NULL;
	}
#ifdef BH_SANITIZE
	__lsan_register_root_region(map + GUARD, FIBER_STACK - GUARD);
#endif
	s      = (struct stack *)(void *)(map + FIBER_STACK - sizeof *s);
	s->map = map;
	return s;
}

static void
stack_drop(struct stack *s)
{
#ifdef BH_SANITIZE
	__lsan_unregister_root_region(s->map + GUARD, FIBER_STACK - GUARD);
#endif
	munmap(s->map, FIBER_STACK);
}

struct stack *
stack_take(struct stacks *all)
{
	struct stack *s = SLIST_FIRST(&all->kept);

	if (!s)
		return stack_new();
	SLIST_REMOVE_HEAD(&all->kept, of);
	all->n--;
	return s;
}

void
stack_give(struct stacks *all, struct stack *s)
{
	if (all->n >= STACKS_KEPT) {
		stack_drop(s);
		return;
	}
	SLIST_INSERT_HEAD(&all->kept, s, of);
	all->n++;
}

size_t
stack_size(const struct stack *s)
{
	return (size_t)((const unsigned char *)s - s->map) / 16 * 16 - GUARD;
}

void *
stack_base(const struct stack *s)
{
	return s->map + GUARD;
}

void
stacks_drop(struct stacks *all)
{
	struct stack *s;

	while ((s = SLIST_FIRST(&all->kept))) {
		SLIST_REMOVE_HEAD(&all->kept, of);
		stack_drop(s);
	}
}
