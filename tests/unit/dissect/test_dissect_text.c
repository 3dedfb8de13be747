/*
 * test_dissect_text.c - how values look: what a peer chose is quoted and cannot
 * steer a terminal; what has a name shows it; what is too much is counted.
 */
#include "tests/unit/check.h"

#include "base/utf16.h"
#include "dissect/json.h"
#include "dissect/names.h"
#include "dissect/text.h"

static struct tree *tree;
static char shown[8192];

static void
keep(void *ctx, const char *s, size_t n)
{
	size_t at = strlen(shown);

	(void)ctx;
	assert_true(at + n < sizeof shown);
	memcpy(shown + at, s, n);
	shown[at + n] = '\0';
}

static const char *
show(const struct node *n, bool brief)
{
	struct text t = { .put = keep, .bytes_max = 4 };

	shown[0] = '\0';
	text_value(&t, n, brief);
	return shown;
}

static const char *
show_utf16(const void *le16, size_t n)
{
	tree_reset(tree);
	return show(tree_bytes(tree, "x", NODE_UTF16, SPAN(le16, n)), true);
}

static void
names_cannot_steer_a_terminal(void **state)
{
	(void)state;
	assert_string_equal(show_utf16("a\0\x1b\0[\0b\0", 8), "\"a\\x1b[b\"");
	assert_string_equal(show_utf16("\x2e\x20g\0\n\0\x9b\0", 8), "\"\\u202eg\\x0a\\x9b\"");
	assert_string_equal(show_utf16("\"\0\\\0", 4), "\"\\\"\\\\\"");
	assert_string_equal(show_utf16("\xe9\0\xac\x20", 4), "\"\xc3\xa9\xe2\x82\xac\"");
	assert_string_equal(show_utf16("\x3d\xd8\x00\xde", 4), "\"\xf0\x9f\x98\x80\"");
	assert_string_equal(show_utf16("\x3d\xd8z\0\x00\xde", 6), "\"\\ud83dz\\ude00\"");
	assert_string_equal(show_utf16("a\0b", 3), "\"a\" and a byte");
	assert_string_equal(show_utf16("", 0), "\"\"");
}

static void
numbers_have_their_names(void **state)
{
	(void)state;
	tree_reset(tree);
	assert_string_equal(show(tree_number(tree, "x", 4, 1, &names_disposition), false),
			    "1 (FILE_OPEN)");
	assert_string_equal(show(tree_number(tree, "x", 4, 1, &names_disposition), true), "FILE_OPEN");
	assert_string_equal(show(tree_number(tree, "x", 4, 99, &names_disposition), true), "99");
	assert_string_equal(show(tree_number(tree, "x", 4, 0x80010001, &names_access), false),
			    "0x80010001 (FILE_READ_DATA|DELETE|GENERIC_READ)");
	assert_string_equal(show(tree_number(tree, "x", 4, 0x08000001, &names_access), false),
			    "0x08000001 (FILE_READ_DATA|0x8000000)");
	assert_string_equal(show(tree_number(tree, "x", 4, 0xc0000034, &names_status), false),
			    "0xc0000034 (STATUS_OBJECT_NAME_NOT_FOUND)");
	assert_string_equal(show(tree_number(tree, "x", 4, 0xc0ffee00, &names_status), true),
			    "0xc0ffee00");
	assert_string_equal(show(tree_number(tree, "x", 8, UINT64_MAX, NULL), true),
			    "18446744073709551615");
}

static void
times_and_ids_are_readable(void **state)
{
	static const uint8_t guid[16] = { 0x33, 0x22, 0x11, 0x00, 0x55, 0x44, 0x77, 0x66,
					  0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };
	static const uint8_t sid[12]  = { 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0 };
	static const uint8_t v6[16]   = { [0] = 0xfe, [1] = 0x80, [15] = 1 };
	struct node *n;

	(void)state;
	tree_reset(tree);
	n	= tree_number(tree, "x", 8, 133500000001234567, NULL);
	n->kind = NODE_TIME;
	assert_string_equal(show(n, false), "2024-01-17T21:20:00.1234567Z");
	n->number = 0;
	assert_string_equal(show(n, false), "0");
	n->number = UINT64_MAX;
	assert_string_equal(show(n, false), "18446744073709551615");
	assert_string_equal(show(tree_bytes(tree, "x", NODE_GUID, SPAN(guid, 16)), false),
			    "00112233-4455-6677-8899-aabbccddeeff");
	assert_string_equal(show(tree_bytes(tree, "x", NODE_SID, SPAN(sid, 12)), false), "S-1-5-18");
	assert_string_equal(show(tree_bytes(tree, "x", NODE_SID, SPAN(sid, 11)), false), "(no SID)");
	assert_string_equal(show(tree_bytes(tree, "x", NODE_ADDRESS, SPAN(v6, 16)), false), "fe80::1");
	assert_string_equal(show(tree_bytes(tree, "x", NODE_BYTES, SPAN(sid, 4)), false), "01010000");
	assert_string_equal(show(tree_bytes(tree, "x", NODE_BYTES, SPAN(sid, 5)), false),
			    "01010000... (5 bytes)");
}

static void
a_full_tree_counts_what_it_lost(void **state)
{
	json_t *j;

	(void)state;
	tree_reset(tree);
	(void)tree_open(tree, "list", NODE_LIST);
	for (size_t i = 0; i < 2 * TREE_NODES; i++) {
		(void)tree_open(tree, NULL, NODE_GROUP);
		(void)tree_number(tree, "n", 8, i, NULL);
		tree_close(tree);
	}
	tree_close(tree);
	assert_int_equal(tree->n, TREE_NODES);
	assert_int_equal(tree->lost, 4 * TREE_NODES - (TREE_NODES - 2));
	j = dissect_json(tree_root(tree));
	assert_int_equal(json_array_size(json_object_get(j, "list")), TREE_NODES / 2 - 1);
	json_decref(j);
}

static void
names_that_are_no_text_are_bytes_in_json(void **state)
{
	json_t *j;

	(void)state;
	tree_reset(tree);
	(void)tree_bytes(tree, "odd", NODE_UTF16, SPAN("a\0b", 3));
	(void)tree_bytes(tree, "nul", NODE_UTF16, SPAN("a\0\0\0", 4));
	(void)tree_bytes(tree, "half", NODE_UTF16, SPAN("\x3d\xd8", 2));
	(void)tree_bytes(tree, "good", NODE_UTF16, SPAN("\xe9\0", 2));
	tree_bytes(tree, "view", NODE_BYTES, SPAN("\x01", 1))->derived = true;
	(void)tree_number(tree, "big", 8, UINT64_MAX, NULL);
	tree_malformed(tree, "why %d", 7);
	j = dissect_json(tree_root(tree));
	assert_string_equal(json_string_value(json_object_get(json_object_get(j, "odd"), "hex")),
			    "610062");
	assert_string_equal(json_string_value(json_object_get(json_object_get(j, "nul"), "hex")),
			    "61000000");
	assert_string_equal(json_string_value(json_object_get(json_object_get(j, "half"), "hex")),
			    "3dd8");
	assert_string_equal(json_string_value(json_object_get(j, "good")), "\xc3\xa9");
	assert_string_equal(json_string_value(json_object_get(json_object_get(j, "Decoded"), "view")),
			    "01");
	assert_string_equal(json_string_value(json_object_get(j, "big")), "18446744073709551615");
	assert_string_equal(json_string_value(json_array_get(json_object_get(j, "malformed"), 0)),
			    "why 7");
	json_decref(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_cannot_steer_a_terminal),
		cmocka_unit_test(numbers_have_their_names),
		cmocka_unit_test(times_and_ids_are_readable),
		cmocka_unit_test(a_full_tree_counts_what_it_lost),
		cmocka_unit_test(names_that_are_no_text_are_bytes_in_json),
	};
	int rc;

	tree = tree_new();
	rc   = cmocka_run_group_tests(tests, NULL, NULL);
	tree_drop(tree);
	return rc;
}
