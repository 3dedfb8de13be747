/*
 * service.c - what a worker can be asked; the rows come from the contract in
 * ipc/msg/smbd.msg.h.  A gate can only be asked to
 * show its packets.  Its role is in gate.c.
 */
#include "smbd/hook.h"

#define MSG_ME struct worker
WORKER_MESSAGES(MSG_SERVE)
WORKER_HOOK_MESSAGES(MSG_SERVE)

static const struct ipc_method worker_methods[] = { WORKER_MESSAGES(MSG_ROW) WORKER_HOOK_MESSAGES(
    MSG_ROW) TAP_ROWS };
static const char *const worker_links[]         = { "store", "fsd", "api", "relay", NULL };

const struct smbd_role worker_role = {
	.role      = PEER_WORKER,
	.methods   = worker_methods,
	.n_methods = NELEM(worker_methods),
	.events    = &worker_events,
	.rules     = &worker_rules,
	.links     = worker_links,
	.begin     = worker_begin,
	.serve     = worker_serve,
};
