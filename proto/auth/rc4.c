/*
 * rc4.c - RC4.
 */
#include "proto/auth/rc4.h"

#include "base/fatal.h"

static void
swap(uint8_t *a, uint8_t *b)
{
	uint8_t t = *a;

	*a = *b;
	*b = t;
}

void
rc4_init(struct rc4 *c, struct span key)
{
	uint8_t j = 0;

	ENSURE(key.n >= 1 && key.n <= 256);
	for (unsigned i = 0; i < 256; i++)
		c->s[i] = (uint8_t)i;
	for (unsigned i = 0; i < 256; i++) {
		j = (uint8_t)(j + c->s[i] + key.p[i % key.n]);
		swap(&c->s[i], &c->s[j]);
	}
	c->i = 0;
	c->j = 0;
}

void
rc4_apply(struct rc4 *c, const uint8_t *src, uint8_t *dst, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		c->i++;
		c->j = (uint8_t)(c->j + c->s[c->i]);
		swap(&c->s[c->i], &c->s[c->j]);
		dst[k] = src[k] ^ c->s[(uint8_t)(c->s[c->i] + c->s[c->j])];
	}
}
