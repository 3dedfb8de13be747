/*
 * break.c - an oplock or lease break that the server sends: told to the script that
 * asked for it by smb.create, which answers by smb.oplock_break.  A transfer asks for
 * an oplock only because a durable handle needs it; it caches nothing, so the break
 * is acknowledged at once.  Leases of our own are cache.c's.  [MS-SMB2] 3.2.5.19, 3.2.4.21
 */
#include <inttypes.h>
#include <stdio.h>

#include "clientd/session/cache.h"
#include "clientd/session/file.h"
#include "proto/smb2/oplock_break.h"

#define TOLD_MAX 64u	/* events under way; a server that breaks more often is not told about */

static void
on_told(void *ctx, nt status, const struct api_event_rsp *rsp, struct span data)
{
	struct client *me = ctx;

	(void)status;
	(void)rsp;
	(void)data;
	me->n_told--;
}

/* It is of no watch: for those who subscribed. */
static void
break_tell(const struct held_file *f, const char *kind, uint32_t to, const char *detail)
{
	const struct api_event_req req = { .kind    = str_of(kind),
					   .session = f->w.session->id, .action = to };
	const struct call_opt opt      = { .timeout_ms = 60000, .data = SPAN_STR(detail) };
	struct client *me	       = f->w.session->client;
	struct link *api	       = node_peer(me->node, PEER_API);

	if (!api || me->n_told >= TOLD_MAX)
		return;
	me->n_told++;
	if (nt_failed(api_event_call(api, &req, &opt, on_told, me)))
		me->n_told--;
}

/* Numbers that may be past 2^63 are in quotes. */
static void
oplock_tell(const struct held_file *f, uint8_t level)
{
	char detail[48];

	(void)snprintf(detail, sizeof detail, "{\"file\": \"%" PRIu64 "\"}", f->id);
	break_tell(f, "oplock_break", level, detail);
}

static void
lease_tell(const struct held_file *f, const struct smb2_oplock_break_notify *n)
{
	char key[2 * sizeof n->lease_key + 1], detail[256];

	for (size_t i = 0; i < sizeof n->lease_key; i++)
		(void)snprintf(key + 2 * i, 3, "%02x", n->lease_key[i]);
	(void)snprintf(detail, sizeof detail,
		       "{\"file\": \"%" PRIu64 "\", \"lease_key\": \"%s\", \"current_state\": %" PRIu32
		       ", \"new_state\": %" PRIu32 ", \"epoch\": %" PRIu16 ", \"flags\": %" PRIu32 "}",
		       f->id, key, n->current_state, n->new_state, n->new_epoch, n->lease_flags);
	break_tell(f, "lease_break", n->new_state, detail);
}

static void
acknowledge(struct conn *c, uint32_t tree_id, bool seal, const struct smb2_oplock_break_req *req)
{
	struct msg m = { 0 };
	size_t at;

	if (nt_failed(msg_begin(&m, c, MSG_ROOM)))
		return;
	m.force_seal = seal;
	at	     = msg_add(&m, SMB2_CMD_oplock_break, tree_id, 0);
	smb2_oplock_break_req_encode(&m.w, at, req);
	if (nt_failed(msg_submit(&m)))
		msg_end(&m);
	else
		msg_forget(&m);
}

static void
break_acknowledge(struct conn *c, const struct holder *h, uint8_t level)
{
	const struct smb2_oplock_break_req req = { .b = { .oplock_level = level, .fid = h->fid } };

	acknowledge(c, h->tree_id, h->seal, &req);
}

void
break_acknowledge_lease(struct conn *c, uint32_t tree_id, bool seal, const uint8_t key[16],
			uint32_t state)
{
	struct smb2_oplock_break_req req = { .b = { .is_lease = true, .lease_state = state } };

	memcpy(req.b.lease_key, key, sizeof req.b.lease_key);
	acknowledge(c, tree_id, seal, &req);
}

/* Of a file kept here, or of a script's own; else of one that was closed meanwhile, or of none. */
static void
lease_broken(struct conn *c, const struct smb2_oplock_break_notify *n)
{
	struct held_file *f;
	uint32_t pos = 0;

	if (cache_broken(c, n))
		return;
	while ((f = table_next(c->client->files, &pos, NULL)))
		if (f->leased && f->w.conn->bond == c->bond &&
		    memcmp(f->lease_key, n->lease_key, sizeof f->lease_key) == 0)
			break;
	if (f)
		lease_tell(f, n);
	else
		c->client->strays++;
}

void
break_received(struct conn *c, struct rd *r)
{
	struct smb2_oplock_break_notify n;
	struct held_file *f;
	struct holder *h;
	uint32_t pos = 0;

	if (nt_failed(smb2_oplock_break_notify_decode(r, &n))) {
		conn_nonsense(c, "an oplock break that does not decode");
		return;
	}
	if (n.is_lease) {
		lease_broken(c, &n);
		return;
	}
	LIST_FOREACH(h, &c->bond->holders, of_bond)
		if (smb2_fid_eq(h->fid, n.fid) && !h->broken) {
			h->broken = true;	/* a server that repeats itself fills no queue of ours */
			break_acknowledge(c, h, n.oplock_level);
		}
	while ((f = table_next(c->client->files, &pos, NULL)))
		if (f->w.conn->bond == c->bond && smb2_fid_eq(f->fid, n.fid))
			oplock_tell(f, n.oplock_level);
}
