/*
 * session.h - one logon at one server, which outlives its connections, and the
 * shares that it uses.  [MS-SMB2] 3.2.1.3, 3.2.1.4
 */
#ifndef CLIENTD_SESSION_SESSION_H
#define CLIENTD_SESSION_SESSION_H

#include "clientd/session/client.h"
#include "clientd/session/request.h"

#define SHARES_MAX   256u	/* that one session is connected to */
#define CHANNELS_MAX 8u

struct tree {
	TAILQ_ENTRY(tree) of_session;
	char share[NAME_BOUND + 1];
	uint32_t epoch;		/* of the connection it is valid on; 0: none yet */
	uint32_t id;
	struct smb2_tree {
		uint8_t type;
		uint32_t flags, capabilities, access;
	} is;
	bool connecting;
	struct waitq connected;
};

struct session {
	struct client *client;
	uint64_t id;
	unsigned refs;
	bool closed;

	/* as it was opened */
	char host[NAME_BOUND + 1], spn[NAME_BOUND + 1], workstation[NAME_BOUND + 1];
	char controller[NAME_BOUND + 1];	/* host is a domain: which of its controllers; "": it is none */
	uint16_t port, min_dialect, max_dialect;
	uint64_t cred;
	uint8_t signing, encrypt;
	uint32_t timeout_ms, flags;
	struct id16 guid;	/* ClientGuid, the same on all its connections */
	uint64_t parent;	/* opened for a referral of that session; 0: by a script */
	bool adopted;		/* over a caller's socket: it cannot be dialled again */
	uint8_t channels;	/* how many connections it is to have */

	/* now */
	struct conn *conn;	/* held; may be closed */
	struct conn *further[CHANNELS_MAX - 1];	/* held, as that; channels of the same bond */
	unsigned n_further;
	uint32_t spread;	/* the epoch for which further ones were tried */
	bool connecting;
	struct waitq connected;
	uint32_t epochs;
	uint64_t again_at;	/* when it last proved itself again */
	const char *mechanism;
	char user[NAME_BOUND + 1], domain[NAME_BOUND + 1];
	bool guest, anonymous;
	uint64_t opened, expires;	/* Unix ns */
	uint32_t reconnects;
	uint64_t bytes_in, bytes_out;	/* of connections that are gone */
	unsigned kept;			/* files under a lease, */
	uint64_t kept_bytes;		/* their content, */
	uint64_t cached;		/* what was answered from there without a message, */
	uint32_t breaks;		/* and how often the server took one back */
	TAILQ_HEAD(, tree) trees;
	size_t n_trees;
	struct referrals *referrals;	/* that it was given; NULL: none */
};

struct session *session_find(struct client *, uint64_t id);
void session_hold(struct session *);
void session_release(struct session *);
DEFINE_CLEANUP(struct session, session_release)
/* A connection on which the session stands; made or made again if need be.  *ret is held. */
nt session_ready(struct session *, struct conn **ret) MUST_USE;
/* The first connection: dialled, or over a socket that is taken. */
nt session_connect(struct session *) MUST_USE;
nt session_stand(struct session *, int fd, const struct net_addr *server) MUST_USE;
/* STATUS_NETWORK_SESSION_EXPIRED was answered: proves itself again, in place. */
nt session_again(struct session *) MUST_USE;
void session_close(struct session *);
static inline const char *
session_dialled(const struct session *s)
{
	return s->controller[0] ? s->controller : s->host;
}

/*
 * child.c.  The same owner's session with another server, opened like s if there is none; it ends
 * with the one that the script opened.
 */
nt session_at(struct session *s, const char *host, struct session **ret) MUST_USE;
/* The same server's, but nobody's: no credential is used.  The caller closes it. */
nt session_nobody(struct session *s, struct session **ret) MUST_USE;
void children_close(const struct session *);
/* domain.c: no ticket is to be had for s->host; it may be a domain, whose controllers have names. */
nt domain_connect(struct session *) MUST_USE;

/* bond.c: closes its connections; it may come back. */
void session_cut(struct session *, nt why);
void session_fields(const struct session *, struct client_open_rsp *ret);

/* negotiate.c: on a fresh connection.  [MS-SMB2] 3.2.4.2.2.2, 3.2.5.2 */
struct smb2_negotiate_req;
void negotiate_offer(const struct session *, struct smb2_negotiate_req *ret);	/* but contexts */
nt conn_negotiate(struct session *, struct conn *) MUST_USE;
/* setup.c: SESSION_SETUP to the end, keys and all.  3.2.4.2.3, 3.2.5.3 */
nt conn_logon(struct session *, struct conn *) MUST_USE;
nt conn_logon_again(struct session *, struct conn *) MUST_USE;
/* c becomes a channel of the session that stands on `to`.  3.2.4.2.3.3, 3.2.5.3.3 */
nt conn_bind(struct session *, struct conn *c, struct conn *to) MUST_USE;
/* validate.c: was the negotiation ours?  3.2.5.5 */
nt conn_validate(struct session *, struct conn *, uint32_t tree_id) MUST_USE;

/* Where a call is about: a share on a live connection. */
struct where {
	struct session *session;	/* held, as conn */
	struct conn *conn;
	uint32_t tree_id;
	bool seal;
	bool dfs;		/* names of CREATE begin with server and share */
	char share[NAME_BOUND + 1];
	struct smb2_tree is;
};
/* tree.c.  Connects to the share if that was not done on this connection. */
nt where_find(struct job *, uint64_t session, const char *share, struct where *ret) MUST_USE;
nt where_of(struct session *, const char *share, struct where *ret) MUST_USE;
void where_end(struct where *);
static inline void
where_end_p(struct where *w)
{
	where_end(w);
}
/* One TREE_CONNECT; what smb.tree_connect does, too. */
nt tree_connect(struct session *, struct conn *, const char *share, uint32_t *ret_id,
		struct smb2_tree *ret) MUST_USE;
/* msg_begin() for a message about that share. */
nt where_begin(struct msg *, const struct where *, size_t room) MUST_USE;

#endif
