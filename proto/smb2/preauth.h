/*
 * preauth.h - the running SHA-512 over negotiation and session setup messages
 * that ties 3.1.1 keys to what was really said.  [MS-SMB2] 3.1.4.4, 3.3.5.4
 */
#ifndef PROTO_SMB2_PREAUTH_H
#define PROTO_SMB2_PREAUTH_H

#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

/* Copied by assignment: each pending session goes on from the connection's. */
struct smb2_preauth {
	uint8_t hash[64];
};

void smb2_preauth_init(struct smb2_preauth *p);
/* msg: one whole message from the SMB2 header on, without the transport's four bytes. */
nt smb2_preauth_update(struct smb2_preauth *p, struct span msg) MUST_USE;

#endif
