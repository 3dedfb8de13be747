/*
 * md4.c - MD4.  [RFC1320] 3
 */
#include "proto/auth/md4.h"

#include <string.h>

#include "base/secret.h"

#define BLOCK 64u

static uint32_t
rotl(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

static uint32_t
f1(uint32_t x, uint32_t y, uint32_t z)
{
	return (x & y) | (~x & z);
}

static uint32_t
f2(uint32_t x, uint32_t y, uint32_t z)
{
	return (x & y) | (x & z) | (y & z);
}

static uint32_t
f3(uint32_t x, uint32_t y, uint32_t z)
{
	return x ^ y ^ z;
}

/* The three rounds: function, constant, order of words, shifts.  3.4 */
static const struct round {
	uint32_t (*fn)(uint32_t, uint32_t, uint32_t);
	uint32_t k;
	uint8_t word[16];
	uint8_t shift[4];
} rounds[3] = {
	{ f1, 0, { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 }, { 3, 7, 11, 19 } },
	{ f2,
	  0x5a827999,
	  { 0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15 },
	  { 3, 5, 9, 13 } },
	{ f3,
	  0x6ed9eba1,
	  { 0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15 },
	  { 3, 9, 11, 15 } },
};

static void
block_mix(uint32_t state[4], const uint8_t block[BLOCK])
{
	struct rd r = rd_init(SPAN(block, BLOCK));
	uint32_t x[16], s[4], t;

	for (unsigned i = 0; i < 16; i++)
		x[i] = rd_u32(&r);
	memcpy(s, state, sizeof s);
	for (unsigned i = 0; i < 48; i++) {
		const struct round *o = &rounds[i / 16];

		t    = s[0] + o->fn(s[1], s[2], s[3]) + x[o->word[i % 16]] + o->k;
		s[0] = s[3];
		s[3] = s[2];
		s[2] = s[1];
		s[1] = rotl(t, o->shift[i % 4]);
	}
	for (unsigned i = 0; i < 4; i++)
		state[i] += s[i];
	secret_wipe(x, sizeof x);
}

void
md4(struct span msg, uint8_t ret[16])
{
	uint32_t state[4]	= { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };
	uint8_t tail[2 * BLOCK] = { 0 };
	size_t whole		= msg.n / BLOCK * BLOCK;
	size_t left		= msg.n - whole;
	size_t tail_n		= left + 9 > BLOCK ? 2 * BLOCK : BLOCK;
	struct wr w		= wr_init(tail, tail_n);
	struct wr out		= wr_init(ret, 16);

	for (size_t i = 0; i < whole; i += BLOCK)
		block_mix(state, msg.p + i);
	if (left > 0)
		wr_bytes(&w, msg.p + whole, left);
	wr_u8(&w, 0x80);
	wr_zero(&w, tail_n - 8 - w.pos);
	wr_u64(&w, (uint64_t)msg.n * 8);
	for (size_t i = 0; i < tail_n; i += BLOCK)
		block_mix(state, tail + i);
	for (unsigned i = 0; i < 4; i++)
		wr_u32(&out, state[i]);
	secret_wipe(tail, sizeof tail);
}
