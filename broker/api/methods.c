/*
 * methods.c - what scripts may ask, and of whom: one row a method.
 *
 * The fields of a method are those of its message (docs/IPC.md).
 */
#include <string.h>

#include "base/log.h"
#include "broker/api/hook.h"
#include "broker/api/trace.h"
#include "ipc/msg/authd.msg.h"
#include "ipc/msg/conf.msg.h"
#include "ipc/msg/dir.msg.h"
#include "ipc/msg/fsd.msg.h"
#include "ipc/msg/keys.msg.h"
#include "ipc/msg/krb.msg.h"
#include "ipc/msg/net.msg.h"
#include "sandbox/sandbox.h"

/* ---- shaping rows: bits become words ---- */

struct bit_name {
	uint32_t bit;
	const char *name;
};

static void
bits_to_flags(json_t *row, const char *field, const struct bit_name *names, size_t n)
{
	uint64_t bits = (uint64_t)json_integer_value(json_object_get(row, field));

	for (size_t i = 0; i < n; i++)
		(void)json_object_set_new(row, names[i].name,
					  json_boolean((bits & names[i].bit) != 0));
	(void)json_object_del(row, field);
}

/* "walls": the names of those that stand, "missing": of those that do not. */
static void
process_shape(json_t *row)
{
	uint32_t walls	 = (uint32_t)json_integer_value(json_object_get(row, "walls"));
	json_t *standing = json_array(), *missing = json_array();
	const char *role = json_string_value(json_object_get(row, "role"));
	bool spawner	 = strcmp(role, "spawner") == 0;
	/* Those that reach a network are in the machine's. */
	bool reaches = strcmp(role, "dialer") == 0 || strcmp(role, "net") == 0;

	for (uint32_t bit = WALL_SECCOMP; bit <= WALL_NO_DUMP; bit <<= 1) {
		/* A user namespace is only a way to the others. */
		if (!(walls & bit) && bit == WALL_USER_NS && walls & WALL_MOUNT_NS)
			continue;
		if (!(walls & bit) && bit == WALL_NET_NS && reaches)
			continue;
		(void)json_array_append_new(walls & bit ? standing : missing,
					    json_string(sandbox_wall_name((enum sandbox_wall)bit)));
	}
	/* It stays outside of all walls, as sandbox.c says; what it lacks is no news. */
	if (spawner)
		(void)json_array_clear(missing);
	(void)json_object_set_new(row, "walls", standing);
	(void)json_object_set_new(row, "missing", missing);
}

static void
session_shape(json_t *row)
{
	static const struct bit_name names[] = {
		{ AUTH_GUEST, "guest" },
		{ AUTH_ANONYMOUS, "anonymous" },
	};

	bits_to_flags(row, "flags", names, NELEM(names));
}

static void
share_shape(json_t *row)
{
	static const struct bit_name names[] = {
		{ SHARE_READ_ONLY, "read_only" },
		{ SHARE_GUEST_OK, "guest_ok" },
		{ SHARE_BROWSEABLE, "browseable" },
	};
	static const char *const encrypt[] = { "off", "desired", "required", "offered" };
	json_int_t e			   = json_integer_value(json_object_get(row, "encrypt"));

	bits_to_flags(row, "flags", names, NELEM(names));
	if (e >= 0 && e < (json_int_t)NELEM(encrypt))
		(void)json_object_set_new(row, "encrypt", json_string(encrypt[e]));
}

/* ---- lists ---- */

/* clang-format off */
#define LIST_PROCESSES { "processes", PEER_DIRECTORY, &dir_processes_desc, "peer", process_shape }
#define LIST_SESSIONS  { "sessions", PEER_STORE, &auth_sessions_desc, "session", session_shape }
#define LIST_OPENS     { "opens", PEER_FSD, &fsd_opens_desc, "index", NULL }
#define LIST_SHARES    { "shares", PEER_FSD, &fsd_shares_desc, "index", share_shape }
#define LIST_USERS     { "users", PEER_STORE, &user_list_desc, "name", NULL }
#define LIST_KEYS      { "keys", PEER_KRB, &keytab_list_desc, "index", NULL }
#define LIST_LOCKS     { "lockouts", PEER_STORE, &user_locks_desc, "index", NULL }
#define LIST_DOMAIN    { "domain", PEER_NET, &net_state_desc, "index", NULL }
/* clang-format on */

const struct list list_processes = LIST_PROCESSES;

static const struct list sessions_list[] = { LIST_SESSIONS };
static const struct list opens_list[]	 = { LIST_OPENS };
static const struct list shares_list[]	 = { LIST_SHARES };
static const struct list users_list[]	 = { LIST_USERS, LIST_LOCKS };
static const struct list locks_list[]	 = { LIST_LOCKS };
static const struct list keys_list[]	 = { LIST_KEYS };
static const struct list domain_list[]	 = { LIST_DOMAIN };
static const struct list status_lists[]	 = { LIST_PROCESSES, LIST_SHARES, LIST_SESSIONS,
					     LIST_OPENS, LIST_LOCKS, LIST_DOMAIN };

/* ---- special ways ---- */

/* Levels have names outside. */
static nt
level_prepare(struct request *rq, char *why)
{
	static const char *const names[LOG_LEVEL_MAX] = { "error", "warn", "audit", "info",
							  "debug" };
	const char *word = json_string_value(json_object_get(rq->args, "level"));

	for (json_int_t i = 0; word && i < LOG_LEVEL_MAX; i++) {
		if (strcmp(word, names[i]) == 0) {
			(void)json_object_set_new(rq->args, "level", json_integer(i));
			return STATUS_SUCCESS;
		}
	}
	memcpy(why, "level is one of error, warn, audit, info, debug", 48);
	return STATUS_INVALID_PARAMETER;
}

static nt
name_prepare(struct request *rq, char *why)
{
	if (json_string_length(json_object_get(rq->args, "name")) > 0)
		return STATUS_SUCCESS;
	memcpy(why, "the field name is missing", 26);
	return STATUS_INVALID_PARAMETER;
}

static void
version_complete(struct request *rq)
{
	(void)json_object_set_new(rq->reply, "version", json_string(rq->api->version));
	(void)json_object_set_new(rq->reply, "api", json_string("BH1"));
}

static void
counter_set(json_t *counters, const json_t *reply, const char *key)
{
	(void)json_object_set_new(
	    counters, key, json_integer((json_int_t)json_array_size(json_object_get(reply, key))));
}

static uint64_t
oldest_start(const json_t *processes)
{
	uint64_t oldest = clock_real_ns();
	json_t *row;
	size_t i;

	json_array_foreach(processes, i, row) {
		json_int_t started = json_integer_value(json_object_get(row, "started"));

		if (started > 0 && (uint64_t)started < oldest)
			oldest = (uint64_t)started;
	}
	return oldest;
}

static bool
storage_there(const struct api *me, const char *name)
{
	struct link *l = NULL;

	while ((l = node_next(me->node, l)))
		if (link_role(l) == PEER_FSD && strcmp(link_storage(l), name) == 0)
			return true;
	return false;
}

/* What the configuration says is elsewhere, and whether it is. */
static json_t *
storages_json(const struct api *me)
{
	json_t *rows = json_array(), *shares;
	const char *name;

	json_object_foreach(me->places, name, shares)
		(void)json_array_append_new(rows, json_pack("{s:s, s:b, s:O}", "storage", name, "there",
							    storage_there(me, name), "shares", shares));
	return rows;
}

static void
status_complete(struct request *rq)
{
	uint64_t since	 = oldest_start(json_object_get(rq->reply, "processes"));
	json_t *counters = json_object();

	version_complete(rq);
	for (size_t i = 0; i < NELEM(status_lists); i++)
		counter_set(counters, rq->reply, status_lists[i].key);
	(void)json_object_set_new(counters, "answers_dropped",
				  json_u64(rq->api->door.dropped + rq->api->remote.door.dropped));
	(void)json_object_set_new(counters, "answers_withheld",
				  json_u64(rq->api->door.withheld + rq->api->remote.door.withheld));
	(void)json_object_set_new(rq->reply, "counters", counters);
	(void)json_object_set(rq->reply, "listen", rq->api->listen);
	(void)json_object_set_new(rq->reply, "storages", storages_json(rq->api));
	(void)json_object_set_new(rq->reply, "remote", remote_json(rq->api));
	(void)json_object_set_new(rq->reply, "started", json_integer((json_int_t)since));
	(void)json_object_set_new(
	    rq->reply, "uptime",
	    json_integer((json_int_t)((clock_real_ns() - since) / 1000000000u)));
}

static json_t *
fields_of(const struct method *m)
{
	const struct msg_desc *d = m->desc;
	json_t *fields		 = json_array();
	char buf[64];

	if (!d && m->to != PEER_NONE)
		d = m->lists[0].desc;
	for (size_t i = 0; d && i < d->n_req; i++) {
		const char *name = json_field_name(&d->req()[i], buf);

		if (!(m->flags & METHOD_OWNED && strcmp(name, "owner") == 0) &&
		    !(!m->desc && strcmp(name, "after") == 0))
			(void)json_array_append_new(fields, json_string(name));
	}
	return fields;
}

static const char *const role_names[] = { "nobody", "anyone", "user", "admin" };

static void
methods_complete(struct request *rq)
{
	json_t *list = json_array();
	const struct method *m;

	for (size_t i = 0; (m = method_at(i)); i++)
		(void)json_array_append_new(
		    list,
		    json_pack("{s:s, s:s, s:s, s:o}", "name", m->name, "role",
			      role_names[m->needs], "about", m->about, "fields", fields_of(m)));
	(void)json_object_set_new(rq->reply, "methods", list);
}

/* ---- the table ---- */

const struct method methods[] = {
	{ "version", API_ANYONE, .complete = version_complete, .about = "who answers" },
	{ "methods", API_ANYONE, .complete = methods_complete, .about = "this table" },
	{ "subscribe", API_USER, .prepare = subscribe_prepare,
	  .about = "events of one's own client sessions come with this request's id" },
	{ "unsubscribe", API_USER, .prepare = unsubscribe_prepare, .about = "no more of them" },
	{ "status", API_ADMIN, LISTS(status_lists), .partial = true, .complete = status_complete,
	  .about = "processes, walls, shares, sessions, opens, lock-outs" },
	{ "user.add", API_ADMIN, ASK(STORE, user_add), .prepare = name_prepare,
	  .about = "a new account; password or nt_hash as a field, or as the binary frame that "
		   "the field kind names" },
	{ "user.passwd", API_ADMIN, ASK(STORE, user_passwd), .prepare = name_prepare,
	  .about = "another password, in the same ways" },
	{ "user.del", API_ADMIN, ASK(STORE, user_del), .prepare = name_prepare,
	  .about = "ends an account" },
	{ "user.list", API_ADMIN, LISTS(users_list), .about = "accounts, and who is locked out" },
	{ "user.locks", API_ADMIN, LISTS(locks_list), .about = "who is locked out, and until when" },
	{ "user.unlock", API_ADMIN, ASK(STORE, user_unlock),
	  .about = "ends the lock-outs of an account or of an address (who)" },
	{ "keytab.add", API_ADMIN, ASK(KRB, keytab_add),
	  .about = "a key of this server; its hexadecimal digits as the field key or as the binary "
		   "frame" },
	{ "keytab.del", API_ADMIN, ASK(KRB, keytab_del), .about = "ends a principal's keys" },
	{ "keytab.list", API_ADMIN, LISTS(keys_list),
	  .about = "keys of this server, never their bytes" },
	{ "domain.status", API_ADMIN, LISTS(domain_list), .about = "the domain and its controller" },
	{ "key.add", API_ADMIN, OWN(key_add), .prepare = key_add_prepare,
	  .about = "lets the holder of a CURVE key in from other machines" },
	{ "key.list", API_ADMIN, OWN(key_list), .prepare = key_list_prepare,
	  ROWS("keys", key_row), .about = "who may come from other machines, and who may not any more" },
	{ "key.revoke", API_ADMIN, OWN(key_revoke), .prepare = key_revoke_prepare,
	  .about = "ends a key, at once and for good; its sessions end with it" },
	{ "session.list", API_ADMIN, LISTS(sessions_list), .about = "who is logged on" },
	{ "session.close", API_ADMIN, ASK(STORE, auth_session_close), .about = "ends a session" },
	{ "open.list", API_ADMIN, LISTS(opens_list), .about = "open files" },
	{ "share.list", API_ADMIN, LISTS(shares_list), .about = "shares" },
	{ "hook.add", API_ADMIN, OWN(hook_add), .prepare = hook_add_prepare, .flags = METHOD_LATER,
	  .about = "a question about every such request, or a word of every such event" },
	{ "hook.del", API_ADMIN, OWN(hook_del), .prepare = hook_del_prepare,
	  .about = "no more of them; what waits is decided as at the deadline" },
	{ "hook.list", API_ADMIN, .complete = hook_list_complete,
	  .about = "what scripts have hooked" },
	{ "hook.answer", API_ADMIN, OWN(hook_answer), .prepare = hook_answer_prepare,
	  .about = "decides what was asked" },
	{ "trace.add", API_ADMIN, OWN(trace_add), .prepare = trace_add_prepare, .flags = METHOD_LATER,
	  .about = "packets of this server's connections, as it sees them" },
	{ "trace.remove", API_USER, OWN(trace_remove), .prepare = trace_remove_prepare,
	  .flags = METHOD_LATER, .about = "no more of them, nor of client.trace's" },
	{ "trace.list", API_USER, .complete = trace_list_complete,
	  .about = "one's own traces, for admins all, and how many packets they brought" },
	{ "log.level", API_ADMIN, ASK(DIRECTORY, dir_log_level), .prepare = level_prepare,
	  .about = "how much is logged from now on" },
	{ "reload", API_ADMIN, ASK(DIRECTORY, dir_reload),
	  .about = "reads the configuration again; problems leave the old one in force" },
	{ "shutdown", API_ADMIN, ASK(DIRECTORY, dir_shutdown), .about = "ends the instance" },
};
const size_t methods_n = NELEM(methods);

const struct method *
method_at(size_t i)
{
	if (i < methods_n)
		return &methods[i];
	return i - methods_n < client_methods_n ? &client_methods[i - methods_n] : NULL;
}
