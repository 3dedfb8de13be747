/*
 * follow.c - is the script still there that waits for us?  Its transfers and its
 * watches end with its process.
 *
 * Session processes know jobs by numbers of ours where the script gave none, so
 * that what nobody waits for any more can be ended.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fatal.h"
#include "broker/api/hook.h"
#include "broker/api/trace.h"

#define END_CALL_MS 10000u

/* A process that waits for us; n: for so many things. */
struct follow {
	struct follow *next;
	struct api *api;
	uint32_t pid;
	int pidfd;
	size_t n;
	struct loop_fd watch;
};

/* ---- whose process is it ---- */

static void follow_ended(void *ctx, uint32_t events);

struct follow *
follow_enter(struct api *me, uint32_t pid)
{
	struct follow *f = me->follows;
	int fd;

	while (f && f->pid != pid)
		f = f->next;
	if (!f) {
		fd = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
		if (fd < 0)
			return NULL;
		f  = xcalloc(1, sizeof *f);
		*f = (struct follow){ .next = me->follows, .api = me, .pid = pid, .pidfd = fd };
		me->follows = f;
		loop_add(me->loop, &f->watch, fd, EPOLLIN, follow_ended, f);
	}
	f->n++;
	return f;
}

void
follow_drop(struct follow *f)
{
	struct follow **at = &f->api->follows;

	if (--f->n > 0)
		return;
	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	loop_del(&f->watch);
	close(f->pidfd);
	free(f);
}

void
follow_request(struct request *rq)
{
	rq->follow = follow_enter(rq->api, rq->user.pid);
}

void
follow_leave(struct request *rq)
{
	if (rq->follow)
		follow_drop(rq->follow);
	rq->follow = NULL;
}

/* ---- numbers ---- */

uint64_t
request_number(const struct request *rq, const char *field)
{
	json_int_t n = json_integer_value(json_object_get(rq->args, field));

	return n > 0 ? (uint64_t)n : 0;
}

void
request_number_set(struct request *rq, const char *field, uint64_t number)
{
	(void)json_object_set_new(rq->args, field, json_integer((json_int_t)number));
}

nt
job_prepare(struct request *rq, char *why)
{
	uint64_t job = request_number(rq, "job");

	if (job >= OUR_NUMBER) {
		(void)snprintf(why, JSON_WHY, "a job's number is below 2^62");
		return STATUS_INVALID_PARAMETER;
	}
	if (job == 0 && !json_object_get(rq->args, "job"))
		request_number_set(rq, "job", OUR_NUMBER | ++rq->api->last_number);
	return STATUS_SUCCESS;
}

/* ---- a process has ended ---- */

static void
cancelled(void *ctx, nt status, const struct client_cancel_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)status;
	(void)rsp;
	(void)data;
}

/* Its answer will come, and will be for nobody. */
static void
job_cancel(const struct request *rq)
{
	const struct client_cancel_req req = { .job = request_number(rq, "job") };
	const struct call_opt opt	   = { .timeout_ms = END_CALL_MS };

	if (req.job != 0)
		(void)client_cancel_call(node_find(rq->api->node, rq->peer), &req, &opt, cancelled,
					 NULL)
		    .code;
}

static void
follow_ended(void *ctx, uint32_t events)
{
	struct follow *f = ctx;
	struct api *me	 = f->api;

	(void)events;
	f->n++; /* ours, so that it outlives those that let go of it */
	for (struct request *rq = me->requests; rq; rq = rq->next) {
		if (rq->follow != f)
			continue;
		job_cancel(rq);
		follow_leave(rq);
	}
	watches_leave(me, f);
	hooks_leave(me, f);
	traces_leave(me, f);
	follow_drop(f);
}
