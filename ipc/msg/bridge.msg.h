/*
 * bridge.msg.h - what the bridge, where storages of other hosts join, is told.
 */
#ifndef IPC_MSG_BRIDGE_MSG_H
#define IPC_MSG_BRIDGE_MSG_H

#include "ipc/msg.h"

/*
 * The holder of this key may join (good), or may not any more: it is cut at once.  With an empty name
 * nothing changes.  server: the bridge's own public key; listen: where it is, "tcp://ADDR:PORT ...".
 */
#define BRIDGE_KEY_REQ(F) \
	F(name, name)     \
	F(key32, public)  \
	F(flag, good)
#define BRIDGE_KEY_RSP(F) \
	F(name, server)   \
	F(text, listen)

#define BRIDGE_MESSAGES(M)                                                                \
	M(0x0112, bridge_key, FROM(API), PHASE_SERVING, BRIDGE_KEY_REQ, BRIDGE_KEY_RSP)

BRIDGE_MESSAGES(MSG_DECLARE)

#endif
