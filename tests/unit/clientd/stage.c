/*
 * stage.c - see stage.h.  The linker takes the first definition of a function,
 * which is the one here, before that in ipc/.
 */
#include "tests/unit/clientd/stage.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/secret.h"
#include "proto/auth/ntlm_client.h"
#include "proto/fscc/filetime.h"
#include "proto/smb2/crypto.h"

struct stage *stage;

static struct {
	uint8_t negotiate[256];
	size_t n;
	struct ntlm_client_keys keys;
} logons[64];
static unsigned n_logons;

/* ---- what ipc/ would do ---- */

struct link *
node_peer(struct node *node, enum peer_role role)
{
	(void)node;
	return &stage->links[role];
}

enum peer_role
link_role(const struct link *l)
{
	return l->role;
}

uint64_t
link_peer(const struct link *l)
{
	return (uint64_t)l->role;
}

struct call *
call_keep(struct call *c)
{
	assert_false(c->kept);
	c->kept = true;
	return c;
}

bool
call_is_kept(const struct call *c)
{
	return c->kept;
}

void
call_reply(struct call *c, nt status, struct span body, struct span data)
{
	assert_false(c->answered);
	c->answered = true;
	c->status   = status;
	c->n	    = body.n;
	c->data_n   = data.n;
	c->body	    = xcalloc(1, body.n + 1);
	c->data	    = xcalloc(1, data.n + 1);
	if (body.n > 0)
		memcpy(c->body, body.p, body.n);
	if (data.n > 0)
		memcpy(c->data, data.p, data.n);
}

void
call_answer(struct call *c, nt status, struct span body)
{
	call_reply(c, status, body, SPAN_NONE);
}

struct link *
call_link(const struct call *c)
{
	return c->link;
}

int
call_take_fd(struct call *c)
{
	int fd = c->fd;

	c->fd = -1;
	return fd;
}

struct span
call_data(const struct call *c)
{
	return c->sent;
}

/* ---- the dialer ---- */

static nt
dial_now(const struct dialer_connect_req *req, int *ret)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port   = htons(stage->port ? stage->port : req->port) };

	if (stage->dials < NELEM(stage->dialled))
		(void)snprintf(stage->dialled[stage->dials], sizeof *stage->dialled, "%s",
			       req->host.s);
	stage->dials++;
	if (stage->socket >= 0) {
		*ret	      = stage->socket;
		stage->socket = -1;
		return STATUS_SUCCESS;
	}
	inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
	*ret = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(*ret, (struct sockaddr *)&to, sizeof to) != 0) {
		close(*ret);
		return STATUS_CONNECTION_REFUSED;
	}
	return STATUS_SUCCESS;
}

static nt
play_dialer(struct span body, struct wr *w)
{
	struct dialer_connect_req req;
	const struct dialer_connect_rsp rsp = { .server = { .family = 4, .port = 445,
							    .b = { 127, 0, 0, 1 } } };
	struct session_socket_req given;
	int fd;

	assert_status(dialer_connect_req_decode(body, &req), STATUS_SUCCESS);
	TRY(dial_now(&req, &fd));
	given = (struct session_socket_req){ .id = req.id, .server = rsp.server };
	ENSURE(stage->n_given < NELEM(stage->given));
	stage->given[stage->n_given++] =
		stage_begin(stage, &session_socket_desc, &given, SPAN_NONE, fd);
	dialer_connect_rsp_encode(w, &rsp);
	return STATUS_SUCCESS;
}

/* ---- the keeper of credentials: NTLM with one password ---- */

static nt
play_begin(struct span body, struct wr *w)
{
	struct cred_ntlm_begin_req req;
	struct cred_ntlm_begin_rsp rsp = { .ctx = n_logons % 64 + 1 };
	struct wr nw = wr_init(logons[n_logons % 64].negotiate, 256);

	assert_status(cred_ntlm_begin_req_decode(body, &req), STATUS_SUCCESS);
	ntlm_client_negotiate(&nw);
	logons[n_logons++ % 64].n = nw.pos;
	rsp.negotiate		  = wr_done(&nw);
	cred_ntlm_begin_rsp_encode(w, &rsp);
	return STATUS_SUCCESS;
}

static nt
play_finish(struct span body, struct wr *w)
{
	static uint8_t room[NTLM_AUTHENTICATE_ROOM];
	struct cred_ntlm_finish_req req;
	struct cred_ntlm_finish_rsp rsp = { 0 };
	struct ntlm_client c = { .user = stage->user, .domain = "", .workstation = "STAGE",
				 .now  = filetime_from_ns((int64_t)clock_real_ns()) };
	uint8_t hash[NTLM_KEY_SIZE], mic[NTLM_SIGNATURE_SIZE];
	struct wr aw = wr_init(room, sizeof room), cw = wr_init(c.server_challenge, 8);
	struct ntlm_client_keys *keys;

	assert_status(cred_ntlm_finish_req_decode(body, &req), STATUS_SUCCESS);
	keys = &logons[req.ctx - 1].keys;
	assert_status(ntlm_hash(stage->password, hash), STATUS_SUCCESS);
	c.hash	      = stage->user[0] ? hash : NULL;
	c.target      = req.target.s;
	c.flags	      = req.flags;
	c.target_info = req.target_info;
	c.negotiate   = SPAN(logons[req.ctx - 1].negotiate, logons[req.ctx - 1].n);
	c.challenge   = req.challenge;
	wr_u64(&cw, req.server_challenge);
	random_bytes(c.client_challenge, sizeof c.client_challenge);
	random_bytes(c.random_key, sizeof c.random_key);
	TRY(ntlm_client_answer(&c, &aw, keys));
	rsp.authenticate = wr_done(&aw);
	rsp.anonymous	 = !stage->user[0];
	rsp.key		 = rsp.anonymous ? SPAN_NONE : SPAN(keys->exported, sizeof keys->exported);
	if (req.mech_list.n > 0 && !rsp.anonymous) {
		ntlm_client_sign(keys, req.mech_list, mic);
		rsp.mic = SPAN(mic, sizeof mic);
	}
	cred_ntlm_finish_rsp_encode(w, &rsp);
	return STATUS_SUCCESS;
}

static nt
play_check(struct span body)
{
	struct cred_mic_check_req req;

	assert_status(cred_mic_check_req_decode(body, &req), STATUS_SUCCESS);
	return ntlm_client_check(&logons[req.ctx - 1].keys, req.mech_list, req.mic)
		       ? STATUS_SUCCESS
		       : STATUS_LOGON_FAILURE;
}

static void
play_event(struct span body)
{
	assert_status(api_event_req_decode(body, &stage->event), STATUS_SUCCESS);
	(void)snprintf(stage->event_path, sizeof stage->event_path, "%s", stage->event.path.s);
	stage->events++;
}

/* Answered before the call returns: nobody else is there to do it later. */
nt
link_call(struct link *l, const struct msg_desc *desc, struct span body, const struct call_opt *opt,
	  msg_deliver *deliver, msg_done *done, void *ctx, uint64_t *ret_id)
{
	static uint8_t in[MSG_BODY_MAX], out[MSG_BODY_MAX];
	struct wr w = wr_init(out, sizeof out);
	nt s	    = STATUS_NOT_SUPPORTED;

	(void)l;
	(void)opt;
	(void)ret_id;
	if (body.n > 0)
		memcpy(in, body.p, body.n);
	body = SPAN(in, body.n);
	if (desc == &dialer_connect_desc)
		s = play_dialer(body, &w);
	else if (desc == &cred_ntlm_begin_desc)
		s = play_begin(body, &w);
	else if (desc == &cred_ntlm_finish_desc)
		s = play_finish(body, &w);
	else if (desc == &cred_mic_check_desc)
		s = play_check(body);
	else if (desc == &cred_abort_desc)
		s = STATUS_SUCCESS;
	else if (desc == &api_event_desc) {
		play_event(body);
		s = STATUS_SUCCESS;
	}
	deliver(done, ctx, s, wr_done(&w), SPAN_NONE);
	return STATUS_SUCCESS;
}

/* ---- asking ---- */

static void
stop_when_answered(void *ctx)
{
	struct stage *st = ctx;

	if (st->awaited && st->awaited->answered)
		loop_stop(st->client.loop, 0);
}

struct stage *
stage_new(const char *user, const char *password)
{
	struct stage *st = xcalloc(1, sizeof *st);

	assert_status(smb2_crypto_init(), STATUS_SUCCESS);
	stage	   = st;
	st->socket = -1;
	(void)snprintf(st->user, sizeof st->user, "%s", user);
	(void)snprintf(st->password, sizeof st->password, "%s", password);
	for (unsigned i = 0; i < PEER_MAX; i++)
		st->links[i].role = (enum peer_role)i;
	st->client.loop = loop_new();
	client_init(&st->client);
	loop_on_tick(st->client.loop, &st->tick, stop_when_answered, st);
	return st;
}

static void
on_pause(void *ctx)
{
	loop_stop(ctx, 0);
}

void
stage_turn(struct stage *st, unsigned ms)
{
	struct loop_timer t = { 0 };

	st->awaited = NULL;
	loop_timer_set(st->client.loop, &t, ms, on_pause, st->client.loop);
	(void)loop_run(st->client.loop);
	loop_timer_clear(&t);
}

void
stage_drop(struct stage *st)
{
	client_stop(&st->client);
	while (fibers_count(st->client.fibers) > 0)
		stage_turn(st, 10);
	for (unsigned i = 0; i < st->n_given; i++)
		call_drop(st->given[i]);
	client_drop(&st->client);
	loop_drop(st->client.loop);
	free(st);
}

void
call_drop(struct call *c)
{
	if (!c)
		return;
	if (c->fd >= 0)
		close(c->fd);
	free(c->body);
	free(c->data);
	free((void *)(uintptr_t)c->sent.p);
	free(c);
}

static const struct ipc_method *
method_of(const struct msg_desc *desc)
{
	for (size_t i = 0; i < session_methods_n; i++)
		if (session_methods[i].desc == desc)
			return &session_methods[i];
	fail_msg("no method %s", desc->name);
	return NULL;
}

struct call *
stage_begin(struct stage *st, const struct msg_desc *desc, const void *req, struct span data,
	    int fd)
{
	static uint8_t room[MSG_BODY_MAX];
	struct wr w    = wr_init(room, sizeof room);
	struct call *c = xcalloc(1, sizeof *c);
	uint8_t *copy  = data.n > 0 ? xcalloc(1, data.n) : NULL;

	if (copy)
		memcpy(copy, data.p, data.n);
	*c = (struct call){ .link = &st->links[PEER_API], .fd = fd, .sent = SPAN(copy, data.n) };
	msg_encode(&w, desc->req(), desc->n_req, req);
	assert_true(wr_ok(&w));
	method_of(desc)->serve(&st->client, c, wr_done(&w));
	return c;
}

static void
on_first(void *ctx)
{
	(void)ctx;
}

nt
stage_wait(struct stage *st, struct call *c)
{
	struct loop_timer t = { 0 };

	st->awaited = c;
	loop_timer_set(st->client.loop, &t, 0, on_first, NULL);	/* what was asked waits for a tick */
	if (!c->answered)
		(void)loop_run(st->client.loop);
	loop_timer_clear(&t);
	assert_true(c->answered);
	return c->status;
}

nt
stage_ask(struct stage *st, const struct msg_desc *desc, const void *req, struct span data, int fd,
	  struct call **ret)
{
	*ret = stage_begin(st, desc, req, data, fd);
	return stage_wait(st, *ret);
}
