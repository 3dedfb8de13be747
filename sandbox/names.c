/* names.c - see names.h. */
#include "sandbox/names.h"

#include <unistd.h>

#include "base/nt.h"

/* What is not there is not brought in. */
static const char *const paths[] = {
	"/etc",			/* resolv.conf, nsswitch.conf, hosts, gai.conf */
	"/run/systemd/resolve", /* where resolv.conf often points */
	"/run/resolvconf",	/* the same */
	"/run/NetworkManager",	/* the same */
};

/* With the mounts below: in a container resolv.conf and hosts are mounts of their own. */
void
sandbox_bind_names(struct sandbox *s)
{
	for (size_t i = 0; i < NELEM(paths); i++) {
		if (access(paths[i], F_OK) != 0)
			continue;
		sandbox_bind(s, paths[i], paths[i], false);
		s->binds[s->n_binds - 1].recursive = true;
	}
}
