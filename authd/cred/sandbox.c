/*
 * sandbox.c - what the keeper of credentials may ask of the kernel: nothing but
 * its links.  All it keeps is in memory.
 */
#include <errno.h>
#include <stdio.h>

#include "authd/cred/cred.h"
#include "base/fatal.h"

static const struct sandbox_rule cred_rules[] = {
	DENY(openat, EACCES, "Heimdal looks for files; all it needs is in memory"),
};

static void
bind_links(struct sandbox *box, const char *runtime, const char *role, bool write, char *from,
	   char *to)
{
	ENSURE(snprintf(from, PATH_BOUND, "%s/links/%s", runtime, role) < (int)PATH_BOUND);
	ENSURE(snprintf(to, NAME_BOUND, "/links/%s", role) < (int)NAME_BOUND);
	sandbox_bind(box, from, to, write);
}

void
cred_isolate(struct cred *me, const struct birth *b, char *links, size_t cap)
{
	static const char *const roles[] = { "cred", "net" };
	char from[NELEM(roles)][PATH_BOUND], to[NELEM(roles)][NAME_BOUND];

	me->box = (struct sandbox){
		.who	 = "cred",
		.uid	 = b->uid,
		.gid	 = b->gid,
		.require = b->require_sandbox,
	};
	for (size_t i = 0; i < NELEM(roles); i++)
		bind_links(&me->box, b->runtime, roles[i], i == 0, from[i], to[i]);
	if (sandbox_isolate(&me->box))
		ENSURE(snprintf(links, cap, "/links") < (int)cap);
	else
		ENSURE(snprintf(links, cap, "%s/links", b->runtime) < (int)cap);
	me->box.n_binds = 0;
}

void
cred_seal(struct cred *me)
{
	sandbox_seal(&me->box, cred_rules, NELEM(cred_rules));
}
