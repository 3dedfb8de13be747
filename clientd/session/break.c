/*
 * break.c - an oplock break that the server sends: told to the script that asked
 * for the oplock by smb.create, which answers by smb.oplock_break.  A transfer asks
 * for one only because a durable handle needs it; it caches nothing, so the break
 * is acknowledged at once.  [MS-SMB2] 3.2.5.19, 3.2.4.21
 */
#include <inttypes.h>
#include <stdio.h>

#include "clientd/session/file.h"
#include "proto/smb2/oplock_break.h"

static void
on_told(void *ctx, nt status, const struct api_event_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)status;
	(void)rsp;
	(void)data;
}

static void
break_tell(struct client *me, const struct held_file *f, uint8_t level)
{
	const struct api_event_req req = { .kind    = str_of("oplock_break"),
					   .session = f->w.session->id, .action = level };
	struct call_opt opt	       = { .timeout_ms = 60000 };
	struct link *api	       = node_peer(me->node, PEER_API);
	char detail[48];

	/* It is of no watch: for those who subscribed.  In quotes, as what is past 2^63 has to be. */
	(void)snprintf(detail, sizeof detail, "{\"file\": \"%" PRIu64 "\"}", f->id);
	opt.data = SPAN_STR(detail);
	if (api)
		(void)api_event_call(api, &req, &opt, on_told, NULL).code;
}

static void
break_acknowledge(struct conn *c, const struct holder *h, uint8_t level)
{
	const struct smb2_oplock_break_req req = { .b = { .oplock_level = level, .fid = h->fid } };
	struct msg m			       = { 0 };
	size_t at;

	if (nt_failed(msg_begin(&m, c, MSG_ROOM)))
		return;
	m.force_seal = h->seal;
	at	     = msg_add(&m, SMB2_CMD_oplock_break, h->tree_id, 0);
	smb2_oplock_break_req_encode(&m.w, at, &req);
	if (nt_failed(msg_submit(&m)))
		msg_end(&m);
	else
		msg_forget(&m);
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
	if (n.is_lease)
		return;	/* nobody has one, unless a script made it, whose event it is not */
	LIST_FOREACH(h, &c->bond->holders, of_bond)
		if (smb2_fid_eq(h->fid, n.fid) && !h->broken) {
			h->broken = true;	/* a server that repeats itself fills no queue of ours */
			break_acknowledge(c, h, n.oplock_level);
		}
	while ((f = table_next(c->client->files, &pos, NULL)))
		if (f->w.conn->bond == c->bond && smb2_fid_eq(f->fid, n.fid))
			break_tell(c->client, f, n.oplock_level);
}
