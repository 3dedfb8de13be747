/*
 * account.h - the accounts: names, NT hashes, when they were made and changed.
 *
 * Names are unique without regard to case and are found by their folded
 * (lower-cased) form, which is also the identity that a worker is made for.
 */
#ifndef AUTHD_STORE_ACCOUNT_H
#define AUTHD_STORE_ACCOUNT_H

#include "authd/store/db.h"
#include "ipc/types.h"
#include "proto/auth/ntlm_crypto.h"

#define ACCOUNT_DISABLED 0x0001u

struct account {
	char name[NAME_BOUND + 1]; /* as it was given */
	uint8_t hash[NTLM_KEY_SIZE];
	uint64_t created, changed; /* Unix ns */
	uint32_t flags;
	uint32_t serial; /* never used again: the account's RID where no uid gives one */
};

/* A folded name: what accounts are found by. */
struct account_key {
	char s[NAME_BOUND + 1];
};

/*
 * Folds and checks.  Refused (STATUS_INVALID_PARAMETER): empty, more than 255
 * bytes folded, control characters, the characters that Windows refuses in
 * account names  " / \ [ ] : ; | = , + * ? < > @  and a space or dot at either end.
 */
nt account_key(const char *name, struct account_key *ret) MUST_USE;

/* STATUS_NO_SUCH_USER if there is none.  The hash in ret is the caller's to wipe. */
nt account_find(struct db *, const struct account_key *, struct account *ret) MUST_USE;
/* The account after this key in order; STATUS_NO_MORE_ENTRIES at the end.  "" starts. */
nt account_next(struct db *, const struct account_key *after, struct account *ret) MUST_USE;
nt account_save(struct db *, const struct account *) MUST_USE;
nt account_remove(struct db *, const struct account_key *) MUST_USE;
/* A serial for a new account, from 1. */
nt account_serial(struct db *, uint32_t *ret) MUST_USE;

/* The three sub-authorities of this machine's domain SID, made on first use. */
nt machine_sid(struct db *, uint32_t ret[3]) MUST_USE;

#endif
