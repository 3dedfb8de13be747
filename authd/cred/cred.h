/*
 * cred.h - keeps what scripts log on with elsewhere and makes proofs of it.
 * In memory only.  Not for: the server's own accounts, any network.
 */
#ifndef AUTHD_CRED_CRED_H
#define AUTHD_CRED_CRED_H

#include "authd/cred/exchange.h"
#include "authd/cred/jobs.h"
#include "authd/cred/login.h"
#include "base/loop.h"
#include "ipc/birth.h"
#include "ipc/msg/conf.msg.h"
#include "ipc/msg/cred.msg.h"
#include "ipc/node.h"
#include "sandbox/sandbox.h"

#define LOGINS_MAX    4096u
#define EXCHANGES_MAX 1024u

struct cred {
	struct loop *loop;
	struct node *node;
	struct sandbox box;
	struct conf_cred_req conf; /* strings borrow from part */
	struct conf_copy part;
	struct logins *logins;
	struct login *nobody; /* anonymous */
	struct exchanges *exchanges;
	struct jobs *jobs;
	struct loop_timer sweep;
};

/* ---- service.c ---- */
#define MSG_ME struct cred
CRED_MESSAGES(MSG_HANDLER)
extern const struct ipc_method cred_methods[];
extern const size_t cred_methods_n;

/* ---- events.c ---- */
extern const struct node_events cred_events;
/* STATUS_DATA_ERROR if part holds no usable conf_cred. */
nt cred_configure(struct cred *, struct span part) MUST_USE;
uint64_t cred_now_ms(const struct cred *);
/* Forgets what is too old, and comes again. */
void cred_sweep(void *cred);

/* ---- material.c ---- */
/* Takes a request's secret and material apart; user and domain are set.  STATUS_INVALID_PARAMETER.
 */
nt material_take(const struct cred *, struct login *, const struct cred_create_req *) MUST_USE;

/* ---- kdc.c ---- */
job_ask_fn kdc_ask;

/* ---- op_ticket.c ---- */
/* A job for that login's tickets, filled in but for what is wished.  Never NULL. */
struct job *login_job(struct cred *, const struct login *, const struct call *, job_done_fn *);
/* Takes the job, and keeps the call as its about; what a handler returns then. */
nt login_job_go(struct cred *, struct job *, struct call *) MUST_USE;
/* What a job brought joins its login, which is returned if it lives.  Logs a failure. */
struct login *login_job_done(struct job *);
uint32_t cred_now_s(void);

/* ---- sandbox.c ---- */
void cred_isolate(struct cred *, const struct birth *, char *links, size_t cap);
void cred_seal(struct cred *);

#endif
