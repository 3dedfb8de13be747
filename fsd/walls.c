/* walls.c - the new root: links/fsd, and each share at /shares/N. */
#include "fsd/walls.h"

#include <stdio.h>

#include "base/fatal.h"
#include "base/log.h"
#include "fsd/creds.h"

#define PATH_ROOM 4096

static void
bind_share(struct sandbox *box, const struct share *s)
{
	char inside[32];

	/* One place is left for who has to add something (memory-checking builds). */
	if (box->n_binds + 1 >= SANDBOX_BINDS) {
		log_error("too many shares, this one is not served share=%s", log_qs(s->name));
		return;
	}
	(void)snprintf(inside, sizeof inside, "/shares/%u", s->index);
	box->binds[box->n_binds++] = (struct sandbox_bind){
		.from      = s->path,
		.to        = xstrdup(inside),
		.write     = !share_is_read_only(s),
		.recursive = true,
	};
}

bool
walls_isolate(struct sandbox *box, const struct birth *b, const struct shares *shares)
{
	static char links[PATH_ROOM];

	box->who     = "fsd";
	box->uid     = b->uid;
	box->gid     = b->gid;
	box->require = b->require_sandbox;
	box->files   = (uint64_t)(shares->max_opens ? shares->max_opens : FSD_OPENS_MAX) +
		     2 * FSD_FDS_RESERVE;
	if (b->uid != (uid_t)-1) {
		box->keep_groups = true;
		box->keep_caps   = CREDS_KEPT;
		box->hold_caps   = CREDS_HELD;
	}
	(void)snprintf(links, sizeof links, "%s/links/fsd", b->runtime);
	sandbox_bind(box, links, "/links/fsd", true);
	for (const struct share *s = shares->first; s; s = s->next)
		bind_share(box, s);
	return sandbox_isolate(box);
}
