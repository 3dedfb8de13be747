/* host.c - networks of host lists. */
#include "fsd/host.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"

/* "192.168.1." is how smb.conf writes 192.168.1.0/24. */
static bool
read_dotted(struct share_rule *r, const char *who)
{
	char whole[INET_ADDRSTRLEN + 8];
	unsigned dots = 0;
	size_t n      = strlen(who);

	for (const char *p = who; *p; p++)
		dots += *p == '.';
	if (n == 0 || n > INET_ADDRSTRLEN || who[n - 1] != '.' || dots > 3)
		return false;
	(void)snprintf(whole, sizeof whole, "%s%s", who,
	    dots == 3 ? "0" : dots == 2 ? "0.0" : "0.0.0");
	if (inet_pton(AF_INET, whole, r->net.b) != 1)
		return false;
	r->net.family = 4;
	r->prefix     = dots * 8;
	return true;
}

static bool
read_prefix(const char *text, unsigned max, unsigned *ret)
{
	char *end;
	unsigned long v;

	if (!text) {
		*ret = max;
		return true;
	}
	v    = strtoul(text, &end, 10);
	*ret = (unsigned)v;
	return *text >= '0' && *text <= '9' && *end == '\0' && v <= max;
}

static bool
read_network(struct share_rule *r, const char *who)
{
	char host[INET6_ADDRSTRLEN + 1];
	const char *slash = strchr(who, '/');
	size_t n          = slash ? (size_t)(slash - who) : strlen(who);

	if (n >= sizeof host)
		return false;
	memcpy(host, who, n);
	host[n] = '\0';
	if (inet_pton(AF_INET, host, r->net.b) == 1)
		r->net.family = 4;
	else if (inet_pton(AF_INET6, host, r->net.b) == 1)
		r->net.family = 6;
	else
		return false;
	return read_prefix(slash ? slash + 1 : NULL, r->net.family == 4 ? 32 : 128, &r->prefix);
}

void
host_read(struct share_rule *r)
{
	r->everybody = strcasecmp(r->who, "ALL") == 0;
	if (r->everybody || read_dotted(r, r->who) || read_network(r, r->who))
		return;
	r->net.family = 0;
	log_warn("host list entry is neither address nor network entry=%s", log_qs(r->who));
}

static bool
bits_same(const uint8_t *a, const uint8_t *b, unsigned n)
{
	uint8_t mask = (uint8_t)(0xFF00u >> n % 8);

	return memcmp(a, b, n / 8) == 0 && (n % 8 == 0 || ((a[n / 8] ^ b[n / 8]) & mask) == 0);
}

/* An IPv4 client that came over a dual-stack listener. */
static struct net_addr
unmapped(const struct net_addr *a)
{
	static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF };
	struct net_addr v4              = { .family = 4 };

	if (a->family != 6 || memcmp(a->b, mapped, sizeof mapped) != 0)
		return *a;
	memcpy(v4.b, a->b + 12, 4);
	return v4;
}

bool
host_matches(const struct share_rule *r, const struct net_addr *client)
{
	struct net_addr a = unmapped(client);

	return r->everybody ||
	       (r->net.family != 0 && r->net.family == a.family && bits_same(r->net.b, a.b, r->prefix));
}
