/*
 * hook.h - what scripts want to decide in the server or hear of it: the list,
 * the questions that wait for them.  Workers know the list as well (smbd/hook.h)
 * and do the matching; here is who asked for it, and until when we wait.
 */
#ifndef BROKER_HOOK_H
#define BROKER_HOOK_H

#include <sys/queue.h>

#include "broker/api/api.h"
#include "ipc/msg/hook.msg.h"
#include "proto/smb2/commands.h"

#define HOOK_OUT_MAX  64u	/* questions that a script has and has not answered */
#define HOOK_WAIT_MAX 4096u	/* … and further ones that wait here; beyond it nobody decides */

struct ask {
	TAILQ_ENTRY(ask) of_hook;
	struct hook *hook;
	uint64_t number;
	struct call *call;
	json_t *json;		/* until it is sent */
	struct loop_timer deadline;
};

struct hook {
	struct hook *next;
	struct api *api;
	struct address to;
	struct follow *follow;
	struct owner *owner;
	struct worker_hook_req is;	/* its strings are the three below */
	char share[NAME_BOUND + 1], pattern[NAME_BOUND + 1], user[NAME_BOUND + 1];
	TAILQ_HEAD(, ask) out, waiting;
	uint32_t n_out, n_waiting;
	uint64_t lost;		/* events that its script did not take */
};

/* hook.c */
nt hook_add_prepare(struct request *, char *why);
nt hook_del_prepare(struct request *, char *why);
void hook_list_complete(struct request *);
void hook_drop(struct hook *);
struct hook *hook_find(struct api *, uint32_t id);
/* hook_read.c */
extern const char *const hook_commands[SMB2_CMD_MAX], *const hook_kinds[HOOK_KIND_MAX],
    *const hook_events[HOOK_EVENT_MAX];
nt hook_read(const struct hook_add_req *, struct worker_hook_req *ret, char *why);
/* What the request says, into a zeroed ret; or an error and a sentence. */
nt hook_fields(struct request *, const struct msg_desc *, void *ret, char *why);
/* Of a request's field, so that it lives as long as dst. */
void field_keep(char dst[NAME_BOUND + 1], struct str *);
/* trace_read.c: with a port, or without; empty is none. */
nt address_read(const char *text, struct net_addr *ret, char *why);
void hooks_tell(struct api *, struct link *worker);	/* a worker has come */
void hooks_leave(struct api *, const struct follow *);	/* that script has gone */
void hooks_of_owner(struct api *, const struct owner *);	/* that key is revoked */

/* hook_ask.c */
nt hook_answer_prepare(struct request *, char *why);
void hook_settle(struct hook *);	/* nobody will answer what waits */
API_HOOK_MESSAGES(MSG_HANDLER)
API_LOGON_MESSAGES(MSG_HANDLER)

#endif
