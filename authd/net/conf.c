/*
 * conf.c - net's part of the configuration.
 */
#include "authd/net/net.h"

#define NS_PER_MS 1000000u

uint64_t
net_now_ms(const struct net *me)
{
	return loop_now(me->loop) / NS_PER_MS;
}

nt
net_configure(struct net *me, struct span part)
{
	return conf_copy_take(&me->part, part, &conf_net_desc, &me->conf);
}
