/*
 * look.h - what the variable parts of bodies mean.  Each adds to the tree what
 * it understands of the bytes, as derived nodes, and notes what is malformed.
 */
#ifndef DISSECT_LOOK_H
#define DISSECT_LOOK_H

#include "dissect/layout.h"
#include "proto/smb2/ctx_create.h"

void look_token(struct walk *, struct span);	/* SPNEGO or NTLMSSP */
void look_error_data(struct walk *, struct span);
void look_ioctl(struct walk *, struct span);
void look_listing(struct walk *, struct span);	/* QUERY_DIRECTORY's answer */
void look_notify(struct walk *, struct span);
void look_info(struct walk *, struct span);	/* SET_INFO's buffer, QUERY_INFO's answer */
void look_query(struct walk *, struct span);	/* QUERY_INFO's input */
void look_data(struct walk *, struct span);	/* of READ and WRITE: DCE/RPC on a pipe */

/* Bodies of contexts, by what the list's walk found. */
void look_create_context(struct walk *, enum smb2_ctx, struct span data);
void look_negotiate_context(struct walk *, uint16_t type, struct span data);

/* A security descriptor, an NTLMSSP message, a DCE/RPC fragment, an extended attribute list. */
void look_security(struct tree *, struct span);
void look_ntlmssp(struct tree *, struct span);
void look_rpc(struct tree *, struct span);
void look_eas(struct tree *, struct span);

#endif
