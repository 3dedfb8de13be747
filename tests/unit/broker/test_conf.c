/*
 * test_conf.c - do a file and a command line become the right records, or the
 * right complaints?
 */
#include "../check.h"

#include "broker/config/conf.h"
#include "ipc/birth.h"
#include "ipc/msg/conf.msg.h"

static const struct conf_host host = { .root	    = true,
				       .uid	    = 0,
				       .gid	    = 0,
				       .name	    = "BOX",
				       .runtime_dir = "/run/bulkhead",
				       .state_dir   = "/var/lib/bulkhead",
				       .version	    = "1" };
static const struct conf_host user = { .root	    = false,
				       .uid	    = 1000,
				       .gid	    = 100,
				       .name	    = "BOX",
				       .runtime_dir = "/run/user/1000/bulkhead",
				       .state_dir   = "/home/u/.local/state/bulkhead",
				       .version	    = "1" };

static struct conf conf;
static char problems[65536];

static const char *
load_as(const struct conf_host *h, const char *text, char *const *words, size_t n)
{
	conf_drop(&conf);
	conf_init(&conf, "f", h);
	conf_read(&conf, SPAN_STR(text));
	conf_override(&conf, words, n);
	conf_check(&conf, h);
	problems[conf_problems_print(&conf, problems, sizeof problems - 1)] = '\0';
	return problems;
}

static const char *
load(const char *text)
{
	return load_as(&host, text, NULL, 0);
}

static int
teardown(void **state)
{
	(void)state;
	conf_drop(&conf);
	return 0;
}

static void
a_share_starts_from_the_defaults_of_global_wherever_it_stands(void **state)
{
	(void)state;
	assert_string_equal(load("[a]\npath=/a\n[global]\nread only = no\nguest ok = yes\n"
				 "[b]\npath=/b\nread only = yes\n"),
			    "");
	assert_int_equal(conf.n_shares, 2);
	assert_false(conf.shares[0].read_only);
	assert_true(conf.shares[0].guest_ok);
	assert_true(conf.shares[1].read_only);
	assert_true(conf.shares[1].guest_ok);
}

static void
shares_are_read_only_and_closed_to_guests_by_default(void **state)
{
	(void)state;
	assert_string_equal(load("[a]\npath=/a\n"), "");
	assert_true(conf.shares[0].read_only);
	assert_false(conf.shares[0].guest_ok);
	assert_int_equal(conf.global.signing, CONF_REQUIRED);
	assert_true(conf.global.require_sandbox);
}

static void
all_problems_are_told_with_their_lines(void **state)
{
	(void)state;
	assert_string_equal(
	    load("stray = 1\n"
		 "[global]\n"
		 "  worgroup = X\n"
		 "log level = loud\n"
		 "[a]\n"
		 "listen = 1.1.1.1:1\n"
		 "nonsense\n"
		 "[A]\n"
		 "path = /b\n"
		 "[ipc$]\n"
		 "include = other.conf\n"),
	    "f:1: \"stray\" stands before any section\n"
	    "f:3: unknown key \"worgroup\": did you mean `workgroup`?\n"
	    "f:4: `log level` cannot be \"loud\": expected one of error, warn, audit, info, debug\n"
	    "f:5: share \"a\" has no path\n"
	    "f:6: `listen` belongs into [global]\n"
	    "f:7: expected `key = value` or `[section]`\n"
	    "f:8: there is a share \"A\" already, in line 5\n"
	    "f:10: the share name \"ipc$\" is reserved\n");
	assert_int_equal(conf.n_errors, 8);
}

static void
include_has_a_reason_of_its_own(void **state)
{
	(void)state;
	assert_string_equal(load("[global]\ninclude = other.conf\n"),
			    "f:2: include is not supported: one file is one instance\n");
}

static void
share_names_that_clients_cannot_type_are_refused(void **state)
{
	(void)state;
	assert_non_null(strstr(load("[a/b]\npath=/a\n"), "f:1: the share name"));
	assert_non_null(strstr(load("[ADMIN$]\npath=/a\n"), "is reserved"));
	assert_string_equal(load("[hidden$]\npath=/a\n"), "");
}

static void
shares_stay_beneath_the_allowed_roots(void **state)
{
	(void)state;
	assert_string_equal(load("[global]\nallowed roots = /srv /data/\n"
				 "[a]\npath=/srv/x\n[b]\npath=/data\n"),
			    "");
	assert_non_null(strstr(load("[global]\nallowed roots = /srv\n[a]\npath=/srvx\n"),
			       "is not beneath `allowed roots`"));
}

static void
protocol_bounds_must_not_cross(void **state)
{
	(void)state;
	assert_non_null(strstr(load("[global]\nserver min protocol = SMB3\n"
				    "server max protocol = SMB2\n"),
			       "is newer than"));
}

static void
a_kdc_is_a_server_or_a_realm_and_its_server(void **state)
{
	static const char *const bad[] = { "A=", "=1.2.3.4", "A=B=1.2.3.4", "1.2.3.4 A=" };
	char text[64];

	(void)state;
	assert_string_equal(load("[global]\nkdc = 1.2.3.4:88, B.TEST=[::1]:88 kdc.c.test\n"), "");
	for (size_t i = 0; i < NELEM(bad); i++) {
		(void)snprintf(text, sizeof text, "[global]\nkdc = %s\n", bad[i]);
		assert_non_null(strstr(load(text), "expected SERVER or REALM=SERVER"));
	}
}

static void
the_listen_address_depends_on_who_starts(void **state)
{
	(void)state;
	load("");
	assert_int_equal(conf.global.listen.n, 2);
	assert_int_equal(conf.global.listen.v[0].port, 445);
	load_as(&user, "", NULL, 0);
	assert_int_equal(conf.global.listen.n, 1);
	assert_int_equal(conf.global.listen.v[0].port, 4450);
	assert_int_equal(conf.global.listen.v[0].b[0], 127);
}

static void
the_command_line_comes_on_top(void **state)
{
	char w1[] = "share=s=/tmp", w2[] = "rw", w3[] = "user=alice", w4[] = "user=bob smith",
	     w5[] = "listen=127.0.0.1:0", w6[] = "state=/s";
	char *words[] = { w1, w2, w3, w4, w5, w6 };

	(void)state;
	assert_string_equal(
	    load_as(&user, "[global]\nlisten=1.2.3.4:5\n[f]\npath=/f\n", words, NELEM(words)), "");
	assert_int_equal(conf.n_shares, 2);
	assert_true(conf.shares[0].read_only);
	assert_false(conf.shares[1].read_only);
	assert_int_equal(conf.shares[0].acl[ACL_VALID].n, 0);
	assert_int_equal(conf.shares[1].acl[ACL_VALID].n, 2);
	assert_string_equal(conf.shares[1].acl[ACL_VALID].v[1], "bob smith");
	assert_int_equal(conf.global.listen.n, 1);
	assert_int_equal(conf.global.listen.v[0].port, 0);
	assert_string_equal(conf.global.state_dir, "/s");
}

static void
the_command_line_is_named_in_complaints(void **state)
{
	char w1[] = "share=s=tmp", w2[] = "share=f=/x", w3[] = "listen=nowhere";
	char *words[] = { w1, w2, w3 };

	(void)state;
	assert_string_equal(
	    load_as(&user, "[f]\npath=/f\n", words, NELEM(words)),
	    "command line: --share cannot be \"tmp\": expected an absolute path without . and ..\n"
	    "command line: there is a share \"f\" already, in line 1\n"
	    "command line: --listen cannot be \"nowhere\": expected up to 8 of ADDRESS:PORT or "
	    "[ADDRESS]:PORT\n"
	    "command line: share \"s\" has no path\n");
}

static void
guest_without_a_share_on_the_command_line_is_a_mistake(void **state)
{
	char w1[]     = "guest";
	char *words[] = { w1 };

	(void)state;
	assert_non_null(strstr(load_as(&user, "[f]\npath=/f\n", words, 1), "command line: --rw"));
}

/* ---- records ---- */

static uint8_t room[1 << 20];

static struct span
emit(const struct conf_host *h)
{
	struct wr w = wr_init(room, sizeof room);

	conf_emit(&conf, h, &w);
	assert_true(wr_ok(&w));
	return wr_done(&w);
}

static struct span
record(struct span all, const struct msg_desc *d, unsigned nth)
{
	struct rd r = rd_init(all);
	struct span body;
	uint16_t id;

	while (conf_next(&r, &id, &body)) {
		if (id == d->id && nth-- == 0)
			return body;
	}
	fail_msg("no record %s", d->name);
	return SPAN_NONE;
}

static void
records_say_what_the_file_said(void **state)
{
	struct conf_share_req s;
	struct conf_share_acl_req a;
	struct conf_instance_req i;
	struct conf_auth_req auth;
	struct span all;

	(void)state;
	load("[global]\nmax workers = 7\n[off]\npath=/off\navailable=no\n"
	     "[a]\npath=/a\ncomment=hello\nguest ok=yes\nwrite list=@staff\nforce user=www\n");
	all = emit(&host);
	assert_status(conf_instance_req_decode(record(all, &conf_instance_desc, 0), &i),
		      STATUS_SUCCESS);
	assert_true(i.serves);
	assert_int_equal(i.max_workers, 7);
	assert_int_equal(i.worker_uid_first, 62000);
	assert_status(conf_share_req_decode(record(all, &conf_share_desc, 0), &s), STATUS_SUCCESS);
	assert_string_equal(s.name.s, "a");
	assert_int_equal(s.index, 0);
	assert_string_equal(s.comment.s, "hello");
	assert_true(s.flags & SHARE_GUEST_OK);
	assert_status(conf_share_acl_req_decode(record(all, &conf_share_acl_desc, 0), &a),
		      STATUS_SUCCESS);
	assert_int_equal(a.list, ACL_WRITE);
	assert_string_equal(a.who.s, "@staff");
	assert_status(conf_auth_req_decode(record(all, &conf_auth_desc, 0), &auth), STATUS_SUCCESS);
	assert_true(auth.guest_ok);
	assert_int_equal(auth.as_uid, UINT32_MAX);
}

static void
without_root_everybody_acts_as_the_owner(void **state)
{
	struct conf_fsd_req f;
	struct conf_instance_req i;
	struct span all;

	(void)state;
	load_as(&user, "[a]\npath=/a\n", NULL, 0);
	all = emit(&user);
	assert_status(conf_fsd_req_decode(record(all, &conf_fsd_desc, 0), &f), STATUS_SUCCESS);
	assert_int_equal(f.as_uid, 1000);
	assert_int_equal(f.as_gid, 100);
	assert_status(conf_instance_req_decode(record(all, &conf_instance_desc, 0), &i),
		      STATUS_SUCCESS);
	assert_int_equal(i.worker_uid_last, 0);
}

static void
the_acceptor_of_tickets_gets_its_own_settings(void **state)
{
	struct conf_krb_req k;
	struct conf_instance_req i;
	struct span all;

	(void)state;
	assert_string_equal(load("[global]\nrealm = R\nkeytab = /k\nidmap file = /m\n"
				 "kerberos services = cifs/a, cifs/b@R\nkerberos rc4 = yes\n"
				 "kerberos require pac = yes\nkerberos clock skew = 60\n"),
			    "");
	all = emit(&host);
	assert_status(conf_krb_req_decode(record(all, &conf_krb_desc, 0), &k), STATUS_SUCCESS);
	assert_string_equal(k.realm.s, "R");
	assert_string_equal(k.keytab.s, "/k");
	assert_string_equal(k.spns.s, "cifs/a, cifs/b@R");
	assert_true(k.rc4 && k.require_pac);
	assert_int_equal(k.skew_s, 60);
	assert_status(conf_instance_req_decode(record(all, &conf_instance_desc, 0), &i),
		      STATUS_SUCCESS);
	assert_true(i.wanted & FROM(KRB));
	assert_string_equal(load(""), "");
	all = emit(&host);
	assert_status(conf_krb_req_decode(record(all, &conf_krb_desc, 0), &k), STATUS_SUCCESS);
	assert_false(k.rc4 || k.require_pac || k.spns.n > 0);
	assert_int_equal(k.skew_s, 300);
	assert_status(conf_instance_req_decode(record(all, &conf_instance_desc, 0), &i),
		      STATUS_SUCCESS);
	assert_false(i.wanted & FROM(KRB));
	assert_string_not_equal(load("[global]\nkerberos clock skew = 0\n"), "");
}

static void
a_storage_is_where_a_share_is(void **state)
{
	struct conf_instance_req i;
	struct conf_place_req p;
	struct conf_share_req s;
	struct span all;

	(void)state;
	assert_string_equal(load("[a]\npath=/a\n[b]\npath=/b\nstorage=v-1_X\n"), "");
	all = emit(&host);
	assert_status(conf_place_req_decode(record(all, &conf_place_desc, 0), &p), STATUS_SUCCESS);
	assert_string_equal(p.share.s, "b");
	assert_string_equal(p.storage.s, "v-1_X");
	assert_status(conf_share_req_decode(record(all, &conf_share_desc, 1), &s), STATUS_SUCCESS);
	assert_string_equal(s.storage.s, "v-1_X");
	assert_status(conf_instance_req_decode(record(all, &conf_instance_desc, 0), &i),
		      STATUS_SUCCESS);
	assert_true(i.storages && i.wanted & FROM(FSD));
	assert_string_equal(load("[global]\nstorage=v\n[a]\npath=/a\n"), "");
	all = emit(&host);
	assert_status(conf_instance_req_decode(record(all, &conf_instance_desc, 0), &i),
		      STATUS_SUCCESS);
	assert_true(i.storages && !(i.wanted & FROM(FSD))); /* nothing is left for ours */
}

static void
names_of_storages_are_short_and_few(void **state)
{
	char text[2048] = "";

	(void)state;
	assert_non_null(strstr(load("[a]\npath=/a\nstorage=a/b\n"), "`storage` cannot be \"a/b\""));
	assert_non_null(strstr(load("[a]\npath=/a\nstorage=" /* 33 */
				    "123456789012345678901234567890123\n"),
			       "`storage` cannot be"));
	for (unsigned i = 0; i <= STORAGES_MAX; i++) {
		size_t n = strlen(text);

		(void)snprintf(text + n, sizeof text - n, "[s%u]\npath=/s\nstorage=v%u\n", i, i);
	}
	assert_non_null(strstr(load(text), "there are more than 16 storages"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_share_starts_from_the_defaults_of_global_wherever_it_stands),
		cmocka_unit_test(shares_are_read_only_and_closed_to_guests_by_default),
		cmocka_unit_test(all_problems_are_told_with_their_lines),
		cmocka_unit_test(include_has_a_reason_of_its_own),
		cmocka_unit_test(share_names_that_clients_cannot_type_are_refused),
		cmocka_unit_test(shares_stay_beneath_the_allowed_roots),
		cmocka_unit_test(protocol_bounds_must_not_cross),
		cmocka_unit_test(a_kdc_is_a_server_or_a_realm_and_its_server),
		cmocka_unit_test(the_listen_address_depends_on_who_starts),
		cmocka_unit_test(the_command_line_comes_on_top),
		cmocka_unit_test(the_command_line_is_named_in_complaints),
		cmocka_unit_test(guest_without_a_share_on_the_command_line_is_a_mistake),
		cmocka_unit_test(records_say_what_the_file_said),
		cmocka_unit_test(without_root_everybody_acts_as_the_owner),
		cmocka_unit_test(the_acceptor_of_tickets_gets_its_own_settings),
		cmocka_unit_test(a_storage_is_where_a_share_is),
		cmocka_unit_test(names_of_storages_are_short_and_few),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
