/*
 * test_credential.c - which credential the options, the environment and the
 * name make.  The test plays the api: the linker takes its ask() first.
 */
#include "tests/unit/check.h"

#include <unistd.h>

#include "cli/ask.h"
#include "cli/credential.h"

static json_t *asked;
static char frame[4096];
static size_t n_frame;

int
ask(struct cli *c, const char *what, const char *method, json_t *request, struct span binary,
    json_t **ret)
{
	(void)c;
	(void)what;
	assert_string_equal(method, "cred.create");
	json_decref(asked);
	asked = request;
	assert_true(binary.n < sizeof frame);
	n_frame = binary.n;
	if (binary.n > 0)
		memcpy(frame, binary.p, binary.n);
	*ret = json_pack("{s:i}", "cred", 77);
	return EXIT_OK;
}

/* The handle, 0 for anonymous, or minus the exit code. */
static int
get(const char *user, int argc, const char *const *argv)
{
	const char *all[16] = { "bulkhead" };
	struct cli c	    = { 0 };
	json_t *cred	    = NULL;
	char why[256];
	int rc, id;

	json_decref(asked);
	asked = NULL;
	memcpy(all + 1, argv, (size_t)argc * sizeof *argv);
	assert_true(options_parse(&c.args, OPT_ANY, argc + 1, (char *const *)(uintptr_t)all, why,
				  sizeof why));
	rc = credential_get(&c, user, "here", &cred);
	id = rc == EXIT_OK ? (int)json_integer_value(cred) : -rc;
	json_decref(cred);
	return id;
}

#define GET(user, ...)                                                                             \
	get(user, (int)NELEM(((const char *const[]){ __VA_ARGS__ })),                              \
	    (const char *const[]){ __VA_ARGS__ })
#define NONE "--quiet" /* an option that says nothing here */

static const char *
text(const char *key)
{
	const char *s = json_string_value(json_object_get(asked, key));

	return s ? s : "";
}

static int
number(const char *key)
{
	return (int)json_integer_value(json_object_get(asked, key));
}

static int
setup(void **state)
{
	(void)state;
	(void)unsetenv("KRB5CCNAME");
	(void)setenv("BULKHEAD_PASSWORD", "Secret-1", 1);
	return 0;
}

static void
nobody_is_anonymous(void **state)
{
	(void)state;
	assert_int_equal(GET(NULL, NONE), 0);
	assert_null(asked);
}

static void
name_wants_a_password(void **state)
{
	(void)state;
	assert_int_equal(GET("bob@REALM", NONE), 77);
	assert_int_equal(number("type"), 1);
	assert_string_equal(text("user"), "bob@REALM");
	assert_string_equal(text("kind"), "secret");
	assert_memory_equal(frame, "Secret-1", n_frame);
	assert_null(json_object_get(asked, "domain"));
}

static void
domain_stands_before_a_backslash(void **state)
{
	(void)state;
	assert_int_equal(GET("DOM\\bob", NONE), 77);
	assert_string_equal(text("domain"), "DOM");
	assert_string_equal(text("user"), "bob");
}

static void
guest_has_no_password_and_no_kerberos(void **state)
{
	(void)state;
	assert_int_equal(GET(NULL, "--guest"), 77);
	assert_string_equal(text("user"), "guest");
	assert_int_equal(number("kerberos"), 2);
	assert_int_equal(n_frame, 0);
}

static void
hashes_and_keys_are_hexadecimal_of_their_length(void **state)
{
	(void)state;
	assert_int_equal(GET("bob", "--nt-hash", "00112233445566778899aabbccddeeff"), 77);
	assert_int_equal(number("type"), 2);
	assert_int_equal(n_frame, 32);
	assert_int_equal(GET("bob", "--aes-key", "00112233445566778899aabbccddeeff"), 77);
	assert_int_equal(number("type"), 3);
	assert_int_equal(GET("bob", "--nt-hash", "00112233445566778899aabbccddeef"), -EXIT_USAGE);
	assert_int_equal(GET("bob", "--nt-hash", "00112233445566778899aabbccddeefg"), -EXIT_USAGE);
	assert_int_equal(GET(NULL, "--nt-hash", "00112233445566778899aabbccddeeff"), -EXIT_USAGE);
}

static void
two_sources_are_a_misunderstanding(void **state)
{
	(void)state;
	assert_int_equal(GET("bob", "--guest", "--ccache", "x"), -EXIT_USAGE);
	assert_int_equal(GET("bob", "--keytab", "x", "--password-stdin"), -EXIT_USAGE);
	assert_int_equal(GET("bob", "--key", "00"), -EXIT_USAGE);
	assert_int_equal(GET("bob", "--kerberos", "maybe"), -EXIT_USAGE);
	assert_null(asked);
}

static void
cache_of_the_environment_is_for_who_names_nobody(void **state)
{
	char path[] = "/tmp/bh-ccache-XXXXXX", name[64];
	int fd	    = mkstemp(path);

	(void)state;
	assert_true(fd >= 0 && write(fd, "tickets", 7) == 7);
	(void)close(fd);
	(void)snprintf(name, sizeof name, "FILE:%s", path);
	(void)setenv("KRB5CCNAME", name, 1);
	assert_int_equal(GET(NULL, NONE), 77);
	assert_int_equal(number("type"), 5);
	assert_string_equal(text("kind"), "material");
	assert_memory_equal(frame, "tickets", n_frame);
	assert_int_equal(GET("bob", NONE), 77);
	assert_int_equal(number("type"), 1);
	assert_int_equal(GET(NULL, "--kerberos", "off"), 0);
	(void)unsetenv("BULKHEAD_PASSWORD");
	assert_int_equal(GET("bob", "--kerberos", "required"), 77);
	assert_int_equal(number("type"), 5);
	(void)setenv("KRB5CCNAME", "KEYRING:1", 1);
	assert_int_equal(GET(NULL, NONE), 0);
	(void)unlink(path);
}

static void
ticket_goes_as_digits_beside_its_key(void **state)
{
	char path[] = "/tmp/bh-ticket-XXXXXX";
	int fd	    = mkstemp(path);

	(void)state;
	assert_true(fd >= 0 && write(fd, "\x61\xff", 2) == 2);
	(void)close(fd);
	assert_int_equal(GET("bob", "--ticket", path, "--key", "0011"), 77);
	assert_int_equal(number("type"), 6);
	assert_string_equal(text("material"), "61ff");
	assert_string_equal(text("kind"), "secret");
	assert_memory_equal(frame, "0011", n_frame);
	assert_int_equal(GET("bob", "--ticket", path), 77);
	assert_string_equal(text("kind"), "material");
	assert_int_equal(n_frame, 2);
	(void)unlink(path);
	assert_int_equal(GET("bob", "--ticket", path), -EXIT_REFUSED);
}

#define T(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(nobody_is_anonymous),
		T(name_wants_a_password),
		T(domain_stands_before_a_backslash),
		T(guest_has_no_password_and_no_kerberos),
		T(hashes_and_keys_are_hexadecimal_of_their_length),
		T(two_sources_are_a_misunderstanding),
		T(cache_of_the_environment_is_for_who_names_nobody),
		T(ticket_goes_as_digits_beside_its_key),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	json_decref(asked);
	return rc;
}
