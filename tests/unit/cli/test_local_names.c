/* test_local_names.c - patterns, names that may become local ones, steps down that stay below, times. */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/glob.h"
#include "cli/localfs.h"
#include "cli/values.h"

static char dir[] = "/tmp/bh-names-XXXXXX";

static void
globs_match_as_servers_do(void **state)
{
	(void)state;
	assert_true(glob_match("*", ""));
	assert_true(glob_match("*.TXT", "a.b.txt"));
	assert_true(glob_match("a?c", "a\xc3\xbc" "c"));
	assert_true(glob_match("\xc3\x9c*", "\xc3\xbc" "ber"));
	assert_true(glob_match("*a*b*", "xxaxxaxb"));
	assert_false(glob_match("*a*b", "xxaxxb_"));
	assert_false(glob_match("?", ""));
	assert_false(glob_match("a", "ab"));
	assert_false(glob_match("", "a"));
}

static void
names_that_lead_elsewhere_are_refused(void **state)
{
	char big[300];

	(void)state;
	assert_null(local_name_wrong("plain"));
	assert_null(local_name_wrong("..."));
	assert_null(local_name_wrong(".hidden"));
	assert_non_null(local_name_wrong(""));
	assert_non_null(local_name_wrong("."));
	assert_non_null(local_name_wrong(".."));
	assert_non_null(local_name_wrong("/etc"));
	assert_non_null(local_name_wrong("a/b"));
	assert_non_null(local_name_wrong("..\\a"));
	memset(big, 'x', sizeof big);
	big[sizeof big - 1] = '\0';
	assert_non_null(local_name_wrong(big));
}

static void
steps_down_go_through_no_link(void **state)
{
	int root = open(dir, O_RDONLY | O_DIRECTORY), fd;

	(void)state;
	assert_true(root >= 0);
	fd = local_directory(root, "a/b/c", true);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(local_directory(root, "a/none", false), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(symlinkat("/tmp", root, "out"), 0);
	assert_int_equal(local_directory(root, "out/x", true), -1);
	assert_int_equal(local_directory(root, "a//b", true), -1);
	assert_int_equal(unlinkat(root, "out", 0), 0);
	assert_int_equal(unlinkat(root, "a/b/c", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(root, "a/b", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(root, "a", AT_REMOVEDIR), 0);
	close(root);
}

static void
only_what_is_before_the_first_hole_counts(void **state)
{
	char path[64], block[65536];
	int fd;

	(void)state;
	memset(block, 1, sizeof block);
	(void)snprintf(path, sizeof path, "%s/part", dir);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(local_surely_written(fd), 0);
	assert_int_equal(pwrite(fd, block, sizeof block, 0), sizeof block);
	assert_int_equal(pwrite(fd, block, sizeof block, 1 << 20), sizeof block);
	/* a file system that knows no holes says that all is data: nothing to see then */
	if (lseek(fd, 0, SEEK_HOLE) < 1 << 20)
		assert_int_equal(local_surely_written(fd), sizeof block);
	close(fd);
	unlink(path);
}

static void
times_read_as_they_print(void **state)
{
	char text[TIME_TEXT];
	int64_t ns = 0;

	(void)state;
	assert_true(time_parse("1600000000000000123", &ns));
	assert_int_equal(ns, 1600000000000000123);
	assert_true(time_parse("2020-02-29 12:34:56", &ns));
	assert_string_equal(time_print(ns, text), "2020-02-29 12:34:56");
	assert_true(time_parse("2020-02-29T12:34", &ns));
	assert_string_equal(time_print(ns, text), "2020-02-29 12:34:00");
	assert_true(time_parse("2020-02-29", &ns));
	assert_false(time_parse("yesterday", &ns));
	assert_false(time_parse("2020-02-29 12", &ns));
	assert_false(time_parse("99999999999999999999", &ns));
	assert_string_equal(time_print(0, text), "-");
}

static void
sizes_and_attributes_read_well(void **state)
{
	char text[SIZE_TEXT], letters[ATTRIBUTES_TEXT];

	(void)state;
	assert_string_equal(size_print(0, text), "0 B");
	assert_string_equal(size_print(1023, text), "1023 B");
	assert_string_equal(size_print(1536, text), "1.5 KiB");
	assert_string_equal(size_print(UINT64_MAX, text), "16.0 EiB");
	assert_string_equal(attributes_print(0x80, letters), "-");
	assert_string_equal(attributes_print(0x13, letters), "DRH");
	assert_string_equal(attributes_print(UINT32_MAX, letters), "DRHSATZLCONE");
	assert_int_equal(attribute_of('r'), 1);
	assert_int_equal(attribute_of('d'), 0);
	assert_int_equal(attribute_of('R'), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(globs_match_as_servers_do),
		cmocka_unit_test(names_that_lead_elsewhere_are_refused),
		cmocka_unit_test(steps_down_go_through_no_link),
		cmocka_unit_test(only_what_is_before_the_first_hole_counts),
		cmocka_unit_test(times_read_as_they_print),
		cmocka_unit_test(sizes_and_attributes_read_well),
	};
	int failed;

	if (!mkdtemp(dir))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)rmdir(dir);
	return failed;
}
