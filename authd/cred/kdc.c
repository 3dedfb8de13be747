/*
 * kdc.c - a job's question goes to the process that reaches KDCs, which is
 * started if it does not run yet.  Every question is answered, in time or not.
 */
#include "authd/cred/cred.h"
#include "base/log.h"
#include "ipc/msg/dir.msg.h"
#include "ipc/msg/net.msg.h"

#define QUESTION_MS 12000u /* net's own limit is shorter */
#define START_MS    5000u

static void
answered(void *ctx, nt status, const struct net_kdc_rsp *rsp, struct span data)
{
	struct job *job = ctx;
	struct cred *me = job->me;

	(void)data;
	if (nt_ok(status) && !rsp)
		status = STATUS_NO_LOGON_SERVERS;
	job_reply(me->jobs, job, status, nt_ok(status) ? rsp->reply : SPAN_NONE);
}

static void
ask_net(struct cred *me, struct job *job)
{
	const struct net_kdc_req req = { .realm = str_of(job->realm), .request = job->request };
	const struct call_opt opt    = { .timeout_ms = QUESTION_MS };
	struct link *net	     = node_peer(me->node, PEER_NET);

	if (!net || nt_failed(net_kdc_call(net, &req, &opt, answered, job)))
		job_reply(me->jobs, job, STATUS_NO_LOGON_SERVERS, SPAN_NONE);
}

static void
started(void *ctx, nt status, const struct dir_need_rsp *rsp, struct span data)
{
	struct job *job = ctx;

	(void)rsp;
	(void)data;
	if (nt_failed(status))
		log_warn("cred: nobody here reaches KDCs status=%s", nt_name(status));
	ask_net(job->me, job);
}

void
kdc_ask(void *ctx, struct job *job, const char *realm, struct span request)
{
	static const struct dir_need_req need = { .role = PEER_NET };
	static const struct call_opt opt      = { .timeout_ms = START_MS };
	struct cred *me			      = ctx;

	(void)realm;
	(void)request;
	if (cred_now_ms(me) - job->since_ms > JOB_LIMIT_MS)
		job_reply(me->jobs, job, STATUS_NO_LOGON_SERVERS, SPAN_NONE);
	else if (node_peer(me->node, PEER_NET) ||
		 nt_failed(dir_need_call(node_directory(me->node), &need, &opt, started, job)))
		ask_net(me, job);
}
