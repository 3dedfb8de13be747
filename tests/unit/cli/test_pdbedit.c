/* test_pdbedit.c - lines as Samba 4.17 prints them, and lines as nobody should. */
#include "tests/unit/check.h"

#include "cli/pdbedit.h"

#define XS   "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX"
#define HASH "8846F7EAEE8FB117AD06BDD830B7586C"

static struct pdbedit_entry e;

static void
parse_takes_name_and_hash_of_a_person(void **state)
{
	(void)state;
	assert_int_equal(pdbedit_parse("alice:1001:" XS ":" HASH ":[U          ]:LCT-65F2D0A1:\n", &e),
	    PDBEDIT_ACCOUNT);
	assert_string_equal(e.name, "alice");
	assert_string_equal(e.nt_hash, HASH);
}

static void
parse_tells_machines_and_disabled_accounts_apart(void **state)
{
	(void)state;
	assert_int_equal(pdbedit_parse("pc1$:1002:" XS ":" HASH ":[W          ]:LCT-0:", &e),
	    PDBEDIT_MACHINE);
	assert_string_equal(e.name, "pc1$");
	assert_int_equal(pdbedit_parse("bob:1003:" XS ":" HASH ":[DU         ]:LCT-0:", &e),
	    PDBEDIT_DISABLED);
	assert_int_equal(pdbedit_parse("eve:1004:" XS ":" HASH ":[NU         ]:LCT-0:", &e),
	    PDBEDIT_DISABLED);
}

static void
parse_gives_no_account_without_a_hash(void **state)
{
	(void)state;
	assert_int_equal(pdbedit_parse("carl:1005:" XS ":" XS ":[U          ]:LCT-0:", &e),
	    PDBEDIT_DISABLED);
	assert_string_equal(e.nt_hash, "");
	assert_int_equal(
	    pdbedit_parse("dora:1006:" XS ":NO PASSWORDXXXXXXXXXXXXXXXXXXXXX:[U ]:LCT-0:", &e),
	    PDBEDIT_DISABLED);
}

static void
parse_passes_over_blank_lines_and_comments(void **state)
{
	(void)state;
	assert_int_equal(pdbedit_parse("\n", &e), PDBEDIT_NOTHING);
	assert_int_equal(pdbedit_parse("  \t", &e), PDBEDIT_NOTHING);
	assert_int_equal(pdbedit_parse("# exported today", &e), PDBEDIT_NOTHING);
}

static void
parse_refuses_what_pdbedit_does_not_print(void **state)
{
	static const char *const lines[] = {
		"alice",
		"alice:1001:",
		"alice:1001:" XS ":" HASH ":[U]",
		":1001:" XS ":" HASH ":[U          ]:LCT-0:",
		"alice:1001:" XS ":8846F7EA:[U          ]:LCT-0:",
		"alice:1001:" XS ":" HASH "00:[U          ]:LCT-0:",
		"alice:1001:" XS ":" HASH ":U:LCT-0:",
	};

	(void)state;
	for (size_t i = 0; i < NELEM(lines); i++)
		assert_int_equal(pdbedit_parse(lines[i], &e), PDBEDIT_MALFORMED);
}

static void
parse_refuses_a_name_longer_than_its_bound(void **state)
{
	char line[600];
	size_t n = PDBEDIT_NAME_MAX + 1;

	(void)state;
	memset(line, 'a', n);
	(void)snprintf(line + n, sizeof line - n, ":1:" XS ":" HASH ":[U ]:LCT-0:");
	assert_int_equal(pdbedit_parse(line, &e), PDBEDIT_MALFORMED);
	assert_int_equal(pdbedit_parse(line + 1, &e), PDBEDIT_ACCOUNT);
	assert_int_equal(strlen(e.name), PDBEDIT_NAME_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse_takes_name_and_hash_of_a_person),
		cmocka_unit_test(parse_tells_machines_and_disabled_accounts_apart),
		cmocka_unit_test(parse_gives_no_account_without_a_hash),
		cmocka_unit_test(parse_passes_over_blank_lines_and_comments),
		cmocka_unit_test(parse_refuses_what_pdbedit_does_not_print),
		cmocka_unit_test(parse_refuses_a_name_longer_than_its_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
