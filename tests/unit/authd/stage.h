/*
 * stage.h - a store without processes around it: links, calls and the questions
 * it asks are played by the test, which has functions of ipc/ of its own.
 */
#ifndef TESTS_UNIT_AUTHD_STAGE_H
#define TESTS_UNIT_AUTHD_STAGE_H

#include "tests/unit/authd/client.h"

#include <unistd.h>

#include "authd/store/logon.h"
#include "ipc/msg/dir.msg.h"
#include "ipc/msg/krb.msg.h"
#include "ipc/msg/smbd.msg.h"

enum { GATE = 11, WORKER = 21, WORKER2 = 22, FSD = 31, VAULT = 32, NAMES = 41, API = 51, KRB = 61, NET = 71, DIRECTORY = 1 };

struct link {
	uint64_t peer;
	enum peer_role role;
	bool up;
	const char *storage; /* NULL: our own fsd's, or nobody's */
	void *ctx;
};

struct call {
	struct link *link;
	bool kept, answered;
	nt status;
	uint8_t body[1024], scratch[8][70000];
	size_t n, n_scratch;
};

/* A question of the store's that waits for the test's answer. */
struct ask {
	const struct msg_desc *desc;
	uint64_t peer;
	uint8_t body[4096];
	size_t n;
	msg_deliver *deliver;
	msg_done *done;
	void *ctx;
	void (*late)(void *);
	bool answered;
};

struct stage {
	struct store store;
	struct link links[10];
	struct ask asks[256];
	size_t n_asks;
	char dir[64];
	struct loop_tick tick;
};

extern struct stage *stage;

struct stage *stage_new(const struct conf_auth_req *);
/* Another process on the same files, as after a restart. */
void stage_reopen(struct stage *);
void stage_drop(struct stage *);
struct link *stage_link(struct stage *, uint64_t peer);
struct call *stage_call(struct stage *, uint64_t from);
void call_drop(struct call *);

/* The unanswered question of that kind, or NULL. */
struct ask *ask_find(struct stage *, const struct msg_desc *);
void ask_answer(struct ask *, nt status, struct span body);
/* Plays names, directory, worker and fsd: everything is granted. */
void stage_grant_all(struct stage *);
/* The uid that it gives this account. */
uint32_t stage_uid(const char *name);
/* Turns the loop until the call is answered. */
void stage_run(struct stage *, struct call *);
void stage_add_user(struct stage *, const char *name, const char *password);

/* begin and finish from that peer; the answer is in the call, which the caller drops. */
struct call *stage_logon(struct stage *, uint64_t from, uint64_t session, struct client *,
			 uint64_t *ret_ctx);

#endif
