/*
 * test_account.c - accounts and their administration: names, hashes, records.
 */
#include "tests/unit/authd/stage.h"

static const struct conf_auth_req plain = {
	.own_shares = true,
	.netbios_name = { "SERVER", 6 },
	.workgroup    = { "WORKGROUP", 9 },
	.as_uid	      = 1000,
	.as_gid	      = 1000,
};

static nt
add(struct stage *st, const char *name, const char *password, const char *hex)
{
	char secret[128] = "", digits[128] = "";
	struct user_add_req req = { .name = str_of(name) };
	struct call *c		= stage_call(st, API);
	nt status;

	strcpy(secret, password);
	strcpy(digits, hex);
	req.password = SPAN_STR(secret);
	req.nt_hash  = SPAN_STR(digits);
	status	     = user_add(&st->store, c, &req, NULL);
	assert_int_equal(strlen(secret) + strlen(digits), 0); /* wiped in the message */
	call_drop(c);
	return status;
}

static struct account
find(struct stage *st, const char *name)
{
	struct account_key key;
	struct account a;

	assert_status(account_key(name, &key), STATUS_SUCCESS);
	assert_status(account_find(st->store.accounts, &key, &a), STATUS_SUCCESS);
	return a;
}

static void
names_are_found_without_regard_to_case(void **state)
{
	struct stage *st = stage_new(&plain);

	(void)state;
	assert_status(add(st, "\xc3\x84nne", "pw", ""), STATUS_SUCCESS);
	assert_string_equal(find(st, "\xc3\xa4NNE").name, "\xc3\x84nne");
	assert_status(add(st, "\xc3\xa4nne", "pw", ""), STATUS_USER_EXISTS);
	stage_drop(st);
}

static void
names_that_windows_would_not_take_are_refused(void **state)
{
	static const char *const bad[]	= { "",	     "a/b", "a\\b", "a@b",  "a\x01",
					    "a\x7f", "a:b", "a*",   " a",   "a ",
					    ".a",    "a.",  "..",   "\xff", "a\"b" };
	static const char *const good[] = { "a", "a.b", "a b", "a-b_c$", "\xf0\x9f\x90\xa7" };
	char longest[NAME_BOUND + 2];
	struct account_key key;

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++)
		assert_status(account_key(bad[i], &key), STATUS_INVALID_PARAMETER);
	for (size_t i = 0; i < NELEM(good); i++)
		assert_status(account_key(good[i], &key), STATUS_SUCCESS);
	memset(longest, 'A', sizeof longest);
	longest[NAME_BOUND + 1] = '\0';
	assert_status(account_key(longest, &key), STATUS_INVALID_PARAMETER);
	longest[NAME_BOUND] = '\0';
	assert_status(account_key(longest, &key), STATUS_SUCCESS);
}

static void
password_and_hash_give_the_same_account(void **state)
{
	struct stage *st = stage_new(&plain);

	(void)state;
	assert_status(add(st, "a", "Password", ""), STATUS_SUCCESS);
	assert_status(add(st, "b", "", "A4F49c406510bdcab6824ee7c30fd852"), STATUS_SUCCESS);
	assert_memory_equal(find(st, "a").hash, find(st, "b").hash, NTLM_KEY_SIZE);
	assert_int_not_equal(find(st, "a").serial, find(st, "b").serial);
	stage_drop(st);
}

static void
secrets_that_make_no_sense_are_refused(void **state)
{
	struct stage *st = stage_new(&plain);

	(void)state;
	assert_status(add(st, "a", "", ""), STATUS_INVALID_PARAMETER);
	assert_status(add(st, "a", "pw", "a4f49c406510bdcab6824ee7c30fd852"),
		      STATUS_INVALID_PARAMETER);
	assert_status(add(st, "a", "", "a4f49c406510bdcab6824ee7c30fd85"),
		      STATUS_INVALID_PARAMETER);
	assert_status(add(st, "a", "", "a4f49c406510bdcab6824ee7c30fd85g"),
		      STATUS_INVALID_PARAMETER);
	assert_status(add(st, "a", "\xff\xfe", ""), STATUS_INVALID_PARAMETER);
	assert_int_equal(db_count(st->store.accounts), 1); /* the machine's own record */
	stage_drop(st);
}

static void
password_changes_and_missing_users_are_named(void **state)
{
	struct stage *st = stage_new(&plain);
	struct call *c	 = stage_call(st, API);
	char pw[16]	 = "new";
	struct account before, after;

	(void)state;
	assert_status(add(st, "a", "old", ""), STATUS_SUCCESS);
	before = find(st, "a");
	assert_status(
	    user_passwd(&st->store, c,
			&(struct user_passwd_req){ .name = str_of("A"), .password = SPAN(pw, 3) },
			NULL),
	    STATUS_SUCCESS);
	after = find(st, "a");
	assert_memory_not_equal(before.hash, after.hash, NTLM_KEY_SIZE);
	assert_true(after.created == before.created && after.changed >= before.changed);
	assert_string_equal(after.name, "a");
	strcpy(pw, "new");
	assert_status(
	    user_passwd(&st->store, c,
			&(struct user_passwd_req){ .name = str_of("b"), .password = SPAN(pw, 3) },
			NULL),
	    STATUS_NO_SUCH_USER);
	assert_status(user_del(&st->store, c, &(struct user_del_req){ str_of("b") }, NULL),
		      STATUS_NO_SUCH_USER);
	call_drop(c);
	stage_drop(st);
}

static void
list_is_in_order_and_ends(void **state)
{
	static const char *const names[] = { "zoe", "Bert", "anna" };
	static const char *const order[] = { "anna", "Bert", "zoe" };
	struct stage *st		 = stage_new(&plain);
	char after[NAME_BOUND + 1]	 = "";

	(void)state;
	for (size_t i = 0; i < NELEM(names); i++)
		assert_status(add(st, names[i], "pw", ""), STATUS_SUCCESS);
	for (size_t i = 0; i <= NELEM(order); i++) {
		struct call *c		 = stage_call(st, API);
		struct user_list_rsp rsp = { 0 };
		nt status =
		    user_list(&st->store, c, &(struct user_list_req){ str_of(after) }, &rsp);

		if (i == NELEM(order)) {
			assert_status(status, STATUS_NO_MORE_ENTRIES);
		} else {
			assert_status(status, STATUS_SUCCESS);
			assert_string_equal(rsp.name.s, order[i]);
			strcpy(after, rsp.name.s);
		}
		call_drop(c);
	}
	stage_drop(st);
}

static void
accounts_and_machine_outlive_the_process(void **state)
{
	struct stage *st = stage_new(&plain);
	uint32_t machine[3];

	(void)state;
	assert_status(add(st, "a", "pw", ""), STATUS_SUCCESS);
	memcpy(machine, st->store.machine, sizeof machine);
	memset(st->store.machine, 0, sizeof st->store.machine);
	stage_reopen(st);
	assert_string_equal(find(st, "a").name, "a");
	assert_memory_equal(machine, st->store.machine, sizeof machine);
	stage_drop(st);
}

static void
second_process_on_the_same_file_is_refused(void **state)
{
	struct stage *st = stage_new(&plain);
	struct db *second;
	char path[128];

	(void)state;
	(void)snprintf(path, sizeof path, "%s/accounts.mdb", st->dir);
	assert_status(db_open(path, ACCOUNTS_MAP, true, &second), STATUS_SHARING_VIOLATION);
	stage_drop(st);
}

static void
record_of_an_unknown_version_is_not_guessed_at(void **state)
{
	static const uint8_t record[64] = { 2 };
	struct stage *st		= stage_new(&plain);
	struct account_key key		= { "a" };
	struct account a;

	(void)state;
	assert_status(db_put(st->store.accounts, SPAN("aa", 2), SPAN(record, sizeof record)),
		      STATUS_SUCCESS);
	assert_status(account_find(st->store.accounts, &key, &a), STATUS_DATA_ERROR);
	stage_drop(st);
}

static void
full_database_says_so(void **state)
{
	static const uint8_t value[DB_VALUE_MAX];
	struct stage *st = stage_new(&plain);
	struct db *db;
	char path[128];
	nt status = STATUS_SUCCESS;

	(void)state;
	(void)snprintf(path, sizeof path, "%s/small.mdb", st->dir);
	assert_status(db_open(path, 256 * 1024, false, &db), STATUS_SUCCESS);
	for (uint32_t i = 0; i < 1000 && nt_ok(status); i++)
		status = db_put(db, SPAN(&i, sizeof i), SPAN(value, sizeof value));
	assert_status(status, STATUS_DISK_FULL);
	db_drop(db);
	stage_drop(st);
}

static void
list_of_users_is_split_at_commas_and_blanks(void **state)
{
	(void)state;
	assert_true(user_is_listed("", "anyone"));
	assert_true(user_is_listed(NULL, "anyone"));
	assert_true(user_is_listed("bob, Alice", "alice"));
	assert_true(user_is_listed(" bob,alice ", "BOB"));
	assert_false(user_is_listed("bob,alice", "ali"));
	assert_false(user_is_listed(",", "alice"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_found_without_regard_to_case),
		cmocka_unit_test(names_that_windows_would_not_take_are_refused),
		cmocka_unit_test(password_and_hash_give_the_same_account),
		cmocka_unit_test(secrets_that_make_no_sense_are_refused),
		cmocka_unit_test(password_changes_and_missing_users_are_named),
		cmocka_unit_test(list_is_in_order_and_ends),
		cmocka_unit_test(accounts_and_machine_outlive_the_process),
		cmocka_unit_test(second_process_on_the_same_file_is_refused),
		cmocka_unit_test(record_of_an_unknown_version_is_not_guessed_at),
		cmocka_unit_test(full_database_says_so),
		cmocka_unit_test(list_of_users_is_split_at_commas_and_blanks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
