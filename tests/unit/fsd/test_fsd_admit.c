/* test_fsd_admit.c - who enters a share: every rule of the policy. */
#include "fsd/share.h"

#include "ipc/birth.h"
#include "ipc/msg/authd.msg.h"
#include "tests/unit/check.h"

struct rule {
	uint8_t list;
	const char *who;
};

static uint8_t room[8192], body[4096];
static const char *force_user = "";

static void
part_put(struct wr *w, const struct msg_desc *d, struct wr *b)
{
	assert_true(wr_ok(b));
	conf_put(w, d, wr_done(b));
}

/* A configuration part with one share. */
static struct shares
shares_of(uint32_t flags, const char *hide, const struct rule *rules, size_t n)
{
	struct conf_share_req share = { .name = str_of("Docs"), .path = str_of("/nowhere"),
		.comment = str_of(""), .flags = flags, .create_mask = 0744, .directory_mask = 0755,
		.force_user = str_of(force_user), .hide_files = str_of(hide) };
	struct wr w = wr_init(room, sizeof room), b = wr_init(body, sizeof body);
	struct shares all = { 0 };

	conf_share_req_encode(&b, &share);
	part_put(&w, &conf_share_desc, &b);
	for (size_t i = 0; i < n; i++) {
		struct conf_share_acl_req acl = { 0, rules[i].list, str_of(rules[i].who) };

		b = wr_init(body, sizeof body);
		conf_share_acl_req_encode(&b, &acl);
		part_put(&w, &conf_share_acl_desc, &b);
	}
	assert_status(shares_read(&all, wr_done(&w), NULL), STATUS_SUCCESS);
	return all;
}

static nt
admit(uint32_t flags, const struct rule *rules, size_t n, const char *user, uint32_t who_flags,
    const char *from, bool *ret_ro)
{
	struct shares all  = shares_of(flags, "", rules, n);
	struct ident *who  = ident_new(user, "", 1000, 0, NULL, who_flags);
	struct net_addr at = { 0 };
	nt s;

	assert_status(addr_parse(from, &at), STATUS_SUCCESS);
	s = share_admit(all.first, who, &at, ret_ro);
	ident_drop(who);
	shares_drop(&all);
	return s;
}

#define LOCAL "192.0.2.7:1"
#define ADMIT(flags, user, who_flags, from, ro, ...)                                     \
	admit(flags, (const struct rule[]){ __VA_ARGS__ },                               \
	    sizeof((const struct rule[]){ __VA_ARGS__ }) / sizeof(struct rule), user,    \
	    who_flags, from, ro)

static void
admit_lists_of_users_decide(void **state)
{
	bool ro;

	(void)state;
	assert_status(ADMIT(0, "Alice", 0, LOCAL, &ro, { ACL_VALID, "alice" }), STATUS_SUCCESS);
	assert_status(ADMIT(0, "bob", 0, LOCAL, &ro, { ACL_VALID, "alice" }), STATUS_ACCESS_DENIED);
	assert_status(ADMIT(0, "alice", 0, LOCAL, &ro, { ACL_VALID, "alice" },
			  { ACL_INVALID, "ALICE" }),
	    STATUS_ACCESS_DENIED);
}

static void
admit_groups_count_by_membership(void **state)
{
	bool ro;

	(void)state;
	/* gid 0 is everywhere called root; the identity of these tests is in it. */
	assert_status(ADMIT(0, "alice", 0, LOCAL, &ro, { ACL_VALID, "@root" }), STATUS_SUCCESS);
	assert_status(ADMIT(0, "alice", 0, LOCAL, &ro, { ACL_INVALID, "@root" }),
	    STATUS_ACCESS_DENIED);
	assert_status(ADMIT(0, "alice", 0, LOCAL, &ro, { ACL_VALID, "@no-such-group" }),
	    STATUS_ACCESS_DENIED);
	/* Nobody knows who is in it: it might be this one. */
	assert_status(ADMIT(0, "alice", 0, LOCAL, &ro, { ACL_INVALID, "@no-such-group" }),
	    STATUS_ACCESS_DENIED);
}

/* EXAMPLE\alice, whom a domain put into group 1120. */
static nt
admit_foreign(const struct rule *rule)
{
	struct shares all  = shares_of(0, "", rule, 1);
	struct ident *who  = ident_new("acts", "S-1-5-21-1-2-3-1104", 1000, 1000, NULL, 0);
	struct net_addr at = { 0 };
	uint8_t sids[SID_SIZE_MAX];
	struct wr w = wr_init(sids, sizeof sids);
	struct sid group;
	bool ro;
	nt s;

	assert_true(sid_parse("S-1-5-21-1-2-3-1120", &group));
	wr_sid(&w, &group);
	ident_set_domain(who, "EXAMPLE", "EXAMPLE.ORG", "alice", wr_done(&w));
	assert_status(addr_parse(LOCAL, &at), STATUS_SUCCESS);
	s = share_admit(all.first, who, &at, &ro);
	ident_drop(who);
	shares_drop(&all);
	return s;
}

static void
admit_users_of_a_domain_by_sid_group_or_name(void **state)
{
	static const struct rule yes[] = {
		{ ACL_VALID, "S-1-5-21-1-2-3-1104" },  { ACL_VALID, "S-1-5-21-1-2-3-1120" },
		{ ACL_VALID, "@S-1-5-21-1-2-3-1120" }, { ACL_VALID, "+S-1-5-21-1-2-3-1120" },
		{ ACL_VALID, "example\\ALICE" },	       { ACL_VALID, "alice@EXAMPLE.ORG" },
		{ ACL_VALID, "acts" },		       { ACL_INVALID, "OTHER\\alice" },
	};
	static const struct rule no[] = {
		{ ACL_VALID, "S-1-5-21-1-2-3-1121" },	 { ACL_VALID, "alice" },
		{ ACL_VALID, "OTHER\\alice" },		 { ACL_VALID, "alice@OTHER.ORG" },
		{ ACL_VALID, "@EXAMPLE\\editors" },	 { ACL_INVALID, "@EXAMPLE\\editors" },
		{ ACL_INVALID, "@S-1-5-21-1-2-3-1120" }, { ACL_INVALID, "EXAMPLE\\alice" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(yes); i++)
		assert_status(admit_foreign(&yes[i]), STATUS_SUCCESS);
	for (size_t i = 0; i < NELEM(no); i++)
		assert_status(admit_foreign(&no[i]), STATUS_ACCESS_DENIED);
}

static void
admit_read_and_write_lists_change_the_share(void **state)
{
	bool ro;

	(void)state;
	assert_status(ADMIT(SHARE_READ_ONLY, "alice", 0, LOCAL, &ro, { ACL_WRITE, "bob" }),
	    STATUS_SUCCESS);
	assert_true(ro);
	assert_status(ADMIT(SHARE_READ_ONLY, "bob", 0, LOCAL, &ro, { ACL_WRITE, "bob" }),
	    STATUS_SUCCESS);
	assert_false(ro);
	assert_status(ADMIT(0, "bob", 0, LOCAL, &ro, { ACL_READ, "bob" }), STATUS_SUCCESS);
	assert_true(ro);
	assert_status(ADMIT(0, "bob", 0, LOCAL, &ro, { ACL_READ, "bob" }, { ACL_WRITE, "bob" }),
	    STATUS_SUCCESS);
	assert_false(ro);
}

static void
admit_strangers_only_where_guests_are(void **state)
{
	bool ro;

	(void)state;
	assert_status(ADMIT(0, "nobody", AUTH_GUEST, LOCAL, &ro, { ACL_READ, "x" }),
	    STATUS_ACCESS_DENIED);
	assert_status(ADMIT(0, "nobody", AUTH_ANONYMOUS, LOCAL, &ro, { ACL_READ, "x" }),
	    STATUS_ACCESS_DENIED);
	assert_status(ADMIT(SHARE_GUEST_OK, "nobody", AUTH_GUEST, LOCAL, &ro, { ACL_READ, "x" }),
	    STATUS_SUCCESS);
}

static void
admit_hosts_decide_as_in_smb_conf(void **state)
{
	bool ro;

	(void)state;
	assert_status(ADMIT(0, "a", 0, LOCAL, &ro, { ACL_ALLOW, "192.0.2.0/24" }), STATUS_SUCCESS);
	assert_status(ADMIT(0, "a", 0, LOCAL, &ro, { ACL_ALLOW, "192.0.2." }), STATUS_SUCCESS);
	assert_status(ADMIT(0, "a", 0, LOCAL, &ro, { ACL_ALLOW, "192.0.2.8" }),
	    STATUS_ACCESS_DENIED);
	assert_status(ADMIT(0, "a", 0, LOCAL, &ro, { ACL_DENY, "ALL" }), STATUS_ACCESS_DENIED);
	assert_status(ADMIT(0, "a", 0, LOCAL, &ro, { ACL_DENY, "ALL" }, { ACL_ALLOW, "192.0.2.7" }),
	    STATUS_SUCCESS);
	assert_status(ADMIT(0, "a", 0, LOCAL, &ro, { ACL_DENY, "192.0.2.4/30" }),
	    STATUS_ACCESS_DENIED);
	assert_status(ADMIT(0, "a", 0, "[2001:db8::1]:9", &ro, { ACL_ALLOW, "2001:db8::/32" }),
	    STATUS_SUCCESS);
	assert_status(ADMIT(0, "a", 0, "[2001:db9::1]:9", &ro, { ACL_ALLOW, "2001:db8::/32" }),
	    STATUS_ACCESS_DENIED);
	assert_status(ADMIT(0, "a", 0, "[::ffff:192.0.2.7]:9", &ro, { ACL_ALLOW, "192.0.2.7" }),
	    STATUS_SUCCESS);
}

static void
admit_a_host_that_is_no_address_never_matches(void **state)
{
	bool ro;

	(void)state;
	assert_status(ADMIT(0, "a", 0, LOCAL, &ro, { ACL_ALLOW, "example.org" }),
	    STATUS_ACCESS_DENIED);
	assert_status(ADMIT(0, "a", 0, LOCAL, &ro, { ACL_ALLOW, "192.0.2.0/33" }),
	    STATUS_ACCESS_DENIED);
}

static void
share_hides_what_its_lists_say(void **state)
{
	struct shares all = shares_of(SHARE_HIDE_DOT, "/*.tmp/Desktop.ini/", NULL, 0);

	(void)state;
	assert_true(share_hides(all.first, ".profile"));
	assert_true(share_hides(all.first, "x.TMP"));
	assert_true(share_hides(all.first, "desktop.ini"));
	assert_false(share_hides(all.first, "x.txt"));
	assert_false(share_hides(all.first, "."));
	assert_false(share_hides(all.first, ".."));
	shares_drop(&all);
}

static void
shares_refuse_a_part_that_is_cut(void **state)
{
	struct shares all = shares_of(0, "", NULL, 0), cut = { 0 };

	(void)state;
	shares_drop(&all);
	for (size_t n = 1; n < 12; n++)
		assert_true(nt_failed(shares_read(&cut, SPAN(room, n), NULL)));
}

static void
forced_user_is_an_account_or_ids_and_never_root(void **state)
{
	static const char *const refused[] = { "root", "bulkhead:none", "0:0", "7001:0", "0:7001",
					       "7001:7001,7002", "7001:", "4294967295:1" };
	struct shares all;
	bool ro;

	(void)state;
	force_user = "7001:7002";
	all	   = shares_of(0, "", NULL, 0);
	assert_int_equal(all.first->force_uid, 7001);
	assert_int_equal(all.first->force_gid, 7002);
	shares_drop(&all);
	assert_status(admit(0, NULL, 0, "alice", 0, LOCAL, &ro), STATUS_SUCCESS);
	for (size_t i = 0; i < NELEM(refused); i++) {
		force_user = refused[i];
		assert_status(admit(0, NULL, 0, "alice", 0, LOCAL, &ro),
			      STATUS_ACCESS_DENIED);
	}
	force_user = "";
}

static void
only_those_listed_are_operators_and_strangers_never(void **state)
{
	struct conf_share_acl_req acl = { ACL_SERVER, ACL_OPERATOR, str_of("Alice") };
	struct wr w = wr_init(room, sizeof room), b = wr_init(body, sizeof body);
	struct ident *alice = ident_new("alice", "", 1000, 0, NULL, 0);
	struct ident *bob   = ident_new("bob", "", 1001, 0, NULL, 0);
	struct ident *guest = ident_new("alice", "", 1000, 0, NULL, AUTH_GUEST);
	struct shares all   = { 0 };

	(void)state;
	conf_share_acl_req_encode(&b, &acl);
	part_put(&w, &conf_share_acl_desc, &b);
	assert_status(shares_read(&all, wr_done(&w), NULL), STATUS_SUCCESS);
	assert_true(shares_operator(&all, alice));
	assert_false(shares_operator(&all, bob));
	assert_false(shares_operator(&all, guest));
	shares_drop(&all);
	assert_false(shares_operator(&all, alice));
	ident_drop(alice);
	ident_drop(bob);
	ident_drop(guest);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_those_listed_are_operators_and_strangers_never),
		cmocka_unit_test(admit_lists_of_users_decide),
		cmocka_unit_test(admit_groups_count_by_membership),
		cmocka_unit_test(admit_users_of_a_domain_by_sid_group_or_name),
		cmocka_unit_test(admit_read_and_write_lists_change_the_share),
		cmocka_unit_test(admit_strangers_only_where_guests_are),
		cmocka_unit_test(admit_hosts_decide_as_in_smb_conf),
		cmocka_unit_test(admit_a_host_that_is_no_address_never_matches),
		cmocka_unit_test(share_hides_what_its_lists_say),
		cmocka_unit_test(shares_refuse_a_part_that_is_cut),
		cmocka_unit_test(forced_user_is_an_account_or_ids_and_never_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
