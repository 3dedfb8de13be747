/*
 * handover.h - a connection's way from gate to worker: what travels, both
 * directions of the copy in one file so that they cannot drift apart.
 */
#ifndef SMBD_HANDOVER_H
#define SMBD_HANDOVER_H

#include "ipc/msg/smbd.msg.h"
#include "proto/smb2/header.h"
#include "proto/smb2/preauth.h"
#include "smbd/smbd.h"
#include "smbd/window.h"

/* The SESSION_SETUP in hand, and what it belongs to. */
struct handover {
	uint8_t mode;		/* TAKE_* */
	uint64_t session, ctx;
	struct conn_params params;
	struct smb2_preauth negotiate_hash, session_hash;
	struct smb2_hdr hdr;	/* of that request: id, flags, credits asked for */
	uint8_t session_mode;	/* its SecurityMode */
	struct window window;
	struct span answer;	/* token, borrowed */
};

/* Room for the two lists that the message borrows. */
struct handover_room {
	uint8_t dialects[2 * SMB2_DIALECTS_MAX];
	uint8_t window[WINDOW_MAX / 8];
};

void handover_write(const struct handover *, struct handover_room *, struct worker_take_req *ret);
/* max_credits: our own limit.  STATUS_INVALID_PARAMETER when the message contradicts itself. */
nt handover_read(const struct worker_take_req *, uint32_t max_credits,
    struct handover *ret) MUST_USE;

#endif
