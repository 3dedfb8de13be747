/*
 * sandbox.c - what the store may ask of the kernel: its links, and writing the
 * files that it opened before.  It opens nothing, so its root is empty but
 * for the sockets of the peers it meets.
 */
#include "authd/store/store.h"

/* A socket for each worker, of which there may be as many as `worker uids` has. */
#define FILES_MAX 4096u

static const struct sandbox_rule store_rules[] = {
	ALLOW(pwrite64, "LMDB: pages"),
	ALLOW(lseek, "LMDB: before it writes runs of pages"),
	ALLOW(fdatasync, "LMDB: an account that was acknowledged is on disk"),
	ALLOW(mlock, "libsodium keeps CURVE secrets out of swap: a storage on another host"),
	ALLOW(munlock, "and lets go of them"),
};

void
store_isolate(struct store *s, const struct birth *b, char *links, size_t cap)
{
	static const char *const roles[] = { "store", "fsd", "names", "krb", "net", "relay" };

	s->box = (struct sandbox){
		.who	 = "store",
		.uid	 = b->uid,
		.gid	 = b->gid,
		.files	 = FILES_MAX,
		.require = b->require_sandbox,
	};
	sandbox_isolate_links(&s->box, b->runtime, roles, NELEM(roles), true, links, cap);
}

void
store_seal(struct store *s)
{
	sandbox_seal(&s->box, store_rules, NELEM(store_rules));
}
