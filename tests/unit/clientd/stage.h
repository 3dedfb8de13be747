/*
 * stage.h - a session process without processes around it: links, the dialer and
 * the keeper of credentials are played by the test, which has functions of ipc/
 * of its own; the server is whoever is at the other end of the socket.
 */
#ifndef TESTS_UNIT_CLIENTD_STAGE_H
#define TESTS_UNIT_CLIENTD_STAGE_H

#include "clientd/session/session.h"
#include "tests/unit/check.h"

struct link {
	enum peer_role role;
};

struct call {
	struct link *link;
	bool kept, answered;
	nt status;
	int fd;
	uint8_t *body, *data;
	size_t n, data_n;
	struct span sent;	/* the request's payload frame */
};

struct stage {
	struct client client;
	struct link links[PEER_MAX];
	struct loop_tick tick;
	struct call *awaited;
	char user[64], password[64];
	uint16_t port;			/* dialled whatever the session says; 0: as it says */
	int socket;			/* handed out by the dialer instead of dialling; -1: none */
	unsigned dials;
	char dialled[8][64];		/* the first of them */
	struct call *given[64];		/* the dialer's own questions */
	unsigned n_given;
	unsigned events;		/* api_event that came */
	struct api_event_req event;	/* the last one */
	char event_path[512];
};

extern struct stage *stage;

struct stage *stage_new(const char *user, const char *password);
void stage_drop(struct stage *);
/* Asks, turns the loop until answered; the caller drops *ret. */
nt stage_ask(struct stage *, const struct msg_desc *, const void *req, struct span data, int fd,
	     struct call **ret) MUST_USE;
/* The same without waiting. */
struct call *stage_begin(struct stage *, const struct msg_desc *, const void *req, struct span data,
			 int fd);
nt stage_wait(struct stage *, struct call *) MUST_USE;
void stage_turn(struct stage *, unsigned ms);
void call_drop(struct call *);

/* ASK(client_stat, &req, &rsp, &call): rsp borrows from the call, which the caller drops. */
#define ASK(msg, req, rsp, ret_call)                                                            \
	__extension__({                                                                         \
		nt ask_s_ = stage_ask(stage, &msg##_desc, (req), SPAN_NONE, -1, (ret_call));    \
		if (!nt_failed(ask_s_))                                                         \
			assert_status(msg##_rsp_decode(                                         \
					      SPAN((*(ret_call))->body, (*(ret_call))->n), (rsp)), \
				      STATUS_SUCCESS);                                          \
		ask_s_;                                                                         \
	})

#endif
