/*
 * channel.c - further connections of a session.  They are made when the first large
 * file is moved, to the addresses that the server names; one that cannot be made is
 * done without.  [MS-SMB2] 3.2.4.20.10, 3.2.5.14.11
 */
#include "clientd/session/channel.h"

#include "base/log.h"
#include "proto/smb2/fsctl.h"
#include "proto/smb2/ioctl.h"

#define ADDRESSES_MAX  16u
#define INTERFACES_MAX 65536u
#define FAILURES_MAX   3u	/* then only what we have is tried */
#define CHANNEL_MS     10000u	/* for an address to answer, and its server to let us in */

/* ---- where to ---- */

struct addresses {
	struct net_addr a[ADDRESSES_MAX];
	uint64_t speed[ADDRESSES_MAX];
	unsigned n;
};

static bool
same_host(const struct net_addr *a, const struct net_addr *b)
{
	return a->family == b->family && memcmp(a->b, b->b, a->family == 4 ? 4 : 16) == 0;
}

static bool
is_loopback(const struct net_addr *a)
{
	static const uint8_t one[16] = { [15] = 1 };

	return a->family == 4 ? a->b[0] == 127 : memcmp(a->b, one, sizeof one) == 0;
}

/*
 * A server decides where we connect to, so not to what only this machine or this wire
 * can reach, unless the server is there itself; and never to what is nobody's address.
 */
static bool
may_dial(const struct net_addr *a, const struct net_addr *server)
{
	if (is_loopback(a))
		return is_loopback(server);
	if (a->family == 4)
		return a->b[0] != 0 && a->b[0] < 224 && !(a->b[0] == 169 && a->b[1] == 254);
	return a->b[0] != 0 && a->b[0] != 0xff && !(a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80);
}

/* The fastest first; what does not fit is left out. */
static void
address_add(struct addresses *l, const struct net_addr *a, uint64_t speed)
{
	unsigned at = 0;

	for (unsigned i = 0; i < l->n; i++)
		if (same_host(&l->a[i], a))
			return;
	while (at < l->n && l->speed[at] >= speed)
		at++;
	if (l->n == ADDRESSES_MAX)
		return;
	memmove(l->a + at + 1, l->a + at, (l->n - at) * sizeof *l->a);
	memmove(l->speed + at + 1, l->speed + at, (l->n - at) * sizeof *l->speed);
	l->a[at]     = *a;
	l->speed[at] = speed;
	l->n++;
}

static void
address_drop(struct addresses *l, unsigned at)
{
	l->n--;
	memmove(l->a + at, l->a + at + 1, (l->n - at) * sizeof *l->a);
}

static nt
addresses_read(struct span list, const struct net_addr *server, struct addresses *ret)
{
	while (list.n > 0) {
		struct smb2_interface i;
		struct net_addr a = { 0 };

		ANSWER(smb2_interface_next(&list, &i));
		a.family = i.is_ipv6 ? 6 : 4;
		memcpy(a.b, i.addr, i.is_ipv6 ? 16 : 4);
		if (may_dial(&a, server) && !same_host(&a, server))
			address_add(ret, &a, i.link_speed);
	}
	return STATUS_SUCCESS;
}

/* 3.2.4.20.10.  The address that we have comes last: there it works in any case. */
static nt
addresses_ask(const struct where *w, struct addresses *ret)
{
	const struct smb2_ioctl_req req = { .ctl_code = FSCTL_QUERY_NETWORK_INTERFACE_INFO,
					    .fid      = { UINT64_MAX, UINT64_MAX },
					    .max_output_response = INTERFACES_MAX,
					    .flags = SMB2_0_IOCTL_IS_FSCTL };
	struct msg m CLEANUP(msg_end)	= { 0 };
	struct smb2_ioctl_rsp rsp;
	size_t at;

	TRY(where_begin(&m, w, MSG_ROOM));
	at = msg_add(&m, SMB2_CMD_ioctl, w->tree_id, INTERFACES_MAX);
	smb2_ioctl_req_encode(&m.w, at, &req);
	TRY(msg_exchange(&m));
	TRY(m.reply[0].status);
	ANSWER(smb2_ioctl_rsp_decode(&m.reply[0].body, &rsp));
	return addresses_read(rsp.output, &w->conn->server, ret);
}

/* ---- one more ---- */

/* 3.3.5.5: a channel speaks as the session does; another server does not get that far. */
static bool
same_server(const struct negotiated *a, const struct negotiated *b)
{
	return a->dialect == b->dialect && a->cipher == b->cipher &&
	       a->signing_alg == b->signing_alg && a->server_caps == b->server_caps &&
	       memcmp(&a->server_guid, &b->server_guid, sizeof a->server_guid) == 0;
}

static nt
channel_stand(const struct where *w, struct conn *to, struct conn *c)
{
	struct session *s = w->session;

	c->timeout_ms = s->timeout_ms < CHANNEL_MS ? s->timeout_ms : CHANNEL_MS;
	TRY(conn_negotiate(s, c));
	REQUIRE(same_server(&c->nego, &to->nego), STATUS_INVALID_NETWORK_RESPONSE);
	TRY(conn_bind(s, c, to));
	TRY(conn_validate(s, c, w->tree_id));
	c->validated  = true;
	c->timeout_ms = s->timeout_ms;
	return STATUS_SUCCESS;
}

static nt
channel_add(const struct where *w, const struct net_addr *address)
{
	struct conn *to CLEANUP(conn_release) = conn_alive(w->conn);
	struct conn *c CLEANUP(conn_release)  = NULL;
	struct session *s		      = w->session;
	char host[ADDR_TEXT];
	struct net_addr server;
	int fd;
	nt status;

	conn_hold(to);
	TRY(dial(s->client, addr_print_host(address, host), s->port, CHANNEL_MS, &fd, &server));
	TRY(conn_new(s->client, fd, &server, &c));
	status = channel_stand(w, to, c);
	/* meanwhile the session may have been closed, or stand somewhere else */
	if (!nt_failed(status) && (s->closed || !s->conn || s->conn->bond != c->bond ||
				   s->n_further == NELEM(s->further)))
		status = STATUS_USER_SESSION_DELETED;
	if (nt_failed(status)) {
		conn_close(c, status);
		return status;
	}
	c->session		 = s;
	s->further[s->n_further++] = STEAL(c);
	return STATUS_SUCCESS;
}

static bool
may_bind(const struct session *s, const struct conn *c)
{
	return s->channels > 1 && !s->adopted && s->spread != c->epoch && conn_is_open(c) &&
	       c->nego.dialect >= SMB2_DIALECT_300 && c->signer &&
	       (c->nego.server_caps & SMB2_GLOBAL_CAP_MULTI_CHANNEL);
}

void
channels_open(const struct where *w)
{
	struct session *s    = w->session;
	struct addresses all = { 0 };
	unsigned i = 0, failures = 0;

	if (!may_bind(s, w->conn))
		return;
	s->spread = w->conn->epoch;
	if (nt_failed(addresses_ask(w, &all)))
		all.n = 0;
	if (all.n == ADDRESSES_MAX)
		all.n--;
	all.a[all.n++] = w->conn->server;
	while (all.n > 0 && s->n_further + 1 < s->channels) {
		nt status = channel_add(w, &all.a[i % all.n]);

		if (nt_is(status, STATUS_CANCELLED) || s->closed)
			return;
		if (!nt_failed(status)) {
			i++;
			continue;
		}
		log_info("a channel could not be made host=%s status=%s", log_qs(s->host),
			 nt_name(status));
		address_drop(&all, i % all.n);
		if (++failures == FAILURES_MAX && all.n > 0)
			all = (struct addresses){ .a = { w->conn->server }, .n = 1 };
	}
}
