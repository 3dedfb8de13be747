/*
 * methods_client.c - what scripts may ask about other servers: a row a message
 * of client.msg.h and cred.msg.h, of the process that is the caller's own.
 */
#include "base/nt.h"
#include "broker/api/trace.h"
#include "ipc/msg/conf.msg.h"
#include "ipc/msg/cred.msg.h"

#define ONE(key_, peer, msg, cursor_) \
	{ .key = (key_), .from = PEER_##peer, .desc = &msg##_desc, .cursor = (cursor_) }

static const struct list sessions_list[] = { ONE("sessions", SESSION, client_sessions, "session") };
static const struct list creds_list[]	 = { ONE("creds", CRED, cred_list, "cred") };
static const struct list tickets_list[]	 = { ONE("tickets", CRED, ticket_list, "index") };

/* What a script that does not care means. */
static nt
open_prepare(struct request *rq, char *why)
{
	static const struct {
		const char *field;
		json_int_t value;
	} defaults[] = { { "signing", CONF_OFFERED }, { "encrypt", CONF_OFFERED }, { "channels", 1 } };

	(void)why;
	for (size_t i = 0; i < NELEM(defaults); i++) {
		if (!json_object_get(rq->args, defaults[i].field))
			(void)json_object_set_new(rq->args, defaults[i].field,
						  json_integer(defaults[i].value));
	}
	return STATUS_SUCCESS;
}

#define LONG_JOB       .prepare = job_prepare, .flags = METHOD_LONG

const struct method client_methods[] = {
	{ "client.open", API_USER, ASK(SESSION, client_open), .prepare = open_prepare,
	  .about = "a session with a server; cred: a handle of cred.create, 0 anonymous; "
		   "signing, encrypt left out are 3, offered; channels 1" },
	{ "client.close", API_USER, ASK(SESSION, client_close), .about = "ends a session" },
	{ "client.info", API_USER, ASK(SESSION, client_info),
	  .about = "what was negotiated, and how the session does" },
	{ "client.sessions", API_USER, .to = PEER_SESSION, LISTS(sessions_list),
	  .about = "one's own sessions" },
	{ "client.shares", API_USER, ASK(SESSION, client_shares),
	  ROWS("shares", client_share_row),
	  .about = "the shares of a server" },
	{ "client.server", API_USER, ASK(SESSION, client_server),
	  ROWS("servers", client_server_row),
	  .about = "what = network: interfaces; what = sessions: who is logged on" },
	{ "client.use", API_USER, ASK(SESSION, client_use), .about = "connects to a share" },
	{ "client.ls", API_USER, ASK(SESSION, client_ls), ROWS("entries", client_entry_row),
	  .about = "a page of a listing; cursor of the answer asks for the next, 0 "
		   "was the last; packed (true): the rows as the binary frame, in the "
		   "coding of messages, where JSON is too dear" },
	{ "client.stat", API_USER, ASK(SESSION, client_stat), .about = "what a name is" },
	{ "client.df", API_USER, ASK(SESSION, client_df), .about = "room on a share" },
	{ "client.mkdir", API_USER, ASK(SESSION, client_mkdir), .about = "makes a directory" },
	{ "client.rmdir", API_USER, ASK(SESSION, client_rmdir),
	  .about = "removes an empty directory" },
	{ "client.rm", API_USER, ASK(SESSION, client_rm), .about = "removes a file" },
	{ "client.mv", API_USER, ASK(SESSION, client_mv),
	  .about = "another name or place in the same share" },
	{ "client.copy", API_USER, ASK(SESSION, client_copy), LONG_JOB,
	  .about = "copies on the server" },
	{ "client.attrib", API_USER, ASK(SESSION, client_attrib),
	  .about = "sets and clears attributes" },
	{ "client.times", API_USER, ASK(SESSION, client_times), .about = "sets times" },
	{ "client.getsd", API_USER, ASK(SESSION, client_getsd),
	  .about = "the security descriptor" },
	{ "client.setsd", API_USER, ASK(SESSION, client_setsd),
	  .about = "sets parts of the security descriptor" },
	{ "client.get", API_USER, ASK(SESSION, client_get), LONG_JOB,
	  .about = "a file to a descriptor handed in (local), or as the binary frame "
		   "of the answer" },
	{ "client.put", API_USER, ASK(SESSION, client_put),
	  .prepare = job_prepare, .flags = METHOD_LONG | METHOD_PAYLOAD,
	  .about = "a file from a descriptor handed in (local), or from the binary frame" },
	{ "client.local", API_USER, ASK(SESSION, client_local), .flags = METHOD_LONG | METHOD_PAYLOAD,
	  .about = "waits for what a transfer wants of a local file that is on another machine "
		   "(ferry), and tells what became of the last" },
	{ "client.progress", API_USER, ASK(SESSION, client_progress),
	  .about = "how far a job is" },
	{ "client.cancel", API_USER, ASK(SESSION, client_cancel), .about = "ends a job" },
	{ "client.watch", API_USER, ASK(SESSION, client_watch),
	  .prepare = watch_prepare, .complete = watch_complete,
	  .about = "changes below a path, as events with this request's id" },
	{ "client.unwatch", API_USER, ASK(SESSION, client_unwatch), .prepare = unwatch_prepare,
	  .about = "no more of them" },
	{ "client.trace", API_USER, OWN(trace_add), .prepare = client_trace_prepare,
	  .flags = METHOD_LATER, .about = "packets of one's own sessions" },
	{ "client.rpc", API_USER, ASK(SESSION, client_rpc),
	  .about = "one DCE/RPC call on a named pipe" },

	{ "smb.tree_connect", API_USER, ASK(SESSION, smb_tree_connect),
	  .about = "SMB2 TREE_CONNECT: path is \\\\SERVER\\SHARE" },
	{ "smb.tree_disconnect", API_USER, ASK(SESSION, smb_tree_disconnect),
	  .about = "SMB2 TREE_DISCONNECT" },
	{ "smb.create", API_USER, ASK(SESSION, smb_create), .about = "SMB2 CREATE" },
	{ "smb.close", API_USER, ASK(SESSION, smb_close), .about = "SMB2 CLOSE" },
	{ "smb.flush", API_USER, ASK(SESSION, smb_flush), .about = "SMB2 FLUSH" },
	{ "smb.read", API_USER, ASK(SESSION, smb_read),
	  .about = "SMB2 READ; the data is the binary frame of the answer" },
	{ "smb.write", API_USER, ASK(SESSION, smb_write), .flags = METHOD_PAYLOAD,
	  .about = "SMB2 WRITE of the binary frame" },
	{ "smb.lock", API_USER, ASK(SESSION, smb_lock), .flags = METHOD_LONG,
	  .about = "SMB2 LOCK; waits as long as the server does" },
	{ "smb.ioctl", API_USER, ASK(SESSION, smb_ioctl), .about = "SMB2 IOCTL" },
	{ "smb.echo", API_USER, ASK(SESSION, smb_echo), .about = "SMB2 ECHO" },
	{ "smb.query_directory", API_USER, ASK(SESSION, smb_query_directory),
	  .about = "SMB2 QUERY_DIRECTORY, one answer" },
	{ "smb.change_notify", API_USER, ASK(SESSION, smb_change_notify), .flags = METHOD_LONG,
	  .about = "SMB2 CHANGE_NOTIFY; waits for a change" },
	{ "smb.query_info", API_USER, ASK(SESSION, smb_query_info), .about = "SMB2 QUERY_INFO" },
	{ "smb.set_info", API_USER, ASK(SESSION, smb_set_info), .about = "SMB2 SET_INFO" },
	{ "smb.oplock_break", API_USER, ASK(SESSION, smb_oplock_break),
	  .about = "SMB2 OPLOCK_BREAK acknowledgment; the break comes to who subscribed, as event "
		   "oplock_break: action the level, detail.file; or lease_break: action the new state, "
		   "detail.file, lease_key, current_state, new_state, epoch, flags" },
	{ "smb.raw", API_USER, ASK(SESSION, smb_raw), .flags = METHOD_PAYLOAD,
	  .about = "the binary frame as it is; the answer's bytes as binary frame" },
	{ "packet.decode", API_USER, ASK(SESSION, packet_decode), .flags = METHOD_PAYLOAD,
	  .about = "the bytes of the binary frame as packets; the answer's binary frame is JSON text" },
	{ "packet.build", API_USER, ASK(SESSION, packet_build),
	  .flags = METHOD_PAYLOAD | METHOD_PROBLEM,
	  .about = "JSON text in the binary frame as bytes in the answer's" },

	{ "cred.create", API_USER, ASK(CRED, cred_create), .flags = METHOD_OWNED | METHOD_KDC,
	  .about = "a handle for what one logs on with; the secret or material as the "
		   "binary frame that kind names" },
	{ "cred.drop", API_USER, ASK(CRED, cred_drop), .flags = METHOD_OWNED,
	  .about = "forgets a credential" },
	{ "cred.list", API_USER, .to = PEER_CRED, LISTS(creds_list), .flags = METHOD_OWNED,
	  .about = "one's own credentials, never their secrets" },
	{ "ticket.request", API_USER, ASK(CRED, ticket_request),
	  .flags = METHOD_OWNED | METHOD_KDC,
	  .about = "gets a ticket from a KDC" },
	{ "ticket.list", API_USER, .to = PEER_CRED, LISTS(tickets_list), .flags = METHOD_OWNED,
	  .about = "the tickets of a credential" },
	{ "ticket.renew", API_USER, ASK(CRED, ticket_renew), .flags = METHOD_OWNED | METHOD_KDC,
	  .about = "renews a ticket" },
	{ "ticket.export", API_USER, ASK(CRED, ticket_export), .flags = METHOD_OWNED,
	  .about = "tickets or keys as a file's bytes" },
};
const size_t client_methods_n = NELEM(client_methods);
