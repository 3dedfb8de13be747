/*
 * conf.h - the configuration while it is being read: inside the configuration
 * child only.  What leaves it are the records of ipc/msg/conf.msg.h.
 */
#ifndef BROKER_CONF_H
#define BROKER_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cursor.h"
#include "ipc/msg/conf.msg.h"
#include "ipc/resolve.h"
#include "ipc/types.h"

#define CONF_SHARES_MAX 1024
#define CONF_LISTEN_MAX 8	/* BIRTH_LISTENERS: each is an inherited descriptor */
#define CONF_API_LISTEN_MAX 4u	/* API_LISTENERS, the same */
#define CONF_STORAGE_LISTEN_MAX 4u	/* STORAGE_LISTENERS, the same */
#define CONF_TEXT_MAX   (1024u * 1024)
#define CONF_LINE_CLI   0u	/* line number of what the command line said */
#define CONF_ROLE_UIDS  16u	/* the head of `worker uids` that belongs to the roles, by row */

/* `kerberos`: are tickets accepted?  AUTO: where a realm or a keytab is named. */
enum { KERBEROS_AUTO, KERBEROS_NO, KERBEROS_YES };

/* `server signing` = required: also of guests, who cannot, and so there are none. */
#define SIGNING_EVERYBODY 4u

/* `auth mechanisms`, in this order. */
enum { MECHS_KERBEROS_NTLM, MECHS_NTLM_KERBEROS, MECHS_KERBEROS, MECHS_NTLM };

/* A list of words as they came; owned. */
struct conf_words {
	char **v;
	size_t n;
};

struct conf_uids {
	uint32_t first, last;
};

struct conf_listeners {
	struct net_addr v[CONF_LISTEN_MAX];
	size_t n;
};

/* Indexed by ACL_* of conf.msg.h. */
#define CONF_ACLS 6

struct conf_share {
	char *name;
	unsigned line;
	char *path, *comment, *force_user, *hide_files, *storage;
	bool read_only, guest_ok, browseable, available;
	bool hide_dot, hide_unreadable, eas;
	uint32_t encrypt, create_mask, directory_mask;
	struct conf_words acl[CONF_ACLS];
};

struct conf_global {
	char *workgroup, *netbios_name, *server_string, *guest_account, *realm, *keytab;
	char *runtime_dir, *state_dir, *join_key;
	struct conf_listeners listen, api_listen, storage_listen;
	char *storage_hosts;		/* as typed */
	char *api_admins, *api_users;
	struct conf_words api_keys;	/* "NAME KEY ROLE" */
	struct conf_words operators;	/* `server operators` */
	uint32_t sessions_public;	/* `sessions visible to` */
	struct conf_uids worker_uids;
	struct conf_words allowed_roots;
	/* membership in a domain */
	char *kdcs, *controllers, *machine_account, *machine_password, *machine_password_file;
	uint32_t domain_timeout_ms, netlogon_transport;
	bool netlogon_authenticators;
	bool require_sandbox, leases;
	uint32_t signing, min_protocol, max_protocol, log_level, log_format;
	uint32_t max_connections, max_credits, max_io, max_opens, threads;
	uint32_t max_workers, max_guest_workers;
	uint32_t external;		/* FROM() bits */
	uint32_t kerberos;		/* KERBEROS_* */
	bool krb_rc4, krb_require_pac;
	uint32_t krb_skew_s;
	char *krb_services;		/* as typed; "": by the keys */
	uint32_t mechanisms;		/* MECHS_* */
	uint32_t ntlm_auth;		/* 0: off */
	uint32_t spn_validation;	/* SPN_* */
	char *spn_names;
	uint32_t bound_ok;		/* channel bindings are not looked at */
	uint32_t idmap;			/* IDMAP_* */
	struct conf_uids idmap_range;
	char *idmap_file, *unmapped_user;
	char *only_users;		/* of --user, separated by commas; NULL: everybody */
	uint32_t lock_pair, lock_address, lock_ms, lock_window_ms;
	uint32_t auth_timeout_ms, idle_worker_ms, watchdog_ms;
};

struct conf_problem {
	unsigned line;
	bool warning;
	char *text;
};

struct conf {
	const char *file;		/* for messages; NULL: there is none */
	struct conf_global global;
	struct conf_share base;		/* share keys of [global]: what shares start from */
	struct conf_share *shares;
	size_t n_shares;
	struct conf_problem *problems;
	size_t n_problems, n_errors;
};

/* What the spawner knows and the child could not find out. */
struct conf_host {
	bool root;
	uid_t uid;		/* of the instance's owner */
	gid_t gid;
	const char *name;	/* of the machine */
	const char *runtime_dir, *state_dir;	/* where the file says nothing */
	const char *version;
};

/* ---- conf_load.c ---- */
void conf_init(struct conf *, const char *file, const struct conf_host *);
void conf_read(struct conf *, struct span text);
/* conf_override.c: "listen=", "share=", "user=", "runtime=", "state=" with a value; "rw", "guest". */
void conf_override(struct conf *, char *const *words, size_t n);
/* What only the whole can tell: missing paths, ranges.  After the two above. */
void conf_check(struct conf *, const struct conf_host *);
void conf_drop(struct conf *);

/* ---- conf_shares.c ---- */
/* A share with the defaults of [global], or NULL after a complaint about its name. */
struct conf_share *conf_share_new(struct conf *, const char *name, unsigned line);
void conf_share_clear(struct conf_share *);	/* frees what it has */
/* In place of what was there, which is freed; NULL is fine for both. */
void conf_string_copy(char **dst, const char *src);

/* ---- conf_problems.c ---- */
void conf_problem(struct conf *, unsigned line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void conf_warning(struct conf *, unsigned line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* "FILE:LINE: text" lines in order; returns the bytes, cut at cap. */
size_t conf_problems_print(struct conf *, char *dst, size_t cap);

/* ---- conf_storages.c ---- */
struct conf_storage_host {
	char name[STORAGE_BOUND + 1];
	struct resolve_target at;
};
struct conf_storage_hosts {
	struct conf_storage_host v[STORAGES_MAX];
	size_t n;
};
/* "NAME=HOST:PORT, ..."; false, and nothing set, if it is not that. */
bool conf_storage_hosts_read(const char *text, struct conf_storage_hosts *ret) MUST_USE;

/* ---- conf_emit.c ---- */
bool conf_member(const struct conf *) MUST_USE;	/* of a domain, with a machine account? */
bool conf_kerberos(const struct conf *) MUST_USE;	/* are tickets accepted? */
bool conf_ntlm(const struct conf *) MUST_USE;		/* are passwords, by NTLM? */
void conf_emit(const struct conf *, const struct conf_host *, struct wr *);

#endif
