/*
 * op_user.c - accounts are made, changed, removed and listed.  A password
 * becomes its NT hash here and is wiped, the copy in the message too.
 */
#include <string.h>

#include "authd/store/store.h"
#include "base/log.h"
#include "base/hex.h"
#include "base/secret.h"
#include "proto/auth/ntlm_crypto.h"


/* The message's buffer belongs to nobody after us; const is for who reads fields. */
static void
span_wipe(struct span s)
{
	secret_wipe((void *)(uintptr_t)s.p, s.n);
}

static nt
hash_from_password(struct span password, uint8_t ret[NTLM_KEY_SIZE])
{
	char text[SECRET_BOUND + 1];
	nt status;

	REQUIRE(password.n <= SECRET_BOUND, STATUS_INVALID_PARAMETER);
	REQUIRE(password.n == 0 || !memchr(password.p, '\0', password.n), STATUS_INVALID_PARAMETER);
	if (password.n > 0)
		memcpy(text, password.p, password.n);
	text[password.n] = '\0';
	status		 = ntlm_hash(text, ret);
	secret_wipe(text, sizeof text);
	return status;
}

/* Exactly one of the two, and no empty password: such an account would be open. */
static nt
hash_of(struct span password, struct span nt_hash, uint8_t ret[NTLM_KEY_SIZE])
{
	nt status = STATUS_INVALID_PARAMETER;

	if (password.n > 0 && nt_hash.n == 0)
		status = hash_from_password(password, ret);
	else if (password.n == 0 && nt_hash.n > 0)
		status = hex_read(nt_hash, ret, NTLM_KEY_SIZE) ? STATUS_SUCCESS
							       : STATUS_INVALID_PARAMETER;
	span_wipe(password);
	span_wipe(nt_hash);
	return status;
}

static nt
account_make(struct store *s, struct str name, const uint8_t hash[NTLM_KEY_SIZE])
{
	struct account a = { .created = clock_real_ns() };
	nt status;

	a.changed = a.created;
	memcpy(a.name, name.s, name.n + 1);
	memcpy(a.hash, hash, sizeof a.hash);
	status = account_serial(s->accounts, &a.serial);
	if (nt_ok(status))
		status = account_save(s->accounts, &a);
	secret_wipe(&a, sizeof a);
	return status;
}

static nt
account_add(struct store *s, struct str name, const uint8_t hash[NTLM_KEY_SIZE])
{
	struct account_key key;
	struct account a = { 0 };
	nt status;

	TRY(account_key(name.s, &key));
	status = account_find(s->accounts, &key, &a);
	secret_wipe(&a, sizeof a);
	REQUIRE(!nt_ok(status), STATUS_USER_EXISTS);
	REQUIRE(nt_is(status, STATUS_NO_SUCH_USER), status);
	return account_make(s, name, hash);
}

static void
user_log(const char *what, const char *name, nt status)
{
	log_audit("account %s name=%s status=%s", what, log_qs(name), nt_name(status));
}

nt
user_add(struct store *s, struct call *c, const struct user_add_req *req, struct user_add_rsp *rsp)
{
	uint8_t hash[NTLM_KEY_SIZE];
	nt status = hash_of(req->password, req->nt_hash, hash);

	(void)c;
	(void)rsp;
	if (nt_ok(status))
		status = account_add(s, req->name, hash);
	secret_wipe(hash, sizeof hash);
	user_log("added", req->name.s, status);
	return status;
}

static nt
account_change(struct store *s, const char *name, const uint8_t hash[NTLM_KEY_SIZE])
{
	struct account_key key;
	struct account a;
	nt status;

	TRY(account_key(name, &key));
	TRY(account_find(s->accounts, &key, &a));
	memcpy(a.hash, hash, sizeof a.hash);
	a.changed = clock_real_ns();
	status	  = account_save(s->accounts, &a);
	secret_wipe(&a, sizeof a);
	return status;
}

/* Sessions that were opened with the old password go on, as on Windows. */
nt
user_passwd(struct store *s, struct call *c, const struct user_passwd_req *req,
	    struct user_passwd_rsp *rsp)
{
	uint8_t hash[NTLM_KEY_SIZE];
	nt status = hash_of(req->password, req->nt_hash, hash);

	(void)c;
	(void)rsp;
	if (nt_ok(status))
		status = account_change(s, req->name.s, hash);
	secret_wipe(hash, sizeof hash);
	user_log("password changed", req->name.s, status);
	return status;
}

nt
user_del(struct store *s, struct call *c, const struct user_del_req *req, struct user_del_rsp *rsp)
{
	struct account_key key;
	nt status = account_key(req->name.s, &key);

	(void)c;
	(void)rsp;
	if (nt_ok(status))
		status = account_remove(s->accounts, &key);
	if (nt_ok(status))
		sessions_close_user(s, req->name.s);
	user_log("removed", req->name.s, status);
	return status;
}

nt
user_list(struct store *s, struct call *c, const struct user_list_req *req,
	  struct user_list_rsp *rsp)
{
	struct account_key after = { "" };
	struct account *a	 = call_scratch(c, sizeof *a);

	if (req->after.n > 0)
		TRY(account_key(req->after.s, &after));
	TRY(account_next(s->accounts, &after, a));
	secret_wipe(a->hash, sizeof a->hash);
	rsp->name     = str_of(a->name);
	rsp->created  = a->created;
	rsp->changed  = a->changed;
	rsp->disabled = (a->flags & ACCOUNT_DISABLED) != 0;
	return STATUS_SUCCESS;
}
