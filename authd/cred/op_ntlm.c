/*
 * op_ntlm.c - NTLM for session processes: begin, finish, the server's MIC.
 *
 * The asker takes the server's challenge apart and is believed about it: a lie
 * costs its own logon.  What it gets is an answer to one challenge and the key
 * of that session, never the hash.  [MS-NLMP] 3.1.5.1
 */
#include <string.h>

#include "authd/cred/cred.h"
#include "base/secret.h"
#include "proto/fscc/filetime.h"

/* Guest and NTLM by hash or password; not where Kerberos is demanded. */
static bool
ntlm_is_possible(const struct login *l)
{
	return l->kerberos != CRED_KRB_REQUIRED && (l->has_hash || l->type == CRED_ANONYMOUS);
}

static const char *
text_of(struct str s)
{
	return s.s ? s.s : "";
}

/* Nobody needs no handle: 0 is for everyone. */
static struct login *
login_of(struct cred *me, uint64_t peer, uint64_t id)
{
	return id == 0 ? me->nobody : login_find_lent(me->logins, peer, id);
}

nt
cred_ntlm_begin(struct cred *me, struct call *c, const struct cred_ntlm_begin_req *req,
		struct cred_ntlm_begin_rsp *rsp)
{
	const uint64_t peer = link_peer(call_link(c));
	struct login *l	    = login_of(me, peer, req->cred);
	struct wr w	    = wr_init(call_scratch(c, NTLM_NEGOTIATE_ROOM), NTLM_NEGOTIATE_ROOM);
	struct exchange *e;

	REQUIRE(l, STATUS_NOT_FOUND);
	REQUIRE(ntlm_is_possible(l), STATUS_NOT_SUPPORTED);
	e	 = exchange_begin(me->exchanges, peer, cred_now_ms(me));
	e->state = EXCHANGE_NTLM_BEGUN;
	e->login = l->id;
	memcpy(e->workstation, text_of(req->workstation), req->workstation.n + 1);
	ntlm_client_negotiate(&w);
	l->used	       = clock_real_ns();
	l->used_ms     = cred_now_ms(me);
	rsp->ctx       = e->id;
	rsp->negotiate = wr_done(&w);
	return STATUS_SUCCESS;
}

/* The message that was sent: it is the same always. */
static struct span
negotiate_again(struct wr *w)
{
	ntlm_client_negotiate(w);
	return wr_done(w);
}

static nt
challenge_answer(const struct login *l, struct exchange *e, const struct cred_ntlm_finish_req *req,
		 struct wr *w)
{
	uint8_t negotiate[NTLM_NEGOTIATE_ROOM];
	struct wr n	     = wr_init(negotiate, sizeof negotiate);
	struct ntlm_client a = {
		.hash	     = l->type == CRED_ANONYMOUS ? NULL : l->hash,
		.user	     = l->user,
		.domain	     = l->domain,
		.workstation = e->workstation,
		.target	     = text_of(req->target),
		.flags	     = req->flags,
		.target_info = req->target_info,
		.negotiate   = negotiate_again(&n),
		.challenge   = req->challenge,
		.now	     = filetime_from_ns((int64_t)clock_real_ns()),
	};
	struct wr nonce = wr_init(a.server_challenge, sizeof a.server_challenge);
	nt status;

	wr_u64(&nonce, req->server_challenge);
	random_bytes(a.client_challenge, sizeof a.client_challenge);
	random_bytes(a.random_key, sizeof a.random_key);
	status = ntlm_client_answer(&a, w, &e->keys);
	secret_wipe(&a, sizeof a);
	return status;
}

nt
cred_ntlm_finish(struct cred *me, struct call *c, const struct cred_ntlm_finish_req *req,
		 struct cred_ntlm_finish_rsp *rsp)
{
	const uint64_t peer = link_peer(call_link(c));
	struct wr w  = wr_init(call_scratch(c, NTLM_AUTHENTICATE_ROOM), NTLM_AUTHENTICATE_ROOM);
	uint8_t *mic = call_scratch(c, NTLM_SIGNATURE_SIZE);
	struct exchange *e =
	    exchange_find(me->exchanges, req->ctx, peer, EXCHANGE_NTLM_BEGUN, cred_now_ms(me));
	struct login *l;
	nt status;

	REQUIRE(e, STATUS_INVALID_PARAMETER);
	l      = login_of(me, peer, e->login);
	status = l ? challenge_answer(l, e, req, &w) : STATUS_NOT_FOUND;
	if (nt_failed(status)) {
		exchange_end(me->exchanges, e);
		return status;
	}
	e->state	  = EXCHANGE_NTLM_ANSWERED;
	rsp->authenticate = wr_done(&w);
	rsp->key	  = SPAN(e->keys.exported, sizeof e->keys.exported);
	rsp->anonymous	  = l->type == CRED_ANONYMOUS;
	rsp->user	  = str_of(l->user);
	rsp->domain	  = str_of(l->domain);
	if (req->mech_list.n > 0) {
		ntlm_client_sign(&e->keys, req->mech_list, mic);
		rsp->mic = SPAN(mic, NTLM_SIGNATURE_SIZE);
	}
	return STATUS_SUCCESS;
}

nt
cred_mic_check(struct cred *me, struct call *c, const struct cred_mic_check_req *req,
	       struct cred_mic_check_rsp *rsp)
{
	struct exchange *e = exchange_find(me->exchanges, req->ctx, link_peer(call_link(c)),
					   EXCHANGE_NTLM_ANSWERED, cred_now_ms(me));
	bool right;

	(void)rsp;
	REQUIRE(e, STATUS_INVALID_PARAMETER);
	right = ntlm_client_check(&e->keys, req->mech_list, req->mic);
	exchange_end(me->exchanges, e);
	return right ? STATUS_SUCCESS : STATUS_LOGON_FAILURE;
}

nt
cred_abort(struct cred *me, struct call *c, const struct cred_abort_req *req,
	   struct cred_abort_rsp *rsp)
{
	struct exchange *e = exchange_find_any(me->exchanges, req->ctx, link_peer(call_link(c)));

	(void)rsp;
	if (e)
		exchange_end(me->exchanges, e);
	return STATUS_SUCCESS;
}
