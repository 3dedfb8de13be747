/*
 * op_kdc.c - one question to a KDC: by datagram, over TCP when it is long or
 * the answer was; the next server when one is silent, refuses or talks nonsense.
 * [RFC4120] 7.2.  What the answer means is for who asked.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "authd/net/kdc.h"
#include "authd/net/stream.h"
#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/utf16.h"
#include "proto/auth/krb_error.h"

#define TRY_MS	     3000u /* one server, one way */
#define ROUND_MS     500u  /* between two rounds */
#define DATAGRAM_MAX 1400u
#define LENGTH_SIZE  4u

struct exchange {
	TAILQ_ENTRY(exchange) all;
	struct net *net;
	struct call *call;
	char realm[NAME_BOUND + 1];
	struct finder_wait wait;
	struct places places;
	size_t at, tried, rounds;
	bool hopeful; /* not all of them refused: worth more than one round each way */
	struct loop_timer timer, limit;
	int fd; /* the datagram socket */
	struct loop_fd watch;
	struct stream stream;
	size_t request_n, answer_n;
	uint8_t request[TOKEN_BOUND];
	uint8_t answer[LENGTH_SIZE + TOKEN_BOUND];
};

static void try_next(struct exchange *);

static void
exchange_close(struct exchange *x)
{
	loop_timer_clear(&x->timer);
	loop_del(&x->watch);
	if (x->fd >= 0)
		close(x->fd);
	x->fd = -1;
	stream_close(&x->stream);
}

static void
exchange_end(struct exchange *x, nt status, struct span answer)
{
	const struct net_kdc_rsp rsp = { .reply = answer };
	struct net *me		     = x->net;

	if (nt_failed(status))
		log_warn("no KDC answered realm=%s servers=%zu tried=%zu", log_qs(x->realm),
			 x->places.n, x->tried);
	net_kdc_reply(x->call, status, nt_failed(status) ? NULL : &rsp, SPAN_NONE);
	exchange_close(x);
	finder_cancel(&x->wait);
	loop_timer_clear(&x->limit);
	TAILQ_REMOVE(&me->exchanges, x, all);
	me->n_exchanges--;
	secret_free(x, sizeof *x);
}

static void
on_limit(void *ctx)
{
	exchange_end(ctx, STATUS_NO_LOGON_SERVERS, SPAN_NONE);
}

/* Nobody listens there, or there is no way there: known at once, and so soon not otherwise. */
static void
try_refused(struct exchange *x, const char *why)
{
	char addr[ADDR_TEXT];

	log_debug("KDC %s realm=%s server=%s", why, log_qs(x->realm),
		  addr_print(&x->places.v[x->at].addr, addr));
	exchange_close(x);
	x->at++;
	try_next(x);
}

/* This server, this way, is done with. */
static void
try_failed(struct exchange *x, const char *why)
{
	x->hopeful = true;
	try_refused(x, why);
}

static bool
is_refusal(int error)
{
	return error == ECONNREFUSED || error == EHOSTUNREACH || error == ENETUNREACH;
}

static void
on_try_limit(void *ctx)
{
	try_failed(ctx, "did not answer in time");
}

static void try_tcp(struct exchange *);

/* An answer that only says "not by this way" or "not me" is none yet. */
static void
answer_take(struct exchange *x, struct span answer, bool datagram)
{
	int32_t code = krb_error_code(answer);

	if (datagram && code == KRB_ERR_RESPONSE_TOO_BIG)
		try_tcp(x);
	else if (code == KRB_ERR_SERVICE_UNAVAILABLE)
		try_failed(x, "is not available");
	else
		exchange_end(x, STATUS_SUCCESS, answer);
}

/* ---- TCP: four bytes of length, big-endian, before each message.  7.2.2 ---- */

static void
tcp_bytes(struct exchange *x, struct span bytes)
{
	struct rd r = rd_init(SPAN(x->answer, LENGTH_SIZE));
	uint32_t n;

	if (bytes.n > sizeof x->answer - x->answer_n) {
		try_failed(x, "sent more than it announced");
		return;
	}
	memcpy(x->answer + x->answer_n, bytes.p, bytes.n);
	x->answer_n += bytes.n;
	if (x->answer_n < LENGTH_SIZE)
		return;
	n = rd_u32be(&r);
	if (n > TOKEN_BOUND || n < x->answer_n - LENGTH_SIZE)
		try_failed(x, "announced a length that cannot be");
	else if (n > x->answer_n - LENGTH_SIZE)
		return;
	else if (!krb_is_answer(SPAN(x->answer + LENGTH_SIZE, n)))
		try_failed(x, "answered something else");
	else
		answer_take(x, SPAN(x->answer + LENGTH_SIZE, n), false);
}

static void
on_stream(void *ctx, enum stream_event event, struct span bytes)
{
	struct exchange *x = ctx;

	if (event == STREAM_BYTES)
		tcp_bytes(x, bytes);
	else if (event == STREAM_DOWN && is_refusal(x->stream.error))
		try_refused(x, strerror(x->stream.error));
	else if (event == STREAM_DOWN)
		try_failed(x, "closed the connection");
}

static void
try_tcp(struct exchange *x)
{
	uint8_t length[LENGTH_SIZE];
	struct wr w = wr_init(length, sizeof length);

	exchange_close(x);
	x->answer_n = 0;
	wr_u32be(&w, (uint32_t)x->request_n);
	if (nt_failed(stream_open(&x->stream, &x->places.v[x->at].addr))) {
		try_refused(x, "cannot be reached");
		return;
	}
	stream_send(&x->stream, wr_done(&w));
	stream_send(&x->stream, SPAN(x->request, x->request_n));
	loop_timer_set(x->net->loop, &x->timer, TRY_MS, on_try_limit, x);
}

/* ---- datagrams ---- */

static void
on_datagram(void *ctx, uint32_t events)
{
	struct exchange *x = ctx;
	ssize_t n	   = recv(x->fd, x->answer, sizeof x->answer, 0);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0)
		try_refused(x, strerror(errno));
	else if (krb_is_answer(SPAN(x->answer, (size_t)n)))
		answer_take(x, SPAN(x->answer, (size_t)n), true);
	/* anything else may be from anybody: the server's own may still come */
}

static void
try_udp(struct exchange *x)
{
	x->fd = socket_connect(&x->places.v[x->at].addr, SOCK_DGRAM);
	if (x->fd < 0 || send(x->fd, x->request, x->request_n, 0) < 0) {
		try_refused(x, "cannot be reached");
		return;
	}
	loop_add(x->net->loop, &x->watch, x->fd, EPOLLIN, on_datagram, x);
	loop_timer_set(x->net->loop, &x->timer, TRY_MS, on_try_limit, x);
}

static void
try_again(void *ctx)
{
	struct exchange *x = ctx;

	x->at = 0;
	x->rounds++;
	try_next(x);
}

static bool
goes_by_tcp(const struct exchange *x)
{
	return x->request_n > DATAGRAM_MAX || x->rounds % 2 == 1;
}

/*
 * After the last one a breath, then the first again, until the time is up.  Every
 * second round goes over TCP: datagrams may be what does not get through.  Where
 * all have refused both ways nothing is waited for.
 */
static void
round_over(struct exchange *x)
{
	kdc_forget(x->net, x->realm);
	if (x->hopeful)
		loop_timer_set(x->net->loop, &x->timer, ROUND_MS, try_again, x);
	else if (goes_by_tcp(x))
		exchange_end(x, STATUS_NO_LOGON_SERVERS, SPAN_NONE);
	else
		try_again(x);
}

static void
try_next(struct exchange *x)
{
	if (x->at >= x->places.n) {
		round_over(x);
		return;
	}
	x->tried++;
	if (goes_by_tcp(x))
		try_tcp(x);
	else
		try_udp(x);
}

static void
on_places(void *ctx, const struct places *p)
{
	struct exchange *x = ctx;

	x->places = *p;
	if (p->n == 0)
		exchange_end(x, STATUS_NO_LOGON_SERVERS, SPAN_NONE);
	else
		try_next(x);
}

nt
net_kdc(struct net *me, struct call *c, const struct net_kdc_req *req, struct net_kdc_rsp *rsp)
{
	struct finder *finder;
	struct exchange *x;

	(void)rsp;
	REQUIRE(req->realm.n > 0 && req->request.n > 0, STATUS_INVALID_PARAMETER);
	REQUIRE(me->n_exchanges < EXCHANGES_MAX, STATUS_INSUFFICIENT_RESOURCES);
	finder = kdc_finder(me, req->realm.s);
	REQUIRE(finder, STATUS_INSUFFICIENT_RESOURCES);
	x = secret_alloc(sizeof *x);
	memcpy(x->realm, req->realm.s, req->realm.n + 1);
	memcpy(x->request, req->request.p, req->request.n);
	x->request_n = req->request.n;
	x->net	     = me;
	x->fd	     = -1;
	stream_init(&x->stream, me->loop, on_stream, x);
	TAILQ_INSERT_TAIL(&me->exchanges, x, all);
	me->n_exchanges++;
	x->call = call_keep(c);
	loop_timer_set(me->loop, &x->limit, me->conf.timeout_ms, on_limit, x);
	finder_get(finder, &x->wait, on_places, x);
	return STATUS_PENDING;
}
