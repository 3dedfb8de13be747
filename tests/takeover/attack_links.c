/*
 * attack_links.c - what a captured process says to its peers: with stolen ids,
 * as somebody else, or what only others may say.
 *
 * Ids are as good as an attacker can have them: read out of the victim.
 */
#include <stdio.h>
#include <string.h>

#include "ipc/arena.h"
#include "ipc/msg/authd.msg.h"
#include "ipc/msg/client.msg.h"
#include "ipc/msg/cred.msg.h"
#include "ipc/msg/dir.msg.h"
#include "ipc/msg/fsd.msg.h"
#include "ipc/msg/smbd.msg.h"
#include "tests/takeover/twin.h"

#define ANSWER_MS 3000u

#define FILE_READ_DATA 1u
#define FILE_OPEN      1u

static bool
holds(struct span s, const char *text)
{
	return s.n > 0 && memmem(s.p, s.n, text, strlen(text)) != NULL;
}

/* Whatever the status says: no answer may hold these.  A file of our own is of use later. */
static void
answered(msg_done *done, void *ctx, nt status, struct span body, struct span data)
{
	struct fsd_open_rsp rsp;

	(void)done;
	if (ctx == &fsd_open_desc && nt_ok(status) && nt_ok(fsd_open_rsp_decode(body, &rsp)))
		own.file = rsp.file;
	if (holds(data, "ALICE-SECRET") || holds(data, "root:"))
		report("secret", "GOT-THROUGH");
	attack_answered(status);
}

static nt
ask(struct link *l, const struct msg_desc *d, const struct wr *w)
{
	const struct call_opt opt = { .timeout_ms = ANSWER_MS };
	char id[8];

	(void)snprintf(id, sizeof id, "0x%04x", d->id);
	report("asked", id);
	return link_call(l, d, wr_done(w), &opt, answered, NULL, (void *)(uintptr_t)d, NULL);
}

/* ASK(link, message, .field = value, ...) */
#define ASK(l, msg, ...)                                                                           \
	__extension__({                                                                            \
		const struct msg##_req req_ = { __VA_ARGS__ };                                     \
		struct wr w_                = msg_room();                                          \
		msg##_req_encode(&w_, &req_);                                                      \
		ask(l, &msg##_desc, &w_);                                                          \
	})

static struct str
secret_name(void)
{
	const char *slash = strrchr(loot.secret, '/');

	return str_of(slash ? slash + 1 : "alice-secret");
}

static nt
open_try(struct link *l, uint64_t tree, struct str path)
{
	return ASK(l, fsd_open, .tree = tree, .path = path, .access = FILE_READ_DATA,
		   .disposition = FILE_OPEN, .share = 7);
}

/* ---- a worker, at fsd ---- */

static nt
foreign_grant(struct link *l)
{
	return ASK(l, fsd_tree_connect, .grant = loot.grant, .share = str_of("data"),
		   .encrypted = true);
}

static nt
zero_grant(struct link *l)
{
	return ASK(l, fsd_tree_connect, .share = str_of("data"), .encrypted = true);
}

static nt
foreign_shares(struct link *l)
{
	return ASK(l, fsd_shares, .grant = loot.grant);
}

static nt
foreign_tree(struct link *l)
{
	return open_try(l, loot.tree, secret_name());
}

static nt
foreign_file_read(struct link *l)
{
	return ASK(l, fsd_read, .file = loot.file, .length = 64, .slot = SLOT_NONE);
}

static nt
foreign_file_close(struct link *l)
{
	return ASK(l, fsd_close, .file = loot.file);
}

static nt
foreign_grant_end(struct link *l)
{
	return ASK(l, fsd_grant_end, .grant = loot.grant);
}

static nt
own_tree_readme(struct link *l)
{
	return open_try(l, own.tree, str_of("readme"));
}

static nt
own_tree_secret(struct link *l)
{
	return open_try(l, own.tree, secret_name());
}

static nt
dotdot(struct link *l)
{
	return open_try(l, own.tree, str_of("../../../../../../../../etc/passwd"));
}

static nt
absolute(struct link *l)
{
	return open_try(l, own.tree, str_of("/etc/passwd"));
}

static nt
symlink_out(struct link *l)
{
	return open_try(l, own.tree, str_of("out/passwd"));
}

static nt
fifo(struct link *l)
{
	return open_try(l, own.tree, str_of("fifo"));
}

static nt
slot_outside(struct link *l)
{
	return ASK(l, fsd_read, .file = own.file, .length = 65536, .slot = 0x7ffffff0);
}

/* ---- a worker, at the store ---- */

static nt
foreign_session_end(struct link *l)
{
	return ASK(l, auth_session_end, .session = loot.session);
}

static nt
foreign_session_info(struct link *l)
{
	return ASK(l, auth_session_info, .session = loot.session, .dialect = 0x0202);
}

static nt
foreign_session_begin(struct link *l)
{
	return ASK(l, auth_ntlm_begin, .session = loot.session ? loot.session : 0x1234567,
		   .flags = 0x62080215);
}

static nt
finish_without_begin(struct link *l)
{
	return ASK(l, auth_ntlm_finish, .ctx = 0x100000001, .user = str_of("root"));
}

/* ---- what only others may say ---- */

static nt
forge_grant(struct link *l)
{
	return ASK(l, fsd_grant, .grant = { { 0x66 } }, .worker = 1, .user = str_of("root"),
		   .sid = str_of("S-1-22-1-0"));
}

static nt
set_password(struct link *l)
{
	return ASK(l, user_passwd, .name = str_of(loot.user), .password = SPAN("Taken-over-1", 12));
}

static nt
add_account(struct link *l)
{
	return ASK(l, user_add, .name = str_of("nobody"), .password = SPAN("Taken-over-1", 12));
}

static nt
list_accounts(struct link *l)
{
	return ASK(l, user_list, .after = str_of(""));
}

static nt
list_sessions(struct link *l)
{
	return ASK(l, auth_sessions, .after = 0);
}

static nt
close_session(struct link *l)
{
	return ASK(l, auth_session_close, .session = loot.session);
}

static nt
find_session(struct link *l)
{
	return ASK(l, auth_session_find, .session = loot.session);
}

static nt
list_opens(struct link *l)
{
	return ASK(l, fsd_opens, .after = 0);
}

static nt
connect_tree(struct link *l)
{
	return ASK(l, fsd_tree_connect, .grant = loot.grant, .share = str_of("data"));
}

static nt
begin_logon(struct link *l)
{
	return ASK(l, auth_ntlm_begin, .flags = 0x62080215);
}

static nt
get_worker(struct link *l)
{
	return ASK(l, dir_worker_get, .identity = str_of("root"));
}

static nt
shut_down(struct link *l)
{
	static const struct dir_shutdown_req req;
	struct wr w = msg_room();

	dir_shutdown_req_encode(&w, &req);
	return ask(l, &dir_shutdown_desc, &w);
}

/* The store is more trusted than any worker: its word against it must not count. */
static nt
condemn_store(struct link *l)
{
	return ASK(l, dir_condemn, .peer = link_peer(twin_peer(PEER_STORE)),
		   .why = str_of("slander"));
}

/* ---- the client ---- */

static nt
foreign_password(struct link *l)
{
	return ASK(l, cred_ntlm_begin, .cred = loot.cred);
}

static nt
foreign_ticket(struct link *l)
{
	return ASK(l, cred_krb_begin, .cred = loot.cred, .spn = str_of("cifs/localhost"));
}

static nt
foreign_proof(struct link *l)
{
	return ASK(l, cred_ntlm_finish, .ctx = 1, .flags = 0x62080215);
}

static nt
lend_credential(struct link *l)
{
	return ASK(l, cred_lend, .owner = str_of("uid:0"), .cred = loot.cred, .peer = 1);
}

static nt
list_credentials(struct link *l)
{
	return ASK(l, cred_list, .owner = str_of("uid:0"));
}

static nt
export_tickets(struct link *l)
{
	return ASK(l, ticket_export, .owner = str_of("uid:0"), .cred = loot.cred);
}

static nt
get_session(struct link *l)
{
	return ASK(l, dir_session_get, .owner = str_of("uid:0"));
}

static nt
pass_descriptor(struct link *l)
{
	return ASK(l, dir_pass, .peer = 1, .token = { { 1 } });
}

/* Without a descriptor it would be refused all the same; the table of callers is asked first. */
static nt
announce_host(struct link *l)
{
	return ASK(l, dir_afar, .host = str_of("nowhere"));
}

static nt
open_session(struct link *l)
{
	return ASK(l, client_open, .host = str_of("127.0.0.1"), .signing = 3, .encrypt = 3);
}

const struct link_attack link_attacks[] = {
	{ "scripting-socket", PEER_WORKER, PEER_DIRECTORY, false, door_try },
	{ "scripting-socket", PEER_FSD, PEER_DIRECTORY, false, door_try },
	{ "foreign-grant", PEER_WORKER, PEER_FSD, false, foreign_grant },
	{ "zero-grant", PEER_WORKER, PEER_FSD, false, zero_grant },
	{ "foreign-shares", PEER_WORKER, PEER_FSD, false, foreign_shares },
	{ "foreign-tree", PEER_WORKER, PEER_FSD, false, foreign_tree },
	{ "foreign-file-read", PEER_WORKER, PEER_FSD, false, foreign_file_read },
	{ "foreign-file-close", PEER_WORKER, PEER_FSD, false, foreign_file_close },
	{ "foreign-grant-end", PEER_WORKER, PEER_FSD, false, foreign_grant_end },
	{ "own-tree-secret", PEER_WORKER, PEER_FSD, false, own_tree_secret },
	{ "dotdot", PEER_WORKER, PEER_FSD, false, dotdot },
	{ "absolute", PEER_WORKER, PEER_FSD, false, absolute },
	{ "symlink-out", PEER_WORKER, PEER_FSD, false, symlink_out },
	{ "fifo", PEER_WORKER, PEER_FSD, false, fifo },
	{ "own-tree-readme", PEER_WORKER, PEER_FSD, false, own_tree_readme },
	{ "slot-outside", PEER_WORKER, PEER_FSD, false, slot_outside },
	{ "scripting-socket", PEER_STORE, PEER_DIRECTORY, false, door_try },
	{ "foreign-session-end", PEER_WORKER, PEER_STORE, false, foreign_session_end },
	{ "foreign-session-info", PEER_WORKER, PEER_STORE, false, foreign_session_info },
	{ "foreign-session-begin", PEER_WORKER, PEER_STORE, false, foreign_session_begin },
	{ "condemn-store", PEER_WORKER, PEER_DIRECTORY, false, condemn_store },
	{ "forge-grant", PEER_WORKER, PEER_FSD, true, forge_grant },
	{ "list-opens", PEER_WORKER, PEER_FSD, true, list_opens },
	{ "set-password", PEER_WORKER, PEER_STORE, true, set_password },
	{ "close-session", PEER_WORKER, PEER_STORE, true, close_session },
	{ "find-session", PEER_WORKER, PEER_STORE, true, find_session },
	{ "get-worker", PEER_WORKER, PEER_DIRECTORY, true, get_worker },
	{ "shut-down", PEER_WORKER, PEER_DIRECTORY, true, shut_down },

	{ "scripting-socket", PEER_GATE, PEER_DIRECTORY, false, door_try },
	{ "finish-without-begin", PEER_GATE, PEER_STORE, false, finish_without_begin },
	{ "foreign-session-begin", PEER_GATE, PEER_STORE, false, foreign_session_begin },
	{ "add-account", PEER_GATE, PEER_STORE, true, add_account },
	{ "list-accounts", PEER_GATE, PEER_STORE, true, list_accounts },
	{ "list-sessions", PEER_GATE, PEER_STORE, true, list_sessions },
	{ "get-worker", PEER_GATE, PEER_DIRECTORY, true, get_worker },

	{ "list-accounts", PEER_FSD, PEER_STORE, true, list_accounts },
	{ "set-password", PEER_FSD, PEER_STORE, true, set_password },
	{ "get-worker", PEER_FSD, PEER_DIRECTORY, true, get_worker },

	{ "scripting-socket", PEER_NAMES, PEER_DIRECTORY, false, door_try },
	{ "list-accounts", PEER_NAMES, PEER_STORE, true, list_accounts },
	{ "set-password", PEER_NAMES, PEER_STORE, true, set_password },
	{ "shut-down", PEER_NAMES, PEER_DIRECTORY, true, shut_down },

	{ "connect-tree", PEER_STORE, PEER_FSD, true, connect_tree },
	{ "shut-down", PEER_STORE, PEER_DIRECTORY, true, shut_down },

	{ "begin-logon", PEER_API, PEER_STORE, true, begin_logon },
	{ "forge-grant", PEER_API, PEER_FSD, true, forge_grant },
	{ "get-worker", PEER_API, PEER_DIRECTORY, true, get_worker },

	{ "scripting-socket", PEER_SESSION, PEER_DIRECTORY, false, door_try },
	{ "foreign-password", PEER_SESSION, PEER_CRED, false, foreign_password },
	{ "foreign-ticket", PEER_SESSION, PEER_CRED, false, foreign_ticket },
	{ "foreign-proof", PEER_SESSION, PEER_CRED, false, foreign_proof },
	{ "lend-credential", PEER_SESSION, PEER_CRED, true, lend_credential },
	{ "list-credentials", PEER_SESSION, PEER_CRED, true, list_credentials },
	{ "export-tickets", PEER_SESSION, PEER_CRED, true, export_tickets },
	{ "open-session", PEER_SESSION, PEER_API, true, open_session },
	{ "get-session", PEER_SESSION, PEER_DIRECTORY, true, get_session },
	{ "pass-descriptor", PEER_SESSION, PEER_DIRECTORY, true, pass_descriptor },
	{ "shut-down", PEER_SESSION, PEER_DIRECTORY, true, shut_down },

	{ "scripting-socket", PEER_DIALER, PEER_DIRECTORY, false, door_try },
	{ "get-session", PEER_DIALER, PEER_DIRECTORY, true, get_session },

	{ "scripting-socket", PEER_BRIDGE, PEER_DIRECTORY, false, door_try },
	{ "announce-nothing", PEER_BRIDGE, PEER_DIRECTORY, false, announce_host },
	{ "get-worker", PEER_BRIDGE, PEER_DIRECTORY, true, get_worker },
	{ "shut-down", PEER_BRIDGE, PEER_DIRECTORY, true, shut_down },

	{ "scripting-socket", PEER_RELAY, PEER_DIRECTORY, false, door_try },
	{ "announce-host", PEER_RELAY, PEER_DIRECTORY, true, announce_host },
	{ "get-worker", PEER_RELAY, PEER_DIRECTORY, true, get_worker },

	{ "scripting-socket", PEER_CRED, PEER_DIRECTORY, false, door_try },
	{ "open-session", PEER_CRED, PEER_SESSION, true, open_session },
	{ "get-session", PEER_CRED, PEER_DIRECTORY, true, get_session },

	{ "scripting-socket", PEER_KRB, PEER_DIRECTORY, false, door_try },
	{ "list-accounts", PEER_KRB, PEER_STORE, true, list_accounts },
	{ "set-password", PEER_KRB, PEER_STORE, true, set_password },
	{ "get-worker", PEER_KRB, PEER_DIRECTORY, true, get_worker },

	{ "scripting-socket", PEER_NET, PEER_DIRECTORY, false, door_try },
	{ "list-accounts", PEER_NET, PEER_STORE, true, list_accounts },
	{ "list-credentials", PEER_NET, PEER_CRED, true, list_credentials },
	{ "get-worker", PEER_NET, PEER_DIRECTORY, true, get_worker },
};
const size_t n_link_attacks = NELEM(link_attacks);
