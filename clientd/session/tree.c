/*
 * tree.c - shares that a session uses: connected to at the first need, and again
 * on each new connection.  [MS-SMB2] 3.2.4.2.4, 3.2.5.5
 */
#include <stdlib.h>

#include "clientd/session/session.h"
#include "proto/smb2/tree_connect.h"

#define UNC_MAX (NAME_BOUND * 2 + 4)

/* 3.2.4.2.4: on 3.1.1 a TREE_CONNECT is signed even where nothing else is. */
static nt
connect_send(struct session *s, struct conn *c, const char *share, struct msg *m)
{
	char unc[UNC_MAX + 1];
	uint8_t utf16[UNC_MAX * 2];
	struct wr w = wr_init(utf16, sizeof utf16);
	struct smb2_tree_connect_req req = { 0 };
	size_t at;

	(void)snprintf(unc, sizeof unc, "\\\\%s\\%s", s->host, share);
	(void)wr_utf16(&w, unc);
	REQUIRE(wr_ok(&w), STATUS_OBJECT_NAME_INVALID);
	req.path = wr_done(&w);
	TRY(msg_begin(m, c, MSG_ROOM + req.path.n));
	m->force_sign = true;
	at	      = msg_add(m, SMB2_CMD_tree_connect, 0, 0);
	smb2_tree_connect_req_encode(&m->w, at, &req);
	return msg_exchange(m);
}

nt
tree_connect(struct session *s, struct conn *c, const char *share, uint32_t *ret_id,
	     struct smb2_tree *ret)
{
	struct msg m CLEANUP(msg_end) = { 0 };
	struct smb2_tree_connect_rsp rsp;

	REQUIRE(share[0] && !strpbrk(share, "\\/"), STATUS_BAD_NETWORK_NAME);
	TRY(connect_send(s, c, share, &m));
	TRY(m.reply[0].status);
	ANSWER(smb2_tree_connect_rsp_decode(&m.reply[0].body, &rsp));
	if ((rsp.share_flags & SMB2_SHAREFLAG_ENCRYPT_DATA) && !c->out)
		return STATUS_ACCESS_DENIED;
	*ret_id = m.reply[0].hdr.tree_id;
	*ret	= (struct smb2_tree){ rsp.share_type, rsp.share_flags, rsp.capabilities,
				      rsp.maximal_access };
	if (!c->validated) {
		TRY(conn_validate(s, c, *ret_id));
		c->validated = true;
	}
	return STATUS_SUCCESS;
}

static nt
tree_of(struct session *s, const char *share, struct tree **ret)
{
	struct tree *t;

	REQUIRE(strlen(share) <= NAME_BOUND, STATUS_BAD_NETWORK_NAME);
	TAILQ_FOREACH(t, &s->trees, of_session)
		if (utf8_casecmp(t->share, share) == 0)
			break;
	if (!t) {
		REQUIRE(s->n_trees < SHARES_MAX, STATUS_INSUFFICIENT_RESOURCES);
		t = calloc(1, sizeof *t);
		REQUIRE(t, STATUS_INSUFFICIENT_RESOURCES);
		(void)strcpy(t->share, share);
		TAILQ_INSERT_TAIL(&s->trees, t, of_session);
		s->n_trees++;
	}
	*ret = t;
	return STATUS_SUCCESS;
}

/* Several calls may want it at once: one asks, the others wait.  t lives as long as s. */
static nt
tree_ready(struct session *s, struct conn *c, struct tree *t)
{
	nt status;

	while (t->connecting)
		TRY(fiber_wait(&t->connected));
	if (t->epoch == c->epoch)
		return STATUS_SUCCESS;
	t->connecting = true;
	status	      = tree_connect(s, c, t->share, &t->id, &t->is);
	t->connecting = false;
	if (!nt_failed(status))
		t->epoch = c->epoch;
	waitq_wake(&t->connected);
	return status;
}

nt
where_of(struct session *s, const char *share, struct where *ret)
{
	struct where w = { .session = s };
	struct tree *t;
	nt status;

	session_hold(s);
	status = tree_of(s, share, &t);
	if (!nt_failed(status))
		status = session_ready(s, &w.conn);
	if (!nt_failed(status))
		status = tree_ready(s, w.conn, t);
	if (nt_failed(status)) {
		where_end(&w);
		return status;
	}
	w.tree_id = t->id;
	w.is	  = t->is;
	w.dfs	  = (s->flags & CLIENT_DFS) && (t->is.capabilities & SMB2_SHARE_CAP_DFS);
	(void)snprintf(w.share, sizeof w.share, "%s", t->share);
	w.seal	  = (t->is.flags & SMB2_SHAREFLAG_ENCRYPT_DATA) != 0;
	*ret	  = w;
	return STATUS_SUCCESS;
}

nt
where_find(struct job *j, uint64_t session, const char *share, struct where *ret)
{
	struct session *s = session_find(j->client, session);

	REQUIRE(s, STATUS_USER_SESSION_DELETED);
	j->session = session;
	return where_of(s, share, ret);
}

void
where_end(struct where *w)
{
	conn_release(w->conn);
	session_release(w->session);
	*w = (struct where){ 0 };
}

nt
where_begin(struct msg *m, const struct where *w, size_t room)
{
	TRY(msg_begin(m, conn_alive(w->conn), room));
	m->force_seal = w->seal;
	return STATUS_SUCCESS;
}
