/*
 * srvsvc_client.h - the client's side of NetrSessionEnum: who has a session with
 * the server.  That of NetrShareEnum is in srvsvc.h.  [MS-SRVS] 2.2.4.15, 3.1.4.5
 */
#ifndef PROTO_RPC_SRVSVC_CLIENT_H
#define PROTO_RPC_SRVSVC_CLIENT_H

#include "proto/rpc/srvsvc.h"

/* SESSION_INFO_10. */
struct srvsvc_session {
	char client[SRVSVC_NAME_MAX], user[SRVSVC_NAME_MAX];
	uint32_t active_s, idle_s;
};

void srvsvc_session_enum_request(struct wr *, const char *server, uint32_t resume);
/* Calls fn for each session. */
nt srvsvc_session_enum_response(struct span stub, void (*fn)(void *, const struct srvsvc_session *),
				void *ctx, struct srvsvc_page *ret) MUST_USE;

#endif
