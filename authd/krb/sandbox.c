/*
 * sandbox.c - what the Kerberos acceptor may ask of the kernel: its links, and
 * writing the one file of keys that it opened before.  It opens nothing: keytab,
 * settings and replay cache are in its memory, so its root is empty but for its
 * own sockets.
 */
#include "authd/krb/krb.h"

static const struct sandbox_rule krb_rules[] = {
	ALLOW(pwrite64, "a key that was added or removed, in the file opened before"),
	ALLOW(fdatasync, "a key that was acknowledged is on disk"),
};

void
krb_isolate(struct krb *me, const struct birth *b, char *links, size_t cap)
{
	static const char *const roles[] = { "krb" };

	me->box = (struct sandbox){
		.who	 = "krb",
		.uid	 = b->uid,
		.gid	 = b->gid,
		.require = b->require_sandbox,
	};
	sandbox_isolate_links(&me->box, b->runtime, roles, NELEM(roles), true, links, cap);
}

void
krb_seal(struct krb *me)
{
	sandbox_seal(&me->box, krb_rules, NELEM(krb_rules));
}
