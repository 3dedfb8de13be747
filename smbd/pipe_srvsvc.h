/*
 * pipe_srvsvc.h - what the parts of the Server Service have from each other.
 */
#ifndef SMBD_PIPE_SRVSVC_H
#define SMBD_PIPE_SRVSVC_H

#include "proto/rpc/srvsvc_lists.h"
#include "smbd/pipe.h"

#define SRVSVC_ASK_MS 10000u	/* fsd or store, a row */

/* pipe_srvsvc_lists.c: one row after the other, of store or fsd */
void srvsvc_connection_enum(struct pipe *, const struct rpc_call *);
void srvsvc_file_enum(struct pipe *, const struct rpc_call *);
void srvsvc_session_enum(struct pipe *, const struct rpc_call *);
/* pipe_srvsvc_rows.c */
/* "C:\share\dir\file", as clients are told paths; false if it does not fit. */
bool srvsvc_path_print(const struct fsd_files_rsp *, char *dst, size_t cap);
/* seat: of the storage that it is a row of. */
void srvsvc_file_row(const struct fsd_files_rsp *, uint8_t seat, const char *path,
    struct srvsvc_row *ret);

/* pipe_srvsvc_ends.c: a single file, its end and that of sessions */
void srvsvc_file_get_info(struct pipe *, const struct rpc_call *);
void srvsvc_file_close(struct pipe *, const struct rpc_call *);
void srvsvc_session_del(struct pipe *, const struct rpc_call *);

/* Is a session of this user, from this client, meant?  Empty names mean all. */
bool srvsvc_session_meant(const struct auth_peers_rsp *, const char *client, const char *user);
/* An answer that came later than the call: gives the job its pipe back, or NULL if that is gone. */
struct pipe *srvsvc_job_end(struct pipe_job *);
void srvsvc_answer(struct pipe *, const struct wr *stub);
/* What NetrXxx returns for a status of fsd or store; UINT32_MAX: a fault. */
uint32_t srvsvc_werror(nt status) MUST_USE;

#endif
