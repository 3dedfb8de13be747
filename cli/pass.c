/* pass.c - one descriptor over <runtime>/pass.sock: 16 bytes of token go, 4 of status come. */
#include "cli/pass.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/nt.h"
#include "base/secret.h"

#define TOKEN_BYTES    16
#define ANSWER_SECONDS 10

static int
pass_connect(const char *runtime)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct timeval wait   = { .tv_sec = ANSWER_SECONDS };
	int n  = snprintf(un.sun_path, sizeof un.sun_path, "%s/pass.sock", runtime);
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (n > 0 && (size_t)n < sizeof un.sun_path &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) == 0 &&
	    connect(fd, (struct sockaddr *)&un, sizeof un) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

static bool
pass_send(int sock, int fd, uint8_t *token)
{
	union {
		struct cmsghdr align;
		char b[CMSG_SPACE(sizeof fd)];
	} control         = { 0 };
	struct iovec iov  = { token, TOKEN_BYTES };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.b,
		.msg_controllen = sizeof control.b };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type  = SCM_RIGHTS;
	c->cmsg_len   = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(c), &fd, sizeof fd);
	return sendmsg(sock, &msg, MSG_NOSIGNAL) == TOKEN_BYTES;
}

/* NULL: it was taken. */
static const char *
pass_answer(int sock)
{
	uint8_t b[4];
	nt status;

	if (recv(sock, b, sizeof b, 0) != sizeof b)
		return "the server did not take the descriptor";
	status.code = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 |
	    (uint32_t)b[3] << 24;
	return nt_failed(status) ? nt_sentence(status) : NULL;
}

bool
pass_fd(const char *runtime, int fd, char ret_token[PASS_TOKEN], const char **ret_why)
{
	uint8_t token[TOKEN_BYTES];
	int sock;

	sock = pass_connect(runtime);
	if (sock < 0) {
		*ret_why = strerror(errno);
		return false;
	}
	random_bytes(token, sizeof token);
	*ret_why = pass_send(sock, fd, token) ? pass_answer(sock) : strerror(errno);
	(void)close(sock);
	for (size_t i = 0; i < sizeof token; i++)
		(void)snprintf(ret_token + 2 * i, 3, "%02x", token[i]);
	return *ret_why == NULL;
}
