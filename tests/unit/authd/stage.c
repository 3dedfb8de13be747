/*
 * stage.c - see stage.h.  The linker takes the first definition of a function,
 * which is the one here, before that in ipc/.
 */
#include "tests/unit/authd/stage.h"

#include "base/fatal.h"
#include "base/secret.h"
#include "proto/fscc/filetime.h"

struct stage *stage;

struct link *
node_find(struct node *node, uint64_t peer)
{
	struct link *l = stage_link(stage, peer);

	(void)node;
	return l && l->up ? l : NULL;
}

struct link *
node_peer(struct node *node, enum peer_role role)
{
	(void)node;
	for (size_t i = 0; i < NELEM(stage->links); i++)
		if (stage->links[i].up && stage->links[i].role == role)
			return &stage->links[i];
	return NULL;
}

struct link *
node_next(struct node *node, struct link *l)
{
	(void)node;
	for (l = l ? l + 1 : stage->links; l < stage->links + NELEM(stage->links); l++)
		if (l->up)
			return l;
	return NULL;
}

struct link *
node_directory(struct node *node)
{
	(void)node;
	return stage_link(stage, DIRECTORY);
}

enum peer_role
link_role(const struct link *l)
{
	return l->role;
}

const char *
link_storage(const struct link *l)
{
	return l->storage ? l->storage : "";
}

void
link_set_ctx(struct link *l, void *ctx)
{
	l->ctx = ctx;
}

void *
link_ctx(const struct link *l)
{
	return l->ctx;
}

uint64_t
link_peer(const struct link *l)
{
	return l->peer;
}

nt
link_call(struct link *l, const struct msg_desc *desc, struct span body, const struct call_opt *opt,
	  msg_deliver *deliver, msg_done *done, void *ctx, uint64_t *ret_id)
{
	struct ask *a = &stage->asks[stage->n_asks++];

	(void)ret_id;
	assert_true(stage->n_asks < NELEM(stage->asks) && body.n <= sizeof a->body);
	*a = (struct ask){ .desc    = desc,
			   .peer    = l->peer,
			   .n	    = body.n,
			   .deliver = deliver,
			   .done    = done,
			   .ctx	    = ctx,
			   .late    = opt ? opt->late : NULL };
	memcpy(a->body, body.p, body.n);
	return STATUS_SUCCESS;
}

struct call *
call_keep(struct call *c)
{
	assert_false(c->kept);
	c->kept = true;
	return c;
}

void
call_reply(struct call *c, nt status, struct span body, struct span data)
{
	assert_false(c->answered);
	assert_int_equal(data.n, 0);
	c->answered = true;
	c->status   = status;
	c->n	    = body.n;
	assert_true(body.n <= sizeof c->body);
	memcpy(c->body, body.p, body.n);
}

struct link *
call_link(const struct call *c)
{
	return c->link;
}

void *
call_scratch(struct call *c, size_t n)
{
	assert_true(c->n_scratch < NELEM(c->scratch) && n <= sizeof c->scratch[0]);
	return c->scratch[c->n_scratch++];
}

static void
stage_open(struct stage *st)
{
	struct store *s = &st->store;
	char path[128];

	(void)snprintf(path, sizeof path, "%s/accounts.mdb", st->dir);
	assert_status(db_open(path, ACCOUNTS_MAP, false, &s->accounts), STATUS_SUCCESS);
	assert_status(kept_open(st->dir, KEPT_FOR_SPAWNER, &s->sessions), STATUS_SUCCESS);
	assert_status(machine_sid(s->accounts, s->machine), STATUS_SUCCESS);
}

static void
stage_configure(struct store *s, const struct conf_auth_req *conf)
{
	static uint8_t body[2048], part[4096];
	struct wr b = wr_init(body, sizeof body), p = wr_init(part, sizeof part);

	conf_auth_req_encode(&b, conf);
	conf_put(&p, &conf_auth_desc, wr_done(&b));
	assert_true(wr_ok(&p));
	assert_status(store_configure(s, wr_done(&p)), STATUS_SUCCESS);
}

static struct call *awaited;

static void
stop_when_answered(void *ctx)
{
	struct stage *st = ctx;

	stage_grant_all(st);
	if (awaited && awaited->answered)
		loop_stop(st->store.loop, 0);
}

struct stage *
stage_new(const struct conf_auth_req *conf)
{
	static const struct link links[] = {
		{ .peer = GATE, .role = PEER_GATE, .up = true },
		{ .peer = WORKER, .role = PEER_WORKER, .up = true },
		{ .peer = WORKER2, .role = PEER_WORKER, .up = true },
		{ .peer = FSD, .role = PEER_FSD, .up = true },
		{ .peer = NAMES, .role = PEER_NAMES, .up = true },
		{ .peer = API, .role = PEER_API, .up = true },
		{ .peer = DIRECTORY, .role = PEER_DIRECTORY, .up = true },
		{ .peer = KRB, .role = PEER_KRB, .up = true },
		{ .peer = NET, .role = PEER_NET, .up = true },
		{ .peer = VAULT, .role = PEER_FSD, .storage = "vault" },
	};
	struct stage *st = xcalloc(1, sizeof *st);

	stage = st;
	memcpy(st->links, links, sizeof links);
	strcpy(st->dir, "/tmp/bh-store-XXXXXX");
	assert_non_null(mkdtemp(st->dir));
	TAILQ_INIT(&st->store.logons);
	st->store.contexts = contexts_new(CONTEXTS_MAX);
	st->store.throttle = throttle_new(64, NULL);
	st->store.loop	   = loop_new();
	random_bytes(st->store.nobody, sizeof st->store.nobody);
	assert_status(ntlm_hash("", st->store.empty), STATUS_SUCCESS);
	awaited = NULL;
	loop_on_tick(st->store.loop, &st->tick, stop_when_answered, st);
	stage_configure(&st->store, conf);
	stage_open(st);
	return st;
}

static void
stage_close(struct stage *st)
{
	db_drop(st->store.accounts);
	db_drop(st->store.sessions);
}

void
stage_reopen(struct stage *st)
{
	stage_close(st);
	stage_open(st);
}

void
stage_drop(struct stage *st)
{
	char command[96];

	assert_int_equal(st->store.n_logons, 0);
	stage_close(st);
	contexts_drop(st->store.contexts);
	throttle_drop(st->store.throttle);
	loop_drop(st->store.loop);
	conf_copy_drop(&st->store.part);
	(void)snprintf(command, sizeof command, "rm -r %s", st->dir);
	assert_int_equal(system(command), 0);
	free(st);
}

struct link *
stage_link(struct stage *st, uint64_t peer)
{
	for (size_t i = 0; i < NELEM(st->links); i++)
		if (st->links[i].peer == peer)
			return &st->links[i];
	return NULL;
}

struct call *
stage_call(struct stage *st, uint64_t from)
{
	struct call *c = xcalloc(1, sizeof *c);

	c->link = stage_link(st, from);
	return c;
}

void
call_drop(struct call *c)
{
	free(c);
}

struct ask *
ask_find(struct stage *st, const struct msg_desc *desc)
{
	for (size_t i = 0; i < st->n_asks; i++)
		if (st->asks[i].desc == desc && !st->asks[i].answered)
			return &st->asks[i];
	return NULL;
}

void
ask_answer(struct ask *a, nt status, struct span body)
{
	assert_non_null(a);
	a->answered = true;
	a->deliver(a->done, a->ctx, status, body, SPAN_NONE);
}

uint32_t
stage_uid(const char *name)
{
	return 1001 + (uint32_t)((name[0] | 0x20) - 'a');
}

static void
answer_names(struct ask *a)
{
	struct names_user_req req;
	uint8_t buf[1024];
	struct wr w = wr_init(buf, sizeof buf);

	assert_status(names_user_req_decode(SPAN(a->body, a->n), &req), STATUS_SUCCESS);
	const struct names_user_rsp rsp = { .name   = req.name,
					    .uid    = stage_uid(req.name.s),
					    .gid    = 1002,
					    .groups = { 2, { 1002, 1005 } } };
	names_user_rsp_encode(&w, &rsp);
	ask_answer(a, STATUS_SUCCESS, wr_done(&w));
}

static void
answer_worker(struct ask *a)
{
	const struct dir_worker_get_rsp rsp = { .worker = WORKER };
	uint8_t buf[64];
	struct wr w = wr_init(buf, sizeof buf);

	dir_worker_get_rsp_encode(&w, &rsp);
	ask_answer(a, STATUS_SUCCESS, wr_done(&w));
}

void
stage_grant_all(struct stage *st)
{
	for (size_t i = 0; i < st->n_asks; i++) {
		struct ask *a = &st->asks[i];

		if (a->answered)
			continue;
		if (a->desc == &names_user_desc)
			answer_names(a);
		else if (a->desc == &dir_worker_get_desc)
			answer_worker(a);
		else
			ask_answer(a, STATUS_SUCCESS, SPAN_NONE);
	}
	st->n_asks = 0;
}

void
stage_run(struct stage *st, struct call *c)
{
	awaited = c;
	stage_grant_all(st);
	if (!c->answered)
		(void)loop_run(st->store.loop);
}

void
stage_add_user(struct stage *st, const char *name, const char *password)
{
	char copy[64];
	struct call *c = stage_call(st, API);
	struct user_add_rsp rsp;
	struct user_add_req req = { .name = str_of(name) };

	strcpy(copy, password);
	req.password = SPAN_STR(copy);
	assert_status(user_add(&st->store, c, &req, &rsp), STATUS_SUCCESS);
	call_drop(c);
}

struct call *
stage_logon(struct stage *st, uint64_t from, uint64_t session, struct client *client,
	    uint64_t *ret_ctx)
{
	struct call *c			 = stage_call(st, from);
	struct auth_ntlm_begin_req begin = { .session = session,
					     .flags   = CLIENT_FLAGS,
					     .client  = { .family = 4, .b = { 192, 0, 2, 1 } } };
	struct auth_ntlm_begin_rsp rsp;
	struct auth_ntlm_finish_rsp none;
	struct challenge sent;
	struct wr w = wr_init(sent.nonce, sizeof sent.nonce);

	assert_status(auth_ntlm_begin(&st->store, c, &begin, &rsp), STATUS_SUCCESS);
	wr_u64(&w, rsp.challenge);
	sent.flags	     = rsp.flags;
	sent.target_info     = rsp.target_info;
	client->timestamp    = filetime_from_ns((int64_t)clock_real_ns());
	struct client answer = *client;
	client_answer(&answer, &sent);
	memcpy(client->base, answer.base, sizeof client->base);
	answer.req.ctx		    = rsp.ctx;
	answer.req.previous_session = client->req.previous_session;
	answer.req.binding	    = client->req.binding;
	*ret_ctx		    = rsp.ctx;
	nt status		    = auth_ntlm_finish(&st->store, c, &answer.req, &none);
	if (!nt_is(status, STATUS_PENDING)) {
		c->answered = true;
		c->status   = status;
	}
	return c;
}
