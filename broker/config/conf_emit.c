/*
 * conf_emit.c - struct conf becomes the typed records of ipc/msg/conf.msg.h.
 * From here on nobody reads configuration text any more.
 */
#include <stdio.h>
#include <string.h>

#include "base/fatal.h"
#include "broker/config/conf.h"
#include "ipc/birth.h"
#include "ipc/msg/conf.msg.h"

#define NOBODY UINT32_MAX

/* One record.  Bounds were checked when the values were read. */
#define EMIT(w, message, ...)                                                                      \
	do {                                                                                       \
		const struct message##_req rec_ = { __VA_ARGS__ };                                 \
		struct wr body_			= msg_room();                                      \
		message##_req_encode(&body_, &rec_);                                               \
		ENSURE(wr_ok(&body_));                                                             \
		conf_put(w, &message##_desc, wr_done(&body_));                                     \
	} while (0)

/* Whom nothing is asked of cannot sign. */
static bool
guests_welcome(const struct conf *c)
{
	if (c->global.signing == SIGNING_EVERYBODY)
		return false;
	for (size_t i = 0; i < c->n_shares; i++) {
		if (c->shares[i].available && c->shares[i].guest_ok)
			return true;
	}
	return false;
}

bool
conf_kerberos(const struct conf *c)
{
	const struct conf_global *g = &c->global;

	if (g->mechanisms == MECHS_NTLM)
		return false;
	if (g->kerberos == KERBEROS_AUTO)
		return g->realm || g->keytab;
	return g->kerberos == KERBEROS_YES;
}

bool
conf_ntlm(const struct conf *c)
{
	return c->global.ntlm_auth != 0 && c->global.mechanisms != MECHS_KERBEROS;
}

static uint8_t
signing_of(const struct conf_global *g)
{
	return g->signing == SIGNING_EVERYBODY ? CONF_REQUIRED : (uint8_t)g->signing;
}

static size_t
shares_served(const struct conf *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_shares; i++)
		n += c->shares[i].available;
	return n;
}

static bool
is_placed(const struct conf_share *s)
{
	return s->storage && s->storage[0] != '\0';
}

static size_t
shares_placed(const struct conf *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_shares; i++)
		n += c->shares[i].available && is_placed(&c->shares[i]);
	return n;
}

/* Those of the roles that not every instance has. */
static uint32_t
roles_wanted(const struct conf *c)
{
	size_t placed = shares_placed(c);

	return (conf_kerberos(c) ? FROM(KRB) : 0) | (conf_member(c) ? FROM(NET) : 0) |
	       (placed == 0 || placed < shares_served(c) ? FROM(FSD) : 0) |
	       (c->global.storage_listen.n > 0 ? FROM(BRIDGE) | FROM(RELAY) : 0);
}

static void
emit_instance(const struct conf *c, const struct conf_host *host, struct wr *w)
{
	const struct conf_global *g = &c->global;

	EMIT(w, conf_instance, .runtime_dir = str_of(g->runtime_dir),
	     .state_dir	       = str_of(g->state_dir), .join_key = str_of(g->join_key),
	     .worker_uid_first = host->root ? g->worker_uids.first : 0,
	     .worker_uid_last  = host->root ? g->worker_uids.last : 0,
	     .require_sandbox = g->require_sandbox, .serves = shares_served(c) > 0,
	     .log_level = (uint8_t)g->log_level, .log_json = g->log_format != 0,
	     .max_workers = g->max_workers, .max_guest_workers = g->max_guest_workers,
	     .watchdog_ms = g->watchdog_ms,
	     .external = g->external, .wanted = roles_wanted(c), .storages = shares_placed(c) > 0);
	for (size_t i = 0; i < g->listen.n; i++)
		EMIT(w, conf_listen, .addr = g->listen.v[i]);
}

static void
emit_storages(const struct conf_global *g, struct wr *w)
{
	struct conf_storage_hosts hosts;

	for (size_t i = 0; i < g->storage_listen.n; i++)
		EMIT(w, conf_storage_listen, .addr = g->storage_listen.v[i]);
	if (!g->storage_hosts || !conf_storage_hosts_read(g->storage_hosts, &hosts))
		return;
	for (size_t i = 0; i < hosts.n; i++)
		EMIT(w, conf_storage_host, .storage = str_of(hosts.v[i].name),
		     .host = str_of(hosts.v[i].at.host), .port = hosts.v[i].at.port);
}

static void
emit_server(const struct conf *c, struct wr *w)
{
	const struct conf_global *g = &c->global;

	EMIT(w, conf_server, .netbios_name = str_of(g->netbios_name),
	     .workgroup = str_of(g->workgroup), .server_string = str_of(g->server_string),
	     .min_protocol = (uint16_t)g->min_protocol, .max_protocol = (uint16_t)g->max_protocol,
	     .signing = signing_of(g), .encrypt = (uint8_t)c->base.encrypt,
	     .max_connections = g->max_connections, .max_credits = g->max_credits,
	     .auth_timeout_ms = g->auth_timeout_ms, .max_io = g->max_io,
	     .idle_worker_ms = g->idle_worker_ms, .guest_ok = guests_welcome(c),
	     .kerberos = conf_kerberos(c), .ntlm = conf_ntlm(c),
	     .ntlm_first = g->mechanisms == MECHS_NTLM_KERBEROS,
	     .own_shares = (roles_wanted(c) & FROM(FSD)) != 0, .leases = g->leases);
}

bool
conf_member(const struct conf *c)
{
	const struct conf_global *g = &c->global;

	return g->machine_account || g->machine_password || g->machine_password_file;
}

/* The account is named after the machine, as joining a domain does it. */
static void
emit_net(const struct conf_global *g, struct wr *w)
{
	char account[NAME_BOUND + 1] = "";

	if (g->machine_account)
		(void)snprintf(account, sizeof account, "%s", g->machine_account);
	else if (g->machine_password || g->machine_password_file)
		(void)snprintf(account, sizeof account, "%.254s$", g->netbios_name);
	EMIT(w, conf_net, .realm = str_of(g->realm), .workgroup = str_of(g->workgroup),
	     .netbios_name = str_of(g->netbios_name), .kdcs = str_of(g->kdcs),
	     .controllers = str_of(g->controllers), .machine_account = str_of(account),
	     .secret = g->machine_password ? SPAN_STR(g->machine_password) : SPAN_NONE,
	     .password_file = str_of(g->machine_password_file), .keytab = str_of(g->keytab),
	     .timeout_ms = g->domain_timeout_ms, .transport = g->netlogon_transport,
	     .authenticators = g->netlogon_authenticators);
}

/* "NAME KEY ROLE", as conf_api_keys.c leaves it. */
static void
emit_api_key(const char *entry, struct wr *w)
{
	char name[64], key[64], role[8];

	ENSURE(sscanf(entry, "%63s %63s %7s", name, key, role) == 3);
	EMIT(w, conf_api_key, .name = str_of(name), .public = str_of(key),
	     .admin = strcmp(role, "admin") == 0);
}

static void
emit_daemons(const struct conf *c, const struct conf_host *host, struct wr *w)
{
	const struct conf_global *g = &c->global;
	uint32_t as_uid		    = host->root ? NOBODY : host->uid;
	uint32_t as_gid		    = host->root ? NOBODY : host->gid;

	EMIT(w, conf_auth, .netbios_name = str_of(g->netbios_name),
	     .workgroup = str_of(g->workgroup), .as_uid = as_uid, .as_gid = as_gid,
	     .guest_account = str_of(g->guest_account), .guest_ok = guests_welcome(c),
	     .signing = signing_of(g), .encrypt = (uint8_t)c->base.encrypt,
	     .only_users = str_of(g->only_users), .realm = str_of(g->realm),
	     .kerberos = conf_kerberos(c), .ntlm = conf_ntlm(c), .idmap = (uint8_t)g->idmap,
	     .idmap_first = g->idmap_range.first, .idmap_last = g->idmap_range.last,
	     .idmap_file = str_of(g->idmap_file), .unmapped_user = str_of(g->unmapped_user),
	     .lock_pair = g->lock_pair, .lock_address = g->lock_address, .lock_ms = g->lock_ms,
	     .lock_window_ms = g->lock_window_ms, .member = conf_member(c),
	     .sessions_public = g->sessions_public != 0, .spn = (uint8_t)g->spn_validation,
	     .spn_names = str_of(g->spn_names), .bound_ok = g->bound_ok != 0,
	     .own_shares = (roles_wanted(c) & FROM(FSD)) != 0);
	EMIT(w, conf_fsd, .as_uid = as_uid, .as_gid = as_gid, .encrypt = (uint8_t)c->base.encrypt,
	     .max_opens = g->max_opens, .threads = g->threads, .idmap_file = str_of(g->idmap_file));
	EMIT(w, conf_krb, .realm = str_of(g->realm), .keytab = str_of(g->keytab),
	     .rc4 = g->krb_rc4, .require_pac = g->krb_require_pac, .skew_s = g->krb_skew_s,
	     .spns = str_of(g->krb_services), .bound_ok = g->bound_ok != 0);
	emit_net(g, w);
	EMIT(w, conf_cred, .realm = str_of(g->realm), .rc4 = g->krb_rc4, .skew_s = g->krb_skew_s);
	EMIT(w, conf_api, .owner_uid = host->uid, .version = str_of(host->version),
	     .admins = str_of(g->api_admins), .users = str_of(g->api_users));
	for (size_t i = 0; i < g->api_keys.n; i++)
		emit_api_key(g->api_keys.v[i], w);
	for (size_t i = 0; i < g->api_listen.n; i++)
		EMIT(w, conf_api_listen, .addr = g->api_listen.v[i]);
}

static uint32_t
share_flags(const struct conf_share *s)
{
	return (s->read_only ? SHARE_READ_ONLY : 0) | (s->guest_ok ? SHARE_GUEST_OK : 0) |
	       (s->browseable ? SHARE_BROWSEABLE : 0) | (s->hide_dot ? SHARE_HIDE_DOT : 0) |
	       (s->hide_unreadable ? SHARE_HIDE_UNREADABLE : 0) | (s->eas ? SHARE_EAS : 0);
}

static void
emit_share(const struct conf_share *s, uint32_t index, struct wr *w)
{
	EMIT(w, conf_share, .index = index, .name = str_of(s->name), .path = str_of(s->path),
	     .comment = str_of(s->comment), .flags = share_flags(s), .encrypt = (uint8_t)s->encrypt,
	     .create_mask = s->create_mask, .directory_mask = s->directory_mask,
	     .force_user = str_of(s->force_user),
	     .hide_files = str_of(s->hide_files), .storage = str_of(s->storage));
	if (is_placed(s))
		EMIT(w, conf_place, .share = str_of(s->name), .storage = str_of(s->storage));
	for (uint8_t list = 0; list < CONF_ACLS; list++) {
		for (size_t i = 0; i < s->acl[list].n; i++)
			EMIT(w, conf_share_acl, .index = index, .list = list,
			     .who = str_of(s->acl[list].v[i]));
	}
}

/* Lists that are not of a share stand behind them: fsd reads in order. */
static void
emit_operators(const struct conf_words *who, struct wr *w)
{
	for (size_t i = 0; i < who->n; i++)
		EMIT(w, conf_share_acl, .index = ACL_SERVER, .list = ACL_OPERATOR,
		     .who = str_of(who->v[i]));
}

void
conf_emit(const struct conf *c, const struct conf_host *host, struct wr *w)
{
	uint32_t index = 0;

	emit_instance(c, host, w);
	emit_server(c, w);
	emit_daemons(c, host, w);
	emit_storages(&c->global, w);
	for (size_t i = 0; i < c->n_shares; i++) {
		if (c->shares[i].available)
			emit_share(&c->shares[i], index++, w);
	}
	emit_operators(&c->global.operators, w);
}
