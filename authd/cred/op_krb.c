/*
 * op_krb.c - Kerberos for session processes: begin, finish.  A ticket that is
 * there is used at once; else a job gets one, and the asker waits.
 */
#include <string.h>

#include "authd/cred/cred.h"
#include "authd/cred/tickets.h"
#include "base/secret.h"

#define NS_PER_S 1000000000ull
#define MIC_MAX	 256u

static const char *
text_of(struct str s)
{
	return s.s ? s.s : "";
}

static bool
kerberos_is_possible(const struct login *l)
{
	return l->kerberos != CRED_KRB_OFF && l->client[0] &&
	       (l->password.n > 0 || l->key.n > 0 || l->tickets.n > 0);
}

/* "alice@REALM" in two; what comes before the last '@' may hold others. */
static void
client_tell(const char *client, struct cred_krb_begin_rsp *rsp)
{
	const char *at = strrchr(client, '@');

	rsp->user   = (struct str){ client, at ? (size_t)(at - client) : strlen(client) };
	rsp->domain = str_of(at ? at + 1 : "");
}

/* The AP-REQ of a ticket, and the exchange that waits for its answer. */
static nt
begin(struct cred *me, uint64_t peer, struct login *l, const struct ticket_row *r,
      struct cred_krb_begin_rsp *rsp)
{
	struct handshake *h = NULL;
	struct span token;
	struct exchange *e;

	TRY(handshake_begin(&r->ticket, &h, &token));
	e	     = exchange_begin(me->exchanges, peer, cred_now_ms(me));
	e->state     = EXCHANGE_KRB_BEGUN;
	e->login     = l->id;
	e->handshake = h;
	l->used	     = clock_real_ns();
	l->used_ms   = cred_now_ms(me);
	*rsp = (struct cred_krb_begin_rsp){ .ctx     = e->id,
					    .token   = token,
					    .expires = (uint64_t)r->ticket.ends * NS_PER_S };
	client_tell(l->client, rsp);
	return STATUS_SUCCESS;
}

/* Where NTLM will do, a server or user that Kerberos does not know is no failure. */
static nt
status_for(const struct login *l, nt status)
{
	const bool unknown = nt_is(status, STATUS_NOT_FOUND) || nt_is(status, STATUS_NO_SUCH_USER);

	return unknown && l && l->kerberos == CRED_KRB_DESIRED ? STATUS_NOT_SUPPORTED : status;
}

static void
got(struct job *j)
{
	struct cred *me		      = j->me;
	struct call *c		      = j->about;
	const uint64_t peer	      = j->peer;
	struct login *l		      = login_job_done(j);
	struct cred_krb_begin_rsp rsp = { 0 };
	struct ticket_row r;
	nt status = j->want.status;

	if (nt_ok(status) && !login_find_lent(me->logins, peer, j->login))
		status = STATUS_NOT_FOUND; /* taken back meanwhile */
	else if (nt_ok(status) && !tickets_find_exact(l, j->want.server, &r))
		status = STATUS_NOT_FOUND;
	if (nt_ok(status))
		status = begin(me, peer, l, &r, &rsp);
	status = status_for(l, status);
	cred_krb_begin_reply(c, status, nt_ok(status) ? &rsp : NULL, SPAN_NONE);
	job_free(j);
}

nt
cred_krb_begin(struct cred *me, struct call *c, const struct cred_krb_begin_req *req,
	       struct cred_krb_begin_rsp *rsp)
{
	const uint64_t peer = link_peer(call_link(c));
	struct login *l	    = login_find_lent(me->logins, peer, req->cred);
	char room[KRB_TEXT_MAX];
	struct krb_name name;
	struct ticket_row r;
	struct job *j;

	REQUIRE(l, STATUS_NOT_FOUND);
	REQUIRE(kerberos_is_possible(l), STATUS_NOT_SUPPORTED);
	TRY(krb_name_parse(text_of(req->spn), room, &name));
	if (tickets_find(l, req->spn.s, cred_now_s(), &r))
		return begin(me, peer, l, &r, rsp);
	j = login_job(me, l, c, got);
	memcpy(j->want.spn, req->spn.s, req->spn.n + 1);
	return login_job_go(me, j, c);
}

/* The server has proved itself when its AP-REP and its MIC, if it sent one, are right. */
static nt
finish(struct exchange *e, const struct cred_krb_finish_req *req, uint8_t *key, struct wr *mic,
       struct cred_krb_finish_rsp *rsp)
{
	size_t n = 0;

	TRY(handshake_finish(e->handshake, req->token, key, &n));
	REQUIRE(req->server_mic.n == 0 ||
		    handshake_check(e->handshake, req->mech_list, req->server_mic),
		STATUS_LOGON_FAILURE);
	if (req->mech_list.n > 0)
		TRY(handshake_sign(e->handshake, req->mech_list, mic));
	rsp->key = SPAN(key, n);
	rsp->mic = wr_done(mic);
	return STATUS_SUCCESS;
}

nt
cred_krb_finish(struct cred *me, struct call *c, const struct cred_krb_finish_req *req,
		struct cred_krb_finish_rsp *rsp)
{
	struct exchange *e = exchange_find(me->exchanges, req->ctx, link_peer(call_link(c)),
					   EXCHANGE_KRB_BEGUN, cred_now_ms(me));
	uint8_t *key	   = call_scratch(c, HANDSHAKE_KEY_MAX);
	struct wr mic	   = wr_init(call_scratch(c, MIC_MAX), MIC_MAX);
	nt status;

	REQUIRE(e, STATUS_INVALID_PARAMETER);
	status = finish(e, req, key, &mic, rsp);
	exchange_end(me->exchanges, e);
	if (nt_failed(status))
		secret_wipe(key, HANDSHAKE_KEY_MAX);
	return status;
}
