/*
 * stack.h - the stacks that fibers run on: mapped, with a page below that faults, and
 * kept for the next ones.
 */
#ifndef CLIENTD_SESSION_STACK_H
#define CLIENTD_SESSION_STACK_H

#include <stddef.h>
#include <sys/queue.h>

struct stack;

/* Zeroed: none are kept. */
struct stacks {
	SLIST_HEAD(, stack) kept;
	size_t n;
};

struct stack *stack_take(struct stacks *);	/* NULL: no memory */
void stack_give(struct stacks *, struct stack *);
void stacks_drop(struct stacks *);
void *stack_base(const struct stack *);
size_t stack_size(const struct stack *);

#endif
