/*
 * fuzz_carry.c - frames of a storage's host, after its handshake.
 * Reaches: carry_read, carry_take, data_take, stream_bear, memory_make.
 */
#include <stdint.h>
#include <unistd.h>

#include "base/fatal.h"
#include "broker/bridge/carry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
nowhere(void *ctx, struct span head, struct span memory)
{
	(void)ctx;
	(void)head;
	(void)memory;
	return true;
}

static void
ended(void *ctx)
{
	(void)ctx;
}

/* Frames behind each other, each with its length in two bytes. */
static void
frames_take(struct carry *c, struct rd *r)
{
	struct carry_frame f;

	while (rd_left(r) > 2) {
		uint16_t n    = rd_u16(r);
		struct span s = rd_bytes(r, n);

		if (!rd_ok(r) || nt_failed(carry_read(s, &f)))
			return;
		if ((f.kind == CARRY_DATA || f.kind == CARRY_CLOSE) && nt_failed(carry_take(c, &f)))
			return;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct loop *loop = loop_new();
	struct carry c;
	struct rd r = rd_init(SPAN(data, size));
	bool side   = rd_u8(&r) & 1;
	int pair[2];

	ENSURE(!nt_failed(fdpass_pair(pair)));
	carry_begin(&c, loop, side, pair[1], nowhere, ended, NULL);
	frames_take(&c, &r);
	carry_drop(&c);
	close(pair[0]);
	loop_drop(loop);
	return 0;
}
