/*
 * jobs.h - a few threads in which tickets are got, so that no KDC ever makes
 * the event loop wait.  Everything here but the threads' own function runs on
 * the loop's thread; a job belongs to one side at a time.
 *
 * Bounded: THREADS at once, of which one owner has half at most; JOBS_MAX with
 * those that wait, of which one owner has a quarter.
 */
#ifndef AUTHD_CRED_JOBS_H
#define AUTHD_CRED_JOBS_H

#include <sys/queue.h>

#include "authd/cred/acquire.h"
#include "base/loop.h"

#define JOB_THREADS  8u
#define JOBS_MAX     64u
#define JOB_LIMIT_MS 30000u /* all questions of one job together */

struct job;
struct jobs;

/* A KDC has to be asked; answered by job_reply(), once. */
typedef void job_ask_fn(void *ctx, struct job *, const char *realm, struct span request);
/* Done; the receiver frees it. */
typedef void job_done_fn(struct job *);

struct job {
	TAILQ_ENTRY(job) link;
	struct want want;
	char owner[NAME_BOUND + 1];
	uint64_t login, peer, since_ms; /* peer: who asked */
	void *me, *about;		/* the receiver's */
	job_done_fn *done;
	/* ---- a question in hand; between threads ---- */
	char realm[KRB_TEXT_MAX];
	struct span request;
	uint8_t *reply;
	size_t n_reply;
	nt answer;
	bool asks, answered;
};

/* Makes the threads' acquirers.  Before the walls; jobs_start() when there are no more forks. */
struct jobs *jobs_new(struct loop *, job_ask_fn *, void *ctx);
void jobs_start(struct jobs *);
/* For use on the loop's thread, for what asks no KDC. */
struct acquirer *jobs_acquirer(struct jobs *);

struct job *job_new(void);
void job_free(struct job *);
/* STATUS_INSUFFICIENT_RESOURCES when too many wait; the job is the caller's still. */
nt job_add(struct jobs *, struct job *) MUST_USE;
/* reply is copied. */
void job_reply(struct jobs *, struct job *, nt status, struct span reply);

#endif
