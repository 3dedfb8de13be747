/* payload.c - arena or buffer, see payload.h. */
#include "fsd/payload.h"

#include <stdlib.h>
#include <string.h>

static void *
arena_part(struct call *c, uint32_t slot, size_t n)
{
	struct arena *a = link_arena(call_link(c));

	return a ? arena_at(a, slot, n) : NULL;
}

nt
payload_room(struct call *c, uint32_t slot, uint32_t n, struct payload *ret)
{
	struct payload p = { .n = n };

	REQUIRE(n <= IO_MAX, STATUS_INVALID_PARAMETER);
	if (slot == SLOT_NONE) {
		p.p = p.own = malloc(n > 0 ? n : 1);
		REQUIRE(p.p, STATUS_NO_MEMORY);
	} else {
		p.p = arena_part(c, slot, n);
		REQUIRE(p.p, STATUS_INVALID_PARAMETER);
	}
	*ret = p;
	return STATUS_SUCCESS;
}

nt
payload_given(struct call *c, uint32_t slot, uint32_t skip, uint32_t n, struct payload *ret)
{
	struct payload p = { .n = n };

	REQUIRE(n <= IO_MAX && skip <= IO_MAX, STATUS_INVALID_PARAMETER);
	if (slot == SLOT_NONE) {
		struct span d = call_data(c);

		REQUIRE(skip <= d.n && n <= d.n - skip, STATUS_INVALID_PARAMETER);
		p.p = (uint8_t *)(uintptr_t)(d.p + skip);	/* only read from */
	} else {
		p.p = arena_part(c, slot, (size_t)skip + n);
		REQUIRE(p.p, STATUS_INVALID_PARAMETER);
		p.p += skip;
	}
	*ret = p;
	return STATUS_SUCCESS;
}

void
payload_drop(struct payload *p)
{
	free(p->own);
	p->own = NULL;
}

struct span
payload_frame(const struct payload *p, uint32_t n)
{
	return p->own ? SPAN(p->own, n) : SPAN_NONE;
}

void
payload_answer(struct call *c, const struct payload *p, uint32_t n)
{
	void *copy;

	if (!p->own || n == 0)
		return;
	copy = call_scratch(c, n);
	memcpy(copy, p->own, n);
	call_set_data(c, SPAN(copy, n));
}
