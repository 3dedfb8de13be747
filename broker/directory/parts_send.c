/*
 * parts_send.c - the part of the configuration that each row of the tree is given,
 * at birth and at a reload.
 */
#include "broker/directory/parts.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "ipc/birth.h"
#include "ipc/msg/conf.msg.h"
#include "ipc/msg/link.msg.h"

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

/* ---- on their way ---- */

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
