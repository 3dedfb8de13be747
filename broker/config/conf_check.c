/*
 * conf_check.c - what only the whole configuration can tell, once everything
 * has been read: what is missing, what contradicts, and where to listen.
 */
#include <string.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/config/conf.h"
#include "broker/config/conf_keys.h"
#include "broker/tree.h"
#include "ipc/msg/conf.msg.h"

/* The port of smbd for root; another user cannot have it and does not offer files to strangers. */
#define LISTEN_ROOT "0.0.0.0:445 [::]:445"
#define LISTEN_USER "127.0.0.1:4450"

static bool
path_beneath(const char *path, const char *root)
{
	size_t n = strlen(root);

	while (n > 0 && root[n - 1] == '/')
		n--;
	return strncmp(path, root, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

static bool
root_allowed(const struct conf_words *roots, const char *path)
{
	for (size_t i = 0; i < roots->n; i++) {
		if (path_beneath(path, roots->v[i]))
			return true;
	}
	return roots->n == 0;
}

static void
share_check(struct conf *c, const struct conf_share *s, const struct conf_host *host)
{
	if (!s->available)
		return;
	if (!s->path) {
		conf_problem(c, s->line, "share %s has no path", log_qs(s->name));
		return;
	}
	if (!root_allowed(&c->global.allowed_roots, s->path))
		conf_problem(c, s->line, "share %s: %s is not beneath `allowed roots`",
			     log_qs(s->name), log_qs(s->path));
	if (s->guest_ok && (s->encrypt == CONF_REQUIRED || c->base.encrypt == CONF_REQUIRED ||
			    c->global.signing == SIGNING_EVERYBODY))
		conf_warning(c, s->line,
			     "share %s: `guest ok` has no effect: guests can neither sign nor "
			     "encrypt, which is required",
			     log_qs(s->name));
	if (s->force_user[0] && !host->root)
		conf_problem(c, s->line, "share %s: `force user` needs root", log_qs(s->name));
}

/* Each name once, in the order of the file. */
static void
storages_check(struct conf *c)
{
	const char *seen[STORAGES_MAX];
	size_t n = 0, k;

	for (size_t i = 0; i < c->n_shares; i++) {
		const struct conf_share *s = &c->shares[i];

		if (!s->available || !s->storage || s->storage[0] == '\0')
			continue;
		if (!storage_name_ok(s->storage)) {
			conf_problem(c, s->line,
				     "share %s: `storage` cannot be %s: expected up to %u letters, "
				     "digits, - and _",
				     log_qs(s->name), log_qs(s->storage), STORAGE_BOUND);
			continue;
		}
		for (k = 0; k < n && strcmp(seen[k], s->storage) != 0; k++)
			;
		if (k < n)
			continue;
		if (n == STORAGES_MAX) {
			conf_problem(c, s->line, "there are more than %u storages", STORAGES_MAX);
			return;
		}
		seen[n++] = s->storage;
	}
}

static void
protocols_check(struct conf *c)
{
	if (c->global.min_protocol > c->global.max_protocol)
		conf_problem(c, 1, "`server min protocol` is newer than `server max protocol`");
	if (c->base.encrypt == CONF_REQUIRED && c->global.max_protocol < 0x0300)
		conf_problem(
		    c, 1,
		    "`smb encrypt` = required needs a `server max protocol` of SMB3 at least");
}

/* A server that nobody can log on to, or whose domain's users would all be refused. */
static void
logons_check(struct conf *c)
{
	const struct conf_global *g = &c->global;

	if (!conf_ntlm(c) && !conf_kerberos(c))
		conf_problem(c, 1, "neither NTLM nor Kerberos is left: nobody could log on");
	if (conf_kerberos(c) && g->idmap == IDMAP_ACCOUNT && !g->realm && !g->idmap_file)
		conf_warning(c, 1,
			     "without `realm` and `idmap file` no Kerberos user is mapped to an "
			     "account");
	if (g->idmap == IDMAP_RID && g->idmap_range.first <= g->worker_uids.last &&
	    g->worker_uids.first <= g->idmap_range.last)
		conf_problem(c, 1, "`idmap range` and `worker uids` overlap");
}

/* "SERVER" or "REALM=SERVER"; what a server is called is seen when it is looked for. */
static void
kdcs_check(struct conf *c)
{
	struct conf_words words = { 0 };

	if (!c->global.kdcs)
		return;
	if (!conf_words_split(c->global.kdcs, &words))
		conf_problem(c, 1, "`kdc`: a quotation mark has no other");
	for (size_t i = 0; i < words.n; i++) {
		const char *is = strchr(words.v[i], '=');

		if (is && (is == words.v[i] || is[1] == '\0' || strchr(is + 1, '=')))
			conf_problem(c, 1, "`kdc`: expected SERVER or REALM=SERVER, got %s",
				     words.v[i]);
	}
	conf_words_drop(&words);
}

/* A member that cannot find its controllers, or has two passwords. */
static void
member_check(struct conf *c)
{
	const struct conf_global *g = &c->global;

	if (!conf_member(c))
		return;
	if (!g->realm && !g->controllers)
		conf_problem(c, 1, "a machine account needs `realm` or `domain controllers`");
	if (g->machine_password && g->machine_password_file)
		conf_problem(c, 1, "`machine password` and `machine password file`: only one");
	if (!g->machine_password && !g->machine_password_file && !g->keytab)
		conf_problem(c, 1, "`machine account` needs `machine password file` or `keytab`");
}

static void
listen_default(struct conf *c, const struct conf_host *host)
{
	const struct conf_key *k = conf_key_find("listen");

	ENSURE(k != NULL);
	if (c->global.listen.n == 0)
		ENSURE(conf_value_set(k, host->root ? LISTEN_ROOT : LISTEN_USER, &c->global));
}

static void
api_listen_check(struct conf *c)
{
	if (c->global.api_listen.n > CONF_API_LISTEN_MAX)
		conf_problem(c, 1, "`api listen`: up to %u addresses", CONF_API_LISTEN_MAX);
}

/* A storage joins at the one and is reached at the other. */
static void
storage_hosts_check(struct conf *c)
{
	const struct conf_global *g = &c->global;
	struct conf_storage_hosts hosts;

	if (g->storage_listen.n > CONF_STORAGE_LISTEN_MAX)
		conf_problem(c, 1, "`storage listen`: up to %u addresses", CONF_STORAGE_LISTEN_MAX);
	if (g->storage_hosts && !conf_storage_hosts_read(g->storage_hosts, &hosts))
		conf_problem(c, 1,
			     "`storage hosts`: expected NAME=HOST:PORT, each name once, up to %u",
			     STORAGES_MAX);
	if ((g->storage_listen.n > 0) != (g->storage_hosts != NULL))
		conf_problem(c, 1, "`storage listen` and `storage hosts` need each other");
}

void
conf_check(struct conf *c, const struct conf_host *host)
{
	storage_hosts_check(c);
	listen_default(c, host);
	api_listen_check(c);
	protocols_check(c);
	kdcs_check(c);
	member_check(c);
	logons_check(c);
	for (size_t i = 0; i < c->n_shares; i++)
		share_check(c, &c->shares[i], host);
	storages_check(c);
}
