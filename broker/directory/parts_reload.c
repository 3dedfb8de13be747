/*
 * parts_reload.c - what a reload cannot do while processes live, as sentences for
 * whoever has asked for it.
 */
#include "broker/directory/parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "ipc/birth.h"
#include "ipc/msg/conf.msg.h"

static bool
records_same(struct span a, struct span b, uint16_t wanted)
{
	struct rd ra = rd_init(a), rb = rd_init(b);
	struct span body_a, body_b;
	uint16_t id_a, id_b;

	for (;;) {
		bool more_a, more_b;

		while ((more_a = conf_next(&ra, &id_a, &body_a)) && id_a != wanted)
			;
		while ((more_b = conf_next(&rb, &id_b, &body_b)) && id_b != wanted)
			;
		if (!more_a || !more_b)
			return more_a == more_b;
		if (!span_eq(body_a, body_b))
			return false;
	}
}

static bool
str_same(struct str a, struct str b)
{
	return span_eq(SPAN(a.s, a.n), SPAN(b.s, b.n));
}

/* All but the log's keys, which take effect at once. */
static bool
instance_same(struct span before, struct span after)
{
	struct conf_instance_req a, b;

	return !nt_failed(conf_instance_req_decode(record_find(before, part_conf_instance), &a)) &&
	       !nt_failed(conf_instance_req_decode(record_find(after, part_conf_instance), &b)) &&
	       str_same(a.runtime_dir, b.runtime_dir) && str_same(a.state_dir, b.state_dir) &&
	       str_same(a.join_key, b.join_key) &&
	       a.worker_uid_first == b.worker_uid_first && a.worker_uid_last == b.worker_uid_last &&
	       a.require_sandbox == b.require_sandbox && a.max_workers == b.max_workers &&
	       a.max_guest_workers == b.max_guest_workers && a.wanted == b.wanted &&
	       a.storages == b.storages;
}

/* Is this path among those of records, and writable there if it has to be? */
static bool
path_known(struct span records, struct str path, bool writable)
{
	struct rd r = rd_init(records);
	struct conf_share_req s;
	struct span body;
	uint16_t id;

	while (conf_next(&r, &id, &body)) {
		if (id == part_conf_share && !nt_failed(conf_share_req_decode(body, &s)) &&
		    str_same(s.path, path) && !(writable && s.flags & SHARE_READ_ONLY))
			return true;
	}
	return false;
}

/* Was this account, or this group of a list, known to who was born with these records? */
static bool
account_known(struct span records, struct str user)
{
	struct rd r = rd_init(records);
	struct conf_share_req s;
	struct span body;
	uint16_t id;

	if (user.n == 0 || strchr(user.s, ':'))
		return true; /* numbers, which nobody is asked about */
	while (conf_next(&r, &id, &body)) {
		if (id == part_conf_share && !nt_failed(conf_share_req_decode(body, &s)) &&
		    str_same(s.force_user, user))
			return true;
	}
	return false;
}

static bool
group_known(struct span records, struct str who)
{
	struct rd r = rd_init(records);
	struct conf_share_acl_req acl;
	struct span body;
	uint16_t id;

	while (conf_next(&r, &id, &body)) {
		if (id == part_conf_share_acl && !nt_failed(conf_share_acl_req_decode(body, &acl)) &&
		    str_same(acl.who, who))
			return true;
	}
	return who.n == 0 || who.s[0] != '@';
}

static bool
groups_known(struct span records, struct span after, uint32_t share)
{
	struct rd r = rd_init(after);
	struct conf_share_acl_req acl;
	struct span body;
	uint16_t id;

	while (conf_next(&r, &id, &body)) {
		if (id == part_conf_share_acl && !nt_failed(conf_share_acl_req_decode(body, &acl)) &&
		    acl.index == share && !group_known(records, acl.who))
			return false;
	}
	return true;
}

static __attribute__((format(printf, 2, 3))) void
note(struct directory *me, const char *fmt, ...)
{
	size_t n = strlen(me->problems);
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(me->problems + n, sizeof me->problems - n, fmt, ap);
	va_end(ap);
}

/* What the fsd that has this share was born with; nothing: it is away, or was never there. */
static struct span
born_with(struct directory *me, const struct conf_share_req *s)
{
	const struct peer *p = peer_storage(me, s->storage.s);

	return p ? p->part : SPAN_NONE;
}

/* An fsd that lives opened its share roots, and asked for accounts, before its walls went up. */
static const char *
share_new(struct span born, struct span after, const struct conf_share_req *s)
{
	if (!path_known(born, s->path, false))
		return "its path is new";
	if (!path_known(born, s->path, !(s->flags & SHARE_READ_ONLY)))
		return "it becomes writable";
	if (!account_known(born, s->force_user))
		return "its `force user` is new";
	return groups_known(born, after, s->index) ? NULL : "one of its groups is new";
}

static void
note_shares(struct directory *me, struct span after)
{
	struct rd r = rd_init(after);
	struct conf_share_req s;
	struct span body, born;
	const char *why;
	uint16_t id;

	while (conf_next(&r, &id, &body)) {
		if (id != part_conf_share || nt_failed(conf_share_req_decode(body, &s)))
			continue;
		born = born_with(me, &s);
		if (born.n == 0)
			continue;
		why = share_new(born, after, &s);
		if (why)
			note(me, "share %s: %s: takes effect as soon as nothing is open, "
				 "or after a restart\n",
			     log_qs(s.name.s), why);
	}
}

void
note_restart(struct directory *me, struct span after)
{
	if (!instance_same(me->first, after))
		note(me,
		     "directories, worker uids, limits of workers, whether Kerberos is accepted, "
		     "whether shares are on storages: take effect after a restart\n");
	if (!records_same(me->first, after, part_conf_listen))
		note(me, "listen: takes effect after a restart\n");
	if (!records_same(me->first, after, part_conf_api_listen))
		note(me, "api listen: takes effect after a restart\n");
	if (!records_same(me->first, after, part_conf_storage_listen) ||
	    !records_same(me->first, after, part_conf_storage_host))
		note(me, "storage listen, storage hosts: take effect after a restart\n");
	if (me->records.n > 0)
		note_shares(me, after);
}
