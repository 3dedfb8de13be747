/*
 * logon.h - one logon between its verdict and its answer.
 *
 * judge.c decides, logon.c carries the decision out: names, previous session,
 * worker, grant and key, answer.  Every step either goes on at once or waits
 * for one callback; a logon is in exactly one of them.
 */
#ifndef AUTHD_STORE_LOGON_H
#define AUTHD_STORE_LOGON_H

#include "authd/store/store.h"
#include "authd/store/verify.h"

#define LOGON_FOR_MS   10000u /* tries a step that wants a restarted peer this long */
#define LOGON_AGAIN_MS 100u
#define LOGON_ASK_MS   10000u

struct logon {
	TAILQ_ENTRY(logon) all;
	struct store *store;
	struct call *call; /* auth_ntlm_finish, kept */
	struct context context;
	bool orphan; /* whoever asked is gone or has lost interest */

	/* the verdict */
	bool accepted;
	bool guessed;	    /* a password was tried, right or wrong: the counters count it */
	const char *reason; /* for the log */
	struct verdict verdict;
	uint32_t flags; /* AUTH_* */
	uint32_t serial;
	char user[NAME_BOUND + 1];    /* the account's spelling */
	char claimed[NAME_BOUND + 1]; /* what the client sent */
	char from[NAME_BOUND + 1];    /* workstation, as the client calls itself */
	uint64_t previous;
	uint16_t dialect;
	bool binding;

	/* the way to the answer */
	char sid[SID_TEXT];
	struct fsd_grant_req grant;
	uint64_t worker;
	unsigned pending;
	nt status;
	bool peer_lost; /* somebody died meanwhile: worth another try */
	uint64_t give_up_ms;
	struct loop_timer timer;
	void (*again)(struct logon *);
};

/* Decides from the request, the accounts and the configuration. */
void logon_judge(struct logon *, const struct auth_ntlm_finish_req *);

/* The verdict may be announced. */
void logon_go(struct logon *);
void logon_free(struct logon *);

/* logon.c and establish.c */
void logon_fail(struct logon *, nt status, const char *reason);
void logon_answer(struct logon *, uint64_t session);
void logon_retry(struct logon *, void (*step)(struct logon *), const char *waits_for);
void logon_rejoin(struct logon *);
void logon_establish(struct logon *);

#endif
