/* hex.c - see hex.h.  What may be a secret is not left half read. */
#include "base/hex.h"

#include "base/secret.h"

static int
digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
hex_read(struct span text, uint8_t *ret, size_t n)
{
	struct rd r = rd_init(text);
	bool ok     = n > 0 && text.n / 2 == n && text.n % 2 == 0;

	for (size_t i = 0; i < n && ok; i++) {
		int hi = digit(rd_u8(&r)), lo = digit(rd_u8(&r));

		ok     = hi >= 0 && lo >= 0;
		ret[i] = (uint8_t)(ok ? hi << 4 | lo : 0);
	}
	if (!ok)
		secret_wipe(ret, n);
	return ok;
}
