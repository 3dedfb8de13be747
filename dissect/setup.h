/*
 * setup.h - what negotiation and session setup on one connection settle: dialect,
 * algorithms, and the hashes that 3.1.1 keys depend on.  [MS-SMB2] 3.1.4.4, 3.2.5.2, 3.2.5.3
 */
#ifndef DISSECT_SETUP_H
#define DISSECT_SETUP_H

#include "base/cursor.h"
#include "dissect/keys.h"
#include "proto/smb2/header.h"
#include "proto/smb2/preauth.h"

#define SETUPS_MAX 8	/* sessions under way at a time; the oldest makes room */

struct setup_pending {
	bool used, binding;
	uint64_t session_id;	/* 0 until the server gave one */
	uint64_t message_id;	/* of the last request */
	struct smb2_preauth hash;
};

/* All zero at first. */
struct setup {
	struct negotiated negotiated;
	struct smb2_preauth hash;	/* of the connection */
	struct setup_pending pending[SETUPS_MAX];
	size_t next;
	uint64_t bound[SETUPS_MAX];	/* sessions whose signing key here is a channel's own */
	size_t n_bound;
};

/*
 * To be told of every frame in the clear whose first element is e, before its
 * signature is judged.
 */
void setup_see(struct setup *, struct keys *, const struct smb2_element *e, struct span frame);
bool setup_is_bound(const struct setup *, uint64_t session_id) MUST_USE;

#endif
