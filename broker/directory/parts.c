/*
 * parts.c - the configuration in force: records that the configuration child has
 * made, taken at birth and at each reload.  What a reload cannot change is
 * said in parts_reload.c; who gets which part is in parts_send.c.
 */
#include "broker/directory/parts.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/config/conf.h"
#include "ipc/birth.h"
#include "ipc/msg/conf.msg.h"

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

struct span
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
	if (me->watchdog_ms != inst.watchdog_ms)
		alive_begin(me, inst.watchdog_ms);
	me->watchdog_ms = inst.watchdog_ms;
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
