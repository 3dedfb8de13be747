/*
 * dialer.h - resolves and connects, and passes the socket on.  It sees not a
 * byte of the connection: it writes nothing to it, reads nothing from it, and
 * keeps no copy of the descriptor once it is handed over.
 */
#ifndef CLIENTD_DIALER_DIALER_H
#define CLIENTD_DIALER_DIALER_H

#include <netinet/in.h>
#include <sys/queue.h>

#include "base/loop.h"
#include "ipc/birth.h"
#include "ipc/msg/client.msg.h"
#include "ipc/node.h"
#include "ipc/resolve.h"
#include "sandbox/sandbox.h"

#define DIALS_MAX      256u	/* at a time */
#define DIALS_PEER_MAX 32u	/* of one session process: it may not take all */
#define DIAL_TIMEOUT_MAX 120000u
#define DIAL_STAGGER_MS  250u	/* [RFC8305] 5 Connection Attempt Delay */
#define DIAL_FILES	 (DIALS_MAX * RESOLVE_MAX / 4 + 256)

struct dialer {
	struct loop *loop;
	struct node *node;
	struct sandbox box;
	struct resolver *resolver;
	TAILQ_HEAD(, dial) dials;
	size_t n_dials;
};

#define MSG_ME struct dialer
DIALER_MESSAGES(MSG_HANDLER)
#undef MSG_ME

extern const struct ipc_method dialer_methods[];
extern const size_t dialer_methods_n;

void dialer_isolate(struct dialer *, const struct birth *, char *links, size_t cap);
void dialer_seal(struct dialer *);
/* A session process is gone: nobody waits for its dials any more. */
void dials_forget(struct dialer *, const struct link *);

#endif
