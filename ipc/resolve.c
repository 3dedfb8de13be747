/*
 * resolve.c - see resolve.h.  A job belongs to the queue, then to one thread,
 * then to the loop; the lock guards the lists and nothing else.  A job whose
 * asker went away is finished all the same: getaddrinfo() cannot be stopped.
 */
#include "ipc/resolve.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"

#define NAME_MAX_DNS 253u		/* [RFC1035] 2.3.4, as text */
#define THREAD_STACK (256u * 1024)	/* getaddrinfo takes its buffers from there */

struct job {
	TAILQ_ENTRY(job) of;
	uint64_t peer;
	char host[NAME_BOUND + 1];
	resolve_fn *fn;		/* the loop's alone; NULL: forgotten */
	void *ctx;
	nt status;
	struct net_addr addr[RESOLVE_MAX];
	size_t n;
};
TAILQ_HEAD(jobs, job);

struct resolver {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct jobs waiting, running, finished;
	struct loop_fd watch;	/* eventfd */
};

bool
resolve_literal(const char *host, struct net_addr *ret)
{
	*ret = (struct net_addr){ .family = 4 };
	if (inet_pton(AF_INET, host, ret->b) == 1)
		return true;
	ret->family = 6;
	return inet_pton(AF_INET6, host, ret->b) == 1;
}

/* Letters, digits, '-', '.' and '_'; what ends in a number is an address or a typing error. */
static bool
name_ok(const char *s)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
	const char *last = strrchr(s, '.');

	last = last ? last + 1 : s;
	return s[0] != '-' && s[0] != '.' && strlen(s) <= NAME_MAX_DNS &&
	       strspn(s, allowed) == strlen(s) && strspn(last, "0123456789") < strlen(last);
}

nt
resolve_target(const char *text, struct resolve_target *ret)
{
	struct resolve_target t = { 0 };
	const char *colon	= strrchr(text, ':');
	size_t n		= colon ? (size_t)(colon - text) : 0;
	bool six		= n > 2 && text[0] == '[' && text[n - 1] == ']';
	struct net_addr addr;
	unsigned long port;
	char *end;

	REQUIRE(n > 0 && n < sizeof t.host, STATUS_INVALID_PARAMETER);
	REQUIRE(colon[1] >= '1' && colon[1] <= '9', STATUS_INVALID_PARAMETER);
	port = strtoul(colon + 1, &end, 10);
	REQUIRE(*end == '\0' && port <= UINT16_MAX, STATUS_INVALID_PARAMETER);
	t.port = (uint16_t)port;
	memcpy(t.host, text + six, n - 2 * six);
	REQUIRE(six == (strchr(t.host, ':') != NULL), STATUS_INVALID_PARAMETER);
	REQUIRE(resolve_literal(t.host, &addr) || (!six && name_ok(t.host)),
		STATUS_INVALID_PARAMETER);
	*ret = t;
	return STATUS_SUCCESS;
}

static bool
addr_take(const struct addrinfo *ai, struct net_addr *ret)
{
	*ret = (struct net_addr){ 0 };
	if (ai->ai_family == AF_INET && ai->ai_addrlen >= sizeof(struct sockaddr_in)) {
		ret->family = 4;
		memcpy(ret->b, &((const struct sockaddr_in *)(const void *)ai->ai_addr)->sin_addr, 4);
	} else if (ai->ai_family == AF_INET6 && ai->ai_addrlen >= sizeof(struct sockaddr_in6)) {
		ret->family = 6;
		memcpy(ret->b, &((const struct sockaddr_in6 *)(const void *)ai->ai_addr)->sin6_addr,
		       16);
	}
	return ret->family != 0;
}

static void
job_run(struct job *j)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP };
	struct addrinfo *all	    = NULL;

	j->status = STATUS_BAD_NETWORK_PATH;
	if (getaddrinfo(j->host, NULL, &hints, &all) != 0)
		return;
	for (const struct addrinfo *ai = all; ai && j->n < RESOLVE_MAX; ai = ai->ai_next)
		if (addr_take(ai, &j->addr[j->n]))
			j->n++;
	freeaddrinfo(all);
	if (j->n > 0)
		j->status = STATUS_SUCCESS;
}

/* The first that waits whose asker does not hold too many threads already. */
static struct job *
job_next(struct resolver *r)
{
	struct job *j, *k;

	TAILQ_FOREACH(j, &r->waiting, of) {
		unsigned n = 0;

		TAILQ_FOREACH(k, &r->running, of)
			n += k->peer == j->peer;
		if (n < RESOLVE_PER_PEER)
			return j;
	}
	return NULL;
}

static void *
thread_main(void *ctx)
{
	struct resolver *r = ctx;
	uint64_t one	   = 1;
	struct job *j;

	pthread_mutex_lock(&r->lock);
	for (;;) {
		while (!(j = job_next(r)))
			pthread_cond_wait(&r->more, &r->lock);
		TAILQ_REMOVE(&r->waiting, j, of);
		TAILQ_INSERT_TAIL(&r->running, j, of);
		pthread_mutex_unlock(&r->lock);
		job_run(j);
		pthread_mutex_lock(&r->lock);
		TAILQ_REMOVE(&r->running, j, of);
		TAILQ_INSERT_TAIL(&r->finished, j, of);
		pthread_cond_broadcast(&r->more);	/* its asker may have another thread */
		if (write(r->watch.fd, &one, sizeof one) != sizeof one)
			log_error("the loop was not woken");
	}
	return NULL;
}

static void
on_finished(void *ctx, uint32_t events)
{
	struct resolver *r = ctx;
	struct jobs done   = TAILQ_HEAD_INITIALIZER(done);
	uint64_t count;
	struct job *j;

	(void)events;
	if (read(r->watch.fd, &count, sizeof count) != sizeof count)
		return;
	pthread_mutex_lock(&r->lock);
	TAILQ_CONCAT(&done, &r->finished, of);
	pthread_mutex_unlock(&r->lock);
	while ((j = TAILQ_FIRST(&done))) {
		TAILQ_REMOVE(&done, j, of);
		if (j->fn)
			j->fn(j->ctx, j->status, j->addr, j->n);
		free(j);
	}
}

struct resolver *
resolver_new(struct loop *loop)
{
	struct resolver *r = xcalloc(1, sizeof *r);
	int fd		   = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_attr_t attr;
	pthread_t t;

	ENSURE(fd >= 0);
	TAILQ_INIT(&r->waiting);
	TAILQ_INIT(&r->running);
	TAILQ_INIT(&r->finished);
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->more, NULL);
	loop_add(loop, &r->watch, fd, EPOLLIN, on_finished, r);
	pthread_attr_init(&attr);
	ENSURE(pthread_attr_setstacksize(&attr, THREAD_STACK) == 0);
	for (unsigned i = 0; i < RESOLVE_THREADS; i++)
		if (pthread_create(&t, &attr, thread_main, r) != 0)
			fatal("no thread for names");
	pthread_attr_destroy(&attr);
	return r;
}

nt
resolve(struct resolver *r, uint64_t peer, const char *host, resolve_fn *fn, void *ctx)
{
	struct job *j = calloc(1, sizeof *j);

	REQUIRE(j, STATUS_INSUFFICIENT_RESOURCES);
	*j = (struct job){ .peer = peer, .fn = fn, .ctx = ctx };
	(void)strncpy(j->host, host, sizeof j->host - 1);
	pthread_mutex_lock(&r->lock);
	TAILQ_INSERT_TAIL(&r->waiting, j, of);
	pthread_cond_signal(&r->more);
	pthread_mutex_unlock(&r->lock);
	return STATUS_SUCCESS;
}

static void
forget_in(struct jobs *list, const void *ctx)
{
	struct job *j;

	TAILQ_FOREACH(j, list, of)
		if (j->ctx == ctx)
			j->fn = NULL;
}

void
resolve_forget(struct resolver *r, const void *ctx)
{
	struct job *j, *next;

	pthread_mutex_lock(&r->lock);
	for (j = TAILQ_FIRST(&r->waiting); j; j = next) {
		next = TAILQ_NEXT(j, of);
		if (j->ctx == ctx) {
			TAILQ_REMOVE(&r->waiting, j, of);
			free(j);
		}
	}
	forget_in(&r->running, ctx);
	forget_in(&r->finished, ctx);
	pthread_mutex_unlock(&r->lock);
}
