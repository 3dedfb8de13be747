/*
 * main.c - birth of bulkhead-smbd in its two roles: arguments, walls, links,
 * filter, and only then foreign bytes.
 */
#include <stdio.h>

#include "base/fatal.h"
#include "base/log.h"
#include "proto/smb2/crypto.h"
#include "smbd/limits.h"
#include "smbd/smbd.h"

#define PATH_ROOM 4096

static const struct smbd_role *
role_of(enum peer_role role)
{
	return role == PEER_GATE ? &gate_role : &worker_role;
}

/* The only thing it may see of the file system: the sockets of its peers. */
static void
main_isolate(struct smbd *s, const struct smbd_role *role, struct sandbox *box, char *links)
{
	static char from[5][PATH_ROOM], to[5][PATH_ROOM];

	for (size_t i = 0; role->links[i]; i++) {
		ENSURE(i < NELEM(from));
		snprintf(from[i], PATH_ROOM, "%s/links/%s", s->birth.runtime, role->links[i]);
		snprintf(to[i], PATH_ROOM, "/links/%s", role->links[i]);
		sandbox_bind(box, from[i], to[i], false); /* it connects there, no more */
	}
	if (sandbox_isolate(box))
		snprintf(links, PATH_ROOM, "/links");
	else
		snprintf(links, PATH_ROOM, "%s/links", s->birth.runtime);
}

int
main(int argc, char **argv)
{
	static struct smbd s;
	static char links[PATH_ROOM];
	const struct smbd_role *role;
	struct sandbox box = { .who = "smbd" };
	void *me;

	log_open("smbd");
	birth_begin(&s.birth, argc, argv, "bulkhead-smbd", FROM(GATE) | FROM(WORKER));
	role = role_of(s.birth.role);
	if (!conf_load(&s.conf, s.birth.part))
		fatal("the configuration part is not usable");
	if (nt_failed(smb2_crypto_init()))
		fatal("libcrypto lacks what SMB needs");
	box.who     = peer_role_name(role->role);
	box.uid     = s.birth.uid;
	box.gid     = s.birth.gid;
	box.require = s.birth.require_sandbox;
	box.files   = s.conf.server.max_connections + GATE_RESERVE_FDS;
	main_isolate(&s, role, &box, links);
	s.loop = loop_new();
	me     = role->begin(&s);
	s.node = node_new(&(struct node_conf){ .loop = s.loop, .role = role->role,
	    .self = s.birth.self, .channel = s.birth.channel, .links = links,
	    .methods = role->methods, .n_methods = role->n_methods, .events = role->events,
	    .me = me });
	taps_init(&s.taps, s.node);
	sandbox_seal(&box, role->rules->rows, role->rules->n);
	node_serve(s.node, sandbox_walls(&box));
	role->serve(me);
	return loop_run(s.loop);
}
