/*
 * logon.h - one logon between its verdict and its answer.
 *
 * judge.c and op_krb.c decide, map.c says which Unix account acts, identify.c,
 * establish.c and rejoin.c carry it out: who acts, previous session, worker,
 * grant and key, answer.
 * Every step either goes on at once or waits for one callback; a logon is in
 * exactly one of them.
 */
#ifndef AUTHD_STORE_LOGON_H
#define AUTHD_STORE_LOGON_H

#include "authd/store/store.h"
#include "authd/store/verify.h"
#include "ipc/msg/hook.msg.h"
#include "ipc/msg/krb.msg.h"
#include "proto/auth/mapfile.h"
#include "proto/dtyp/sid.h"

#define LOGON_FOR_MS   10000u /* tries a step that wants a restarted peer this long */
#define LOGON_AGAIN_MS 100u
#define LOGON_ASK_MS   10000u
#define LOGON_KEY_MAX  64u
#define LOGON_SIDS_MAX 28672u /* bytes: 1024 groups of a domain, as many as Windows gives anybody */

/* Whom a domain or realm vouches for, in its own words.  Owned by its logon. */
struct foreign {
	char logon[NAME_BOUND + 1];  /* without domain or realm */
	char domain[NAME_BOUND + 1]; /* NetBIOS name; empty without a PAC */
	char realm[NAME_BOUND + 1];  /* empty by NTLM */
	bool has_sid;
	struct sid sid;
	size_t sids_n;
	uint8_t sids[LOGON_SIDS_MAX]; /* binary, primary group first */
};

/* One leg of Kerberos: what the acceptor is asked, and what it said. */
struct krb_leg {
	struct krb_accept_req req; /* spans into memory of its own */
	uint8_t *memory;
	uint8_t *answer; /* token, then server_mic */
	size_t token_n, mic_n;
};

struct logon {
	TAILQ_ENTRY(logon) all;
	struct store *store;
	struct call *call; /* auth_ntlm_finish or auth_krb, kept */
	struct context context;
	bool orphan; /* whoever asked is gone or has lost interest */

	/* the verdict */
	bool accepted;
	bool guessed;	    /* a password was tried, right or wrong: the counters count it */
	bool locked;	    /* … and they do not hear it */
	const char *reason; /* for the log */
	struct verdict verdict;
	uint8_t key[LOGON_KEY_MAX]; /* Kerberos; NTLM's is in verdict */
	size_t key_n;
	uint32_t flags; /* AUTH_* */
	uint32_t serial;
	uint64_t expires; /* Unix ns; 0: never */
	char user[NAME_BOUND + 1];    /* who acts: the account's spelling */
	char claimed[NAME_BOUND + 1]; /* what the client sent */
	char from[NAME_BOUND + 1];    /* workstation, as the client calls itself */
	struct foreign *foreign;      /* NULL: an account of ours, or nobody */
	struct krb_leg *krb;	      /* NULL: NTLM */
	struct passage *passage;      /* domain.c; NULL: we judge */
	uint64_t previous;
	uint16_t dialect;
	bool binding;

	/* the way to the answer */
	bool second_name; /* the names process is asked for the other spelling */
	bool unmapped;	  /* … or for `unmapped user` */
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

/* domain.c: is it for the domain's controller to judge?  Then logon_pass() does all the rest. */
bool logon_is_domains(const struct logon *, const struct auth_ntlm_finish_req *) MUST_USE;
void logon_pass(struct logon *, const struct auth_ntlm_finish_req *);
void passage_free(struct passage *);

/* op_ntlm.c: for every kind of logon. */
/* The verdict stands; it is announced when the counters say. */
void logon_delay(struct logon *);
/* Room for one more from this peer? */
nt logons_check(const struct store *, const struct link *asker) MUST_USE;
struct logon *logon_new(struct store *, const struct context *);
uint64_t session_id_new(const struct store *);
/* Only a session's own worker re-authenticates it or binds to it. */
nt session_check(struct store *, struct call *, uint64_t id) MUST_USE;

/* op_krb.c: the acceptor need not keep this exchange; 0 is fine. */
void krb_forget(struct store *, uint64_t krb);

/* The verdict may be announced. */
void logon_go(struct logon *);
void logon_free(struct logon *);

/*
 * foreign.c: the user is a domain's.  logon may be "name", "DOMAIN\name" or
 * "name@REALM".  The domain's word is good: the caller checked who gave it.
 * STATUS_LOGON_FAILURE if it does not fit or makes no sense.
 */
nt logon_set_foreign(struct logon *, struct str logon, struct str domain, struct str realm,
		     struct span user_sid, struct span sids) MUST_USE;
/*
 * NULL, or why whoever was vouched for is not served: not in the list, of another
 * realm whose PAC names our domain, or with SIDs of accounts of this machine.
 */
const char *foreign_refusal(const struct logon *) MUST_USE;
/* "DOMAIN\name" or "name@REALM" in room. */
const char *foreign_print(const struct foreign *, char room[2 * NAME_BOUND + 2]);

/* map.c: which Unix account, or which uid and gids, act for a user. */
enum map_kind { MAP_REFUSED, MAP_ACCOUNT, MAP_UID };
struct map_verdict {
	enum map_kind kind;
	const char *account;	/* MAP_ACCOUNT */
	struct mapfile_ids ids; /* MAP_UID */
};
/* Of the realm or domain that the configuration names: its users need no more than their name. */
bool foreign_is_ours(const struct store *, const struct foreign *) MUST_USE;
struct map_verdict map_user(const struct store *, const struct foreign *);
struct map_verdict map_local(const struct store *, const char *logon);
/* Says in the log which lines of the map file make no sense. */
void map_check(struct span text);
/* Adds the gids that its groups stand for.  STATUS_INSUFFICIENT_RESOURCES: too many. */
nt map_groups(const struct store *, const struct foreign *, struct gid_list *) MUST_USE;

/* tell.c: to the api, for scripts */
void logon_tell_failed(struct logon *, nt status, const char *reason);
void logon_tell_lockout(struct logon *);

/* logon.c, identify.c, establish.c and rejoin.c */
void logon_fail(struct logon *, nt status, const char *reason);
void logon_answer(struct logon *, uint64_t session);
void logon_retry(struct logon *, void (*step)(struct logon *), const char *waits_for);
/* Whoever was asked has died: worth another try once it is back. */
bool logon_peer_lost(nt status) MUST_USE;
void logon_establish(struct logon *);
/* Uid, groups and SID stand; a session of its own. */
void logon_enter(struct logon *);
/* Uid, groups and SID stand; the session exists already. */
void logon_rejoin(struct logon *);
void logon_print_sid(struct logon *);
struct span logon_key(const struct logon *);
const char *logon_domain(const struct logon *);
void grant_fill(struct logon *, const struct id16 *grant, uint64_t session);

#endif
