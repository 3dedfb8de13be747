/*
 * peer.c - see peer.h.  The honest answers: every CREATE opens file (7, 9), which
 * is ten bytes long.
 */
#include "tests/unit/clientd/peer.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fatal.h"
#include "proto/fscc/dir_info.h"
#include "proto/fscc/file_info.h"
#include "proto/smb2/close.h"
#include "proto/smb2/create.h"
#include "proto/smb2/echo.h"
#include "proto/smb2/error.h"
#include "proto/smb2/query_directory.h"
#include "proto/smb2/query_info.h"
#include "proto/smb2/read.h"
#include "proto/smb2/tree_connect.h"
#include "proto/smb2/write.h"

#define FRAME 65536u

void
listing_put(struct wr *w, const char *const *names, size_t n)
{
	struct fscc_stat st = { .end_of_file = 1, .attributes = FILE_ATTRIBUTE_NORMAL };
	struct fscc_dir d;

	assert_status(fscc_dir_begin(&d, w, FSCC_FILE_ID_BOTH_DIRECTORY), STATUS_SUCCESS);
	for (size_t i = 0; i < n; i++)
		assert_true(fscc_dir_put(&d, names[i], &st));
}

static void
answer_query(struct wr *w)
{
	struct fscc_stat st = { .end_of_file = 10, .attributes = FILE_ATTRIBUTE_NORMAL,
				.path = "f" };
	struct smb2_query_info_rsp rsp;
	uint8_t room[512];
	struct wr b = wr_init(room, sizeof room);
	bool cut;

	assert_status(fscc_file_encode(&b, FSCC_FILE_ALL, &st, &cut), STATUS_SUCCESS);
	rsp.output = wr_done(&b);
	smb2_query_info_rsp_encode(w, 0, &rsp);
}

static void
answer_list(struct peer *p, struct smb2_hdr *h, struct wr *w)
{
	static const char *const names[]	= { ".", "..", "a", "b" };
	struct smb2_query_directory_rsp rsp;
	struct smb2_error_rsp none = { 0 };
	uint8_t room[1024];
	struct wr b = wr_init(room, sizeof room);

	if (p->asked % 2 == 0) {	/* each compound has two: the second finds the end */
		h->status = STATUS_NO_MORE_FILES;
		smb2_error_rsp_encode(w, 0, &none);
		return;
	}
	listing_put(&b, names, NELEM(names));
	rsp.output = wr_done(&b);
	smb2_query_directory_rsp_encode(w, 0, &rsp);
}

/* What an honest server says. */
static void
answer_honest(struct peer *p, const struct smb2_element *e, struct smb2_hdr *h, struct wr *w)
{
	static const struct smb2_create_rsp create = { .fid = { 7, 9 }, .end_of_file = 10,
						       .action = FILE_OPENED };
	static const struct smb2_close_rsp close_  = { 0 };
	static const struct smb2_echo_rsp echo	   = { 0 };
	static const struct smb2_tree_connect_rsp tree = { .share_type = SMB2_SHARE_TYPE_DISK };
	static const struct smb2_read_rsp read_	   = { .data = { (const uint8_t *)"0123456789", 10 } };
	struct smb2_write_req asked;
	struct smb2_write_rsp write_ = { 0 };
	struct rd r		     = e->body;

	switch (h->command) {
	case SMB2_CMD_tree_connect:
		h->tree_id = 5;
		smb2_tree_connect_rsp_encode(w, 0, &tree);
		break;
	case SMB2_CMD_create:
		p->asked = 0;
		smb2_create_rsp_encode(w, 0, &create);
		break;
	case SMB2_CMD_close:
		smb2_close_rsp_encode(w, 0, &close_);
		break;
	case SMB2_CMD_echo:
		smb2_echo_rsp_encode(w, 0, &echo);
		break;
	case SMB2_CMD_read:
		smb2_read_rsp_encode(w, 0, &read_);
		break;
	case SMB2_CMD_write:
		assert_status(smb2_write_req_decode(&r, &asked), STATUS_SUCCESS);
		write_.count = asked.length;
		smb2_write_rsp_encode(w, 0, &write_);
		break;
	case SMB2_CMD_query_directory:
		p->asked++;
		answer_list(p, h, w);
		break;
	default:
		answer_query(w);
	}
}

static void
peer_send(struct peer *p, uint8_t *frame, size_t n)
{
	struct iovec iov = { frame + 4, n };

	if (p->signer && !p->unsigned_)
		assert_status(smb2_sign(p->signer, &iov, 1), STATUS_SUCCESS);
	if (p->spoiled)
		frame[4 + SMB2_HDR_SIZE] ^= 1;
	transport_encode(frame, (uint32_t)n + p->length_plus);
	for (int i = 0; i < (p->twice ? 2 : 1); i++)
		if (send(p->fd, frame, n + 4, MSG_NOSIGNAL) < 0)
			assert_true(errno == EPIPE || errno == ECONNRESET);
}

static void
peer_answer(struct peer *p, const struct smb2_element *e)
{
	struct smb2_hdr h = e->hdr;
	uint8_t *frame	  = xcalloc(1, FRAME);
	struct wr w	  = wr_init(frame + 4, FRAME - 4), head;

	if (h.command == SMB2_CMD_cancel) {
		p->cancels++;
		free(frame);
		return;
	}
	h.flags	  = SMB2_FLAGS_SERVER_TO_REDIR | (p->signer && !p->unsigned_ ? SMB2_FLAGS_SIGNED : 0);
	h.status  = STATUS_SUCCESS;
	h.next	  = 0;
	h.credits = p->grants;
	wr_zero(&w, SMB2_HDR_SIZE);
	answer_honest(p, e, &h, &w);
	p->silent = false;
	if (p->rule)
		p->rule(p, e, &h, &w);
	head = wr_init(frame + 4, SMB2_HDR_SIZE);
	smb2_hdr_encode(&head, &h);
	assert_true(wr_ok(&w));
	if (!p->silent)
		peer_send(p, frame, w.pos);
	free(frame);
}

static size_t
peer_take(struct peer *p, const uint8_t *b, size_t n)
{
	struct smb2_chain chain;
	struct smb2_element e;
	uint32_t len;

	if (n < 4)
		return 0;
	assert_status(transport_decode(b, &len), STATUS_SUCCESS);
	if (n - 4 < len)
		return 0;
	chain = smb2_chain_init(SPAN(b + 4, len));
	while (smb2_chain_more(&chain)) {
		assert_status(smb2_chain_next(&chain, &e), STATUS_SUCCESS);
		peer_answer(p, &e);
	}
	return 4 + len;
}

static void
on_asked(void *ctx, uint32_t events)
{
	struct peer *p = ctx;
	ssize_t got    = recv(p->fd, p->in + p->n, sizeof p->in - p->n, MSG_DONTWAIT);
	size_t at = 0, took;

	(void)events;
	if (got <= 0) {
		loop_del(&p->watch);
		return;
	}
	p->n += (size_t)got;
	while ((took = peer_take(p, p->in + at, p->n - at)) > 0)
		at += took;
	memmove(p->in, p->in + at, p->n - at);
	p->n -= at;
}

struct session *
peer_session(struct stage *st, int fd, const uint8_t *key)
{
	static const struct net_addr nowhere = { 0 };
	struct session *s		     = xcalloc(1, sizeof *s);
	struct conn *c;

	s->client     = &st->client;
	s->refs	      = 1;
	s->timeout_ms = 600;
	s->adopted    = true;
	s->mechanism  = "";
	s->max_dialect = SMB2_DIALECT_311;
	strcpy(s->host, "peer");
	TAILQ_INIT(&s->trees);
	assert_status(table_add(st->client.sessions, s, &s->id), STATUS_SUCCESS);
	assert_status(conn_new(&st->client, fd, &nowhere, &c), STATUS_SUCCESS);
	c->nego	      = (struct negotiated){ .dialect	   = SMB2_DIALECT_311,
					     .server_caps  = SMB2_GLOBAL_CAP_LARGE_MTU,
					     .max_transact = 1 << 20, .max_read = 1 << 20,
					     .max_write	   = 1 << 20 };
	c->timeout_ms = s->timeout_ms;
	c->session_id = 99;
	c->session    = s;
	c->epoch      = s->epochs = 1;
	c->ready      = c->validated = true;
	c->credits    = 64;
	if (key) {
		assert_status(smb2_signer_new(SMB2_SIGN_AES_CMAC, key, &c->signer), STATUS_SUCCESS);
		c->sign = true;
	}
	assert_status(bond_new(c, key), STATUS_SUCCESS);
	s->conn = c;
	return s;
}

struct peer *
peer_at(struct stage *st, const uint8_t *key, peer_rule *rule, int *ret_far)
{
	struct peer *p = xcalloc(1, sizeof *p);
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	p->stage  = st;
	p->fd	  = pair[1];
	p->rule	  = rule;
	p->grants = 4;
	*ret_far  = pair[0];
	if (key)
		assert_status(smb2_signer_new(SMB2_SIGN_AES_CMAC, key, &p->signer), STATUS_SUCCESS);
	loop_add(st->client.loop, &p->watch, p->fd, EPOLLIN, on_asked, p);
	return p;
}

struct peer *
peer_new(struct stage *st, const uint8_t *key, peer_rule *rule)
{
	int far;
	struct peer *p = peer_at(st, key, rule, &far);

	p->session = peer_session(st, far, key);
	return p;
}

void
peer_drop(struct peer *p)
{
	loop_del(&p->watch);
	close(p->fd);
	smb2_signer_drop(p->signer);
	free(p);
}
