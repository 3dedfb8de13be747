/*
 * sandbox.c - what the Kerberos acceptor may ask of the kernel: its links, and
 * writing the one file of keys that it opened before.  It opens nothing: keytab,
 * settings and replay cache are in its memory, so its root is empty but for its
 * own sockets.
 */
#include <stdio.h>

#include "authd/krb/krb.h"
#include "base/fatal.h"

static const struct sandbox_rule krb_rules[] = {
	ALLOW(pwrite64, "a key that was added or removed, in the file opened before"),
	ALLOW(fdatasync, "a key that was acknowledged is on disk"),
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
krb_isolate(struct krb *me, const struct birth *b, char *links, size_t cap)
{
	static const char *const roles[] = { "krb" };
	char from[NELEM(roles)][PATH_BOUND], to[NELEM(roles)][NAME_BOUND];

	me->box = (struct sandbox){
		.who	 = "krb",
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
krb_seal(struct krb *me)
{
	sandbox_seal(&me->box, krb_rules, NELEM(krb_rules));
}
