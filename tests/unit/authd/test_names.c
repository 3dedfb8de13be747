/*
 * test_names.c - account names to Unix accounts, by this machine's own NSS.
 */
#include "tests/unit/check.h"

#include "authd/names/names.h"
#include "base/log.h"

/* names keeps memory until its answer is encoded; that is all it wants of a call. */
struct call {
	char room[1 << 17];
};

void *
call_scratch(struct call *c, size_t n)
{
	assert_true(n <= sizeof c->room);
	return c->room;
}

static nt
ask(const char *name, struct call *c, struct names_user_rsp *rsp)
{
	struct names me		  = { 0 };
	struct names_user_req req = { .name = str_of(name) };

	memset(rsp, 0, sizeof *rsp);
	return names_user(&me, c, &req, rsp);
}

static void
known_account_has_uid_gid_and_its_group(void **state)
{
	static struct call c;
	struct names_user_rsp rsp;
	bool own = false;

	(void)state;
	assert_status(ask("nobody", &c, &rsp), STATUS_SUCCESS);
	assert_string_equal(rsp.name.s, "nobody");
	assert_true(rsp.uid != 0);
	for (uint16_t i = 0; i < rsp.groups.n; i++)
		own = own || rsp.groups.v[i] == rsp.gid;
	assert_true(own);
}

static void
root_is_never_a_file_identity(void **state)
{
	static struct call c;
	struct names_user_rsp rsp;

	(void)state;
	assert_status(ask("root", &c, &rsp), STATUS_ACCESS_DENIED);
	assert_true(rsp.name.s == NULL && rsp.groups.n == 0);
}

static void
unknown_and_impossible_names_are_no_accounts(void **state)
{
	static const char *const names[] = { "bh-nobody-has-this-name", "a:b", "", "\xc3\xa4\n" };
	static struct call c;
	struct names_user_rsp rsp;

	(void)state;
	for (size_t i = 0; i < NELEM(names); i++)
		assert_status(ask(names[i], &c, &rsp), STATUS_NO_SUCH_USER);
}

static void
loading_the_modules_twice_changes_no_answer(void **state)
{
	static struct call c;
	struct names_user_rsp rsp;

	(void)state;
	names_warm();
	names_warm();
	known_account_has_uid_gid_and_its_group(state);
	assert_status(ask("bh-nobody-has-this-name", &c, &rsp), STATUS_NO_SUCH_USER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_account_has_uid_gid_and_its_group),
		cmocka_unit_test(root_is_never_a_file_identity),
		cmocka_unit_test(unknown_and_impossible_names_are_no_accounts),
		cmocka_unit_test(loading_the_modules_twice_changes_no_answer),
	};

	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
