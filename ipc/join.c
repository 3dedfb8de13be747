/*
 * join.c - connects to join.sock, shows the key, waits for the answer.
 *
 * Blocking and with a deadline: nothing else can be done meanwhile.
 */
#include "ipc/join.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/secret.h"
#include "ipc/internal.h"

#define JOIN_WAIT_MS 10000

static nt
key_read(const char *file, uint8_t *key, size_t cap, size_t *ret_n)
{
	int fd    = open(file, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, key, cap) : -1;

	if (fd >= 0)
		close(fd);
	REQUIRE(n > 0, STATUS_NOT_FOUND);
	while (n > 0 && (key[n - 1] == '\n' || key[n - 1] == '\r'))
		n--;
	*ret_n = (size_t)n;
	return STATUS_SUCCESS;
}

static nt
join_connect(const char *endpoint, int *ret_fd)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	const char *path      = strncmp(endpoint, "ipc://", 6) == 0 ? endpoint + 6 : endpoint;
	int fd;

	REQUIRE(strlen(path) < sizeof un.sun_path, STATUS_INVALID_PARAMETER);
	memcpy(un.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	REQUIRE(fd >= 0, STATUS_INSUFFICIENT_RESOURCES);
	if (connect(fd, (struct sockaddr *)&un, sizeof un) != 0) {
		close(fd);
		return STATUS_PIPE_BROKEN;
	}
	*ret_fd = fd;
	return STATUS_SUCCESS;
}

static nt
join_send(int fd, const struct dir_join_req *req)
{
	uint8_t buf[IPC_HDR + 64 + SECRET_BOUND];
	struct ipc_rec rec = { .kind = IPC_REQUEST, .msg = dir_join_desc.id, .id = 1 };
	struct wr w        = msg_room();
	struct iovec iov;
	nt s;

	dir_join_req_encode(&w, req);
	rec.body = wr_done(&w);
	w        = wr_init(buf, sizeof buf);
	rec_write(&w, &rec);
	iov = (struct iovec){ buf, w.pos };
	s   = wr_ok(&w) ? fdpass_send(fd, &iov, 1, NULL, 0) : STATUS_BUFFER_TOO_SMALL;
	secret_wipe(buf, sizeof buf);
	return s;
}

static nt
join_answer(int fd, uint64_t *ret_self)
{
	uint8_t buf[IPC_HDR + 64];
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct fds fds  = { 0 };
	struct dir_join_rsp rsp;
	struct ipc_rec rec;
	struct rd r;
	size_t n;

	REQUIRE(poll(&p, 1, JOIN_WAIT_MS) == 1, STATUS_IO_TIMEOUT);
	TRY(fdpass_recv(fd, buf, sizeof buf, &n, fds.fd, &fds.n));
	fds_close(&fds);
	r = rd_init(SPAN(buf, n));
	TRY(rec_read(&r, &rec));
	REQUIRE(rec.msg == dir_join_desc.id, STATUS_INVALID_PARAMETER);
	REQUIRE(!nt_failed(rec.status), rec.status);
	TRY(dir_join_rsp_decode(rec.body, &rsp));
	*ret_self = rsp.self;
	return STATUS_SUCCESS;
}

nt
join_over(int fd, struct dir_join_req *req, uint64_t *ret_self)
{
	req->pid = (uint32_t)getpid();
	TRY(join_send(fd, req));
	return join_answer(fd, ret_self);
}

nt
join_ask(const char *endpoint, const char *key_file, struct dir_join_req *req, int *ret_fd,
    uint64_t *ret_self, const char **ret_why)
{
	uint8_t key[SECRET_BOUND];
	size_t n;
	int fd;
	nt s;

	*ret_why = "cannot read the key";
	TRY(key_read(key_file, key, sizeof key, &n));
	req->key = SPAN(key, n);
	req->pid = (uint32_t)getpid();
	*ret_why = "cannot join";
	s        = join_connect(endpoint, &fd);
	if (nt_failed(s)) {
		secret_wipe(key, sizeof key);
		return s;
	}
	s = join_send(fd, req);
	secret_wipe(key, sizeof key);
	*ret_why = "the instance refuses us";
	if (!nt_failed(s))
		s = join_answer(fd, ret_self);
	if (nt_failed(s))
		close(fd);
	else
		*ret_fd = fd;
	return s;
}
