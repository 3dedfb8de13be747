/*
 * relay.c - the way of worker, store and api to storages on other hosts: a
 * socket below links/relay for each, and a TCP connection for each that comes.
 *
 * They speak CURVE with the storage's fsd end to end, so that a captured relay
 * can cut and delay, as any network can, and nothing else.  It reaches what the
 * configuration names; nobody can send it elsewhere.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/bridge/place.h"
#include "broker/broker.h"
#include "ipc/birth.h"
#include "ipc/msg/conf.msg.h"
#include "ipc/node.h"
#include "sandbox/sandbox.h"

#define SPLICES_MAX 8000u
#define BACKLOG	    256

struct post {
	struct relay *relay;
	struct place place;
	char name[STORAGE_BOUND + 1];
	int listener;
	struct loop_fd watch;
};

struct relay {
	struct loop *loop;
	struct node *node;
	struct post posts[STORAGES_MAX];
	size_t n, n_splices;
};

static void
splice_ended(void *ctx)
{
	struct relay *me = ctx;

	me->n_splices--;
}

static void
somebody_came(void *ctx, uint32_t events)
{
	struct post *p	 = ctx;
	struct relay *me = p->relay;
	int fd		 = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (fd < 0)
		return;
	if (me->n_splices >= SPLICES_MAX) {
		close(fd);
		return;
	}
	me->n_splices++;
	place_connect(&p->place, fd);
}

static void
post_add(struct relay *me, const struct conf_storage_host_req *host)
{
	struct post *p = &me->posts[me->n];

	if (me->n == STORAGES_MAX || host->storage.n > STORAGE_BOUND)
		fatal("more storages than there can be");
	p->relay = me;
	memcpy(p->name, host->storage.s, host->storage.n + 1);
	p->place = (struct place){ .at.port = host->port, .storage = p->name,
				   .ended = splice_ended, .ctx = me };
	memcpy(p->place.at.host, host->host.s, host->host.n + 1);
	me->n++;
}

static void
part_take(struct relay *me, struct span part)
{
	struct rd r = rd_init(part);
	struct conf_storage_host_req host;
	struct span body;
	uint16_t id;

	while (conf_next(&r, &id, &body)) {
		if (id != conf_storage_host_desc.id)
			continue;
		if (nt_failed(conf_storage_host_req_decode(body, &host)))
			fatal("a configuration record makes no sense id=%u", id);
		post_add(me, &host);
	}
}

static bool
any_name(const struct relay *me)
{
	for (size_t i = 0; i < me->n; i++) {
		if (place_has_name(&me->posts[i].place.at))
			return true;
	}
	return false;
}

/* Who may come, the directories above say; what for, the storage's fsd. */
static void
post_open(struct post *p, struct resolver *resolver, const char *links)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	mode_t mask = umask(0);
	int n = snprintf(un.sun_path, sizeof un.sun_path, "%s/relay/%s", links, p->name);

	ENSURE(n > 0);
	p->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	(void)unlink(un.sun_path);
	if ((size_t)n >= sizeof un.sun_path || p->listener < 0 ||
	    bind(p->listener, (struct sockaddr *)&un, sizeof un) != 0 ||
	    listen(p->listener, BACKLOG) != 0)
		fatal("%s: %s", log_qs(un.sun_path), strerror(errno));
	(void)umask(mask);
	loop_add(p->relay->loop, &p->watch, p->listener, EPOLLIN, somebody_came, p);
	p->place.loop	  = p->relay->loop;
	p->place.resolver = place_has_name(&p->place.at) ? resolver : NULL;
	place_begin(&p->place);
	log_info("storage=%s is at host=%s port=%u", p->name, log_qs(p->place.at.host),
		 p->place.at.port);
}

int
relay_main(int argc, char **argv)
{
	static struct relay me;
	char links[PATH_BOUND + 16];
	struct node_conf conf = { .role = PEER_RELAY, .links = links, .me = &me };
	struct resolver *resolver = NULL;
	struct sandbox box;
	struct birth b;
	bool names;

	birth_begin(&b, argc, argv, "bulkhead-broker", FROM(RELAY));
	part_take(&me, b.part);
	names	= any_name(&me);
	me.loop = loop_new();
	(void)snprintf(links, sizeof links, "%s/links",
		       relay_isolate(&box, &b, names) ? "" : b.runtime);
	if (names)
		resolver = resolver_new(me.loop);
	conf.loop    = me.loop;
	conf.self    = b.self;
	conf.channel = b.channel;
	me.node	     = node_new(&conf);
	for (size_t i = 0; i < me.n; i++)
		post_open(&me.posts[i], resolver, links);
	relay_seal(&box, names);
	node_serve(me.node, sandbox_walls(&box));
	return loop_run(me.loop);
}
