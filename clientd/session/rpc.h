/*
 * rpc.h - one DCE/RPC call over a named pipe of IPC$: open, bind, request, close.
 * [MS-RPCE] 2.1.1.2, [MS-SMB2] 3.2.4.20.3
 */
#ifndef CLIENTD_SESSION_RPC_H
#define CLIENTD_SESSION_RPC_H

#include "clientd/session/open.h"
#include "proto/rpc/pdu.h"

#define RPC_ANSWER_MAX (1024u * 1024)

struct rpc_pipe_to {
	struct job *job;
	uint64_t session;
	const char *pipe;
	const struct rpc_syntax *syntax;
};

/* *ret lies in fiber memory.  A fault: STATUS_ACCESS_DENIED or STATUS_UNSUCCESSFUL. */
nt rpc_ask(const struct rpc_pipe_to *, uint16_t opnum, struct span stub, struct span *ret) MUST_USE;
/* What NetApi calls return, [MS-ERREF] 2.2, as a status. */
nt nt_of_werror(uint32_t werror) MUST_USE;

#endif
