/*
 * jobs.c - see jobs.h.  One lock; the threads wake the loop by an eventfd.
 */
#include "authd/cred/jobs.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/secret.h"

#define OWNER_RUNS  (JOB_THREADS / 2)
#define OWNER_WAITS (JOBS_MAX / 4)

TAILQ_HEAD(job_list, job);

struct thread {
	struct jobs *jobs;
	struct acquirer *acquirer;
	struct job *job;
	pthread_t id;
};

struct jobs {
	job_ask_fn *ask;
	void *ctx;
	struct loop_fd wake;
	struct acquirer *local;
	struct thread threads[JOB_THREADS];
	pthread_mutex_t lock;
	pthread_cond_t work, answer;
	struct job_list waiting, asking, finished;
	uint32_t count;
};

static void
lock(struct jobs *j)
{
	ENSURE(pthread_mutex_lock(&j->lock) == 0);
}

static void
unlock(struct jobs *j)
{
	ENSURE(pthread_mutex_unlock(&j->lock) == 0);
}

static void
loop_wake(struct jobs *j)
{
	const uint64_t one = 1;

	/* EAGAIN: it has been told often enough. */
	ENSURE(write(j->wake.fd, &one, sizeof one) == sizeof one || errno == EAGAIN);
}

/* ---- in a thread ---- */

static uint32_t
running_of(const struct jobs *j, const char *owner)
{
	uint32_t n = 0;

	for (size_t i = 0; i < JOB_THREADS; i++)
		n += j->threads[i].job && strcmp(j->threads[i].job->owner, owner) == 0;
	return n;
}

/* The next whose owner has not enough already; and one login's jobs run one after the other. */
static struct job *
job_pick(struct jobs *j)
{
	struct job *job;

	TAILQ_FOREACH(job, &j->waiting, link) {
		bool busy = running_of(j, job->owner) >= OWNER_RUNS;

		for (size_t i = 0; i < JOB_THREADS && !busy; i++)
			busy = j->threads[i].job && j->threads[i].job->login == job->login;
		if (!busy)
			break;
	}
	if (job)
		TAILQ_REMOVE(&j->waiting, job, link);
	return job;
}

/* Hands the question to the loop and waits; it is answered always, if only by "too late". */
static nt
thread_ask(void *ctx, const char *realm, struct span request, uint8_t **ret_reply, size_t *ret_n)
{
	struct thread *t = ctx;
	struct jobs *j	 = t->jobs;
	struct job *job	 = t->job;
	nt status;

	REQUIRE(strlen(realm) < sizeof job->realm && request.n <= TOKEN_BOUND,
		STATUS_INVALID_PARAMETER);
	lock(j);
	memcpy(job->realm, realm, strlen(realm) + 1);
	job->request  = request;
	job->answered = false;
	TAILQ_INSERT_TAIL(&j->asking, job, link);
	loop_wake(j);
	while (!job->answered)
		ENSURE(pthread_cond_wait(&j->answer, &j->lock) == 0);
	status	   = job->answer;
	*ret_reply = job->reply;
	*ret_n	   = job->n_reply;
	job->reply = NULL;
	unlock(j);
	return status;
}

static void *
thread_main(void *ctx)
{
	struct thread *t = ctx;
	struct jobs *j	 = t->jobs;

	lock(j);
	for (;;) {
		while (!(t->job = job_pick(j)))
			ENSURE(pthread_cond_wait(&j->work, &j->lock) == 0);
		unlock(j);
		acquire(t->acquirer, &t->job->want, thread_ask, t);
		lock(j);
		TAILQ_INSERT_TAIL(&j->finished, t->job, link);
		t->job = NULL;
		loop_wake(j);
		/* Somebody may have waited for this owner or login. */
		ENSURE(pthread_cond_broadcast(&j->work) == 0);
	}
	return NULL;
}

/* ---- on the loop ---- */

static struct job *
take(struct jobs *j, struct job_list *list)
{
	struct job *job;

	lock(j);
	job = TAILQ_FIRST(list);
	if (job)
		TAILQ_REMOVE(list, job, link);
	unlock(j);
	return job;
}

static void
on_wake(void *ctx, uint32_t events)
{
	struct jobs *j = ctx;
	struct job *job;
	uint64_t n;

	(void)events;
	ENSURE(read(j->wake.fd, &n, sizeof n) == sizeof n || errno == EAGAIN);
	while ((job = take(j, &j->asking)))
		j->ask(j->ctx, job, job->realm, job->request);
	while ((job = take(j, &j->finished))) {
		j->count--;
		job->done(job);
	}
}

struct jobs *
jobs_new(struct loop *loop, job_ask_fn *ask, void *ctx)
{
	struct jobs *j = xcalloc(1, sizeof *j);
	int fd	       = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	if (fd < 0)
		fatal("eventfd: %s", strerror(errno));
	j->ask = ask;
	j->ctx = ctx;
	TAILQ_INIT(&j->waiting);
	TAILQ_INIT(&j->asking);
	TAILQ_INIT(&j->finished);
	ENSURE(pthread_mutex_init(&j->lock, NULL) == 0);
	ENSURE(pthread_cond_init(&j->work, NULL) == 0 && pthread_cond_init(&j->answer, NULL) == 0);
	j->local = acquirer_new();
	for (size_t i = 0; i < JOB_THREADS; i++)
		j->threads[i] = (struct thread){ .jobs = j, .acquirer = acquirer_new() };
	loop_add(loop, &j->wake, fd, EPOLLIN, on_wake, j);
	return j;
}

void
jobs_start(struct jobs *j)
{
	for (size_t i = 0; i < JOB_THREADS; i++) {
		int err = pthread_create(&j->threads[i].id, NULL, thread_main, &j->threads[i]);

		if (err != 0)
			fatal("a thread for tickets: %s", strerror(err));
	}
}

struct acquirer *
jobs_acquirer(struct jobs *j)
{
	return j->local;
}

struct job *
job_new(void)
{
	return secret_alloc(sizeof(struct job));
}

void
job_free(struct job *job)
{
	if (!job)
		return;
	want_wipe(&job->want);
	secret_free(job, sizeof *job);
}

nt
job_add(struct jobs *j, struct job *job)
{
	const struct job *other;
	uint32_t waits = 0;

	lock(j);
	TAILQ_FOREACH(other, &j->waiting, link)
		waits += strcmp(other->owner, job->owner) == 0;
	if (j->count >= JOBS_MAX || waits >= OWNER_WAITS) {
		unlock(j);
		return STATUS_INSUFFICIENT_RESOURCES;
	}
	j->count++;
	TAILQ_INSERT_TAIL(&j->waiting, job, link);
	ENSURE(pthread_cond_signal(&j->work) == 0);
	unlock(j);
	return STATUS_SUCCESS;
}

void
job_reply(struct jobs *j, struct job *job, nt status, struct span reply)
{
	uint8_t *copy = NULL;

	if (nt_ok(status)) {
		copy = malloc(reply.n ? reply.n : 1);
		if (!copy)
			status = STATUS_INSUFFICIENT_RESOURCES;
		else if (reply.n > 0)
			memcpy(copy, reply.p, reply.n);
	}
	lock(j);
	job->reply    = copy;
	job->n_reply  = reply.n;
	job->answer   = status;
	job->answered = true;
	ENSURE(pthread_cond_broadcast(&j->answer) == 0);
	unlock(j);
}
