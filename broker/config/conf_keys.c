/*
 * conf_keys.c - the keys of bulkhead.conf: name, scope, type, default.
 *
 * The words are those that smb.conf users type.  Defaults stand here in the
 * file's own words and nowhere else; man/bulkhead.conf.5 is written from this.
 */
#include "broker/config/conf_keys.h"

#include <string.h>

#include "base/log.h"
#include "broker/config/ini.h"
#include "ipc/msg/conf.msg.h"

#define KEY_NAME_MAX 64

static const struct conf_choice encrypt_words[] = {
	{ "off", CONF_OFF },	     { "desired", CONF_DESIRED },    { "required", CONF_REQUIRED },
	{ "offered", CONF_OFFERED }, { "disabled", CONF_OFF },	     { "enabled", CONF_OFFERED },
	{ "auto", CONF_DESIRED },    { "mandatory", CONF_REQUIRED }, { NULL, 0 },
};

static const struct conf_choice signing_words[] = {
	{ "mandatory", CONF_REQUIRED },
	{ "auto", CONF_DESIRED },
	{ "disabled", CONF_OFF },
	{ "required", SIGNING_EVERYBODY },
	{ NULL, 0 },
};

/* clang-format off */
/* [MS-SMB2] 2.2.3 dialect revisions; "SMB2" and "SMB3" are the outermost of their kind. */
#define PROTOCOL_WORDS                                                                 \
	{ "SMB2_02", 0x0202 }, { "SMB2_10", 0x0210 }, { "SMB3_00", 0x0300 },          \
	{ "SMB3_02", 0x0302 }, { "SMB3_11", 0x0311 }, { "2.0.2", 0x0202 },            \
	{ "2.1", 0x0210 },     { "3.0", 0x0300 },     { "3.0.2", 0x0302 },            \
	{ "3.1.1", 0x0311 }

static const struct conf_choice min_words[] = {
	PROTOCOL_WORDS, { "SMB2", 0x0202 }, { "SMB3", 0x0300 }, { NULL, 0 },
};

static const struct conf_choice max_words[] = {
	PROTOCOL_WORDS, { "SMB2", 0x0210 }, { "SMB3", 0x0311 }, { NULL, 0 },
};
/* clang-format on */

static const struct conf_choice level_words[] = {
	{ "error", LOG_LEVEL_ERROR }, { "warn", LOG_LEVEL_WARN },   { "audit", LOG_LEVEL_AUDIT },
	{ "info", LOG_LEVEL_INFO },   { "debug", LOG_LEVEL_DEBUG }, { NULL, 0 },
};

static const struct conf_choice kerberos_words[] = {
	{ "auto", KERBEROS_AUTO }, { "yes", KERBEROS_YES }, { "no", KERBEROS_NO }, { NULL, 0 },
};

static const struct conf_choice transport_words[] = {
	{ "auto", NETLOGON_AUTO }, { "tcp", NETLOGON_TCP }, { "pipe", NETLOGON_PIPE }, { NULL, 0 },
};

static const struct conf_choice mechanism_words[] = {
	{ "kerberos, ntlm", MECHS_KERBEROS_NTLM }, { "ntlm, kerberos", MECHS_NTLM_KERBEROS },
	{ "kerberos", MECHS_KERBEROS },		   { "ntlm", MECHS_NTLM },
	{ NULL, 0 },
};

static const struct conf_choice ntlm_words[] = {
	{ "ntlmv2-only", 1 },
	{ "disabled", 0 },
	{ NULL, 0 },
};

/* The levels of Windows' policy of that name. */
static const struct conf_choice spn_words[] = {
	{ "off", SPN_UNCHECKED },
	{ "if provided", SPN_IF_SENT },
	{ "required", SPN_REQUIRED },
	{ NULL, 0 },
};

static const struct conf_choice bindings_words[] = {
	{ "refuse", 0 },
	{ "ignore", 1 },
	{ NULL, 0 },
};

static const struct conf_choice idmap_words[] = {
	{ "account", IDMAP_ACCOUNT },
	{ "rid", IDMAP_RID },
	{ NULL, 0 },
};

static const struct conf_choice visible_words[] = {
	{ "operators", 0 },
	{ "users", 1 },
	{ NULL, 0 },
};

static const struct conf_choice format_words[] = { { "text", 0 }, { "json", 1 }, { NULL, 0 } };

#define G(type, field) CONF_GLOBAL, type, offsetof(struct conf_global, field)
#define S(type, field) CONF_SHARE, type, offsetof(struct conf_share, field)

const struct conf_key conf_keys[] = {
	/* the instance */
	{ "listen", G(CONF_ADDRESSES, listen), NULL, 0, 0, NULL },
	{ "state directory", G(CONF_PATH, state_dir), NULL, 0, 0, NULL },
	{ "join key", G(CONF_PATH, join_key), NULL, 0, 0, NULL },
	{ "runtime directory", G(CONF_PATH, runtime_dir), NULL, 0, 0, NULL },
	{ "require sandbox", G(CONF_FLAG, require_sandbox), "yes", 0, 0, NULL },
	{ "worker uids", G(CONF_UID_RANGE, worker_uids), "62000-63999", 0, 0, NULL },
	{ "external roles", G(CONF_ROLES, external), "", 0, 0, NULL },
	{ "allowed roots", G(CONF_PATHS, allowed_roots), NULL, 0, 0, NULL },
	{ "api listen", G(CONF_ADDRESSES, api_listen), NULL, 0, 0, NULL },
	{ "storage listen", G(CONF_ADDRESSES, storage_listen), NULL, 0, 0, NULL },
	{ "storage hosts", G(CONF_TEXT, storage_hosts), NULL, 0, 0, NULL },
	{ "api admins", G(CONF_TEXT, api_admins), "", 0, 0, NULL },
	{ "api users", G(CONF_TEXT, api_users), "*", 0, 0, NULL },
	{ "api keys", G(CONF_API_KEYS, api_keys), NULL, 0, 0, NULL },
	{ "server operators", G(CONF_USERS, operators), NULL, 0, 0, NULL },
	{ "sessions visible to", G(CONF_CHOICE, sessions_public), "operators", 0, 0, visible_words },
	{ "log level", G(CONF_CHOICE, log_level), "info", 0, 0, level_words },
	{ "log format", G(CONF_CHOICE, log_format), "text", 0, 0, format_words },

	/* names and logons */
	{ "workgroup", G(CONF_NAME, workgroup), "WORKGROUP", 0, 0, NULL },
	{ "netbios name", G(CONF_NAME, netbios_name), NULL, 0, 0, NULL },
	{ "server string", G(CONF_NAME, server_string), "Bulkhead", 0, 0, NULL },
	{ "guest account", G(CONF_NAME, guest_account), "nobody", 0, 0, NULL },
	{ "kerberos", G(CONF_CHOICE, kerberos), "auto", 0, 0, kerberos_words },
	{ "auth mechanisms", G(CONF_CHOICE, mechanisms), "kerberos, ntlm", 0, 0, mechanism_words },
	{ "ntlm auth", G(CONF_CHOICE, ntlm_auth), "ntlmv2-only", 0, 0, ntlm_words },
	{ "spn validation", G(CONF_CHOICE, spn_validation), "off", 0, 0, spn_words },
	{ "spn names", G(CONF_TEXT, spn_names), "", 0, 0, NULL },
	{ "channel bindings", G(CONF_CHOICE, bound_ok), "refuse", 0, 0, bindings_words },
	{ "idmap", G(CONF_CHOICE, idmap), "account", 0, 0, idmap_words },
	{ "idmap range", G(CONF_UID_RANGE, idmap_range), "1000000-1999999", 0, 0, NULL },
	{ "idmap file", G(CONF_PATH, idmap_file), NULL, 0, 0, NULL },
	{ "unmapped user", G(CONF_NAME, unmapped_user), NULL, 0, 0, NULL },
	{ "lockout attempts", G(CONF_NUMBER, lock_pair), "20", 0, 1000000, NULL },
	{ "lockout address attempts", G(CONF_NUMBER, lock_address), "500", 0, 1000000, NULL },
	{ "lockout duration", G(CONF_SECONDS, lock_ms), "600", 1, 604800, NULL },
	{ "lockout window", G(CONF_SECONDS, lock_window_ms), "600", 1, 604800, NULL },
	{ "kerberos services", G(CONF_TEXT, krb_services), "", 0, 0, NULL },
	{ "kerberos rc4", G(CONF_FLAG, krb_rc4), "no", 0, 0, NULL },
	{ "kerberos require pac", G(CONF_FLAG, krb_require_pac), "no", 0, 0, NULL },
	{ "kerberos clock skew", G(CONF_NUMBER, krb_skew_s), "300", 1, 3600, NULL },
	{ "realm", G(CONF_NAME, realm), NULL, 0, 0, NULL },
	{ "keytab", G(CONF_PATH, keytab), NULL, 0, 0, NULL },
	{ "kdc", G(CONF_TEXT, kdcs), NULL, 0, 0, NULL },
	{ "domain controllers", G(CONF_TEXT, controllers), NULL, 0, 0, NULL },
	{ "password server", G(CONF_TEXT, controllers), NULL, 0, 0, NULL },
	{ "machine account", G(CONF_NAME, machine_account), NULL, 0, 0, NULL },
	{ "machine password", G(CONF_TEXT, machine_password), NULL, 0, 0, NULL },
	{ "machine password file", G(CONF_PATH, machine_password_file), NULL, 0, 0, NULL },
	{ "netlogon transport", G(CONF_CHOICE, netlogon_transport), "auto", 0, 0, transport_words },
	{ "netlogon authenticators", G(CONF_FLAG, netlogon_authenticators), "no", 0, 0, NULL },
	{ "domain timeout", G(CONF_SECONDS, domain_timeout_ms), "10", 1, 60, NULL },

	/* the protocol */
	{ "server signing", G(CONF_CHOICE, signing), "mandatory", 0, 0, signing_words },
	{ "server min protocol", G(CONF_CHOICE, min_protocol), "SMB2_02", 0, 0, min_words },
	{ "server max protocol", G(CONF_CHOICE, max_protocol), "SMB3_11", 0, 0, max_words },
	{ "min protocol", G(CONF_CHOICE, min_protocol), NULL, 0, 0, min_words },
	{ "max protocol", G(CONF_CHOICE, max_protocol), NULL, 0, 0, max_words },
	{ "smb2 leases", G(CONF_FLAG, leases), "yes", 0, 0, NULL },

	/* limits */
	{ "max connections", G(CONF_NUMBER, max_connections), "10000", 1, 1000000, NULL },
	{ "max credits", G(CONF_NUMBER, max_credits), "8192", 1, 8192, NULL },
	{ "max io size", G(CONF_SIZE, max_io), "8M", 65536, 8u << 20, NULL },
	{ "max open files", G(CONF_NUMBER, max_opens), "16384", 16, 1000000, NULL },
	{ "max workers", G(CONF_NUMBER, max_workers), "1024", 1, 60000, NULL },
	{ "max guest workers", G(CONF_NUMBER, max_guest_workers), "64", 1, 60000, NULL },
	{ "file threads", G(CONF_NUMBER, threads), "4", 1, 64, NULL },
	{ "auth timeout", G(CONF_SECONDS, auth_timeout_ms), "30", 1, 3600, NULL },
	{ "watchdog", G(CONF_SECONDS, watchdog_ms), "60", 0, 86400, NULL },
	{ "idle worker timeout", G(CONF_SECONDS, idle_worker_ms), "60", 1, 86400, NULL },

	/* shares */
	{ "path", S(CONF_PATH, path), NULL, 0, 0, NULL },
	{ "directory", S(CONF_PATH, path), NULL, 0, 0, NULL },
	{ "storage", S(CONF_NAME, storage), "", 0, 0, NULL },
	{ "comment", S(CONF_TEXT, comment), "", 0, 0, NULL },
	{ "available", S(CONF_FLAG, available), "yes", 0, 0, NULL },
	{ "browseable", S(CONF_FLAG, browseable), "yes", 0, 0, NULL },
	{ "browsable", S(CONF_FLAG, browseable), NULL, 0, 0, NULL },
	{ "read only", S(CONF_FLAG, read_only), "yes", 0, 0, NULL },
	{ "writable", S(CONF_NOT, read_only), NULL, 0, 0, NULL },
	{ "writeable", S(CONF_NOT, read_only), NULL, 0, 0, NULL },
	{ "write ok", S(CONF_NOT, read_only), NULL, 0, 0, NULL },
	{ "guest ok", S(CONF_FLAG, guest_ok), "no", 0, 0, NULL },
	{ "public", S(CONF_FLAG, guest_ok), NULL, 0, 0, NULL },
	{ "valid users", S(CONF_USERS, acl[ACL_VALID]), NULL, 0, 0, NULL },
	{ "invalid users", S(CONF_USERS, acl[ACL_INVALID]), NULL, 0, 0, NULL },
	{ "read list", S(CONF_USERS, acl[ACL_READ]), NULL, 0, 0, NULL },
	{ "write list", S(CONF_USERS, acl[ACL_WRITE]), NULL, 0, 0, NULL },
	{ "hosts allow", S(CONF_HOSTS, acl[ACL_ALLOW]), NULL, 0, 0, NULL },
	{ "allow hosts", S(CONF_HOSTS, acl[ACL_ALLOW]), NULL, 0, 0, NULL },
	{ "hosts deny", S(CONF_HOSTS, acl[ACL_DENY]), NULL, 0, 0, NULL },
	{ "deny hosts", S(CONF_HOSTS, acl[ACL_DENY]), NULL, 0, 0, NULL },
	{ "force user", S(CONF_NAME, force_user), "", 0, 0, NULL },
	{ "smb encrypt", S(CONF_CHOICE, encrypt), "offered", 0, 0, encrypt_words },
	{ "server smb encrypt", S(CONF_CHOICE, encrypt), NULL, 0, 0, encrypt_words },
	{ "create mask", S(CONF_MASK, create_mask), "0744", 0, 07777, NULL },
	{ "create mode", S(CONF_MASK, create_mask), NULL, 0, 07777, NULL },
	{ "directory mask", S(CONF_MASK, directory_mask), "0755", 0, 07777, NULL },
	{ "directory mode", S(CONF_MASK, directory_mask), NULL, 0, 07777, NULL },
	{ "hide dot files", S(CONF_FLAG, hide_dot), "yes", 0, 0, NULL },
	{ "hide files", S(CONF_TEXT, hide_files), "", 0, 0, NULL },
	{ "hide unreadable", S(CONF_FLAG, hide_unreadable), "no", 0, 0, NULL },
	{ "ea support", S(CONF_FLAG, eas), "yes", 0, 0, NULL },
};
const size_t conf_keys_n = NELEM(conf_keys);

/* Keys of smb.conf whose absence needs a reason rather than a suggestion. */
static const struct {
	const char *name, *why;
} refusals[] = {
	{ "include", "include is not supported: one file is one instance" },
	{ "config file", "config file is not supported: one file is one instance" },
	{ "copy", "copy is not supported: write the keys in each share or in [global]" },
	{ "map to guest", "map to guest does not exist: a failed logon never becomes a guest's" },
	{ "lanman auth", "LM and NTLMv1 do not exist here" },
	{ "vfs objects", "there are no VFS modules" },
	{ "passdb backend", "accounts are kept by bulkhead: see `bulkhead user add`" },
	{ "admin users", "nobody acts as root in a share; who may see and end others' sessions: `server operators`" },
	{ "root preexec", "nothing is ever executed for a connection" },
	{ "preexec", "nothing is ever executed for a connection" },
	{ "wide links", "a share never leads outside of its path" },
};

static bool
name_is(const char *key, const char *folded)
{
	char mine[KEY_NAME_MAX];

	return ini_fold(key, mine, sizeof mine) && strcmp(mine, folded) == 0;
}

const struct conf_key *
conf_key_find(const char *name)
{
	char folded[KEY_NAME_MAX];

	if (!ini_fold(name, folded, sizeof folded))
		return NULL;
	for (size_t i = 0; i < conf_keys_n; i++) {
		if (name_is(conf_keys[i].name, folded))
			return &conf_keys[i];
	}
	return NULL;
}

const char *
conf_key_refusal(const char *name)
{
	char folded[KEY_NAME_MAX];

	if (!ini_fold(name, folded, sizeof folded))
		return NULL;
	for (size_t i = 0; i < NELEM(refusals); i++) {
		if (name_is(refusals[i].name, folded))
			return refusals[i].why;
	}
	return NULL;
}

static size_t
min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Edits (insert, drop, change, swap neighbours) that make b of a; both below KEY_NAME_MAX. */
static size_t
edit_distance(const char *a, const char *b)
{
	size_t d[KEY_NAME_MAX + 1][KEY_NAME_MAX + 1];
	size_t na = strlen(a), nb = strlen(b);

	for (size_t i = 0; i <= na; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= nb; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= na; i++) {
		for (size_t j = 1; j <= nb; j++) {
			size_t change = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

			d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1, change);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    d[i - 2][j - 2] + 1 < d[i][j])
				d[i][j] = d[i - 2][j - 2] + 1;
		}
	}
	return d[na][nb];
}

/* A suggestion further off than a third of the name is no help. */
const struct conf_key *
conf_key_suggest(const char *name)
{
	char folded[KEY_NAME_MAX], mine[KEY_NAME_MAX];
	const struct conf_key *best = NULL;
	size_t best_d, d;

	if (!ini_fold(name, folded, sizeof folded))
		return NULL;
	best_d = strlen(folded) / 3 + 2;
	for (size_t i = 0; i < conf_keys_n; i++) {
		if (!ini_fold(conf_keys[i].name, mine, sizeof mine))
			continue;
		d = edit_distance(folded, mine);
		if (d < best_d) {
			best   = &conf_keys[i];
			best_d = d;
		}
	}
	return best;
}
