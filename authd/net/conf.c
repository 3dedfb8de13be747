/*
 * conf.c - net's part of the configuration.
 */
#include <stdlib.h>
#include <string.h>

#include "authd/net/net.h"
#include "base/fatal.h"

#define NS_PER_MS 1000000u

uint64_t
net_now_ms(const struct net *me)
{
	return loop_now(me->loop) / NS_PER_MS;
}

/* A part of the configuration lives as long as the strings borrowed from it. */
nt
net_configure(struct net *me, struct span part)
{
	uint8_t *copy = xcalloc(1, part.n + 1);
	struct rd r   = rd_init(SPAN(copy, part.n));
	struct conf_net_req conf;
	struct span body;
	bool found = false;
	uint16_t id;

	if (part.n > 0)
		memcpy(copy, part.p, part.n);
	while (conf_next(&r, &id, &body))
		if (id == conf_net_desc.id)
			found = nt_ok(conf_net_req_decode(body, &conf));
	if (!found) {
		free(copy);
		return STATUS_DATA_ERROR;
	}
	free(me->part);
	me->part = copy;
	me->conf = conf;
	return STATUS_SUCCESS;
}
