/*
 * gate.c - accepts connections and bounds them: how many, how long, which one
 * goes when there are too many.  What they say is read in gate_conn.c.
 */
#include "smbd/gate.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"
#include "ipc/msg/dir.msg.h"
#include "proto/fscc/filetime.h"
#include "smbd/limits.h"

#define ACCEPT_PAUSE_MS 100u

static bool
addr_from(const struct sockaddr_storage *ss, struct net_addr *ret)
{
	struct net_addr a = { 0 };

	if (ss->ss_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, ss, sizeof in);
		a = (struct net_addr){ .family = 4, .port = ntohs(in.sin_port) };
		memcpy(a.b, &in.sin_addr, 4);
	} else if (ss->ss_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, ss, sizeof in6);
		a = (struct net_addr){ .family = 6, .port = ntohs(in6.sin6_port) };
		memcpy(a.b, &in6.sin6_addr, 16);
	} else {
		return false;
	}
	*ret = a;
	return true;
}

static bool
addr_local(int fd, struct net_addr *ret)
{
	struct sockaddr_storage ss = { 0 };
	socklen_t n                = sizeof ss;

	return getsockname(fd, (struct sockaddr *)&ss, &n) == 0 && addr_from(&ss, ret);
}

/*
 * Early random drop: above GATE_DROP_PERCENT the chance that a stranger has to
 * leave for the newcomer grows to certainty, so a flood cannot keep the honest out.
 */
static void
gate_make_room(struct gate *g)
{
	uint32_t soft = (uint32_t)((uint64_t)g->max_conns * GATE_DROP_PERCENT / 100);

	if (g->n_conns < soft || g->n_conns == 0)
		return;
	if (g->n_conns < g->max_conns && random_u64() % (g->max_conns - soft) >= g->n_conns - soft)
		return;
	gconn_drop(g->table[random_u64() % g->n_conns], "too many connections");
}

struct gconn *
gate_admit(struct gate *g, int fd)
{
	struct gconn *c;

	gate_make_room(g);
	c = calloc(1, sizeof *c);
	if (!c)
		return NULL;
	c->gate             = g;
	c->fd               = fd;
	c->index            = g->n_conns;
	g->table[g->n_conns++] = c;
	TAILQ_INSERT_TAIL(&g->conns, c, all);
	g->accepted++;
	return c;
}

static void
gate_take_one(struct gate *g, int fd, const struct sockaddr_storage *from)
{
	struct gconn *c;
	int one = 1;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	c = gate_admit(g, fd);
	if (!c || !addr_from(from, &c->params.client) || !addr_local(fd, &c->params.server)) {
		if (c)
			gconn_drop(c, "no address");
		else
			close(fd);
		return;
	}
	gconn_start(c);
}

static void
gate_listen(struct gate *g, bool on)
{
	for (size_t i = 0; i < g->smbd->birth.n_listeners; i++)
		if (g->listeners[i].watch.loop)
			loop_mod(&g->listeners[i].watch, on ? EPOLLIN : 0);
}

static void
gate_resume(void *ctx)
{
	gate_listen(ctx, true);
}

static void
gate_accept(void *ctx, uint32_t events)
{
	struct gate_listener *l = ctx;
	struct gate *g          = l->gate;

	(void)events;
	for (uint32_t i = 0; i < GATE_ACCEPT_BURST; i++) {
		struct sockaddr_storage from = { 0 };
		socklen_t n                  = sizeof from;
		int fd = accept4(l->watch.fd, (struct sockaddr *)&from, &n,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0) {
			gate_take_one(g, fd, &from);
			continue;
		}
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
			gate_listen(g, false);
			loop_timer_set(g->smbd->loop, &g->pause, ACCEPT_PAUSE_MS, gate_resume, g);
		}
		return;
	}
}

/* ---- links come and go ---- */

static void
gate_retry(struct gate *g, enum gconn_state what)
{
	struct gconn *c, *next;

	for (c = TAILQ_FIRST(&g->conns); c; c = next) {
		next = TAILQ_NEXT(c, all);
		if (c->state != what)
			continue;
		if (what == GCONN_WANTS_STORE)
			gconn_handle(c);
		else
			gconn_give(c);
	}
}

static void
gate_peer_up(void *me, struct link *l)
{
	if (link_role(l) == PEER_STORE)
		gate_retry(me, GCONN_WANTS_STORE);
	else if (link_role(l) == PEER_WORKER)
		gate_retry(me, GCONN_WANTS_WORKER);
}

static void
gate_peer_down(void *me, struct link *l)
{
	struct gate *g = me;

	if (link_role(l) == PEER_API)
		taps_clear(&g->smbd->taps);
}

static void
gate_reload(void *me, struct span part)
{
	struct gate *g = me;

	if (!conf_load(&g->smbd->conf, part))
		log_error("the new configuration part is not usable");
}

/* Logons under way are given up: nothing of them is acknowledged yet. */
static void
gate_stop(void *me)
{
	struct gate *g = me;

	g->stopping = true;
	gate_listen(g, false);
	while (!TAILQ_EMPTY(&g->conns))
		gconn_drop(TAILQ_FIRST(&g->conns), "the service stops");
	loop_stop(g->smbd->loop, 0);
}

const struct node_events gate_events = {
	.peer_up   = gate_peer_up,
	.peer_down = gate_peer_down,
	.reload    = gate_reload,
	.stop      = gate_stop,
};

/* ---- birth ---- */

static void *
gate_begin(struct smbd *smbd)
{
	struct gate *g = xcalloc(1, sizeof *g);

	g->smbd      = smbd;
	g->max_conns = smbd->conf.server.max_connections;
	if (g->max_conns == 0)
		fatal("max connections is 0");
	g->table   = xcalloc(g->max_conns, sizeof(struct gconn *));
	g->started = filetime_from_ns((int64_t)clock_real_ns());
	TAILQ_INIT(&g->conns);
	return g;
}

static void
gate_listening(void *ctx, nt status, const struct dir_listening_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)rsp;
	(void)data;
	if (nt_failed(status))
		log_warn("the directory did not take our address status=%s", nt_name(status));
}

static void
gate_serve(void *me)
{
	struct gate *g = me;

	for (size_t i = 0; i < g->smbd->birth.n_listeners; i++) {
		struct gate_listener *l = &g->listeners[i];
		struct dir_listening_req req;

		l->gate = g;
		loop_add(g->smbd->loop, &l->watch, g->smbd->birth.listeners[i], EPOLLIN,
		    gate_accept, l);
		if (!addr_local(l->watch.fd, &req.addr))
			fatal("a listener without address fd=%d", l->watch.fd);
		if (nt_failed(dir_listening_call(node_directory(g->smbd->node), &req, NULL,
			gate_listening, NULL)))
			log_warn("the directory could not be told our address");
	}
}

static const struct ipc_method gate_methods[] = { TAP_ROWS };
static const char *const gate_links[]         = { "store", "api", NULL };

const struct smbd_role gate_role = {
	.role      = PEER_GATE,
	.methods   = gate_methods,
	.n_methods = NELEM(gate_methods),
	.events    = &gate_events,
	.rules     = &gate_rules,
	.links     = gate_links,
	.begin     = gate_begin,
	.serve     = gate_serve,
};
