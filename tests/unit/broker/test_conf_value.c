/*
 * test_conf_value.c - does each type of value take what it says and nothing else?
 */
#include "../check.h"

#include "base/log.h"
#include "broker/config/conf_hosts.h"
#include "broker/config/conf_keys.h"
#include "ipc/msg/conf.msg.h"

static struct conf_global global;
static struct conf_share share;

static bool
set(const char *key, const char *value)
{
	const struct conf_key *k = conf_key_find(key);

	assert_non_null(k);
	return conf_value_set(k, value, k->scope == CONF_GLOBAL ? (void *)&global : (void *)&share);
}

static int
teardown(void **state)
{
	(void)state;
	free(global.runtime_dir);
	free(share.path);
	free(share.comment);
	conf_words_drop(&global.allowed_roots);
	conf_words_drop(&global.api_keys);
	for (size_t i = 0; i < CONF_ACLS; i++)
		conf_words_drop(&share.acl[i]);
	memset(&global, 0, sizeof global);
	memset(&share, 0, sizeof share);
	return 0;
}

static void
flags_take_the_words_of_smb_conf(void **state)
{
	static const char *const yes[] = { "yes", "Yes", "TRUE", "1", "on" };
	static const char *const no[]  = { "no", "NO", "false", "0", "off" };

	(void)state;
	for (size_t i = 0; i < NELEM(yes); i++) {
		share.read_only = false;
		assert_true(set("read only", yes[i]));
		assert_true(share.read_only);
		assert_true(set("read only", no[i]));
		assert_false(share.read_only);
	}
	assert_false(set("read only", "maybe"));
	assert_false(set("read only", ""));
	assert_false(set("read only", "yes please"));
}

static void
writable_is_the_inverse_of_read_only(void **state)
{
	static const char *const names[] = { "writable", "writeable", "write ok" };

	(void)state;
	for (size_t i = 0; i < NELEM(names); i++) {
		assert_true(set(names[i], "no"));
		assert_true(share.read_only);
		assert_true(set(names[i], "yes"));
		assert_false(share.read_only);
	}
	assert_true(set("public", "yes"));
	assert_true(share.guest_ok);
	assert_true(set("browsable", "yes"));
	assert_true(share.browseable);
}

static void
numbers_stay_within_their_bounds(void **state)
{
	(void)state;
	assert_true(set("file threads", "64"));
	assert_int_equal(global.threads, 64);
	assert_false(set("file threads", "65"));
	assert_false(set("file threads", "0"));
	assert_false(set("file threads", "-1"));
	assert_false(set("file threads", "+1"));
	assert_false(set("file threads", "4x"));
	assert_false(set("file threads", "99999999999999999999999"));
	assert_int_equal(global.threads, 64);
}

static void
sizes_know_units(void **state)
{
	(void)state;
	assert_true(set("max io size", "65536"));
	assert_int_equal(global.max_io, 65536);
	assert_true(set("max io size", "1M"));
	assert_int_equal(global.max_io, 1 << 20);
	assert_true(set("max io size", "128k"));
	assert_int_equal(global.max_io, 128 << 10);
	assert_false(set("max io size", "16M"));
	assert_false(set("max io size", "4294967295G"));
	assert_false(set("max io size", "1MB"));
}

static void
masks_are_octal(void **state)
{
	(void)state;
	assert_true(set("create mask", "0640"));
	assert_int_equal(share.create_mask, 0640);
	assert_true(set("directory mode", "755"));
	assert_int_equal(share.directory_mask, 0755);
	assert_false(set("create mask", "0888"));
	assert_false(set("create mask", "0x1ff"));
	assert_false(set("create mask", "10000"));
}

static void
choices_are_words_of_the_list(void **state)
{
	(void)state;
	assert_true(set("smb encrypt", "Required"));
	assert_int_equal(share.encrypt, CONF_REQUIRED);
	assert_true(set("server signing", "auto"));
	assert_int_equal(global.signing, CONF_DESIRED);
	assert_true(set("server min protocol", "SMB3"));
	assert_int_equal(global.min_protocol, 0x0300);
	assert_true(set("server max protocol", "SMB3"));
	assert_int_equal(global.max_protocol, 0x0311);
	assert_true(set("server max protocol", "2.1"));
	assert_int_equal(global.max_protocol, 0x0210);
	assert_false(set("server min protocol", "NT1"));
	assert_false(set("smb encrypt", "yes"));
}

static void
refusals_say_what_is_allowed(void **state)
{
	char buf[320];

	(void)state;
	assert_string_equal(conf_value_allowed(conf_key_find("file threads"), buf, sizeof buf),
			    "a number from 1 to 64");
	assert_non_null(strstr(conf_value_allowed(conf_key_find("server signing"), buf, sizeof buf),
			       "one of mandatory, auto"));
}

static void
paths_are_absolute_and_straight(void **state)
{
	(void)state;
	assert_true(set("path", "/srv/a b/..c/.d"));
	assert_string_equal(share.path, "/srv/a b/..c/.d");
	assert_false(set("path", "srv"));
	assert_false(set("path", ""));
	assert_false(set("path", "/srv/../etc"));
	assert_false(set("path", "/srv/."));
	assert_true(set("path", "/"));
	assert_true(set("runtime directory", "/run/x"));
}

static void
uid_ranges_leave_room_for_the_roles(void **state)
{
	(void)state;
	assert_true(set("worker uids", "62000-63999"));
	assert_int_equal(global.worker_uids.first, 62000);
	assert_int_equal(global.worker_uids.last, 63999);
	assert_true(set("worker uids", "100-116"));
	assert_false(set("worker uids", "100-115"));
	assert_false(set("worker uids", "0-5000"));
	assert_false(set("worker uids", "200-100"));
	assert_false(set("worker uids", "62000"));
	assert_false(set("worker uids", "62000-4294967295"));
}

static void
lists_are_separated_by_commas_and_blanks(void **state)
{
	const struct conf_words *w = &share.acl[ACL_VALID];

	(void)state;
	assert_true(set("valid users", "alice, bob\t@staff \"with space\",,carol"));
	assert_int_equal(w->n, 5);
	assert_string_equal(w->v[0], "alice");
	assert_string_equal(w->v[2], "@staff");
	assert_string_equal(w->v[3], "with space");
	assert_string_equal(w->v[4], "carol");
	assert_false(set("valid users", "\"open"));
	assert_false(set("valid users", "a/b"));
	assert_false(set("valid users", "@"));
	assert_int_equal(w->n, 5);
	assert_true(set("valid users", ""));
	assert_int_equal(w->n, 0);
}

#define KEY_A "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
#define KEY_B "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"

static void
api_keys_are_names_keys_and_roles(void **state)
{
	static const char *const bad[] = { "ci", "ci " KEY_A " root", "c/i " KEY_A, "ci x" KEY_A,
					   "ci " KEY_A ", ci " KEY_B, "a " KEY_A ", b " KEY_A,
					   "ci " KEY_A " admin more", ",", "ci " KEY_A ",," };

	(void)state;
	assert_true(set("api keys", ""));
	assert_int_equal(global.api_keys.n, 0);
	assert_true(set("API Keys", " ci  " KEY_A " ,boss " KEY_B "\tadmin "));
	assert_int_equal(global.api_keys.n, 2);
	assert_string_equal(global.api_keys.v[0], "ci " KEY_A " user");
	assert_string_equal(global.api_keys.v[1], "boss " KEY_B " admin");
	for (size_t i = 0; i < NELEM(bad); i++)
		assert_false(set("api keys", bad[i]));
	assert_int_equal(global.api_keys.n, 2);
}

static void
listen_takes_both_families(void **state)
{
	(void)state;
	assert_true(set("listen", "127.0.0.1:4450 [::1]:445"));
	assert_int_equal(global.listen.n, 2);
	assert_int_equal(global.listen.v[0].family, 4);
	assert_int_equal(global.listen.v[1].family, 6);
	assert_int_equal(global.listen.v[1].port, 445);
	assert_false(set("listen", ""));
	assert_false(set("listen", "127.0.0.1"));
	assert_false(set("listen", "127.0.0.1:65536"));
	assert_false(set("listen", "example.com:445"));
	assert_false(set("listen", "1.1.1.1:1 1.1.1.1:2 1.1.1.1:3 1.1.1.1:4 1.1.1.1:5 1.1.1.1:6 "
				   "1.1.1.1:7 1.1.1.1:8 1.1.1.1:9"));
	assert_int_equal(global.listen.n, 2);
}

static void
assert_host(const char *word, const char *means)
{
	char buf[CONF_HOST_TEXT * 2];

	assert_true(conf_host_canonical(word, buf, sizeof buf));
	assert_string_equal(buf, means);
}

static void
hosts_are_brought_into_one_form(void **state)
{
	char buf[CONF_HOST_TEXT * 2];

	(void)state;
	assert_host("192.0.2.7", "192.0.2.7");
	assert_host("192.0.2.0/24", "192.0.2.0/24");
	assert_host("192.0.2.0/255.255.255.0", "192.0.2.0/24");
	assert_host("10.0.0.0/0.0.0.0", "10.0.0.0/0");
	assert_host("192.0.2.", "192.0.2.0/24");
	assert_host("192.", "192.0.0.0/8");
	assert_host("2001:db8::/32", "2001:db8::/32");
	assert_host("all", "0.0.0.0/0 ::/0");
	assert_false(conf_host_canonical("192.0.2.0/33", buf, sizeof buf));
	assert_false(conf_host_canonical("192.0.2.0/255.0.255.0", buf, sizeof buf));
	assert_false(conf_host_canonical("2001:db8::/129", buf, sizeof buf));
	assert_false(conf_host_canonical("host.example.com", buf, sizeof buf));
	assert_false(conf_host_canonical(".", buf, sizeof buf));
	assert_false(conf_host_canonical("", buf, sizeof buf));
	assert_true(set("hosts allow", "127. localhost"));
	assert_int_equal(share.acl[ACL_ALLOW].n, 3);
	assert_false(set("hosts deny", "EXCEPT 10.0.0.1"));
}

static void
only_some_roles_can_be_left_to_others(void **state)
{
	(void)state;
	assert_true(set("external roles", "names, fsd"));
	assert_int_equal(global.external, FROM(NAMES) | FROM(FSD));
	assert_true(set("external roles", "gate worker"));
	assert_int_equal(global.external, FROM(GATE) | FROM(WORKER));
	assert_false(set("external roles", "api"));
	assert_false(set("external roles", "directory"));
	assert_false(set("external roles", "nobody"));
	assert_true(set("external roles", ""));
	assert_int_equal(global.external, 0);
}

static void
keys_ignore_case_and_inner_spaces(void **state)
{
	(void)state;
	assert_ptr_equal(conf_key_find("READONLY"), conf_key_find("read only"));
	assert_ptr_equal(conf_key_find("Read   Only"), conf_key_find("read only"));
	assert_null(conf_key_find("read-only"));
	assert_null(conf_key_find(""));
}

static void
misspelt_keys_are_recognised(void **state)
{
	static const struct {
		const char *typed, *meant;
	} rows[] = {
		{ "raed only", "read only" },
		{ "writeabel", "writeable" },
		{ "vaild users", "valid users" },
		{ "pth", "path" },
		{ "serversigning mode", "server signing" },
		{ "guest_ok", "guest ok" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		const struct conf_key *k = conf_key_suggest(rows[i].typed);

		assert_non_null(k);
		assert_string_equal(k->name, rows[i].meant);
	}
	assert_null(conf_key_suggest("wholly different thing"));
	assert_null(conf_key_suggest("xy"));
}

static void
every_default_is_allowed_by_its_own_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < conf_keys_n; i++) {
		const struct conf_key *k = &conf_keys[i];
		struct conf_global g	 = { 0 };
		struct conf_share s	 = { 0 };
		void *obj		 = k->scope == CONF_GLOBAL ? (void *)&g : (void *)&s;
		bool ok			 = !k->fallback || conf_value_set(k, k->fallback, obj);

		assert_true(ok);
		if (k->fallback &&
		    (k->type == CONF_NAME || k->type == CONF_TEXT || k->type == CONF_PATH))
			free(*(char **)(void *)((char *)obj + k->at));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(flags_take_the_words_of_smb_conf, teardown),
		cmocka_unit_test_teardown(writable_is_the_inverse_of_read_only, teardown),
		cmocka_unit_test_teardown(numbers_stay_within_their_bounds, teardown),
		cmocka_unit_test_teardown(sizes_know_units, teardown),
		cmocka_unit_test_teardown(masks_are_octal, teardown),
		cmocka_unit_test_teardown(choices_are_words_of_the_list, teardown),
		cmocka_unit_test_teardown(refusals_say_what_is_allowed, teardown),
		cmocka_unit_test_teardown(paths_are_absolute_and_straight, teardown),
		cmocka_unit_test_teardown(uid_ranges_leave_room_for_the_roles, teardown),
		cmocka_unit_test_teardown(lists_are_separated_by_commas_and_blanks, teardown),
		cmocka_unit_test_teardown(api_keys_are_names_keys_and_roles, teardown),
		cmocka_unit_test_teardown(listen_takes_both_families, teardown),
		cmocka_unit_test_teardown(hosts_are_brought_into_one_form, teardown),
		cmocka_unit_test_teardown(only_some_roles_can_be_left_to_others, teardown),
		cmocka_unit_test_teardown(keys_ignore_case_and_inner_spaces, teardown),
		cmocka_unit_test_teardown(misspelt_keys_are_recognised, teardown),
		cmocka_unit_test_teardown(every_default_is_allowed_by_its_own_key, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
