/*
 * steps.c - what has to be there before a request can be sent on: processes, a
 * descriptor, a credential lent.  Each step goes on to the next, now or when it
 * has been answered.
 */
#include <string.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/api/trace.h"
#include "ipc/msg/cred.msg.h"
#include "ipc/msg/dir.msg.h"

#define START_MS    20000u /* a process that is started for us */
#define START_TRIES 3u	   /* it died before it was ours */
#define PASS_MS	    10000u

/* ---- processes ---- */

static void
needed(void *ctx, nt status, const struct dir_need_rsp *rsp, struct span data)
{
	struct request *rq = ctx;

	(void)rsp;
	(void)data;
	if (nt_failed(status))
		log_warn("a process could not be started method=%s status=%s", rq->method->name,
			 nt_name(status));
	request_step(rq);
}

/* Whoever it is may be there without us having asked: what follows finds out. */
static void
role_need(struct request *rq, enum peer_role role)
{
	const struct dir_need_req req = { .role = (uint8_t)role };
	const struct call_opt opt     = { .timeout_ms = START_MS };
	struct link *directory	      = node_directory(rq->api->node);

	if (node_peer(rq->api->node, role) ||
	    nt_failed(dir_need_call(directory, &req, &opt, needed, rq)))
		request_step(rq);
}

static void
step_keeper(struct request *rq)
{
	if (rq->method->to == PEER_CRED)
		role_need(rq, PEER_CRED);
	else
		request_step(rq);
}

/* Could a ticket be wanted for this credential? */
static bool
kdc_may_be_asked(const struct request *rq)
{
	const char *user    = json_string_value(json_object_get(rq->args, "user"));
	const char *domain  = json_string_value(json_object_get(rq->args, "domain"));
	json_int_t type	    = json_integer_value(json_object_get(rq->args, "type"));
	json_int_t kerberos = json_integer_value(json_object_get(rq->args, "kerberos"));

	if (rq->method->desc != &cred_create_desc)
		return true;
	if (kerberos == CRED_KRB_OFF || type == CRED_ANONYMOUS)
		return false;
	return type >= CRED_AES_KEY || kerberos == CRED_KRB_REQUIRED ||
	       (user && strchr(user, '@')) || (domain && strchr(domain, '.'));
}

static void
step_kdc(struct request *rq)
{
	if (rq->method->flags & METHOD_KDC && kdc_may_be_asked(rq))
		role_need(rq, PEER_NET);
	else
		request_step(rq);
}

static void step_session(struct request *);

static void
session_got(void *ctx, nt status, const struct dir_session_get_rsp *rsp, struct span data)
{
	struct request *rq = ctx;

	(void)data;
	if (nt_is(status, STATUS_RETRY) && ++rq->tries < START_TRIES) {
		step_session(rq);
	} else if (nt_failed(status)) {
		request_finish(rq, status, "the process for client sessions could not be started");
	} else {
		rq->peer	   = rsp->peer;
		rq->owner->session = node_find(rq->api->node, rsp->peer) ? rsp->peer : 0;
		traces_tell_session(rq->api, rq->owner);
		request_step(rq);
	}
}

static void
step_session(struct request *rq)
{
	const struct dir_session_get_req req = { .owner = str_of(rq->owner->name) };
	const struct call_opt opt	     = { .timeout_ms = START_MS };
	nt s;

	rq->peer = rq->owner->session;
	if (rq->method->to != PEER_SESSION || rq->peer != 0) {
		request_step(rq);
		return;
	}
	s = dir_session_get_call(node_directory(rq->api->node), &req, &opt, session_got, rq);
	if (nt_failed(s))
		request_finish(rq, s, NULL);
}

/* The field that names a descriptor, if this request has one: 32 digits, not all zero. */
static bool
token_of(const struct request *rq, struct id16 *ret)
{
	static const char *const names[] = { "local", "socket" };
	static const struct id16 none;
	static struct json_room room;
	char why[JSON_WHY];

	for (size_t i = 0; rq->method->desc && i < NELEM(names); i++) {
		const struct msg_field f = { names[i], MSG_T_id16, 0 };
		json_t *v		 = json_object_get(rq->args, names[i]);
		json_t *one		 = v ? json_pack("{s:O}", names[i], v) : NULL;
		nt s			 = STATUS_NOT_FOUND;

		room.used = 0;
		if (one)
			s = json_to_fields(one, &f, 1, ret, &room, why);
		json_decref(one);
		if (!nt_failed(s))
			return memcmp(ret->b, none.b, sizeof none.b) != 0;
	}
	return false;
}

static void
passed(void *ctx, nt status, const struct dir_pass_rsp *rsp, struct span data)
{
	struct request *rq = ctx;

	(void)rsp;
	(void)data;
	if (nt_failed(status))
		request_finish(rq, status, "the descriptor could not be passed on");
	else
		request_step(rq);
}

static void
step_descriptor(struct request *rq)
{
	struct dir_pass_req req = { .peer = rq->peer };
	struct call_opt opt	= { .timeout_ms = PASS_MS, .has_fd = true };
	nt s;

	if (rq->method->to != PEER_SESSION || !token_of(rq, &req.token)) {
		request_step(rq);
		return;
	}
	if (rq->user.key != 0) {
		request_finish(rq, STATUS_NOT_SUPPORTED,
			       "a descriptor cannot come from another machine; send the content "
			       "as the binary frame, or by client.local");
		return;
	}
	opt.fd = pass_take(rq->api, rq->user.uid, &req.token);
	if (opt.fd < 0) {
		request_finish(rq, STATUS_NOT_FOUND, "no descriptor waits under this token");
		return;
	}
	s = dir_pass_call(node_directory(rq->api->node), &req, &opt, passed, rq);
	close(opt.fd);
	if (nt_failed(s))
		request_finish(rq, s, NULL);
}

static void
lent(void *ctx, nt status, const struct cred_lend_rsp *rsp, struct span data)
{
	struct request *rq = ctx;

	(void)rsp;
	(void)data;
	if (nt_failed(status))
		request_finish(rq, status, "there is no such credential");
	else
		request_step(rq);
}

/* A session process can use what it has been lent, for this owner, and nothing else. */
static void
step_credential(struct request *rq)
{
	struct link *keeper	  = node_peer(rq->api->node, PEER_CRED);
	const struct call_opt opt = { .timeout_ms = REQUEST_CALL_MS };
	struct client_open_req open;
	struct cred_lend_req req;
	nt s;

	if (rq->method->desc != &client_open_desc ||
	    nt_failed(client_open_req_decode(rq->body, &open)) || open.cred == 0) {
		request_step(rq);
		return;
	}
	req = (struct cred_lend_req){ .owner = str_of(rq->owner->name),
				      .cred  = open.cred,
				      .peer  = rq->peer };
	s   = keeper ? cred_lend_call(keeper, &req, &opt, lent, rq) : STATUS_NOT_FOUND;
	if (nt_failed(s))
		request_finish(rq, s, "there is no such credential");
}

static void (*const steps[])(struct request *) = {
	step_keeper, step_kdc, step_session, step_descriptor, step_credential, forward_send,
};

void
request_step(struct request *rq)
{
	ENSURE(rq->step < NELEM(steps));
	steps[rq->step++](rq);
}
