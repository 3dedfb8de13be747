/*
 * condemn.c - links that are cut: of a peer that talks nonsense, or whose
 * connection to another host is no more.  The directory is told.
 */
#include "ipc/internal.h"

#include "base/fatal.h"
#include "base/log.h"
#include "ipc/msg/dir.msg.h"

/* Nonsense from above ends us, nonsense from below ends them. */
int
peer_rank(enum peer_role role)
{
	static const int ranks[PEER_MAX] = {
		[PEER_SPAWNER] = 9, [PEER_DIRECTORY] = 8, [PEER_STORE] = 7, [PEER_CRED] = 7, [PEER_FSD] = 6,
		[PEER_NAMES] = 5, [PEER_KRB] = 5, [PEER_NET] = 4, [PEER_API] = 3, [PEER_DIALER] = 3,
		[PEER_WORKER] = 2, [PEER_SESSION] = 2, [PEER_BRIDGE] = 2, [PEER_GATE] = 1,
		[PEER_RELAY] = 1,
	};

	return (unsigned)role < PEER_MAX ? ranks[role] : 0;
}

static void
condemn_told(void *ctx, nt status, const struct dir_condemn_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)rsp;
	(void)data;
	if (nt_failed(status))
		log_warn("the directory refused to condemn a peer status=%s", nt_name(status));
}

void
link_condemn(struct link *l, const char *why)
{
	struct dir_condemn_req req = { l->peer, str_of(why) };
	struct link *dir           = l->node->directory;

	if (l->state == LINK_DEAD)
		return;
	log_warn("cutting the link to a peer role=%s peer=%llu why=%s", peer_role_name(l->role),
	    (unsigned long long)l->peer, log_qs(why));
	if (dir && dir != l && nt_failed(dir_condemn_call(dir, &req, NULL, condemn_told, NULL)))
		log_warn("the directory cannot be told");
	link_down(l);
}

void
link_nonsense(struct link *l, const char *why)
{
	if (peer_rank(l->role) > peer_rank(l->node->conf.role))
		fatal("%s talks nonsense: %s", peer_role_name(l->role), why);
	link_condemn(l, why);
}

static void
lost_told(void *ctx, nt status, const struct dir_lost_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)status;
	(void)rsp;
	(void)data;
}

void
link_lost(struct link *l)
{
	struct dir_lost_req req = { l->peer };
	struct link *dir        = l->node->directory;
	bool was_up             = l->state == LINK_UP;

	if (l->state == LINK_DEAD)
		return;
	log_warn("the connection to another host has ended role=%s peer=%llu",
	    peer_role_name(l->role), (unsigned long long)l->peer);
	link_down(l);
	if (was_up && dir && nt_failed(dir_lost_call(dir, &req, NULL, lost_told, NULL)))
		log_warn("the directory cannot be told");
}
