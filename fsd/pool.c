/* pool.c - a queue in, a list out, an eventfd to ring. */
#include "fsd/pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/fatal.h"
#include "fsd/creds.h"
#include "fsd/handle.h"
#include "fsd/peer.h"

#define POOL_THREADS     4u
#define POOL_THREADS_MAX 64u

struct pool {
	struct fsd *fsd;
	pthread_mutex_t lock;
	pthread_cond_t work, finished;
	struct task *todo, **todo_end;
	struct task *done;
	bool stop;
	int bell;
	struct loop_fd watch;
	uint32_t threads;
	pthread_t thread[POOL_THREADS_MAX];
};

static void
ring(const struct pool *p)
{
	uint64_t one = 1;

	if (write(p->bell, &one, sizeof one) < 0)
		return;		/* full: it rings already */
}

/* With the lock held on entry and return. */
static struct task *
todo_take(struct pool *p)
{
	struct task *t;

	while (!p->todo && !p->stop)
		pthread_cond_wait(&p->work, &p->lock);
	t = p->todo;
	if (!t)
		return NULL;
	p->todo = t->next;
	if (!p->todo)
		p->todo_end = &p->todo;
	return t;
}

static void *
worker(void *arg)
{
	struct pool *p = arg;
	struct task *t;

	pthread_mutex_lock(&p->lock);
	while ((t = todo_take(p)) != NULL) {
		pthread_mutex_unlock(&p->lock);
		creds_become(t->handle->who);
		t->work(t);
		pthread_mutex_lock(&p->lock);
		t->next = p->done;
		p->done = t;
		pthread_cond_broadcast(&p->finished);
		ring(p);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static void
finish(struct pool *p)
{
	struct task *t;

	pthread_mutex_lock(&p->lock);
	t       = p->done;
	p->done = NULL;
	pthread_mutex_unlock(&p->lock);
	while (t) {
		struct task *next = t->next;
		struct handle *h  = t->handle;

		t->peer->tasks--;
		t->done(p->fsd, t);
		handle_drop(h);
		t = next;
	}
}

static void
bell_rang(void *ctx, uint32_t events)
{
	struct pool *p = ctx;
	uint64_t n;

	(void)events;
	if (read(p->bell, &n, sizeof n) == sizeof n)
		finish(p);
}

/* Signals are the loop's: block them before the threads inherit the mask. */
static void
threads_start(struct pool *p)
{
	sigset_t all, before;

	sigfillset(&all);
	(void)pthread_sigmask(SIG_BLOCK, &all, &before);
	for (uint32_t i = 0; i < p->threads; i++)
		if (pthread_create(&p->thread[i], NULL, worker, p) != 0)
			fatal("cannot start a thread");
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

struct pool *
pool_new(struct fsd *me, struct loop *loop, uint32_t threads)
{
	struct pool *p = xcalloc(1, sizeof *p);

	p->fsd      = me;
	p->todo_end = &p->todo;
	p->threads  = threads == 0 ? POOL_THREADS : threads;
	if (p->threads > POOL_THREADS_MAX)
		p->threads = POOL_THREADS_MAX;
	p->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (p->bell < 0 || pthread_mutex_init(&p->lock, NULL) != 0 ||
	    pthread_cond_init(&p->work, NULL) != 0 || pthread_cond_init(&p->finished, NULL) != 0)
		fatal("cannot make the pool");
	loop_add(loop, &p->watch, p->bell, EPOLLIN, bell_rang, p);
	threads_start(p);
	return p;
}

void
pool_add(struct pool *p, struct task *t, struct handle *h, void (*work)(struct task *),
    void (*done)(struct fsd *, struct task *))
{
	t->next   = NULL;
	t->handle = handle_hold(h);
	t->peer   = h->peer;
	t->work   = work;
	t->done   = done;
	t->peer->tasks++;
	pthread_mutex_lock(&p->lock);
	*p->todo_end = t;
	p->todo_end  = &t->next;
	pthread_cond_signal(&p->work);
	pthread_mutex_unlock(&p->lock);
}

void
pool_drain(struct pool *p, const struct peer *peer)
{
	while (peer->tasks > 0) {
		pthread_mutex_lock(&p->lock);
		while (!p->done)
			pthread_cond_wait(&p->finished, &p->lock);
		pthread_mutex_unlock(&p->lock);
		finish(p);
	}
}

void
pool_drop(struct pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->stop = true;
	pthread_cond_broadcast(&p->work);
	pthread_mutex_unlock(&p->lock);
	for (uint32_t i = 0; i < p->threads; i++)
		(void)pthread_join(p->thread[i], NULL);
	finish(p);
	loop_del(&p->watch);
	close(p->bell);
	free(p);
}
