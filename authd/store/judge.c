/*
 * judge.c - is this who they say, and may they come in?
 *
 * Everybody who names an account costs the same work: one look-up, one proof
 * under some hash.  Guest and anonymous exist only by configuration and only
 * for who asks for them: a wrong password never becomes a guest.
 */
#include <string.h>

#include "authd/store/logon.h"
#include "base/secret.h"
#include "base/utf16.h"
#include "proto/fscc/filetime.h"

#define GUEST_NAME "guest"

static void
judge_text(char dst[NAME_BOUND + 1], struct str s)
{
	if (s.n > 0)
		memcpy(dst, s.s, s.n);
	dst[s.n] = '\0';
}

static uint64_t
filetime_now(void)
{
	return filetime_from_ns((int64_t)clock_real_ns());
}

static void
judge_accept(struct logon *l, const char *user, uint32_t flags)
{
	l->accepted = true;
	l->flags    = flags;
	judge_text(l->user, str_of(user));
}

/* An encrypted or signed session needs a key that only a password gives. */
static const char *
unnamed_refusal(const struct store *s)
{
	if (!s->conf.guest_ok)
		return "guest and anonymous access is not configured";
	if (s->conf.encrypt == CONF_REQUIRED)
		return "encryption is required, which a guest cannot do";
	return NULL;
}

static void
judge_anonymous(struct logon *l, const struct auth_ntlm_finish_req *req,
		const struct challenge *sent)
{
	l->reason = unnamed_refusal(l->store);
	if (l->reason)
		return;
	verify_anonymous(req, sent, &l->verdict);
	l->reason = verify_reason_text(l->verdict.reason);
	if (l->verdict.reason == VERIFY_OK)
		judge_accept(l, l->store->conf.guest_account.s, AUTH_ANONYMOUS);
}

/*
 * The name "guest" with any password.  With the empty one both sides know the
 * same key; with another the key is zero and nothing can be signed.
 */
static void
judge_guest(struct logon *l, const struct auth_ntlm_finish_req *req, const struct challenge *sent)
{
	l->reason = unnamed_refusal(l->store);
	if (l->reason)
		return;
	verify_ntlm(req, sent, l->store->empty, filetime_now(), &l->verdict);
	if (l->verdict.reason == VERIFY_WRONG_PROOF)
		l->verdict.reason = VERIFY_OK;
	l->reason = verify_reason_text(l->verdict.reason);
	if (l->verdict.reason == VERIFY_OK)
		judge_accept(l, l->store->conf.guest_account.s, AUTH_GUEST);
}

static const char *
account_refusal(const struct store *s, const struct account *a)
{
	if (a->flags & ACCOUNT_DISABLED)
		return "the account is disabled";
	if (!user_is_listed(s->conf.only_users.s, a->name))
		return "the account is not among those served";
	return NULL;
}

static void
judge_account(struct logon *l, const struct auth_ntlm_finish_req *req, const struct challenge *sent,
	      bool exists, const struct account *a)
{
	verify_ntlm(req, sent, exists ? a->hash : l->store->nobody, filetime_now(), &l->verdict);
	l->reason = verify_reason_text(l->verdict.reason);
	l->guessed =
	    l->verdict.reason != VERIFY_NOT_NTLMV2 && l->verdict.reason != VERIFY_MALFORMED;
	if (!exists || l->verdict.reason != VERIFY_OK)
		return;
	l->reason = account_refusal(l->store, a);
	if (!l->reason)
		l->reason = target_refusal(l->store, &l->verdict.aim);
	if (l->reason)
		return;
	l->serial = a->serial;
	judge_accept(l, a->name, 0);
}

void
logon_judge(struct logon *l, const struct auth_ntlm_finish_req *req)
{
	uint8_t pairs[2048];
	struct wr w	       = wr_init(pairs, sizeof pairs);
	struct account a       = { 0 };
	struct account_key key = { "" };
	struct challenge sent  = { .flags = l->context.flags };
	bool exists;

	target_info_encode(l->store, l->context.timestamp, &w);
	sent.target_info = wr_done(&w);
	memcpy(sent.nonce, l->context.nonce, sizeof sent.nonce);
	judge_text(l->claimed, req->user);
	judge_text(l->from, req->workstation);

	exists = nt_ok(account_key(l->claimed, &key)) &&
		 nt_ok(account_find(l->store->accounts, &key, &a));
	if (verify_is_anonymous(req))
		judge_anonymous(l, req, &sent);
	else if (!exists && l->store->conf.guest_ok && strcmp(key.s, GUEST_NAME) == 0)
		judge_guest(l, req, &sent);
	else
		judge_account(l, req, &sent, exists, &a);
	secret_wipe(&a, sizeof a);
}
