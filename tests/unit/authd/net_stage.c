/*
 * net_stage.c - see net_stage.h.  The linker takes the first definition of a
 * function, which is the one here, before that in ipc/.
 */
#include "tests/unit/authd/net_stage.h"

#include "authd/net/resolver.h"
#include "base/fatal.h"

struct call *
call_keep(struct call *c)
{
	assert_false(c->kept);
	c->kept = true;
	return c;
}

void
call_reply(struct call *c, nt status, struct span body, struct span data)
{
	assert_false(c->answered);
	assert_int_equal(data.n, 0);
	assert_true(body.n <= sizeof c->body);
	c->answered = true;
	c->status   = status;
	c->n	    = body.n;
	if (body.n > 0)
		memcpy(c->body, body.p, body.n);
	loop_stop(c->loop, 0);
}

struct call *
net_stage_call(struct net *me)
{
	struct call *c = xcalloc(1, sizeof *c);

	c->loop = me->loop;
	return c;
}

static void
configure(struct net *me, const struct conf_net_req *conf)
{
	uint8_t body[16384], part[20480];
	struct wr b = wr_init(body, sizeof body), p = wr_init(part, sizeof part);

	conf_net_req_encode(&b, conf);
	conf_put(&p, &conf_net_desc, wr_done(&b));
	assert_true(wr_ok(&p));
	assert_status(net_configure(me, wr_done(&p)), STATUS_SUCCESS);
}

struct net *
net_stage_new(const struct conf_net_req *conf)
{
	struct net *me = xcalloc(1, sizeof *me);

	configure(me, conf);
	me->loop = loop_new();
	TAILQ_INIT(&me->exchanges);
	me->resolver	   = xcalloc(1, sizeof *me->resolver);
	me->resolver->loop = me->loop;
	me->kdcs	   = kdcs_new();
	me->domain	   = domain_new(me);
	return me;
}

void
net_stage_drop(struct net *me)
{
	assert_true(TAILQ_EMPTY(&me->exchanges));
	assert_int_equal(me->domain->n_passes, 0);
	domain_drop(me->domain);
	kdcs_drop(me->kdcs);
	resolver_drop(me->resolver);
	loop_drop(me->loop);
	conf_copy_drop(&me->part);
	free(me);
}

void
net_stage_run(struct net *me, struct call *c)
{
	while (!c->answered)
		(void)loop_run(me->loop);
}
