/* traced.c - packets out of events, and in order. */
#include "cli/traced.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "cli/values.h"

#define PORT_FIRST 49152u	/* of clients without an address: one port a connection */
#define PORT_COUNT 16384u

/* "192.0.2.1:445", "[2001:db8::1]:445" */
static bool
endpoint_read(const char *text, struct endpoint *ret)
{
	const char *colon = strrchr(text, ':');
	bool six	  = text[0] == '[';
	char host[64];
	size_t n;

	if (!colon)
		return false;
	n = (size_t)(colon - text);
	if (six && (n < 2 || text[n - 1] != ']'))
		return false;
	n -= six ? 2 : 0;
	if (n >= sizeof host)
		return false;
	memcpy(host, text + (six ? 1 : 0), n);
	host[n]	  = '\0';
	ret->n	  = six ? 16 : 4;
	ret->port = (uint16_t)strtoul(colon + 1, NULL, 10);
	return inet_pton(six ? AF_INET6 : AF_INET, host, ret->address) == 1;
}

struct traced *
traced_read(const json_t *event, const uint8_t *bytes, size_t n)
{
	struct traced *t = xcalloc(1, sizeof *t + n);

	if (!endpoint_read(json_str_get(event, "server"), &t->server)) {
		free(t);
		return NULL;
	}
	if (!endpoint_read(json_str_get(event, "client"), &t->client)) {
		t->client.n    = t->server.n;
		t->client.port = (uint16_t)(PORT_FIRST + json_u64_get(event, "connection") % PORT_COUNT);
	}
	t->time	   = json_u64_get(event, "time");
	t->answer  = json_is_true(json_object_get(event, "answer"));
	t->opened  = json_is_true(json_object_get(event, "encrypted"));
	t->zeros   = (uint32_t)json_u64_get(event, "zeros");
	t->missing = (uint32_t)json_u64_get(event, "missing");
	t->lost	   = json_u64_get(event, "lost");
	t->n	   = n;
	if (n > 0)
		memcpy(t->bytes, bytes, n);
	return t;
}

void
traced_put(struct traced_queue *q, struct traced *t)
{
	struct traced **at = &q->first;

	while (*at && (*at)->time <= t->time)
		at = &(*at)->next;
	t->next = *at;
	*at	= t;
	q->n++;
}

struct traced *
traced_take(struct traced_queue *q, uint64_t before)
{
	struct traced *t = q->first;

	if (!t || t->time >= before)
		return NULL;
	q->first = t->next;
	q->n--;
	return t;
}
