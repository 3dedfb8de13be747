/*
 * rc4.h - RC4, for NTLM's key exchange and signatures alone; see md4.h for why
 * it is our own.  [MS-NLMP] 6 (RC4K, RC4Init, RC4)
 */
#ifndef PROTO_AUTH_RC4_H
#define PROTO_AUTH_RC4_H

#include <stddef.h>
#include <stdint.h>

#include "base/cursor.h"

struct rc4 {
	uint8_t s[256];
	uint8_t i, j;
};

void rc4_init(struct rc4 *, struct span key); /* 1 to 256 bytes */
void rc4_apply(struct rc4 *, const uint8_t *src, uint8_t *dst, size_t n); /* src may be dst */

#endif
