/*
 * list.c - lists of servers as people write them.
 */
#include <stdlib.h>
#include <string.h>

#include "authd/net/resolver.h"

/* "host", "host:port", "1.2.3.4:port", "2001:db8::1", "[2001:db8::1]:port". */
static void
word_read(const char *word, size_t n, uint16_t port, list_fn *fn, void *ctx)
{
	const char *colon = memrchr(word, ':', n);
	bool bracket	  = n > 0 && word[0] == '[';
	size_t host_n	  = n;

	if (colon && !bracket && memchr(word, ':', n) != colon)
		colon = NULL; /* an IPv6 address as it is */
	if (colon && bracket && colon[-1] != ']')
		colon = NULL;
	if (colon) {
		port   = (uint16_t)strtoul(colon + 1, NULL, 10);
		host_n = (size_t)(colon - word);
	}
	if (bracket && host_n >= 2 && word[host_n - 1] == ']') {
		word++;
		host_n -= 2;
	}
	fn(ctx, word, host_n, port);
}

void
list_read(const char *list, uint16_t port, list_fn *fn, void *ctx)
{
	static const char between[] = ", \t";

	for (const char *p = list + strspn(list, between); *p; p += strspn(p, between)) {
		size_t n = strcspn(p, between);

		word_read(p, n, port, fn, ctx);
		p += n;
	}
}
