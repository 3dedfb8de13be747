/*
 * join.h - asks an instance that did not start us to let us in: DESIGN's
 * "joining", our side of dir_join.
 */
#ifndef IPC_JOIN_H
#define IPC_JOIN_H

#include "ipc/msg/dir.msg.h"

/*
 * join_over: on a socket that is there already, with what req has; fd stays the caller's.  join_ask:
 * connects to endpoint (ipc://PATH), shows what key_file holds and asks for req's role; req's key
 * and pid are filled in.  The socket becomes our channel.  ret_why says what went wrong.
 */
nt join_over(int fd, struct dir_join_req *req, uint64_t *ret_self) MUST_USE;
nt join_ask(const char *endpoint, const char *key_file, struct dir_join_req *req, int *ret_fd,
    uint64_t *ret_self, const char **ret_why) MUST_USE;

#endif
