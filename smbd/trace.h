/*
 * trace.h - packets of clients as they come and answers as they go, shown to who
 * looks for a fault: tap/tap.h.  Only called while somebody does.
 */
#ifndef SMBD_TRACE_H
#define SMBD_TRACE_H

#include "smbd/gate.h"
#include "smbd/rq.h"

static inline bool
smbd_is_traced(const struct smbd *s)
{
	return s->taps.n > 0;
}

/* A worker's, opened and not looked at yet: its answer is shown to the same. */
void trace_request(struct frame *, const struct frame_in *);
/* Signed, and not encrypted yet. */
void trace_answer(struct frame *);

/* A gate's, from the SMB header on. */
void trace_gate(struct gconn *, struct span message, bool answer);

#endif
