/*
 * dial.c - asks the dialer for a connected socket.  The socket comes first, by
 * session_socket under our number, the answer to the question after it.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/secret.h"
#include "clientd/session/client.h"

#define ANSWER_SLACK_MS 15000u	/* beyond its own limit: then something is wrong with it */

struct dialing {
	struct waitq answered;
	struct id16 token;
	struct client *client;
	nt status;
	bool done, left;
	struct net_addr server;
};

static void
token_of(uint64_t id, struct id16 *ret)
{
	struct wr w = wr_init(ret->b, sizeof ret->b);

	wr_u64(&w, id);
	wr_u64(&w, 0);
}

static void
on_dialed(void *ctx, nt status, const struct dialer_connect_rsp *rsp, struct span data)
{
	struct dialing *d = ctx;

	(void)data;
	d->done	  = true;
	d->status = status;
	if (rsp)
		d->server = rsp->server;
	if (d->left)
		free(d);	/* the socket, if it came, goes by its own time limit */
	else
		waitq_wake(&d->answered);
}

nt
session_socket(struct client *me, struct job *j, const struct session_socket_req *req,
	       struct session_socket_rsp *rsp)
{
	int fd = call_take_fd(j->call);
	struct id16 token;

	(void)rsp;
	REQUIRE(fd >= 0, STATUS_INVALID_PARAMETER);
	token_of(req->id, &token);
	return given_put(me, &token, fd, &req->server);
}

nt
dial(struct client *me, const char *host, uint16_t port, uint32_t timeout_ms, int *ret,
     struct net_addr *ret_addr)
{
	const struct dialer_connect_req req = { .id = random_u64(), .host = str_of(host),
		.port = port, .timeout_ms = timeout_ms < 120000 ? timeout_ms : 120000 };
	const struct call_opt opt = { .timeout_ms = req.timeout_ms + ANSWER_SLACK_MS };
	struct link *l		  = node_peer(me->node, PEER_DIALER);
	struct dialing *d;
	struct id16 token;
	nt s;

	REQUIRE(l, STATUS_DEVICE_NOT_READY);
	d = xcalloc(1, sizeof *d);
	s = dialer_connect_call(l, &req, &opt, on_dialed, d);
	while (!nt_failed(s) && !d->done)
		s = fiber_wait(&d->answered);
	if (nt_is(s, STATUS_CANCELLED) && !d->done) {
		d->left = true;
		return s;
	}
	if (d->done && !nt_failed(s))
		s = d->status;
	free(d);
	TRY(s);
	token_of(req.id, &token);
	return given_take(me, &token, ret, ret_addr);
}
