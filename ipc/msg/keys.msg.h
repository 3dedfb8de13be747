/*
 * keys.msg.h - what scripts say and are told about keys.  The api answers these
 * itself: they are the fields of its methods, never messages between processes.
 */
#ifndef IPC_MSG_KEYS_MSG_H
#define IPC_MSG_KEYS_MSG_H

#include "ipc/msg.h"

/*
 * public: the public half of a CURVE key pair, 40 characters of Z85; the secret half never leaves
 * where it was made.  name: letters, digits and . _ - @, at most 48.  server_key: ours, which the
 * caller's own socket has to be told.  remote: addresses where it may come, as the configuration has
 * them.  storage: of a host with shares of ours, for its outpost; server_key and remote are then the
 * bridge's.
 */
#define KEY_ADD_REQ(F)  \
	F(name, name)   \
	F(name, public) \
	F(flag, admin)  \
	F(flag, storage)
#define KEY_ADD_RSP(F)      \
	F(name, server_key) \
	F(text, remote)

#define KEY_LIST_RSP(F)     \
	F(name, server_key) \
	F(text, remote)

/* A key that has been revoked is never let in again, whatever its name. */
#define KEY_REVOKE_REQ(F) \
	F(name, name)

/* added, ended: Unix ns; ended 0: it may come.  configured: `api keys` has named it. */
#define KEY_ROW(F)      \
	F(name, name)   \
	F(name, public) \
	F(flag, admin)  \
	F(flag, storage) \
	F(flag, revoked) \
	F(flag, configured) \
	F(u64, added)   \
	F(u64, ended)

#define KEY_FIELDS(M)                                             \
	M(0x06a0, key_add,    0, PHASE_ALL, KEY_ADD_REQ, KEY_ADD_RSP) \
	M(0x06a1, key_list,   0, PHASE_ALL, NO_FIELDS, KEY_LIST_RSP)  \
	M(0x06a2, key_revoke, 0, PHASE_ALL, KEY_REVOKE_REQ, NO_FIELDS) \
	M(0x06a3, key_row,    0, PHASE_ALL, KEY_ROW, NO_FIELDS)

KEY_FIELDS(MSG_DECLARE)

#endif
