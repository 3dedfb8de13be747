/*
 * ctx_entry.h - what the typed create contexts of requests and of responses
 * share.  Private to proto/smb2/.  [MS-SMB2] 2.2.13.2
 */
#ifndef PROTO_SMB2_CTX_ENTRY_H
#define PROTO_SMB2_CTX_ENTRY_H

#include "proto/smb2/ctx_create.h"

void ctx_lease_read(struct rd *r, struct smb2_lease *l);
void ctx_lease_write(struct wr *w, const struct smb2_lease *l);

/*
 * Starts an entry and links the one at prev to it, unless it is the first; w
 * then stands where the data goes.  Returns the entry's place.
 */
size_t ctx_entry_begin(struct wr *w, enum smb2_ctx kind, size_t prev);
void ctx_entry_end(struct wr *w, size_t at, size_t data_at);

#endif
