/*
 * sandbox.c - what the keeper of credentials may ask of the kernel: nothing but
 * its links.  All it keeps is in memory.
 */
#include <errno.h>

#include "authd/cred/cred.h"

static const struct sandbox_rule cred_rules[] = {
	DENY(openat, EACCES, "Heimdal looks for files; all it needs is in memory"),
};

void
cred_isolate(struct cred *me, const struct birth *b, char *links, size_t cap)
{
	static const char *const roles[] = { "cred", "net" };

	me->box = (struct sandbox){
		.who	 = "cred",
		.uid	 = b->uid,
		.gid	 = b->gid,
		.require = b->require_sandbox,
	};
	sandbox_isolate_links(&me->box, b->runtime, roles, NELEM(roles), true, links, cap);
}

void
cred_seal(struct cred *me)
{
	sandbox_seal(&me->box, cred_rules, NELEM(cred_rules));
}
