/*
 * test_dissect_vectors.c - every file below tests/vectors/smb2/ as a tree: nothing
 * in it is malformed, and its JSON builds the same bytes again; cut or mutated it
 * still prints.
 */
#include "tests/unit/check.h"

#include <glob.h>

#include "dissect/dissect.h"
#include "dissect/json.h"
#include "dissect/text.h"
#include "proto/smb2/header.h"

#define MESSAGE_MAX 8192

static struct tree *tree;
static bool with_json;

static void
count(void *ctx, const char *s, size_t n)
{
	size_t *sum = ctx;

	for (size_t i = 0; i < n; i++)
		*sum += (unsigned char)s[i] >= 0x20 || s[i] == '\n';
	assert_true(memchr(s, '\x1b', n) == NULL);
}

static void
print(struct span s)
{
	size_t printed	= 0;
	struct text out = { .put = count, .ctx = &printed, .bytes_max = 32 };

	tree_reset(tree);
	if (smb2_kind_of(s) == SMB2_KIND_SMB2)
		dissect_element(tree, s, NULL);
	else
		dissect_other(tree, s);
	text_line(&out, tree_root(tree));
	text_tree(&out, tree_root(tree), 1);
	assert_true(printed > 0);
	if (with_json)
		json_decref(dissect_json(tree_root(tree)));
}

/* Bytes that a tree does not keep. */
static const struct {
	const char *path;
	const char *why;
} differ[] = {
	{ "smb2/create/samba_many_req.hex", "a context without data has an offset for it" },
	{ "smb2/create/samba_mxac_req.hex", "the same" },
	{ "smb2/create/samba_twrp_req.hex", "the same" },
};

static bool
is_ours(const char *path)
{
	for (size_t i = 0; i < NELEM(differ); i++) {
		if (strcmp(path, differ[i].path) == 0)
			return false;
	}
	return true;
}

static bool
is_zero(struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != 0)
			return false;
	}
	return true;
}

/* What the tree's JSON builds is the message, but for zeros that end either. */
static void
build_again(const char *path, struct span msg)
{
	static uint8_t room[MESSAGE_MAX];
	struct wr w = wr_init(room, sizeof room);
	char why[BUILD_WHY];
	json_t *j = dissect_json(tree_root(tree));
	size_t n;

	if (!nt_ok(dissect_build(j, &w, why)))
		fail_msg("%s: %s", path, why);
	json_decref(j);
	n = w.pos < msg.n ? w.pos : msg.n;
	if (memcmp(room, msg.p, n) != 0 || !is_zero(SPAN(msg.p + n, msg.n - n)) ||
	    !is_zero(SPAN(room + n, w.pos - n)) || msg.n - n > 8 || w.pos - n > 8)
		fail_msg("%s: built otherwise", path);
}

static void
each(void (*fn)(const char *path, struct span))
{
	static uint8_t bytes[MESSAGE_MAX];
	glob_t found;
	size_t start = strlen(BH_VECTORS) + 1;

	assert_int_equal(glob(BH_VECTORS "/smb2/*/*.hex", 0, NULL, &found), 0);
	assert_true(found.gl_pathc > 60);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i] + start;

		fn(path, vector_load(path, bytes, sizeof bytes));
	}
	globfree(&found);
}

static void
sound(const char *path, struct span msg)
{
	print(msg);
	if (tree->malformed)
		fail_msg("%s: %s", path, tree->text);
	if (smb2_kind_of(msg) == SMB2_KIND_SMB2 && is_ours(path))
		build_again(path, msg);
}

static void
every_vector_is_sound_and_builds_again(void **state)
{
	(void)state;
	with_json = true;
	each(sound);
}

static void
attack(const char *path, struct span msg)
{
	(void)path;
	check_cuts(msg, print);
	check_mutations(msg, print);
}

static void
no_cut_or_mutated_vector_breaks_a_printer(void **state)
{
	(void)state;
	with_json = true;
	each(attack);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_vector_is_sound_and_builds_again),
		cmocka_unit_test(no_cut_or_mutated_vector_breaks_a_printer),
	};
	int rc;

	tree = tree_new();
	rc   = cmocka_run_group_tests(tests, NULL, NULL);
	tree_drop(tree);
	return rc;
}
