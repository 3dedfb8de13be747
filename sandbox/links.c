/* links.c - walls with doors to peers: the directories of their sockets.  See sandbox.h. */
#include <limits.h>
#include <stdio.h>

#include "base/fatal.h"
#include "sandbox/sandbox.h"

#define TO_MAX 64

struct door {
	char from[PATH_MAX], to[TO_MAX];
};

static void
door_bind(struct door *d, struct sandbox *s, const char *runtime, const char *role, bool write)
{
	ENSURE(snprintf(d->from, sizeof d->from, "%s/links/%s", runtime, role) <
	       (int)sizeof d->from);
	ENSURE(snprintf(d->to, sizeof d->to, "/links/%s", role) < (int)sizeof d->to);
	sandbox_bind(s, d->from, d->to, write);
}

void
sandbox_isolate_links(struct sandbox *s, const char *runtime, const char *const *roles, size_t n,
    bool ours, char *links, size_t cap)
{
	struct door doors[SANDBOX_LINKS];
	bool rooted;

	ENSURE(n <= SANDBOX_LINKS);
	for (size_t i = 0; i < n; i++)
		door_bind(&doors[i], s, runtime, roles[i], ours && i == 0);
	rooted = sandbox_isolate(s);
	ENSURE(snprintf(links, cap, "%s/links", rooted ? "" : runtime) < (int)cap);
	s->n_binds = 0;
}
