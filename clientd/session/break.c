/*
 * break.c - an oplock break that the server sends: told to the script that asked
 * for the oplock by smb.create, which answers by smb.oplock_break.  The high level
 * asks for none and caches nothing.  [MS-SMB2] 3.2.5.19
 */
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
	const struct api_event_req req = { .kind = str_of("oplock_break"),
					   .session = f->w.session->id, .watch = f->id,
					   .action = level };
	const struct call_opt opt      = { .timeout_ms = 60000 };
	struct link *api	       = node_peer(me->node, PEER_API);

	if (api)
		(void)api_event_call(api, &req, &opt, on_told, NULL).code;
}

void
break_received(struct conn *c, struct rd *r)
{
	struct smb2_oplock_break_notify n;
	struct held_file *f;
	uint32_t pos = 0;

	if (nt_failed(smb2_oplock_break_notify_decode(r, &n))) {
		conn_nonsense(c, "an oplock break that does not decode");
		return;
	}
	while (!n.is_lease && (f = table_next(c->client->files, &pos, NULL)))
		if (f->w.conn == c && smb2_fid_eq(f->fid, n.fid))
			break_tell(c->client, f, n.oplock_level);
}
