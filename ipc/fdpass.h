/*
 * fdpass.h - the only SCM_RIGHTS code.
 *
 * SOCK_SEQPACKET sockets between processes of one machine.  Not for: deciding
 * what a descriptor may be used for, apart from fdpass_is_tcp_on().
 */
#ifndef IPC_FDPASS_H
#define IPC_FDPASS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include "base/nt.h"
#include "ipc/types.h"

#define FDPASS_MAX 4		/* descriptors in one datagram */

/* Owned descriptors on their way. */
struct fds {
	size_t n;
	int fd[FDPASS_MAX];
};

int fds_take(struct fds *);		/* the first one, or -1 */
void fds_close(struct fds *);		/* all that were not taken */

/* A connected pair, CLOEXEC, non-blocking, with room for FDPASS_DATAGRAM bytes. */
#define FDPASS_DATAGRAM (192u * 1024)
nt fdpass_pair(int ret[2]) MUST_USE;

/* STATUS_RETRY when the socket is full, STATUS_PIPE_BROKEN when the peer is gone. */
nt fdpass_send(int sock, const struct iovec *, size_t n_iov, const int *fds, size_t n_fds) MUST_USE;
/*
 * One datagram.  Descriptors are CLOEXEC; more than FDPASS_MAX, or a datagram
 * that was cut, closes them all and gives STATUS_INVALID_PARAMETER.
 */
nt fdpass_recv(int sock, void *buf, size_t cap, size_t *ret_n, int fds[FDPASS_MAX],
    size_t *ret_fds) MUST_USE;

/* A connected TCP socket whose local address is one of ours (port 0 in listen: any port). */
bool fdpass_is_tcp_on(int fd, const struct net_addr *listen, size_t n) MUST_USE;

#endif
