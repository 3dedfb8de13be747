/*
 * session.h - one script owner's sessions with other servers: SMB over sockets
 * that are handed in.  It makes no socket, opens no file, sees no password.
 */
#ifndef CLIENTD_SESSION_SESSION_H
#define CLIENTD_SESSION_SESSION_H

#include "base/loop.h"
#include "ipc/birth.h"
#include "ipc/node.h"
#include "sandbox/sandbox.h"

struct session {
	struct loop *loop;
	struct node *node;
	struct sandbox box;
};

extern const struct ipc_method session_methods[];
extern const size_t session_methods_n;

void session_isolate(struct session *, const struct birth *, char *links, size_t cap);
void session_seal(struct session *);

#endif
