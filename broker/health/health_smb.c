/*
 * health_smb.c - one NEGOTIATE to a gate: a listening socket alone would also
 * be there if nobody looked at it.  [MS-SMB2] 3.2.4.2.2.2
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "broker/health/health.h"
#include "proto/smb2/commands.h"
#include "proto/smb2/negotiate.h"
#include "proto/transport.h"

#define WAIT_S	  5
#define ANSWER_MAX 65536u

/* Each step has its deadline; the probe as a whole the engine's. */
static int
reach(const struct net_addr *a)
{
	const struct timeval wait = { .tv_sec = WAIT_S };
	struct sockaddr_in in4	  = { .sin_family = AF_INET, .sin_port = htons(a->port) };
	struct sockaddr_in6 in6	  = { .sin6_family = AF_INET6, .sin6_port = htons(a->port) };
	bool is4		  = a->family == 4;
	const struct sockaddr *sa = is4 ? (const struct sockaddr *)&in4 : (const struct sockaddr *)&in6;
	int fd			  = socket(is4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memcpy(&in4.sin_addr, a->b, sizeof in4.sin_addr);
	memcpy(&in6.sin6_addr, a->b, sizeof in6.sin6_addr);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) != 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) != 0 ||
	    connect(fd, sa, is4 ? sizeof in4 : sizeof in6) != 0) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static bool
ask(int fd)
{
	static const uint16_t dialects[] = { SMB2_DIALECT_202, SMB2_DIALECT_210, SMB2_DIALECT_300,
					     SMB2_DIALECT_302 };
	struct smb2_negotiate_req req	 = { .security_mode = SMB2_NEGOTIATE_SIGNING_ENABLED,
					     .dialect_count = NELEM(dialects) };
	const struct smb2_hdr hdr	 = { .command = SMB2_CMD_negotiate, .credits = 1 };
	uint8_t room[256];
	struct wr w = wr_init(room, sizeof room);
	size_t at   = transport_begin(&w), hdr_at;

	memcpy(req.dialects, dialects, sizeof dialects);
	hdr_at = w.pos;
	smb2_hdr_encode(&w, &hdr);
	smb2_negotiate_req_encode(&w, hdr_at, &req);
	transport_end(&w, at);
	return wr_ok(&w) && send(fd, room, w.pos, MSG_NOSIGNAL) == (ssize_t)w.pos;
}

static bool
take(int fd, uint8_t *p, size_t n)
{
	return recv(fd, p, n, MSG_WAITALL) == (ssize_t)n;
}

/* A refusal of these dialects is an answer as well. */
static bool
answered(int fd)
{
	uint8_t room[ANSWER_MAX];
	struct smb2_hdr hdr;
	struct rd r;
	uint32_t n;

	if (!take(fd, room, TRANSPORT_HDR_SIZE) || nt_failed(transport_decode(room, &n)) ||
	    n > sizeof room || !take(fd, room, n))
		return false;
	r = rd_init(SPAN(room, n));
	return nt_ok(smb2_hdr_decode(&r, &hdr)) && hdr.command == SMB2_CMD_negotiate &&
	       hdr.flags & SMB2_FLAGS_SERVER_TO_REDIR;
}

bool
health_smb(const struct net_addr *a)
{
	int fd	= reach(a);
	bool ok = fd >= 0 && ask(fd) && answered(fd);

	if (fd >= 0)
		close(fd);
	return ok;
}
