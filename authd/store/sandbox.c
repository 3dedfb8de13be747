/*
 * sandbox.c - what the store may ask of the kernel: its links, and writing the
 * files that it opened before.  It opens nothing, so its root is empty but
 * for the sockets of the peers it meets.
 */
#include <stdio.h>

#include "authd/store/store.h"
#include "base/fatal.h"

/* A socket for each worker, of which there may be as many as `worker uids` has. */
#define FILES_MAX 4096u

static const struct sandbox_rule store_rules[] = {
	ALLOW(pwrite64, "LMDB: pages"),
	ALLOW(lseek, "LMDB: before it writes runs of pages"),
	ALLOW(fdatasync, "LMDB: an account that was acknowledged is on disk"),
	ALLOW(mlock, "libsodium keeps CURVE secrets out of swap: a storage on another host"),
	ALLOW(munlock, "and lets go of them"),
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
store_isolate(struct store *s, const struct birth *b, char *links, size_t cap)
{
	static const char *const roles[] = { "store", "fsd", "names", "krb", "net", "relay" };
	char from[NELEM(roles)][PATH_BOUND], to[NELEM(roles)][NAME_BOUND];

	s->box = (struct sandbox){
		.who	 = "store",
		.uid	 = b->uid,
		.gid	 = b->gid,
		.files	 = FILES_MAX,
		.require = b->require_sandbox,
	};
	for (size_t i = 0; i < NELEM(roles); i++)
		bind_links(&s->box, b->runtime, roles[i], i == 0, from[i], to[i]);
	if (sandbox_isolate(&s->box))
		ENSURE(snprintf(links, cap, "/links") < (int)cap);
	else
		ENSURE(snprintf(links, cap, "%s/links", b->runtime) < (int)cap);
	s->box.n_binds = 0; /* the paths were ours; nobody needs them again */
}

void
store_seal(struct store *s)
{
	sandbox_seal(&s->box, store_rules, NELEM(store_rules));
}
