/*
 * tell.c - logons that failed, and lock-outs, for administrators' scripts by way of
 * the api.  Nothing waits for them: what it does not take in time is counted.
 * The client hears none of this: logon.c answers it.
 */
#include "authd/store/logon.h"

#define TOLD_MAX 256u	/* on their way */

static void
told(void *ctx, nt status, const struct logon_tell_rsp *rsp, struct span data)
{
	struct store *s = ctx;

	(void)status;
	(void)rsp;
	(void)data;
	s->told--;
}

static void
tell(struct store *s, struct logon_tell_req *q)
{
	struct link *api = node_peer(s->node, PEER_API);

	q->lost = s->untold;
	if (!api || s->told >= TOLD_MAX || nt_failed(logon_tell_call(api, q, NULL, told, s))) {
		s->untold++;
		return;
	}
	s->untold = 0;
	s->told++;
}

/* What scripts can tell apart without reading sentences. */
static const char *
class_of(const struct logon *l)
{
	if (l->locked)
		return "locked_out";
	if (l->verdict.reason == VERIFY_WRONG_PROOF)
		return "wrong_password";
	if (l->verdict.reason != VERIFY_OK)
		return "protocol";
	if (l->passage)
		return "domain";
	return l->context.kerberos ? "ticket" : "not_allowed";
}

void
logon_tell_failed(struct logon *l, nt status, const char *reason)
{
	char whole[2 * NAME_BOUND + 2];
	struct logon_tell_req q = {
		.kind	     = HOOK_EVENT_logon_failed,
		.status	     = status.code,
		.session     = l->context.session,
		.user	     = str_of(l->foreign ? foreign_print(l->foreign, whole) : l->claimed),
		.client	     = l->context.client,
		.workstation = str_of(l->from),
		.mechanism   = str_of(l->context.kerberos ? "kerberos" : "ntlm"),
		.class_	     = str_of(class_of(l)),
		.reason	     = str_of(reason),
	};

	if (q.user.n > NAME_BOUND)
		q.user = str_of(l->foreign->logon);
	tell(l->store, &q);
}

void
logon_tell_lockout(struct logon *l)
{
	struct logon_tell_req q = {
		.kind	     = HOOK_EVENT_lockout,
		.user	     = str_of(l->claimed),
		.client	     = l->context.client,
		.workstation = str_of(l->from),
		.mechanism   = str_of(l->context.kerberos ? "kerberos" : "ntlm"),
		.class_	     = str_of("locked_out"),
		.reason	     = str_of("too many failures"),
	};

	tell(l->store, &q);
}
