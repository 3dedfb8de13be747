/*
 * pipe.h - RPC pipes of IPC$: what proto/rpc makes of bytes meets what clients
 * READ and WRITE.  Services are pipe_<name>.c.  [MS-SMB2] 3.3.5.12, 3.3.5.13,
 * 3.3.5.15.10; [MS-RPCE] 2.1.1.2
 */
#ifndef SMBD_PIPE_H
#define SMBD_PIPE_H

#include "proto/rpc/pipe.h"
#include "proto/smb2/query_info.h"
#include "smbd/rq.h"

/* An opnum we serve: answers by rpc_pipe_reply() or _fault(), now or later by pipe_answered(). */
struct pipe_op {
	uint16_t opnum;
	void (*serve)(struct pipe *, const struct rpc_call *);
};

struct pipe_service {
	const struct rpc_iface *iface;
	const struct pipe_op *ops;
	size_t n_ops;
};

extern const struct pipe_service pipe_srvsvc;
extern const struct pipe_service pipe_wkssvc;

struct pipe {
	struct rpc_pipe rpc;
	const struct pipe_service *service;
	struct open *open;
	struct rq *reader;	/* a READ or TRANSCEIVE that waits for an answer */
	uint32_t reader_max;
	struct pipe_job *job;	/* the call that is being answered asynchronously */
};

/* A call that asks others; it outlives its pipe. */
struct pipe_job {
	struct pipe *pipe;	/* NULL: nobody wants it any more */
};

nt pipe_open(struct open *, struct span name) MUST_USE;	/* STATUS_OBJECT_NAME_NOT_FOUND */
void pipe_drop(struct pipe *);
nt pipe_read(struct pipe *, struct rq *, uint32_t max) MUST_USE;
nt pipe_write(struct pipe *, struct span) MUST_USE;
nt pipe_transceive(struct pipe *, struct rq *, struct span in, uint32_t max) MUST_USE;
nt pipe_peek(struct pipe *, struct rq *, uint32_t max) MUST_USE;
nt pipe_query_info(struct pipe *, struct rq *, const struct smb2_query_info_req *) MUST_USE;
void pipe_cancel(struct rq *);
/* A job has called rpc_pipe_reply() or rpc_pipe_fault(): readers get on. */
void pipe_answered(struct pipe *);
struct worker *pipe_worker(const struct pipe *);

/* cmd_ioctl.c */
void ioctl_answer(struct rq *, nt status, struct span output);

#endif
