/*
 * conf_hosts.c - hosts and networks, brought into one form for fsd.
 */
#include "broker/config/conf_hosts.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/nt.h"

static const struct {
	const char *word, *means;
} words[] = {
	{ "ALL", "0.0.0.0/0 ::/0" },
	{ "localhost", "127.0.0.0/8 ::1" },
};

/* "192.0.2." is the network of the bytes that are there. */
static bool
dotted_prefix(const char *word, char *dst, size_t cap)
{
	unsigned bytes = 0;
	char full[CONF_HOST_TEXT];
	struct in_addr a;
	size_t n = strlen(word);

	for (const char *p = word; *p; p++)
		bytes += *p == '.';
	if (n == 0 || word[n - 1] != '.' || bytes < 1 || bytes > 3)
		return false;
	if ((size_t)snprintf(full, sizeof full, "%s%s", word, &"0.0.0"[(bytes - 1) * 2]) >=
	    sizeof full)
		return false;
	if (inet_pton(AF_INET, full, &a) != 1)
		return false;
	return (size_t)snprintf(dst, cap, "%s/%u", full, bytes * 8) < cap;
}

static bool
bits_read(const char *s, unsigned max, unsigned *ret)
{
	unsigned v = 0;

	if (!*s || strlen(s) > 3)
		return false;
	for (; *s; s++) {
		if (!isdigit((unsigned char)*s))
			return false;
		v = v * 10 + (unsigned)(*s - '0');
	}
	*ret = v;
	return v <= max;
}

/* 255.255.255.0 -> 24; only masks whose ones come first. */
static bool
mask_read(const char *s, unsigned *ret)
{
	struct in_addr a;
	uint32_t m;

	if (inet_pton(AF_INET, s, &a) != 1)
		return false;
	m    = ntohl(a.s_addr);
	*ret = (unsigned)__builtin_popcount(m);
	return m == (*ret == 0 ? 0 : UINT32_MAX << (32 - *ret));
}

bool
conf_host_canonical(const char *word, char *dst, size_t cap)
{
	char host[CONF_HOST_TEXT];
	size_t n	  = strcspn(word, "/");
	const char *slash = word[n] ? word + n + 1 : NULL;
	unsigned char raw[16];
	unsigned bits;
	bool v4;

	for (size_t i = 0; i < NELEM(words); i++) {
		if (strcasecmp(word, words[i].word) == 0)
			return (size_t)snprintf(dst, cap, "%s", words[i].means) < cap;
	}
	if (dotted_prefix(word, dst, cap))
		return true;
	if (n >= sizeof host)
		return false;
	memcpy(host, word, n);
	host[n] = '\0';
	v4	= inet_pton(AF_INET, host, raw) == 1;
	if (!v4 && inet_pton(AF_INET6, host, raw) != 1)
		return false;
	if (!slash)
		return (size_t)snprintf(dst, cap, "%s", host) < cap;
	if (!bits_read(slash, v4 ? 32 : 128, &bits) && !(v4 && mask_read(slash, &bits)))
		return false;
	return (size_t)snprintf(dst, cap, "%s/%u", host, bits) < cap;
}
