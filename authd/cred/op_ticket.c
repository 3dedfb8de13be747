/*
 * op_ticket.c - the tickets of a login: asked for, listed, renewed, taken out by
 * its owner.
 */
#include <string.h>
#include <time.h>

#include "authd/cred/cred.h"
#include "authd/cred/tickets.h"
#include "base/log.h"
#include "base/secret.h"

#define NS_PER_S 1000000000ull

enum form { FORM_CCACHE, FORM_KEYTAB, FORM_CRED };

static const char *
text_of(struct str s)
{
	return s.s ? s.s : "";
}

uint32_t
cred_now_s(void)
{
	return (uint32_t)time(NULL);
}

struct job *
login_job(struct cred *me, const struct login *l, const struct call *c, job_done_fn *done)
{
	struct job *j = job_new();

	memcpy(j->owner, l->owner, sizeof j->owner);
	memcpy(j->want.client, l->client, strlen(l->client) + 1);
	hidden_set(&j->want.password, SPAN(l->password.p, l->password.n));
	hidden_set(&j->want.key, SPAN(l->key.p, l->key.n));
	hidden_set(&j->want.tickets, SPAN(l->tickets.p, l->tickets.n));
	j->want.key_etype = l->key_etype;
	j->login	  = l->id;
	j->peer		  = link_peer(call_link(c));
	j->since_ms	  = cred_now_ms(me);
	j->me		  = me;
	j->done		  = done;
	return j;
}

struct login *
login_job_done(struct job *j)
{
	struct cred *me	     = j->me;
	const struct want *w = &j->want;
	struct login *l	     = login_find_id(me->logins, j->login);

	if (nt_failed(w->status))
		log_info("cred: no ticket owner=%s client=%s server=%s status=%s: %s",
			 log_qs(j->owner), log_qs(w->client), log_qs(w->spn), nt_name(w->status),
			 log_qs(w->why));
	if (l && nt_ok(w->status))
		tickets_merge(l, SPAN(w->got.p, w->got.n), cred_now_s());
	return l;
}

/* Names of a row live in scratch: KRB_TEXT_MAX each. */
static void
row_fill(const struct ticket_row *r, char *client, char *server, struct ticket_request_rsp *rsp)
{
	const struct krb_ticket *t = &r->ticket;

	if (!krb_name_print(&t->client, client))
		client[0] = '\0';
	if (!krb_name_print(&t->server, server))
		server[0] = '\0';
	*rsp = (struct ticket_request_rsp){
		.index	     = r->index,
		.client	     = str_of(client),
		.server	     = str_of(server),
		.etype	     = t->etype,
		.flags	     = t->flags,
		.starts	     = (t->starts ? t->starts : t->authtime) * NS_PER_S,
		.ends	     = t->ends * NS_PER_S,
		.renew_until = t->renew_until * NS_PER_S,
	};
}

/* The ticket that the job got, or why not. */
static void
job_row_reply(struct job *j)
{
	struct login *l = login_job_done(j);
	char client[KRB_TEXT_MAX], server[KRB_TEXT_MAX];
	struct ticket_request_rsp rsp;
	struct ticket_row r;
	nt status = j->want.status;

	if (nt_ok(status) && !(l && tickets_find_exact(l, j->want.server, &r)))
		status = STATUS_NOT_FOUND;
	if (nt_ok(status)) {
		row_fill(&r, client, server, &rsp);
		ticket_request_reply(j->about, status, &rsp, SPAN_NONE);
	} else {
		ticket_request_reply(j->about, status, NULL, SPAN_NONE);
	}
	job_free(j);
}

/* Both rows of the contract that come from a job look the same. */
_Static_assert(sizeof(struct ticket_request_rsp) == sizeof(struct ticket_renew_rsp),
	       "TICKET_RSP for both");

nt
login_job_go(struct cred *me, struct job *j, struct call *c)
{
	nt status = job_add(me->jobs, j);

	if (nt_failed(status)) {
		job_free(j);
		return status;
	}
	j->about = call_keep(c); /* nothing of the job comes back before we return */
	return STATUS_PENDING;
}

/* The owner's login, if Kerberos knows whom it means. */
static nt
kerberos_login(struct cred *me, struct str owner, uint64_t id, struct login **ret)
{
	struct login *l = login_find(me->logins, text_of(owner), id);

	REQUIRE(l, STATUS_NOT_FOUND);
	REQUIRE(l->client[0] && (l->password.n || l->key.n || l->tickets.n), STATUS_NOT_SUPPORTED);
	l->used_ms = cred_now_ms(me);
	*ret	   = l;
	return STATUS_SUCCESS;
}

nt
ticket_request(struct cred *me, struct call *c, const struct ticket_request_req *req,
	       struct ticket_request_rsp *rsp)
{
	char room[KRB_TEXT_MAX];
	struct krb_name name;
	struct login *l;
	struct job *j;

	(void)rsp;
	TRY(kerberos_login(me, req->owner, req->cred, &l));
	REQUIRE(req->etype == 0 || req->etype == KRB_ETYPE_AES256 ||
		    req->etype == KRB_ETYPE_AES128 || (req->etype == KRB_ETYPE_RC4 && me->conf.rc4),
		STATUS_INVALID_PARAMETER);
	REQUIRE(req->lifetime_s <= INT32_MAX && req->renewable_s <= INT32_MAX,
		STATUS_INVALID_PARAMETER);
	if (req->spn.n > 0)
		TRY(krb_name_parse(req->spn.s, room, &name));
	j = login_job(me, l, c, job_row_reply);
	if (req->spn.n > 0) /* else the TGT, and it is "" as it was made */
		memcpy(j->want.spn, req->spn.s, req->spn.n + 1);
	j->want.lifetime_s  = req->lifetime_s;
	j->want.renewable_s = req->renewable_s;
	j->want.etype	    = (uint16_t)req->etype;
	j->want.fresh	    = req->spn.n == 0 && (l->password.n > 0 || l->key.n > 0);
	return login_job_go(me, j, c);
}

nt
ticket_renew(struct cred *me, struct call *c, const struct ticket_renew_req *req,
	     struct ticket_renew_rsp *rsp)
{
	struct login *l;
	struct job *j;

	(void)rsp;
	TRY(kerberos_login(me, req->owner, req->cred, &l));
	REQUIRE(l->tickets.n > 0, STATUS_NOT_FOUND);
	j	      = login_job(me, l, c, job_row_reply);
	j->want.renew = true;
	return login_job_go(me, j, c);
}

nt
ticket_list(struct cred *me, struct call *c, const struct ticket_list_req *req,
	    struct ticket_list_rsp *rsp)
{
	const struct login *l = login_find(me->logins, text_of(req->owner), req->cred);
	struct ticket_request_rsp row;
	struct ticket_row r;

	REQUIRE(l, STATUS_NOT_FOUND);
	REQUIRE(req->after < UINT32_MAX && tickets_next(l, (uint32_t)req->after, &r),
		STATUS_NO_MORE_ENTRIES);
	row_fill(&r, call_scratch(c, KRB_TEXT_MAX), call_scratch(c, KRB_TEXT_MAX), &row);
	*rsp = (struct ticket_list_rsp){ row.index, row.client, row.server, row.etype,
					 row.flags, row.starts, row.ends,   row.renew_until };
	return STATUS_SUCCESS;
}

/* ---- export: the only way out for what is secret, and for its owner alone ---- */

/* The keys that KDCs make of this password by default, both AES types. */
static void
password_keys_put(struct cred *me, const struct login *l, struct wr *w)
{
	static const uint16_t etypes[] = { KRB_ETYPE_AES256, KRB_ETYPE_AES128 };
	char room[KRB_TEXT_MAX];
	uint8_t key[32];
	size_t n;

	krb_keytab_begin(w);
	for (size_t i = 0; i < NELEM(etypes); i++) {
		struct krb_key k = { .kvno = 1, .timestamp = cred_now_s(), .etype = etypes[i] };

		if (nt_failed(krb_name_parse(l->client, room, &k.name)) ||
		    nt_failed(acquire_password_key(jobs_acquirer(me->jobs), l->client,
						   (const char *)l->password.p, k.etype, key, &n)))
			w->bad = true;
		k.key = SPAN(key, n);
		if (!w->bad)
			krb_keytab_put(w, &k);
	}
	secret_wipe(key, sizeof key);
}

static void
cred_put(const struct login *l, struct wr *w)
{
	struct krb_ticket all[64];
	struct ticket_row r = { 0 };
	size_t n	    = 0;

	while (n < NELEM(all) && tickets_next(l, r.index, &r))
		all[n++] = r.ticket;
	krb_cred_encode(w, all, n);
}

nt
ticket_export(struct cred *me, struct call *c, const struct ticket_export_req *req,
	      struct ticket_export_rsp *rsp)
{
	const struct login *l = login_find(me->logins, text_of(req->owner), req->cred);
	struct wr w	      = wr_init(call_scratch(c, TOKEN_BOUND), TOKEN_BOUND);

	REQUIRE(l, STATUS_NOT_FOUND);
	REQUIRE(req->form <= FORM_CRED, STATUS_INVALID_PARAMETER);
	REQUIRE(req->form == FORM_KEYTAB || l->tickets.n > 0, STATUS_NOT_FOUND);
	if (req->form == FORM_CCACHE)
		wr_bytes(&w, l->tickets.p, l->tickets.n);
	else if (req->form == FORM_CRED)
		cred_put(l, &w);
	else if (l->keytab.n > 0)
		wr_bytes(&w, l->keytab.p, l->keytab.n);
	else if (l->password.n > 0 && l->client[0])
		password_keys_put(me, l, &w);
	else
		return STATUS_NOT_FOUND;
	REQUIRE(wr_ok(&w), STATUS_INSUFFICIENT_RESOURCES);
	log_audit("tickets or keys handed to their owner owner=%s client=%s form=%u",
		  log_qs(l->owner), log_qs(l->client), req->form);
	rsp->material = wr_done(&w);
	return STATUS_SUCCESS;
}
