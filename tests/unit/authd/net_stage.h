/*
 * net_stage.h - a net without processes around it: who asks is the test, and
 * the servers it reaches are sockets on the test's own loop.
 */
#ifndef TESTS_UNIT_AUTHD_NET_STAGE_H
#define TESTS_UNIT_AUTHD_NET_STAGE_H

#include "tests/unit/check.h"

#include "authd/net/domain.h"
#include "authd/net/kdc.h"

struct call {
	struct loop *loop;
	bool kept, answered;
	nt status;
	size_t n;
	uint8_t body[MSG_BODY_MAX];
};

/* Its resolver knows no name server and no host; domain is there. */
struct net *net_stage_new(const struct conf_net_req *);
void net_stage_drop(struct net *);
/* Turns the loop until the call is answered. */
void net_stage_run(struct net *, struct call *);
struct call *net_stage_call(struct net *);

#endif
