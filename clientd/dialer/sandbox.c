/*
 * sandbox.c - what the dialer may ask of the kernel: IP sockets and what names
 * need to become addresses.
 */
#include <fcntl.h>

#include "clientd/dialer/dialer.h"
#include "sandbox/names.h"

static const struct sandbox_rule dialer_rules[] = {
	SANDBOX_NAMES,
	ALLOW(dup, "a connected socket waiting for a full channel"),
	ALLOW_IF(fcntl, 1, 0xffffffffu, F_DUPFD_CLOEXEC, "the same"),
};

void
dialer_isolate(struct dialer *me, const struct birth *b, char *links, size_t cap)
{
	me->box = (struct sandbox){
		.who	 = "dialer",
		.uid	 = b->uid,
		.gid	 = b->gid,
		.require = b->require_sandbox,
		.keep_net = true,
		.files	 = DIAL_FILES,
	};
	sandbox_bind_names(&me->box);
	sandbox_isolate_links(&me->box, b->runtime, NULL, 0, false, links, cap);
}

void
dialer_seal(struct dialer *me)
{
	sandbox_seal(&me->box, dialer_rules, NELEM(dialer_rules));
}
