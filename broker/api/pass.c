/*
 * pass.c - where callers hand descriptors in: local files to read and write,
 * connected sockets.
 *
 * One datagram: 16 bytes, a token of the caller's choice, with one descriptor.
 * Answered by 4 bytes, an NTSTATUS, little-endian.  A request of the same uid
 * that names the token takes the descriptor; nobody else can.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/api/api.h"
#include "ipc/fdpass.h"

#define CALLERS_MAX   64u   /* connections that have not sent yet */
#define CALLER_MS     5000u /* to send */
#define TOKENS_MAX    512u
#define TOKENS_OF_UID 64u
#define TOKEN_MS      60000u /* until the request names it */
#define TOKEN_SIZE    16u

/* A connection that has not sent its datagram yet. */
struct caller {
	struct caller *next;
	struct api *api;
	uint32_t uid;
	int sock;
	struct loop_fd watch;
	struct loop_timer patience;
};

/* A descriptor that waits for its request. */
struct passed {
	struct passed *next;
	struct api *api;
	uint32_t uid;
	struct id16 token;
	int fd;
	struct loop_timer patience;
};

/* ---- descriptors ---- */

static void
passed_drop(struct passed *p)
{
	struct passed **at = &p->api->pass.passed;

	while (*at != p)
		at = &(*at)->next;
	*at = p->next;
	p->api->pass.n_passed--;
	loop_timer_clear(&p->patience);
	if (p->fd >= 0)
		close(p->fd);
	free(p);
}

static void
passed_late(void *ctx)
{
	passed_drop(ctx);
}

static struct passed *
passed_find(const struct api *me, uint32_t uid, const struct id16 *token)
{
	struct passed *p = me->pass.passed;

	while (p && (p->uid != uid || memcmp(p->token.b, token->b, sizeof token->b) != 0))
		p = p->next;
	return p;
}

static size_t
passed_count(const struct api *me, uint32_t uid)
{
	size_t n = 0;

	for (const struct passed *p = me->pass.passed; p; p = p->next)
		n += p->uid == uid;
	return n;
}

/* Files, pipes, sockets, /dev/null.  A directory would be a way to what the caller did not name. */
static bool
fd_is_welcome(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return false;
	return S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) ||
	       (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));
}

/* Takes fd if it answers success. */
static nt
passed_add(struct api *me, uint32_t uid, const struct id16 *token, int fd)
{
	static const struct id16 none;
	struct passed *p;

	REQUIRE(memcmp(token->b, none.b, sizeof none.b) != 0, STATUS_INVALID_PARAMETER);
	REQUIRE(fd_is_welcome(fd), STATUS_NOT_SUPPORTED);
	REQUIRE(!passed_find(me, uid, token), STATUS_OBJECT_NAME_COLLISION);
	REQUIRE(me->pass.n_passed < TOKENS_MAX && passed_count(me, uid) < TOKENS_OF_UID,
		STATUS_QUOTA_EXCEEDED);
	p  = xcalloc(1, sizeof *p);
	*p = (struct passed){
		.next = me->pass.passed, .api = me, .uid = uid, .token = *token, .fd = fd
	};
	me->pass.passed = p;
	me->pass.n_passed++;
	loop_timer_set(me->loop, &p->patience, TOKEN_MS, passed_late, p);
	return STATUS_SUCCESS;
}

int
pass_take(struct api *me, uint32_t uid, const struct id16 *token)
{
	struct passed *p = passed_find(me, uid, token);
	int fd		 = -1;

	if (p) {
		fd    = p->fd;
		p->fd = -1;
		passed_drop(p);
	}
	return fd;
}

/* ---- callers ---- */

static void
caller_drop(struct caller *c)
{
	struct caller **at = &c->api->pass.callers;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	c->api->pass.n_callers--;
	loop_timer_clear(&c->patience);
	loop_del(&c->watch);
	close(c->sock);
	free(c);
}

static void
caller_late(void *ctx)
{
	caller_drop(ctx);
}

/* Who does not take the answer does not get it. */
static void
caller_answer(const struct caller *c, nt status)
{
	uint8_t b[4];
	struct wr w	 = wr_init(b, sizeof b);
	struct iovec iov = { b, sizeof b };

	wr_u32(&w, status.code);
	(void)fdpass_send(c->sock, &iov, 1, NULL, 0).code;
}

static nt
datagram_take(struct caller *c, const uint8_t *b, size_t n, struct fds *fds)
{
	struct id16 token;
	int fd;
	nt s;

	REQUIRE(n == TOKEN_SIZE && fds->n == 1, STATUS_INVALID_PARAMETER);
	memcpy(token.b, b, sizeof token.b);
	fd = fds_take(fds);
	s  = passed_add(c->api, c->uid, &token, fd);
	if (nt_failed(s))
		close(fd);
	return s;
}

static void
caller_sent(void *ctx, uint32_t events)
{
	struct caller *c = ctx;
	struct fds fds	 = { 0 };
	uint8_t b[TOKEN_SIZE + 1];
	size_t n;
	nt s = fdpass_recv(c->sock, b, sizeof b, &n, fds.fd, &fds.n);

	(void)events;
	if (nt_is(s, STATUS_RETRY))
		return;
	if (!nt_is(s, STATUS_PIPE_BROKEN))
		caller_answer(c, nt_failed(s) ? s : datagram_take(c, b, n, &fds));
	fds_close(&fds);
	caller_drop(c);
}

static void
caller_add(struct api *me, int sock, uint32_t uid)
{
	struct caller *c = xcalloc(1, sizeof *c);

	*c = (struct caller){ .next = me->pass.callers, .api = me, .uid = uid, .sock = sock };
	me->pass.callers = c;
	me->pass.n_callers++;
	loop_timer_set(me->loop, &c->patience, CALLER_MS, caller_late, c);
	loop_add(me->loop, &c->watch, sock, EPOLLIN, caller_sent, c);
}

static void
caller_arrived(void *ctx, uint32_t events)
{
	struct api *me = ctx;
	int sock       = accept4(me->pass.listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ucred who;
	socklen_t n = sizeof who;

	(void)events;
	if (sock < 0)
		return;
	if (me->pass.n_callers < CALLERS_MAX &&
	    getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &who, &n) == 0 && !uid_is_ours(me, who.uid) &&
	    uid_is_known(me, who.uid))
		caller_add(me, sock, who.uid);
	else
		close(sock);
}

void
pass_open(struct api *me, int listener)
{
	me->pass.listener = listener;
	loop_add(me->loop, &me->pass.watch, listener, EPOLLIN, caller_arrived, me);
}
