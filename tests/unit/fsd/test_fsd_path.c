/* test_fsd_path.c - nothing leaves the root, and case does not matter. */
#include "fsd/path.h"
#include "tests/unit/fsd/place.h"

static nt
look_up(const struct place *p, const char *wire, struct lookup *ret)
{
	struct dirindex *ix = dirindex_new(1000);
	nt s                = path_lookup(ix, p->fd, wire, ret);

	dirindex_drop(ix);
	return s;
}

static void
assert_found(const struct place *p, const char *wire, const char *path)
{
	struct lookup l;

	assert_status(look_up(p, wire, &l), STATUS_SUCCESS);
	assert_true(l.fd >= 0);
	assert_string_equal(l.path, path);
	lookup_close(&l);
}

static void
path_finds_names_in_any_case(void **state)
{
	struct place *p = *state;

	place_dir(p, "Dir");
	place_dir(p, "Dir/Sub");
	place_file(p, "Dir/Sub/\xc3\x84pfel.TXT");
	assert_found(p, "Dir/Sub/\xc3\x84pfel.TXT", "Dir/Sub/\xc3\x84pfel.TXT");
	assert_found(p, "dIR/sUB/\xc3\xa4PFEL.txt", "Dir/Sub/\xc3\x84pfel.TXT");
	assert_found(p, "DIR", "Dir");
	assert_found(p, "", "");
}

static void
path_prefers_the_exact_name(void **state)
{
	struct place *p = *state;

	place_dir(p, "d");
	place_file(p, "d/name");
	place_file(p, "d/NAME");
	place_file(p, "d/Name");
	assert_found(p, "d/NAME", "d/NAME");
	assert_found(p, "D/Name", "d/Name");
}

static void
path_missing_name_has_its_parent(void **state)
{
	struct place *p = *state;
	struct lookup l;

	place_dir(p, "Dir");
	assert_status(look_up(p, "dir/New", &l), STATUS_SUCCESS);
	assert_true(l.fd < 0 && l.parent >= 0);
	assert_string_equal(l.name, "New");
	assert_string_equal(l.path, "Dir/New");
	lookup_close(&l);
}

static void
path_missing_directory_is_told_apart(void **state)
{
	struct place *p = *state;
	struct lookup l;

	place_file(p, "file");
	assert_status(look_up(p, "no/name", &l), STATUS_OBJECT_PATH_NOT_FOUND);
	assert_status(look_up(p, "file/name", &l), STATUS_OBJECT_PATH_NOT_FOUND);
	assert_status(look_up(p, "a/../b", &l), STATUS_OBJECT_PATH_SYNTAX_BAD);
	assert_status(look_up(p, "a//b", &l), STATUS_OBJECT_NAME_INVALID);
	assert_status(look_up(p, "/etc", &l), STATUS_OBJECT_NAME_INVALID);
}

static void
path_links_are_followed_inside_only(void **state)
{
	struct place *p = *state;
	struct lookup l;

	place_dir(p, "d");
	place_file(p, "d/file");
	assert_int_equal(symlinkat("d/file", p->fd, "in"), 0);
	assert_int_equal(symlinkat("../d/file", p->fd, "d/up"), 0);
	assert_int_equal(symlinkat("/etc/passwd", p->fd, "absolute"), 0);
	assert_int_equal(symlinkat("../../../../etc/passwd", p->fd, "out"), 0);
	assert_int_equal(symlinkat("/etc", p->fd, "etc"), 0);
	assert_found(p, "in", "in");
	assert_found(p, "d/up", "d/up");
	assert_status(look_up(p, "absolute", &l), STATUS_ACCESS_DENIED);
	assert_status(look_up(p, "out", &l), STATUS_ACCESS_DENIED);
	assert_status(look_up(p, "etc/passwd", &l), STATUS_ACCESS_DENIED);
	assert_status(look_up(p, "ETC/passwd", &l), STATUS_ACCESS_DENIED);
}

static void
path_magic_links_lead_nowhere(void **state)
{
	struct lookup l;
	struct dirindex *ix = dirindex_new(1000);
	int proc            = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	nt s;

	(void)state;
	assert_true(proc >= 0);
	s = path_lookup(ix, proc, "root/etc/passwd", &l);
	assert_true(nt_failed(s));
	dirindex_drop(ix);
	close(proc);
}

static void
path_reopen_opens_what_was_found(void **state)
{
	struct place *p = *state;
	struct stat a, b;
	struct lookup l;
	int fd;

	place_file(p, "file");
	assert_status(look_up(p, "file", &l), STATUS_SUCCESS);
	/* Another file by that name does not matter any more. */
	assert_int_equal(renameat(p->fd, "file", p->fd, "moved"), 0);
	place_file(p, "file");
	assert_status(path_reopen(l.fd, O_RDWR, &fd), STATUS_SUCCESS);
	assert_int_equal(fstat(fd, &a), 0);
	assert_int_equal(fstatat(p->fd, "moved", &b, 0), 0);
	assert_int_equal(a.st_ino, b.st_ino);
	close(fd);
	lookup_close(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		in_place(path_finds_names_in_any_case),
		in_place(path_prefers_the_exact_name),
		in_place(path_missing_name_has_its_parent),
		in_place(path_missing_directory_is_told_apart),
		in_place(path_links_are_followed_inside_only),
		in_place(path_magic_links_lead_nowhere),
		in_place(path_reopen_opens_what_was_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
