/*
 * test_cred.c - handles and NTLM of the keeper of scripts' credentials.  Links
 * and calls are played by the test, which has functions of ipc/ of its own: the
 * linker takes the first definition.
 */
#include "tests/unit/check.h"

#include "authd/cred/cred.h"
#include "base/fatal.h"
#include "base/secret.h"
#include "proto/auth/spnego.h"

struct link {
	uint64_t peer;
	enum peer_role role;
};

struct call {
	struct link *link;
	uint8_t scratch[4][NTLM_AUTHENTICATE_ROOM];
	size_t n_scratch;
};

static struct link api = { 1, PEER_API }, bob = { 11, PEER_SESSION }, eve = { 12, PEER_SESSION };
static struct cred me;

struct link *
node_find(struct node *node, uint64_t peer)
{
	(void)node;
	return peer == bob.peer ? &bob : peer == eve.peer ? &eve : peer == api.peer ? &api : NULL;
}

enum peer_role
link_role(const struct link *l)
{
	return l->role;
}

uint64_t
link_peer(const struct link *l)
{
	return l->peer;
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

static struct call *
call_from(struct link *l)
{
	static struct call c;

	memset(&c, 0, sizeof c);
	c.link = l;
	return &c;
}

static int
setup(void **state)
{
	(void)state;
	memset(&me, 0, sizeof me);
	me.loop	     = loop_new();
	me.logins    = logins_new(200);
	me.nobody    = login_new();
	me.exchanges = exchanges_new(EXCHANGES_MAX);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	exchanges_drop(me.exchanges);
	logins_drop(me.logins);
	login_free(me.nobody);
	loop_drop(me.loop);
	return 0;
}

static nt
create(const char *owner, uint8_t type, const char *user, const char *secret, uint8_t kerberos,
       uint64_t *ret)
{
	const struct cred_create_req req = {
		.owner	  = str_of(owner),
		.type	  = type,
		.user	  = str_of(user),
		.domain	  = str_of("DOMAIN"),
		.kerberos = kerberos,
		.secret	  = SPAN_STR(secret),
	};
	struct cred_create_rsp rsp = { 0 };

	TRY(cred_create(&me, call_from(&api), &req, &rsp));
	*ret = rsp.cred;
	return STATUS_SUCCESS;
}

static uint64_t
password_of(const char *owner)
{
	uint64_t id = 0;

	assert_status(create(owner, CRED_PASSWORD, "bob", "Secret-1", CRED_KRB_DESIRED, &id),
		      STATUS_SUCCESS);
	return id;
}

static nt
lend(const char *owner, uint64_t id, uint64_t peer)
{
	const struct cred_lend_req req = { .owner = str_of(owner), .cred = id, .peer = peer };
	struct cred_lend_rsp rsp;

	return cred_lend(&me, call_from(&api), &req, &rsp);
}

static nt
drop(const char *owner, uint64_t id)
{
	const struct cred_drop_req req = { .owner = str_of(owner), .cred = id };
	struct cred_drop_rsp rsp;

	return cred_drop(&me, call_from(&api), &req, &rsp);
}

static nt
begin(struct link *from, uint64_t id, uint64_t *ret_ctx)
{
	const struct cred_ntlm_begin_req req = { .cred = id, .workstation = str_of("PC") };
	struct cred_ntlm_begin_rsp rsp	     = { 0 };
	struct ntlm_negotiate n;

	TRY(cred_ntlm_begin(&me, call_from(from), &req, &rsp));
	assert_status(ntlm_negotiate_decode(rsp.negotiate, &n), STATUS_SUCCESS);
	*ret_ctx = rsp.ctx;
	return STATUS_SUCCESS;
}

/* A server's challenge and its mechListMIC for the key that came out. */
struct server {
	uint8_t info[256], list[64], mic[16];
	struct cred_ntlm_finish_req req;
	struct cred_ntlm_finish_rsp rsp;
	uint8_t key[16], message[NTLM_AUTHENTICATE_ROOM];
	size_t n_message;
};

static void
server_init(struct server *s, uint64_t ctx)
{
	static const enum spnego_mech mech = SPNEGO_MECH_NTLMSSP;
	static const uint8_t raw[64]	   = "NTLMSSP", stamp[8];
	struct wr w = wr_init(s->info, sizeof s->info), l = wr_init(s->list, sizeof s->list);

	wr_ntlm_av_utf16(&w, NTLM_AV_NB_DOMAIN, "SRV");
	wr_ntlm_av_utf16(&w, NTLM_AV_NB_COMPUTER, "SRV");
	wr_ntlm_av(&w, NTLM_AV_TIMESTAMP, SPAN(stamp, sizeof stamp));
	wr_ntlm_av_end(&w);
	spnego_mech_list_encode(&l, &mech, 1);
	s->req = (struct cred_ntlm_finish_req){
		.ctx		  = ctx,
		.flags		  = NTLM_CLIENT_FLAGS,
		.server_challenge = 0x0123456789abcdef,
		.target_info	  = wr_done(&w),
		.target		  = str_of("cifs/srv"),
		.challenge	  = SPAN(raw, sizeof raw),
		.mech_list	  = wr_done(&l),
	};
}

static nt
finish(struct link *from, struct server *s)
{
	struct cred_ntlm_finish_rsp rsp = { 0 };

	TRY(cred_ntlm_finish(&me, call_from(from), &s->req, &rsp));
	assert_int_equal(rsp.key.n, 16);
	assert_int_equal(rsp.mic.n, 16);
	memcpy(s->key, rsp.key.p, 16);
	memcpy(s->mic, rsp.mic.p, 16);
	memcpy(s->message, rsp.authenticate.p, rsp.authenticate.n);
	s->n_message = rsp.authenticate.n;
	return STATUS_SUCCESS;
}

static nt
mic_check(struct link *from, struct server *s, struct span mic)
{
	const struct cred_mic_check_req req = { .ctx	   = s->req.ctx,
						.mech_list = s->req.mech_list,
						.mic	   = mic };
	struct cred_mic_check_rsp rsp;

	return cred_mic_check(&me, call_from(from), &req, &rsp);
}

/* Does a server that knows the password accept, and get the same key? */
static void
assert_accepts(struct server *s, const char *password)
{
	struct ntlm_authenticate a;
	uint8_t hash[16], base[16], key[16], nonce[8];
	struct wr w = wr_init(nonce, sizeof nonce);

	wr_u64(&w, s->req.server_challenge);
	assert_status(ntlm_authenticate_decode(SPAN(s->message, s->n_message), &a), STATUS_SUCCESS);
	assert_status(ntlm_hash(password, hash), STATUS_SUCCESS);
	const struct ntlm_v2_check check = { hash, nonce, a.user, a.domain, a.nt_response };
	assert_status(ntlm_v2_verify(&check, base), STATUS_SUCCESS);
	assert_status(ntlm_exported_key(a.flags, base, a.session_key, key), STATUS_SUCCESS);
	assert_memory_equal(key, s->key, 16);
}

static void
handle_is_its_owners_alone(void **state)
{
	uint64_t id		 = password_of("uid:1");
	struct cred_list_rsp rsp = { 0 };
	struct cred_list_req req = { .owner = str_of("uid:2") };

	(void)state;
	assert_true(id > 0 && id < 1ull << 53);
	assert_status(drop("uid:2", id), STATUS_NOT_FOUND);
	assert_status(lend("uid:2", id, bob.peer), STATUS_NOT_FOUND);
	assert_status(cred_list(&me, call_from(&api), &req, &rsp), STATUS_NO_MORE_ENTRIES);
	req.owner = str_of("uid:1");
	assert_status(cred_list(&me, call_from(&api), &req, &rsp), STATUS_SUCCESS);
	assert_int_equal(rsp.cred, id);
	assert_string_equal(rsp.user.s, "bob");
	assert_status(drop("uid:1", id), STATUS_SUCCESS);
	assert_status(drop("uid:1", id), STATUS_NOT_FOUND);
}

static void
list_names_each_handle_once(void **state)
{
	struct cred_list_rsp rsp = { 0 };
	struct cred_list_req req = { .owner = str_of("uid:1") };
	uint32_t n		 = 0;

	(void)state;
	for (int i = 0; i < 10; i++) {
		(void)password_of("uid:1");
		(void)password_of("uid:2");
	}
	while (nt_ok(cred_list(&me, call_from(&api), &req, &rsp))) {
		assert_true(rsp.cred > req.after);
		req.after = rsp.cred;
		n++;
	}
	assert_int_equal(n, 10);
}

static void
handles_are_bounded_by_owner_and_in_all(void **state)
{
	uint64_t id, first;

	(void)state;
	first = password_of("uid:1");
	for (uint32_t i = 1; i < LOGINS_PER_OWNER; i++)
		(void)password_of("uid:1");
	assert_status(create("uid:1", CRED_PASSWORD, "u", "p", 0, &id), STATUS_QUOTA_EXCEEDED);
	assert_status(drop("uid:1", first), STATUS_SUCCESS);
	(void)password_of("uid:1");
	for (uint32_t i = 0; i < LOGINS_PER_OWNER * 2; i++)
		(void)password_of(i % 2 ? "uid:2" : "uid:3");
	for (uint32_t i = LOGINS_PER_OWNER * 3; i < 200; i++)
		(void)password_of("uid:4");
	assert_status(create("uid:5", CRED_PASSWORD, "u", "p", 0, &id),
		      STATUS_INSUFFICIENT_RESOURCES);
}

static void
nonsense_makes_no_handle(void **state)
{
	static const struct {
		uint8_t type, kerberos;
		const char *user, *secret;
	} rows[] = {
		{ CRED_ANONYMOUS, CRED_KRB_OFF, "bob", "" },
		{ CRED_ANONYMOUS, CRED_KRB_OFF, "", "x" },
		{ CRED_ANONYMOUS, CRED_KRB_REQUIRED, "", "" },
		{ CRED_PASSWORD, CRED_KRB_OFF, "", "x" },
		{ CRED_PASSWORD, CRED_KRB_OFF, "bob", "\xff\xfe" },
		{ CRED_PASSWORD, 3, "bob", "x" },
		{ CRED_NT_HASH, CRED_KRB_OFF, "bob", "00112233445566778899aabbccddeef" },
		{ CRED_NT_HASH, CRED_KRB_OFF, "bob", "00112233445566778899aabbccddeeffa" },
		{ CRED_NT_HASH, CRED_KRB_OFF, "bob", "00112233445566778899aabbccddeefg" },
	};
	uint64_t id;

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++)
		assert_status(create("uid:1", rows[i].type, rows[i].user, rows[i].secret,
				     rows[i].kerberos, &id),
			      STATUS_INVALID_PARAMETER);
	assert_true(nt_failed(create("uid:1", 99, "bob", "x", 0, &id)));
	assert_int_equal(logins_count(me.logins), 0);
}

static void
login_is_used_by_who_it_was_lent_to_alone(void **state)
{
	uint64_t id = password_of("uid:1"), ctx;
	struct server s;

	(void)state;
	assert_status(begin(&bob, id, &ctx), STATUS_NOT_FOUND);
	assert_status(lend("uid:1", id, 999), STATUS_NOT_FOUND);
	assert_status(lend("uid:1", id, api.peer), STATUS_NOT_FOUND);
	assert_status(lend("uid:1", id, bob.peer), STATUS_SUCCESS);
	assert_status(begin(&bob, id, &ctx), STATUS_SUCCESS);
	assert_status(begin(&eve, id, &ctx), STATUS_NOT_FOUND);
	server_init(&s, ctx);
	assert_status(finish(&eve, &s), STATUS_INVALID_PARAMETER);
	assert_status(finish(&bob, &s), STATUS_SUCCESS);
	assert_status(mic_check(&eve, &s, SPAN(s.mic, 16)), STATUS_INVALID_PARAMETER);
}

static void
lending_ends_with_the_peer(void **state)
{
	uint64_t id = password_of("uid:1"), ctx, ctx2;
	struct server s;

	(void)state;
	assert_status(lend("uid:1", id, bob.peer), STATUS_SUCCESS);
	assert_status(lend("uid:1", id, eve.peer), STATUS_SUCCESS);
	assert_status(begin(&bob, id, &ctx), STATUS_SUCCESS);
	assert_status(begin(&eve, id, &ctx2), STATUS_SUCCESS);
	cred_events.peer_down(&me, &bob);
	assert_int_equal(exchanges_count(me.exchanges), 1);
	assert_status(begin(&bob, id, &ctx), STATUS_NOT_FOUND);
	server_init(&s, ctx2);
	assert_status(finish(&eve, &s), STATUS_SUCCESS);
}

static void
dropped_login_answers_nothing_more(void **state)
{
	uint64_t id = password_of("uid:1"), ctx;
	struct server s;

	(void)state;
	assert_status(lend("uid:1", id, bob.peer), STATUS_SUCCESS);
	assert_status(begin(&bob, id, &ctx), STATUS_SUCCESS);
	assert_status(drop("uid:1", id), STATUS_SUCCESS);
	server_init(&s, ctx);
	assert_status(finish(&bob, &s), STATUS_INVALID_PARAMETER);
}

static void
server_with_the_password_accepts(void **state)
{
	uint64_t id = password_of("uid:1"), ctx;
	uint8_t mic[16];
	struct server s;

	(void)state;
	assert_status(lend("uid:1", id, bob.peer), STATUS_SUCCESS);
	assert_status(begin(&bob, id, &ctx), STATUS_SUCCESS);
	server_init(&s, ctx);
	assert_status(finish(&bob, &s), STATUS_SUCCESS);
	assert_accepts(&s, "Secret-1");
	ntlm_signature(NTLM_CLIENT_FLAGS, s.key, NTLM_SERVER, 0, s.req.mech_list, mic);
	assert_status(mic_check(&bob, &s, SPAN(mic, 16)), STATUS_SUCCESS);
	assert_status(mic_check(&bob, &s, SPAN(mic, 16)), STATUS_INVALID_PARAMETER);
}

static void
wrong_server_mic_is_refused(void **state)
{
	uint64_t id = password_of("uid:1"), ctx;
	struct server s;

	(void)state;
	assert_status(lend("uid:1", id, bob.peer), STATUS_SUCCESS);
	assert_status(begin(&bob, id, &ctx), STATUS_SUCCESS);
	server_init(&s, ctx);
	assert_status(finish(&bob, &s), STATUS_SUCCESS);
	assert_status(mic_check(&bob, &s, SPAN(s.mic, 16)), STATUS_LOGON_FAILURE);
}

static void
hash_does_what_its_password_does(void **state)
{
	uint64_t id, ctx;
	uint8_t hash[16];
	char text[33];
	struct server s;

	(void)state;
	assert_status(ntlm_hash("Secret-1", hash), STATUS_SUCCESS);
	for (size_t i = 0; i < sizeof hash; i++)
		(void)snprintf(text + 2 * i, 3, i % 2 ? "%02x" : "%02X", hash[i]);
	assert_status(create("uid:1", CRED_NT_HASH, "bob", text, CRED_KRB_OFF, &id),
		      STATUS_SUCCESS);
	assert_status(lend("uid:1", id, bob.peer), STATUS_SUCCESS);
	assert_status(begin(&bob, id, &ctx), STATUS_SUCCESS);
	server_init(&s, ctx);
	assert_status(finish(&bob, &s), STATUS_SUCCESS);
	assert_accepts(&s, "Secret-1");
}

static void
nobody_needs_no_handle(void **state)
{
	struct ntlm_authenticate a;
	struct server s;
	uint64_t ctx;

	(void)state;
	assert_status(begin(&bob, 0, &ctx), STATUS_SUCCESS);
	server_init(&s, ctx);
	assert_status(finish(&bob, &s), STATUS_SUCCESS);
	assert_status(ntlm_authenticate_decode(SPAN(s.message, s.n_message), &a), STATUS_SUCCESS);
	assert_true(a.flags & NTLM_ANONYMOUS);
	assert_int_equal(a.user.n + a.nt_response.n, 0);
}

static void
one_challenge_gets_one_answer(void **state)
{
	uint64_t id = password_of("uid:1"), ctx;
	struct server s;

	(void)state;
	assert_status(lend("uid:1", id, bob.peer), STATUS_SUCCESS);
	assert_status(begin(&bob, id, &ctx), STATUS_SUCCESS);
	server_init(&s, ctx);
	assert_status(finish(&bob, &s), STATUS_SUCCESS);
	assert_status(finish(&bob, &s), STATUS_INVALID_PARAMETER);
	assert_status(begin(&bob, id, &ctx), STATUS_SUCCESS);
	server_init(&s, ctx);
	s.req.target_info = SPAN_NONE;
	assert_status(finish(&bob, &s), STATUS_INVALID_NETWORK_RESPONSE);
	server_init(&s, ctx);
	assert_status(finish(&bob, &s), STATUS_INVALID_PARAMETER);
}

static void
kerberos_required_is_not_undone_by_ntlm(void **state)
{
	uint64_t id, ctx;

	(void)state;
	assert_status(create("uid:1", CRED_PASSWORD, "bob", "x", CRED_KRB_REQUIRED, &id),
		      STATUS_SUCCESS);
	assert_status(lend("uid:1", id, bob.peer), STATUS_SUCCESS);
	assert_status(begin(&bob, id, &ctx), STATUS_NOT_SUPPORTED);
}

static void
exchanges_are_bounded_by_peer_and_time(void **state)
{
	uint64_t id = password_of("uid:1"), ctx[EXCHANGES_PER_PEER + 1];
	struct server s;

	(void)state;
	assert_status(lend("uid:1", id, bob.peer), STATUS_SUCCESS);
	for (size_t i = 0; i < NELEM(ctx); i++)
		assert_status(begin(&bob, id, &ctx[i]), STATUS_SUCCESS);
	assert_int_equal(exchanges_count(me.exchanges), EXCHANGES_PER_PEER);
	server_init(&s, ctx[0]);
	assert_status(finish(&bob, &s), STATUS_INVALID_PARAMETER);
	server_init(&s, ctx[1]);
	assert_status(finish(&bob, &s), STATUS_SUCCESS);
	exchanges_expire(me.exchanges, cred_now_ms(&me) + EXCHANGE_LIFE_MS + 1);
	assert_int_equal(exchanges_count(me.exchanges), 0);
}

static void
unused_logins_are_forgotten_unless_lent(void **state)
{
	uint64_t id = password_of("uid:1"), lent = password_of("uid:1");

	(void)state;
	assert_status(lend("uid:1", lent, bob.peer), STATUS_SUCCESS);
	logins_expire(me.logins, cred_now_ms(&me) + 1001, 1000);
	assert_null(login_find(me.logins, "uid:1", id));
	assert_non_null(login_find(me.logins, "uid:1", lent));
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(handle_is_its_owners_alone),
		T(list_names_each_handle_once),
		T(handles_are_bounded_by_owner_and_in_all),
		T(nonsense_makes_no_handle),
		T(login_is_used_by_who_it_was_lent_to_alone),
		T(lending_ends_with_the_peer),
		T(dropped_login_answers_nothing_more),
		T(server_with_the_password_accepts),
		T(wrong_server_mic_is_refused),
		T(hash_does_what_its_password_does),
		T(nobody_needs_no_handle),
		T(one_challenge_gets_one_answer),
		T(kerberos_required_is_not_undone_by_ntlm),
		T(exchanges_are_bounded_by_peer_and_time),
		T(unused_logins_are_forgotten_unless_lent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
