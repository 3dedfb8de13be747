/*
 * smb1_negotiate.h - the one SMB1 message we understand: a NEGOTIATE that offers
 * SMB2 dialects.  No other SMB1 exists here.  [MS-SMB2] 3.3.5.3.1, [MS-CIFS] 2.2.4.52
 */
#ifndef PROTO_SMB2_SMB1_NEGOTIATE_H
#define PROTO_SMB2_SMB1_NEGOTIATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"

struct smb1_negotiate {
	bool has_2002; /* "SMB 2.002" was offered */
	bool has_wild; /* "SMB 2.???" was offered */
	uint16_t dialect_count;
};

/* frame: the whole message from ProtocolId.  Refuses any other SMB1 command. */
nt smb1_negotiate_decode(struct span frame, struct smb1_negotiate *ret) MUST_USE;
/* Our client's form of it, for tests and scripts: offers what c says. */
void smb1_negotiate_encode(struct wr *w, const struct smb1_negotiate *c);

#endif
