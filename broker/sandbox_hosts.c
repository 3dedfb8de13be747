/*
 * sandbox_hosts.c - what the roles between hosts may ask of the kernel, and why.
 */
#include "sandbox/names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/nt.h"
#include "broker/broker.h"
#include "ipc/birth.h"

#define UID_NOBODY 65534u

/* ---- bridge and bridgehead: what is said at joining, between hosts ---- */

static const struct sandbox_rule bridge_rules[] = {
	ALLOW(listen, "libzmq takes over the inherited listener"),
	ALLOW(socketpair, "each process of a storage has one with the directory"),
	ALLOW(dup, "one end goes to the directory"),
	ALLOW_IF(fcntl, 1, 0xffffffffu, F_DUPFD_CLOEXEC, "the same"),
	ALLOW(mlock, "libsodium keeps CURVE secrets out of swap"),
	ALLOW(munlock, "and lets go of them"),
	DENY(openat, EACCES, "there is nothing to open"),
};

bool
bridge_isolate(struct sandbox *s, const struct birth *b)
{
	static char from[PATH_BOUND + 16];

	*s = (struct sandbox){
		.who = "bridge", .uid = b->uid, .gid = b->gid, .require = b->require_sandbox
	};
	(void)snprintf(from, sizeof from, "%s/links/bridge", b->runtime);
	sandbox_bind(s, from, "/links/bridge", true);
	return sandbox_isolate(s);
}

void
bridge_seal(struct sandbox *s)
{
	sandbox_seal(s, bridge_rules, NELEM(bridge_rules));
}

#define BRIDGEHEAD_RULES                                                                           \
	ALLOW(memfd_create, "parts of the configuration, as they came"),                           \
	ALLOW_IF(fcntl, 1, 0xffffffffu, F_ADD_SEALS, "sealed before they go out"),                 \
	ALLOW(mlock, "libsodium keeps CURVE secrets out of swap"),                                 \
	ALLOW(munlock, "and lets go of them")

static const struct sandbox_rule bridgehead_rules[] = {
	BRIDGEHEAD_RULES,
	ALLOW_IF(socket, 0, 0xffffffffu, AF_INET, "the front end"),
	ALLOW_IF(socket, 0, 0xffffffffu, AF_INET6, "the same"),
	DENY(openat, EACCES, "there is nothing to open"),
};

/* --join with a name. */
static const struct sandbox_rule bridgehead_names_rules[] = { BRIDGEHEAD_RULES, SANDBOX_NAMES };

/* Before anybody has told our outpost what uids there are. */
void
bridgehead_isolate(struct sandbox *s, bool names)
{
	bool root = geteuid() == 0;

	*s = (struct sandbox){ .who	 = "bridgehead",
			       .uid	 = root ? UID_NOBODY : (uid_t)-1,
			       .gid	 = root ? UID_NOBODY : (gid_t)-1,
			       .keep_net = true };
	if (names)
		sandbox_bind_names(s);
	sandbox_isolate(s);
}

void
bridgehead_seal(struct sandbox *s, bool names)
{
	if (names)
		sandbox_seal(s, bridgehead_names_rules, NELEM(bridgehead_names_rules));
	else
		sandbox_seal(s, bridgehead_rules, NELEM(bridgehead_rules));
}

/* ---- relay: bytes that it cannot read, to the addresses that the configuration has ---- */

static const struct sandbox_rule relay_rules[] = {
	ALLOW_IF(socket, 0, 0xffffffffu, AF_INET, "storages"),
	ALLOW_IF(socket, 0, 0xffffffffu, AF_INET6, "the same"),
	DENY(openat, EACCES, "there is nothing to open"),
};

/* Where `storage hosts` has names: containers' addresses change while we run. */
static const struct sandbox_rule relay_names_rules[] = { SANDBOX_NAMES };

bool
relay_isolate(struct sandbox *s, const struct birth *b, bool names)
{
	static char from[PATH_BOUND + 16];

	*s = (struct sandbox){ .who	 = "relay",
			       .uid	 = b->uid,
			       .gid	 = b->gid,
			       .require	 = b->require_sandbox,
			       .keep_net = true,
			       .files	 = 16384 }; /* two for each process here and storage there */
	(void)snprintf(from, sizeof from, "%s/links/relay", b->runtime);
	sandbox_bind(s, from, "/links/relay", true);
	if (names)
		sandbox_bind_names(s);
	return sandbox_isolate(s);
}

void
relay_seal(struct sandbox *s, bool names)
{
	if (names)
		sandbox_seal(s, relay_names_rules, NELEM(relay_names_rules));
	else
		sandbox_seal(s, relay_rules, NELEM(relay_rules));
}
