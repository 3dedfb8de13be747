/*
 * op_ntlm.c - the three things that gate and workers ask about an NTLM
 * exchange: begin, finish, abort.  [MS-NLMP] 3.2.5.1.1, 3.2.5.1.2
 */
#include <stdlib.h>
#include <string.h>

#include "authd/store/logon.h"
#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/utf16.h"
#include "proto/fscc/filetime.h"

#define TARGET_INFO_MAX 2048u

/* What we can do, if the client asks for it; the rest of the flags we answer as it is for us. */
#define FLAGS_MIRRORED                                                                             \
	(NTLM_UNICODE | NTLM_REQUEST_TARGET | NTLM_SIGN | NTLM_SEAL | NTLM_ALWAYS_SIGN |           \
	 NTLM_EXTENDED_SESSIONSECURITY | NTLM_VERSION | NTLM_128 | NTLM_56 | NTLM_KEY_EXCH)
#define FLAGS_OURS (NTLM_NTLM | NTLM_TARGET_INFO | NTLM_TARGET_TYPE_SERVER)

/* "server" or "server.example.org"; the NetBIOS name stands in for a host name. */
void
server_dns_name(const struct store *s, char ret[DNS_NAME_ROOM])
{
	const struct str domain = s->conf.dns_domain;
	size_t n;

	if (nt_failed(utf8_lower(s->conf.netbios_name.s, ret, NAME_BOUND + 1)))
		ret[0] = '\0';
	if (domain.n == 0)
		return;
	n	 = strlen(ret);
	ret[n++] = '.';
	memcpy(ret + n, domain.s, domain.n + 1);
}

/* The order is Windows': 2, 1, 4, 3, 7.  [MS-NLMP] 2.2.2.1 */
void
target_info_encode(const struct store *s, uint64_t timestamp, struct wr *w)
{
	char host[DNS_NAME_ROOM];
	uint8_t stamp[8];
	struct wr t = wr_init(stamp, sizeof stamp);

	server_dns_name(s, host);
	wr_u64(&t, timestamp);
	wr_ntlm_av_utf16(w, NTLM_AV_NB_DOMAIN, s->conf.workgroup.s);
	wr_ntlm_av_utf16(w, NTLM_AV_NB_COMPUTER, s->conf.netbios_name.s);
	wr_ntlm_av_utf16(w, NTLM_AV_DNS_DOMAIN, s->conf.dns_domain.n ? s->conf.dns_domain.s : "");
	wr_ntlm_av_utf16(w, NTLM_AV_DNS_COMPUTER, host);
	wr_ntlm_av(w, NTLM_AV_TIMESTAMP, wr_done(&t));
	wr_ntlm_av_end(w);
}

/*
 * 32 bits: smbtorture's smb2.session-id keeps no more of a SessionId, and ids
 * are no secrets.  All ones means "the session before this one" inside
 * compounds, [MS-SMB2] 3.3.5.2.7.2.  A logon in flight is in neither table:
 * the later of two with one number is refused when it registers.
 */
uint64_t
session_id_new(const struct store *s)
{
	struct session room;
	uint64_t id;

	do
		id = random_u64() & UINT32_MAX;
	while (id == 0 || id == UINT32_MAX || context_exists(s->contexts, id) ||
	       nt_ok(registry_find(s->sessions, id, &room)));
	return id;
}

nt
session_check(struct store *s, struct call *c, uint64_t id)
{
	struct session session;

	if (id == 0)
		return STATUS_SUCCESS;
	TRY(registry_find(s->sessions, id, &session));
	REQUIRE(session.row.worker == link_peer(call_link(c)), STATUS_USER_SESSION_DELETED);
	return STATUS_SUCCESS;
}

nt
auth_ntlm_begin(struct store *s, struct call *c, const struct auth_ntlm_begin_req *req,
		struct auth_ntlm_begin_rsp *rsp)
{
	const bool worker      = link_role(call_link(c)) == PEER_WORKER;
	struct wr info	       = wr_init(call_scratch(c, TARGET_INFO_MAX), TARGET_INFO_MAX);
	struct context context = {
		.session   = req->session,
		.peer	   = link_peer(call_link(c)),
		.made_ms   = store_now_ms(s),
		.timestamp = filetime_from_ns((int64_t)clock_real_ns()),
		.flags	   = (req->flags & FLAGS_MIRRORED) | FLAGS_OURS,
		.client	   = req->client,
	};
	struct rd nonce = rd_init(SPAN(context.nonce, sizeof context.nonce));
	char client[ADDR_TEXT];

	/* OEM names cannot be compared with ours; nothing since Windows NT sends them alone. */
	REQUIRE(req->flags & NTLM_UNICODE, STATUS_INVALID_PARAMETER);
	if (!s->conf.ntlm) {
		log_audit("NTLM refused: `ntlm auth` is disabled client=%s",
			  addr_print(&req->client, client));
		return STATUS_LOGON_FAILURE;
	}
	TRY(session_check(s, c, req->session));
	context.id = session_id_new(s);
	random_bytes(context.nonce, sizeof context.nonce);
	target_info_encode(s, context.timestamp, &info);
	ENSURE(wr_ok(&info));
	context_add(s->contexts, &context, worker ? PER_WORKER : 0);

	rsp->ctx	 = context.id;
	rsp->challenge	 = rd_u64(&nonce); /* little-endian: wr_u64() gives the bytes again */
	rsp->flags	 = context.flags;
	rsp->target	 = s->conf.netbios_name;
	rsp->target_info = wr_done(&info);
	return STATUS_SUCCESS;
}

struct logon *
logon_new(struct store *s, const struct context *context)
{
	struct logon *l = secret_alloc(sizeof *l);

	*l = (struct logon){ .store = s, .context = *context };
	TAILQ_INSERT_TAIL(&s->logons, l, all);
	s->n_logons++;
	return l;
}

static void
logon_due(void *logon)
{
	logon_go(logon);
}

/*
 * The answer waits as long as the counters say; nothing else does.  Whoever
 * tried no password learnt nothing and waits for nothing: smbclient -N asks for
 * the local user without a response before it asks to be anonymous.
 */
void
logon_delay(struct logon *l)
{
	struct store *s	       = l->store;
	struct account_key key = { "" };
	struct throttle_result r;
	char client[ADDR_TEXT];

	if (!l->guessed) {
		logon_go(l);
		return;
	}
	(void)account_key(l->claimed, &key).code;
	r = throttle_outcome(s->throttle, key.s, &l->context.client, store_now_ms(s), l->accepted);
	if (r.locks) {
		log_audit("locked out after too many failures user=%s client=%s",
			  log_qs(l->claimed), addr_print(&l->context.client, client));
		logon_tell_lockout(l);
	}
	if (r.why)
		l->reason = r.why;
	l->locked = r.why != NULL;
	l->accepted = r.ok;
	if (r.wait_ms > 0)
		loop_timer_set(s->loop, &l->timer, r.wait_ms, logon_due, l);
	else
		logon_go(l);
}

nt
logons_check(const struct store *s, const struct link *asker)
{
	const struct logon *l;
	uint32_t n = 0;

	REQUIRE(s->n_logons < LOGONS_MAX, STATUS_INSUFFICIENT_RESOURCES);
	if (link_role(asker) != PEER_WORKER)
		return STATUS_SUCCESS;
	TAILQ_FOREACH(l, &s->logons, all)
		n += l->context.peer == link_peer(asker);
	return n < PER_WORKER ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

nt
auth_ntlm_finish(struct store *s, struct call *c, const struct auth_ntlm_finish_req *req,
		 struct auth_ntlm_finish_rsp *rsp)
{
	struct context context;
	struct logon *l;

	(void)rsp;
	TRY(context_take(s->contexts, req->ctx, link_peer(call_link(c)), store_now_ms(s),
			 &context));
	TRY(logons_check(s, call_link(c)));
	REQUIRE(!req->binding || context.session != 0, STATUS_INVALID_PARAMETER);
	REQUIRE(!context.kerberos, STATUS_INVALID_PARAMETER);
	l	    = logon_new(s, &context);
	l->previous = req->previous_session;
	l->dialect  = req->dialect;
	l->binding  = req->binding;
	l->call	    = call_keep(c);
	if (logon_is_domains(l, req)) {
		logon_pass(l, req);
		return STATUS_PENDING;
	}
	logon_judge(l, req);
	logon_delay(l);
	return STATUS_PENDING;
}

/* The client went away.  A logon on its way is carried to its end and closed there. */
nt
auth_abort(struct store *s, struct call *c, const struct auth_abort_req *req,
	   struct auth_abort_rsp *rsp)
{
	const uint64_t peer = link_peer(call_link(c));
	struct context context;
	struct logon *l;

	(void)rsp;
	TAILQ_FOREACH(l, &s->logons, all)
		if (l->context.id == req->ctx && l->context.peer == peer)
			l->orphan = true;
	if (nt_ok(context_take(s->contexts, req->ctx, peer, store_now_ms(s), &context)))
		krb_forget(s, context.krb);
	return STATUS_SUCCESS;
}
