/*
 * trace.h - packets for scripts that look for a fault: who wants which, and their
 * way there.  Processes match, cut and count (tap/tap.h); here is who asked, whether
 * that process may speak to them, and until when.
 */
#ifndef BROKER_TRACE_H
#define BROKER_TRACE_H

#include "broker/api/api.h"
#include "ipc/msg/trace.msg.h"

#define TRACES_OF_OWNER 2u	/* of one's own client sessions */

struct trace {
	struct trace *next;
	struct api *api;
	struct address to;
	struct follow *follow;
	struct owner *owner;
	bool of_client;			/* the owner's sessions with other servers; else the server */
	struct trace_tap_req is;	/* its strings are the two below */
	char user[NAME_BOUND + 1], share[NAME_BOUND + 1];
	uint64_t packets, lost;		/* lost: since the last one that its script took */
};

/* trace.c */
nt trace_add_prepare(struct request *, char *why);
nt client_trace_prepare(struct request *, char *why);
nt trace_remove_prepare(struct request *, char *why);
void trace_list_complete(struct request *);
/* A process of the server has come. */
void traces_tell(struct api *, struct link *);
/* The process with this owner's client sessions has. */
void traces_tell_session(struct api *, const struct owner *);
void traces_leave(struct api *, const struct follow *);	/* that script has gone */
void traces_of_owner(struct api *, const struct owner *);	/* that key is revoked */

/* trace_read.c: what a script says it wants, into a zeroed ret. */
nt trace_read(const struct trace_add_req *, struct trace_tap_req *ret, char *why);

API_TRACE_MESSAGES(MSG_HANDLER)

#endif
