/*
 * login.h - what scripts log on with elsewhere: one login a handle.
 *
 * Secrets lie in wiped memory and are never copied out of this process but by
 * an export to their own owner.  A session process may use a login only after
 * the api has lent it that handle.
 */
#ifndef AUTHD_CRED_LOGIN_H
#define AUTHD_CRED_LOGIN_H

#include <sys/queue.h>

#include "ipc/types.h"
#include "proto/auth/ntlm_crypto.h"

#define LOGINS_PER_OWNER 64u
#define LENT_MAX	 16u /* session processes at once that one login is lent to */

/* Bytes of its own, wiped when dropped. */
struct hidden {
	uint8_t *p;
	size_t n;
};

struct login {
	LIST_ENTRY(login) chain;
	TAILQ_ENTRY(login) all;
	uint64_t id;
	char owner[NAME_BOUND + 1];
	uint8_t type, kerberos; /* CRED_*, CRED_KRB_* */
	char user[NAME_BOUND + 1], domain[NAME_BOUND + 1];
	uint64_t created, used; /* Unix time in ns; used 0: never */
	uint64_t used_ms;	/* of the loop's clock, for expiry */
	struct hidden password; /* UTF-8, with its NUL */
	uint8_t hash[NTLM_KEY_SIZE];
	bool has_hash;		     /* NTLM is possible */
	char client[NAME_BOUND + 1]; /* "alice@REALM"; "": no Kerberos */
	struct hidden key;	     /* the best of its Kerberos keys */
	uint16_t key_etype;
	struct hidden keytab;  /* all of them */
	struct hidden tickets; /* a ccache file */
	uint64_t lent[LENT_MAX];
	size_t n_lent;
};

struct logins;

struct logins *logins_new(uint32_t max);
void logins_drop(struct logins *);

/* Takes l over on success.  STATUS_QUOTA_EXCEEDED, STATUS_INSUFFICIENT_RESOURCES. */
nt login_add(struct logins *, struct login *l) MUST_USE;
struct login *login_new(void);
void login_free(struct login *); /* one that was not added; NULL is fine */
DEFINE_CLEANUP(struct login, login_free)

/* The owner's own, or NULL. */
struct login *login_find(struct logins *, const char *owner, uint64_t id);
/* Whoever's it is; for what was begun in its owner's name. */
struct login *login_find_id(struct logins *, uint64_t id);
/* Lent to that peer, or NULL. */
struct login *login_find_lent(struct logins *, uint64_t peer, uint64_t id);
void login_remove(struct logins *, struct login *);
/* The owner's next handle above after, or NULL. */
struct login *login_next(struct logins *, const char *owner, uint64_t after);
/* STATUS_INSUFFICIENT_RESOURCES when lent to too many. */
nt login_lend(struct login *, uint64_t peer) MUST_USE;
/* The peer is gone: nothing is lent to it any more. */
void logins_reclaim(struct logins *, uint64_t peer);
/* Those that nobody has used for idle_ms. */
void logins_expire(struct logins *, uint64_t now_ms, uint64_t idle_ms);
uint32_t logins_count(const struct logins *);

/* A copy; what was there before is wiped. */
void hidden_set(struct hidden *, struct span);
void hidden_free(struct hidden *);

#endif
