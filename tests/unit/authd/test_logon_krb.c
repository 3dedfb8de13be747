/*
 * test_logon_krb.c - from a ticket to a session: what the acceptor is asked,
 * which Unix account acts for whom, and who is refused.
 */
#include "tests/unit/authd/stage.h"

#include "base/secret.h"

#define EXPIRES 2000000000000000000ull

static const struct conf_auth_req plain = {
	.netbios_name  = { "SERVER", 6 },
	.workgroup     = { "EXAMPLE", 7 },
	.realm	       = { "EXAMPLE.ORG", 11 },
	.as_uid	       = NO_UID,
	.as_gid	       = NO_UID,
	.guest_account = { "nobody", 6 },
	.kerberos      = true,
	.idmap_first   = 100000,
	.idmap_last    = 199999,
};

static const char map[] = "EXAMPLE\\mapped = carol\n"
			  "EXAMPLE\\numbered = 7001:7002,7003\n"
			  "@S-1-5-21-1-2-3-1120 = 2001\n";

static struct call *
leg(struct stage *st, uint64_t from, const struct auth_krb_req *req)
{
	struct call *c = stage_call(st, from);
	struct auth_krb_rsp none;
	nt status = auth_krb(&st->store, c, req, &none);

	if (!nt_is(status, STATUS_PENDING)) {
		c->answered = true;
		c->status   = status;
	}
	return c;
}

static void
put_sid(struct wr *w, const char *text)
{
	struct sid s;

	assert_true(sid_parse(text, &s));
	wr_sid(w, &s);
}

/* The acceptor's word about somebody; pac: with a SID, the primary group 513 and group 1120. */
static void
vouch(struct stage *st, const char *name, const char *realm, bool pac)
{
	static uint8_t body[4096], user[SID_SIZE_MAX], groups[2 * SID_SIZE_MAX];
	struct wr w = wr_init(body, sizeof body), u = wr_init(user, sizeof user);
	struct wr g		  = wr_init(groups, sizeof groups);
	struct krb_accept_rsp rsp = { .done	 = true,
				      .token	 = SPAN_STR("AP-REP"),
				      .key	 = SPAN_STR("0123456789abcdef"),
				      .principal = str_of(name),
				      .realm	 = str_of(realm),
				      .expires	 = EXPIRES };

	if (pac) {
		put_sid(&u, "S-1-5-21-1-2-3-1104");
		put_sid(&g, "S-1-5-21-1-2-3-513");
		put_sid(&g, "S-1-5-21-1-2-3-1120");
		rsp.flags	 = KRB_HAS_PAC;
		rsp.user_sid	 = wr_done(&u);
		rsp.sids	 = wr_done(&g);
		rsp.logon_name	 = str_of(name);
		rsp.logon_domain = str_of("EXAMPLE");
	}
	krb_accept_rsp_encode(&w, &rsp);
	ask_answer(ask_find(st, &krb_accept_desc), STATUS_SUCCESS, wr_done(&w));
}

static const struct auth_krb_req first = { .token = { (const uint8_t *)"AP-REQ", 6 } };

/* The grant of whom the acceptor vouched for, or nothing if the logon was refused. */
static bool
grant_of(struct stage *st, const char *name, const char *realm, bool pac, struct session *ret)
{
	struct call *c = leg(st, GATE, &first);
	struct auth_krb_rsp rsp;
	bool ok;

	vouch(st, name, realm, pac);
	stage_run(st, c);
	ok = nt_ok(c->status);
	if (ok) {
		assert_status(auth_krb_rsp_decode(SPAN(c->body, c->n), &rsp), STATUS_SUCCESS);
		assert_true(rsp.done && rsp.session == rsp.ctx);
		assert_span(rsp.token, "AP-REP", 6);
		assert_status(registry_find(st->store.sessions, rsp.session, ret), STATUS_SUCCESS);
	} else {
		assert_status(c->status, STATUS_LOGON_FAILURE);
	}
	call_drop(c);
	return ok;
}

static void
principal_of_our_realm_is_the_account_of_that_name(void **state)
{
	struct stage *st = stage_new(&plain);
	struct session s;

	(void)state;
	assert_true(grant_of(st, "alice", "EXAMPLE.ORG", false, &s));
	assert_int_equal(s.grant.uid, stage_uid("alice"));
	assert_string_equal(s.grant.user.s, "alice");
	assert_string_equal(s.grant.logon.s, "alice");
	assert_string_equal(s.row.method.s, "kerberos");
	assert_true(s.grant.expires == EXPIRES && s.row.expires == EXPIRES);
	stage_drop(st);
}

static void
principal_of_another_realm_or_of_a_service_is_nobody(void **state)
{
	struct stage *st = stage_new(&plain);
	struct session s;

	(void)state;
	assert_false(grant_of(st, "alice", "OTHER.ORG", false, &s));
	assert_false(grant_of(st, "host/alice", "EXAMPLE.ORG", false, &s));
	assert_false(grant_of(st, "", "EXAMPLE.ORG", false, &s));
	assert_int_equal(db_count(st->store.sessions), 0);
	stage_drop(st);
}

static void
pac_gives_sid_groups_and_mapped_gids(void **state)
{
	struct stage *st = stage_new(&plain);
	struct session s;

	(void)state;
	st->store.map = SPAN_STR(map);
	assert_true(grant_of(st, "alice", "EXAMPLE.ORG", true, &s));
	assert_string_equal(s.grant.sid.s, "S-1-5-21-1-2-3-1104");
	assert_string_equal(s.grant.domain.s, "EXAMPLE");
	assert_int_equal(s.grant.sids.n, 2 * 28);
	assert_int_equal(s.grant.groups.n, 3); /* two of NSS, one of the file */
	assert_int_equal(s.grant.groups.v[2], 2001);
	assert_true(grant_of(st, "mapped", "EXAMPLE.ORG", true, &s));
	assert_string_equal(s.grant.user.s, "carol");
	assert_string_equal(s.grant.logon.s, "mapped");
	stage_drop(st);
}

static void
line_with_ids_needs_no_account(void **state)
{
	struct stage *st = stage_new(&plain);
	struct session s;

	(void)state;
	st->store.map = SPAN_STR(map);
	assert_true(grant_of(st, "numbered", "EXAMPLE.ORG", true, &s));
	assert_int_equal(s.grant.uid, 7001);
	assert_int_equal(s.grant.gid, 7002);
	assert_int_equal(s.grant.groups.n, 2); /* the line's, and the file's for its SIDs */
	assert_int_equal(s.grant.groups.v[0], 7003);
	assert_string_equal(s.grant.user.s, "EXAMPLE\\numbered");
	stage_drop(st);
}

static void
rid_rule_counts_from_the_first_uid_within_the_range(void **state)
{
	struct conf_auth_req conf = plain;
	struct session s;

	(void)state;
	conf.idmap	 = IDMAP_RID;
	struct stage *st = stage_new(&conf);
	assert_true(grant_of(st, "alice", "EXAMPLE.ORG", true, &s));
	assert_int_equal(s.grant.uid, 101104);
	assert_int_equal(s.grant.gid, 100513);
	assert_int_equal(s.grant.groups.n, 2);
	assert_int_equal(s.grant.groups.v[1], 101120);
	assert_string_equal(s.grant.user.s, "EXAMPLE\\alice");
	assert_false(grant_of(st, "alice", "EXAMPLE.ORG", false, &s)); /* no PAC, no RID */
	stage_drop(st);

	conf.idmap_last = 101000;
	st		= stage_new(&conf);
	assert_false(grant_of(st, "alice", "EXAMPLE.ORG", true, &s));
	stage_drop(st);

	conf.idmap_last = 199999;
	conf.workgroup	= str_of("OTHER"); /* a trusted domain's RIDs are not ours */
	st		= stage_new(&conf);
	assert_false(grant_of(st, "alice", "EXAMPLE.ORG", true, &s));
	stage_drop(st);
}

static void
unmapped_users_share_an_account_but_no_sid_and_no_worker(void **state)
{
	struct conf_auth_req conf = plain;
	struct session a, b;

	(void)state;
	conf.unmapped_user = str_of("visitor");
	struct stage *st   = stage_new(&conf);
	assert_true(grant_of(st, "alice", "OTHER.ORG", false, &a));
	assert_true(grant_of(st, "bob", "OTHER.ORG", false, &b));
	assert_int_equal(a.grant.uid, stage_uid("visitor"));
	assert_int_equal(b.grant.uid, a.grant.uid);
	assert_string_not_equal(a.grant.sid.s, b.grant.sid.s);
	stage_drop(st);
}

static void
acceptors_refusal_is_a_refusal_that_no_counter_counts(void **state)
{
	struct stage *st = stage_new(&plain);
	struct session s;

	(void)state;
	for (int i = 0; i < 30; i++) {
		struct call *c = leg(st, GATE, &first);

		ask_answer(ask_find(st, &krb_accept_desc), STATUS_LOGON_FAILURE, SPAN_NONE);
		assert_true(c->answered);
		assert_status(c->status, STATUS_LOGON_FAILURE);
		call_drop(c);
		st->n_asks = 0;
	}
	assert_true(grant_of(st, "alice", "EXAMPLE.ORG", false, &s));
	stage_drop(st);
}

/* Its KDC may be anybody's: what its PAC says of our domain is for nobody here. */
static void
another_realms_pac_cannot_speak_of_our_domain(void **state)
{
	struct conf_auth_req conf = plain;
	struct session s;

	(void)state;
	conf.unmapped_user = str_of("visitor");
	struct stage *st   = stage_new(&conf);
	st->store.map	   = SPAN_STR(map);
	assert_false(grant_of(st, "mapped", "EVIL.ORG", true, &s));
	stage_drop(st);

	conf.idmap = IDMAP_RID;
	st	   = stage_new(&conf);
	assert_false(grant_of(st, "alice", "EVIL.ORG", true, &s));
	assert_true(grant_of(st, "alice", "EXAMPLE.ORG", true, &s));
	stage_drop(st);
}

/* Durable opens are given back by SID, and a session is bound to by it. */
static void
no_domain_speaks_of_this_machines_accounts(void **state)
{
	struct stage *st = stage_new(&plain);
	struct session s;

	(void)state;
	st->store.machine[0] = 1;
	st->store.machine[1] = 2;
	st->store.machine[2] = 3;
	assert_false(grant_of(st, "alice", "EXAMPLE.ORG", true, &s));
	assert_true(grant_of(st, "alice", "EXAMPLE.ORG", false, &s));
	stage_drop(st);
}

/* A plain realm has both, and they are two people. */
static void
names_of_a_realm_that_differ_in_case_are_two(void **state)
{
	static const char *const names[] = { "alice", "Alice" };
	struct conf_auth_req conf	 = plain;
	char identities[2][NAME_BOUND + 1];
	struct dir_worker_get_req req;
	struct session s[2];

	(void)state;
	conf.as_uid	 = 1000;
	struct stage *st = stage_new(&conf);
	for (size_t i = 0; i < NELEM(names); i++) {
		struct call *c = leg(st, GATE, &first);
		struct auth_krb_rsp rsp;

		vouch(st, names[i], "EXAMPLE.ORG", false);
		struct ask *ask = ask_find(st, &dir_worker_get_desc);
		assert_status(dir_worker_get_req_decode(SPAN(ask->body, ask->n), &req),
			      STATUS_SUCCESS);
		memcpy(identities[i], req.identity.s, req.identity.n + 1);
		stage_run(st, c);
		assert_status(auth_krb_rsp_decode(SPAN(c->body, c->n), &rsp), STATUS_SUCCESS);
		assert_status(registry_find(st->store.sessions, rsp.session, &s[i]),
			      STATUS_SUCCESS);
		call_drop(c);
	}
	assert_string_not_equal(identities[0], identities[1]);
	assert_string_not_equal(s[0].grant.sid.s, s[1].grant.sid.s);
	stage_drop(st);
}

/* "alice" in a list is ours; somebody else's has to be named whole. */
static void
a_name_in_the_list_is_of_our_realm(void **state)
{
	struct conf_auth_req conf = plain;
	struct session s;

	(void)state;
	conf.only_users	   = str_of("alice, bob@OTHER.ORG");
	conf.unmapped_user = str_of("visitor");
	struct stage *st   = stage_new(&conf);
	assert_true(grant_of(st, "alice", "EXAMPLE.ORG", false, &s));
	assert_false(grant_of(st, "alice", "OTHER.ORG", false, &s));
	assert_true(grant_of(st, "bob", "OTHER.ORG", false, &s));
	stage_drop(st);
}

/* The gate dies while the acceptor works: its link is no more, and nobody waits for a second leg.
 */
static void
leg_of_an_asker_that_died_ends(void **state)
{
	struct stage *st	   = stage_new(&plain);
	struct call *c		   = leg(st, GATE, &first);
	struct krb_accept_rsp more = { .ctx = 77, .token = SPAN_STR("more") };
	uint8_t body[256];
	struct wr w = wr_init(body, sizeof body);

	(void)state;
	stage_link(st, GATE)->up = false;
	store_events.peer_down(&st->store, c->link);
	c->link = NULL;
	krb_accept_rsp_encode(&w, &more);
	ask_answer(ask_find(st, &krb_accept_desc), STATUS_SUCCESS, wr_done(&w));
	assert_status(c->status, STATUS_CANCELLED);
	assert_non_null(ask_find(st, &krb_abort_desc));
	assert_int_equal(contexts_count(st->store.contexts), 0);
	call_drop(c);
	stage_drop(st);
}

/* A leg that goes on is bound to its peer, its kind, and a number of rounds. */
static void
second_leg_needs_the_first_and_there_are_few(void **state)
{
	struct stage *st = stage_new(&plain);
	uint8_t body[256];
	struct krb_accept_rsp more = { .ctx = 77, .token = SPAN_STR("more") };
	struct auth_krb_req next   = first;
	struct auth_krb_rsp rsp;
	struct krb_accept_req asked;
	struct call *c = leg(st, GATE, &first);
	int legs;

	(void)state;
	for (legs = 1; legs < 10; legs++) {
		struct wr w = wr_init(body, sizeof body);

		krb_accept_rsp_encode(&w, &more);
		ask_answer(ask_find(st, &krb_accept_desc), STATUS_SUCCESS, wr_done(&w));
		assert_status(auth_krb_rsp_decode(SPAN(c->body, c->n), &rsp), STATUS_SUCCESS);
		assert_false(rsp.done);
		next.ctx = rsp.ctx;
		call_drop(c);
		if (legs == 1) { /* a worker cannot take it over */
			c = leg(st, WORKER, &next);
			assert_status(c->status, STATUS_INVALID_PARAMETER);
			call_drop(c);
		}
		c = leg(st, GATE, &next);
		if (c->answered)
			break;
		struct ask *ask = ask_find(st, &krb_accept_desc);
		assert_status(krb_accept_req_decode(SPAN(ask->body, ask->n), &asked),
			      STATUS_SUCCESS);
		assert_int_equal(asked.ctx, 77);
	}
	assert_int_equal(legs, 4);
	assert_status(c->status, STATUS_LOGON_FAILURE);
	call_drop(c);
	stage_drop(st);
}

static void
kerberos_that_is_off_is_refused(void **state)
{
	struct conf_auth_req conf = plain;

	(void)state;
	conf.kerberos	 = false;
	struct stage *st = stage_new(&conf);
	struct call *c	 = leg(st, GATE, &first);
	assert_status(c->status, STATUS_LOGON_FAILURE);
	assert_int_equal(st->n_asks, 0);
	call_drop(c);
	stage_drop(st);
}

static void
reauthentication_brings_the_new_tickets_end(void **state)
{
	struct stage *st = stage_new(&plain);
	struct worker_session_again_req again;
	struct auth_krb_req req = first;
	struct session s;
	struct ask *ask;
	struct call *c;

	(void)state;
	assert_true(grant_of(st, "alice", "EXAMPLE.ORG", false, &s));
	req.session = s.row.session;
	c	    = leg(st, WORKER, &req);
	vouch(st, "alice", "EXAMPLE.ORG", false);
	st->asks[0].answered = true; /* krb_accept */
	ask		     = ask_find(st, &names_user_desc);
	assert_non_null(ask);
	stage_run(st, c);
	for (size_t i = 0; i < NELEM(st->asks); i++)
		if (st->asks[i].desc == &worker_session_again_desc)
			ask = &st->asks[i];
	assert_status(worker_session_again_req_decode(SPAN(ask->body, ask->n), &again),
		      STATUS_SUCCESS);
	assert_true(again.expires == EXPIRES && again.session == s.row.session);
	assert_status(c->status, STATUS_SUCCESS);
	call_drop(c);
	stage_drop(st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(principal_of_our_realm_is_the_account_of_that_name),
		cmocka_unit_test(principal_of_another_realm_or_of_a_service_is_nobody),
		cmocka_unit_test(pac_gives_sid_groups_and_mapped_gids),
		cmocka_unit_test(line_with_ids_needs_no_account),
		cmocka_unit_test(rid_rule_counts_from_the_first_uid_within_the_range),
		cmocka_unit_test(unmapped_users_share_an_account_but_no_sid_and_no_worker),
		cmocka_unit_test(acceptors_refusal_is_a_refusal_that_no_counter_counts),
		cmocka_unit_test(another_realms_pac_cannot_speak_of_our_domain),
		cmocka_unit_test(no_domain_speaks_of_this_machines_accounts),
		cmocka_unit_test(names_of_a_realm_that_differ_in_case_are_two),
		cmocka_unit_test(a_name_in_the_list_is_of_our_realm),
		cmocka_unit_test(leg_of_an_asker_that_died_ends),
		cmocka_unit_test(second_leg_needs_the_first_and_there_are_few),
		cmocka_unit_test(kerberos_that_is_off_is_refused),
		cmocka_unit_test(reauthentication_brings_the_new_tickets_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
