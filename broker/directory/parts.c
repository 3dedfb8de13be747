/*
 * parts.c - the configuration in force, and the part of it that each row of
 * the tree is given.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/config/conf.h"
#include "broker/directory/directory.h"
#include "ipc/birth.h"
#include "ipc/msg/conf.msg.h"
#include "ipc/msg/link.msg.h"

/* ---- taking ---- */

static struct span
records_map(int fd)
{
	struct stat st;
	void *mem = MAP_FAILED;

	if (fstat(fd, &st) == 0 && st.st_size > 0)
		mem = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	return mem == MAP_FAILED ? SPAN_NONE : SPAN(mem, (size_t)st.st_size);
}

static void
records_unmap(struct span s)
{
	if (s.n > 0)
		(void)munmap((void *)(uintptr_t)s.p, s.n);
}

/* The body of the first record of that kind. */
static struct span
record_find(struct span all, uint16_t wanted)
{
	struct rd r = rd_init(all);
	struct span body;
	uint16_t id;

	while (conf_next(&r, &id, &body)) {
		if (id == wanted)
			return body;
	}
	return SPAN_NONE;
}

static nt
instance_take(struct directory *me, struct span records)
{
	struct conf_instance_req inst;
	uint32_t room;

	TRY(conf_instance_req_decode(record_find(records, part_conf_instance), &inst));
	REQUIRE(inst.log_level < LOG_LEVEL_MAX, STATUS_INVALID_PARAMETER);
	me->log_level = inst.log_level;
	me->log_json  = inst.log_json;
	log_set_level((enum log_level)inst.log_level);
	if (me->max_workers > 0)
		return STATUS_SUCCESS; /* the rest holds until a restart */
	me->max_workers = inst.max_workers;
	me->joins.roles = inst.external;
	me->wanted	= inst.wanted;
	me->uid_first	= inst.worker_uid_first;
	me->max_guests	= inst.max_guest_workers;
	room		= inst.worker_uid_last - inst.worker_uid_first;
	if (inst.worker_uid_last > 0 && room - CONF_ROLE_UIDS < me->max_workers)
		me->max_workers = room - CONF_ROLE_UIDS + 1;
	workers_resize(me);
	return STATUS_SUCCESS;
}

uint32_t
parts_owner(const struct directory *me)
{
	struct conf_api_req api;

	if (nt_failed(conf_api_req_decode(record_find(me->records, part_conf_api), &api)))
		fatal("the configuration has no owner");
	return api.owner_uid;
}

bool
parts_has_storage(const struct directory *me, const char *storage)
{
	struct rd r = rd_init(me->records);
	struct conf_place_req place;
	struct span body;
	uint16_t id;

	while (conf_next(&r, &id, &body)) {
		if (id == part_conf_place && !nt_failed(conf_place_req_decode(body, &place)) &&
		    strcmp(place.storage.s, storage) == 0)
			return true;
	}
	return false;
}

/* ---- what a reload cannot do ---- */

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

/* An fsd that lives opened its share roots before its walls went up. */
static void
note_shares(struct directory *me, struct span after)
{
	struct rd r = rd_init(after);
	struct conf_share_req s;
	struct span body, born;
	uint16_t id;

	while (conf_next(&r, &id, &body)) {
		if (id != part_conf_share || nt_failed(conf_share_req_decode(body, &s)))
			continue;
		born = born_with(me, &s);
		if (born.n == 0)
			continue;
		if (!path_known(born, s.path, false))
			note(me, "share %s: its path takes effect after a restart\n",
			     log_qs(s.name.s));
		else if (!path_known(born, s.path, !(s.flags & SHARE_READ_ONLY)))
			note(me, "share %s: becomes writable after a restart\n", log_qs(s.name.s));
	}
}

static void
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

bool
parts_take(struct directory *me, int fd, const struct id16 *guid)
{
	struct span records = records_map(fd);

	if (nt_failed(instance_take(me, records))) {
		records_unmap(records);
		return false;
	}
	if (me->first.n == 0)
		me->first = records;
	note_restart(me, records);
	if (me->records.p != me->first.p)
		records_unmap(me->records);
	me->records = records;
	me->guid    = *guid;
	return true;
}

/* ---- giving ---- */

/* The configuration child does not know the GUID, which belongs to the state directory. */
static void
server_put(struct directory *me, struct wr *w, struct span body)
{
	struct conf_server_req req;
	struct wr room;

	if (nt_failed(conf_server_req_decode(body, &req)))
		fatal("conf_server makes no sense");
	req.server_guid = me->guid;
	room		= msg_room();
	conf_server_req_encode(&room, &req);
	ENSURE(wr_ok(&room));
	conf_put(w, &conf_server_desc, wr_done(&room));
}

/*
 * Has this record a place in the part of the fsd of that storage?  Rows of a share's lists stand behind it
 * and go where it goes.
 */
static bool
belongs(const char *storage, uint16_t id, struct span body, uint32_t *share)
{
	struct conf_share_acl_req acl;
	struct conf_share_req s;

	if (id == part_conf_share) {
		if (nt_failed(conf_share_req_decode(body, &s)) ||
		    strcmp(s.storage.s, storage) != 0)
			return false;
		*share = s.index;
	}
	return id != part_conf_share_acl || nt_failed(conf_share_acl_req_decode(body, &acl)) ||
	       acl.index == *share || acl.index == UINT32_MAX; /* the server's own lists */
}

/* Allocated; to be freed.  storage: an fsd's, which gets its own shares; NULL: somebody else's. */
static struct span
part_of(struct directory *me, uint32_t parts, const char *storage)
{
	uint32_t share = UINT32_MAX;
	struct wr w = wr_init(xcalloc(me->records.n + 64, 1), me->records.n + 64);
	struct rd r = rd_init(me->records);
	struct span body;
	uint16_t id;

	while (conf_next(&r, &id, &body)) {
		const struct msg_desc *d = msg_desc_find(id);

		if (!d || id > 31 || !(parts & 1u << id) ||
		    (storage && !belongs(storage, id, body, &share)))
			continue;
		if (id == part_conf_server)
			server_put(me, &w, body);
		else
			conf_put(&w, d, body);
	}
	ENSURE(wr_ok(&w));
	return SPAN(w.base, w.pos);
}

static struct span
part_make(struct directory *me, const struct peer *p)
{
	return part_of(me, tree[p->row].parts, p->row == ROW_FSD ? p->storage : NULL);
}

void
parts_send_birth(struct directory *me, struct peer *p, int channel)
{
	struct span part = part_make(me, p);

	if (nt_failed(birth_send_part(channel, part)))
		log_debug("gone before it had its configuration peer=%llu",
			  (unsigned long long)p->id);
	if (p->row == ROW_FSD) {
		free((void *)(uintptr_t)p->part.p);
		p->part = part;
	} else {
		free((void *)(uintptr_t)part.p);
	}
}

static int
part_memfd(struct span part)
{
	int fd = memfd_create("bulkhead-part", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd >= 0 && write(fd, part.p, part.n) == (ssize_t)part.n &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

void
parts_send_outpost(struct directory *me, struct wire_end *w)
{
	const struct peer *self = peer_row(me, ROW_DIRECTORY);
	const struct wire m = { .kind = WIRE_CONFIG, .peer = self ? self->id : 0 };
	struct span part    = part_of(me, PART(conf_instance) | PART(conf_listen), NULL);
	int fd		    = part_memfd(part);

	free((void *)(uintptr_t)part.p);
	if (fd < 0)
		return; /* it gives up waiting, and tries again */
	wire_post(w, &m, &fd, 1);
	close(fd);
}

static void
reload_heard(void *ctx, nt status, const struct link_reload_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)rsp;
	(void)data;
	if (nt_failed(status))
		log_warn("a process did not take its configuration status=%s", nt_name(status));
}

static void
reload_send(struct directory *me, struct peer *p)
{
	static const struct link_reload_req req;
	struct span part    = part_make(me, p);
	int fd		    = part_memfd(part);
	struct call_opt opt = { .fd = fd, .has_fd = true };

	free((void *)(uintptr_t)part.p);
	if (fd < 0 || nt_failed(link_reload_call(p->link, &req, &opt, reload_heard, me)))
		log_warn("configuration not sent peer=%llu", (unsigned long long)p->id);
	if (fd >= 0)
		close(fd);
}

void
parts_send_all(struct directory *me)
{
	for (struct peer *p = me->peers; p; p = p->next) {
		if (p->row != ROW_MAX && p->link && p->serving) {
			reload_send(me, p);
			peer_tell_level(me, p);
		}
	}
}
