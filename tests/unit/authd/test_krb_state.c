/*
 * test_krb_state.c - what the acceptor keeps: its own keys, and which
 * authenticators came already.
 */
#include "tests/unit/check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authd/krb/heimdal.h"
#include "authd/krb/keys.h"
#include "authd/krb/replay.h"

static char dir[64], path[96];

static int
folder_make(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/bh-krb-XXXXXX");
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/keytab", dir);
	return 0;
}

static int
folder_drop(void **state)
{
	char command[96];

	(void)state;
	(void)snprintf(command, sizeof command, "rm -r %s", dir);
	assert_int_equal(system(command), 0);
	return 0;
}

static struct key
key_of(const char *principal, int etype, uint32_t kvno)
{
	struct key k = { .etype = etype, .kvno = kvno, .added = 1700000000ull * 1000000000 };

	(void)snprintf(k.principal, sizeof k.principal, "%s", principal);
	k.n = key_size(etype);
	memset(k.bytes, (int)kvno, k.n);
	return k;
}

static void
give(struct keys *t, const char *principal, int etype, uint32_t kvno)
{
	struct key k = key_of(principal, etype, kvno);

	assert_status(keys_add(t, &k), STATUS_SUCCESS);
}

static size_t
file_size(void)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	return (size_t)st.st_size;
}

static bool
file_has(const uint8_t *bytes, size_t n)
{
	static uint8_t buf[1 << 16];
	int fd	    = open(path, O_RDONLY);
	ssize_t got = read(fd, buf, sizeof buf);

	close(fd);
	return got > 0 && memmem(buf, (size_t)got, bytes, n) != NULL;
}

static void
keys_are_there_again_after_a_restart(void **state)
{
	struct keys *t = keys_open(dir);
	const struct key *k;

	(void)state;
	assert_int_equal(keys_count(t), 0);
	give(t, "cifs/a@R", ETYPE_AES256, 300);
	give(t, "cifs/a@R", ETYPE_AES128, 300);
	give(t, "host/b.example@R", ETYPE_AES256, 1);
	keys_drop(t);
	t = keys_open(dir);
	assert_int_equal(keys_count(t), 3);
	k = keys_at(t, 0);
	assert_string_equal(k->principal, "cifs/a@R");
	assert_int_equal(k->etype, ETYPE_AES256);
	assert_int_equal(k->kvno, 300);
	assert_int_equal(k->added, 1700000000ull * 1000000000);
	assert_int_equal(k->origin, KEY_OF_STATE);
	assert_int_equal(k->bytes[31], 300 & 0xff);
	keys_drop(t);
}

static void
keys_refuse_the_same_name_type_and_version(void **state)
{
	struct keys *t = keys_open(dir);
	struct key k   = key_of("cifs/a@R", ETYPE_AES256, 1);

	(void)state;
	assert_status(keys_add(t, &k), STATUS_SUCCESS);
	assert_status(keys_add(t, &k), STATUS_OBJECT_NAME_COLLISION);
	k.kvno = 2;
	assert_status(keys_add(t, &k), STATUS_SUCCESS);
	keys_drop(t);
}

static void
keys_leave_nothing_behind_when_they_go(void **state)
{
	struct keys *t = keys_open(dir);
	struct key k   = key_of("cifs/gone@R", ETYPE_AES256, 0x77);
	size_t before;

	(void)state;
	give(t, "cifs/stays@R", ETYPE_AES256, 1);
	before = file_size();
	assert_status(keys_add(t, &k), STATUS_SUCCESS);
	give(t, "cifs/stays@R", ETYPE_AES256, 2);
	assert_true(file_has(k.bytes, k.n));
	assert_status(keys_del(t, 1), STATUS_SUCCESS);
	assert_false(file_has(k.bytes, k.n));
	assert_int_equal(keys_count(t), 2);
	keys_drop(t);
	t = keys_open(dir); /* written anew, without holes */
	assert_int_equal(keys_count(t), 2);
	assert_int_equal(file_size(), before + (before - 2));
	keys_drop(t);
}

static void
keys_read_up_to_a_record_that_was_cut(void **state)
{
	struct keys *t = keys_open(dir);
	size_t whole, size;

	(void)state;
	give(t, "cifs/a@R", ETYPE_AES256, 1);
	whole = file_size();
	give(t, "cifs/a@R", ETYPE_AES256, 2);
	size = file_size();
	keys_drop(t);
	assert_true(size > whole + 8);
	assert_int_equal(truncate(path, (off_t)size - 8), 0);
	t = keys_open(dir);
	assert_int_equal(keys_count(t), 1);
	keys_drop(t);
}

static bool
aes256_only(const void *ctx, int32_t etype)
{
	(void)ctx;
	return etype == ETYPE_AES256;
}

static void
keys_of_a_keytab_are_copied_and_not_kept(void **state)
{
	struct keys *t = keys_open(dir);
	char other[96];

	(void)state;
	give(t, "cifs/a@R", ETYPE_AES256, 1);
	give(t, "cifs/a@R", ETYPE_AES128, 1);
	keys_drop(t);
	(void)snprintf(other, sizeof other, "%s/other", dir);
	assert_int_equal(rename(path, other), 0);
	t = keys_open(dir);
	assert_true(keys_import(t, other, aes256_only, NULL));
	assert_int_equal(keys_count(t), 1);
	assert_int_equal(keys_at(t, 0)->origin, KEY_OF_KEYTAB);
	keys_drop(t);
	t = keys_open(dir);
	assert_int_equal(keys_count(t), 0);
	assert_false(keys_import(t, "/dev/null", aes256_only, NULL));
	assert_false(keys_import(t, "/nonexistent", aes256_only, NULL));
	keys_drop(t);
}

/* ---- replay ---- */

static struct span
token(uint32_t *n)
{
	return SPAN(n, sizeof *n);
}

static void
replay_forgets_after_its_time_and_not_before(void **state)
{
	struct replay *r = replay_open(NULL);
	uint32_t a = 1, b = 2;

	(void)state;
	assert_true(replay_is_new(r, "alice", token(&a), 1000, 600));
	assert_false(replay_is_new(r, "alice", token(&a), 1000, 600));
	assert_false(replay_is_new(r, "alice", token(&a), 1600, 600));
	assert_true(replay_is_new(r, "alice", token(&b), 1000, 600));
	assert_true(replay_is_new(r, "alice", token(&a), 1601, 600));
	replay_drop(r);
}

static void
replay_is_kept_in_its_file(void **state)
{
	struct replay *r;
	uint32_t a = 1;

	(void)state;
	r = replay_open(path);
	assert_true(replay_is_new(r, "alice", token(&a), 1000, 600));
	replay_drop(r);
	r = replay_open(path);
	assert_false(replay_is_new(r, "alice", token(&a), 1001, 600));
	replay_drop(r);
}

/* Some other client may share its place by chance: so many are asked that not all can. */
static void
replay_of_one_client_pushes_out_no_others(void **state)
{
	struct replay *r = replay_open(NULL);
	uint32_t token_n;
	unsigned lost = 0;
	char name[32];

	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		(void)snprintf(name, sizeof name, "user%u", i);
		token_n = 1000000 + i;
		assert_true(replay_is_new(r, name, token(&token_n), 1000, 600));
	}
	for (uint32_t i = 1; i <= REPLAY_WAYS + 1; i++)
		assert_true(replay_is_new(r, "flood", token(&i), 1001, 600));
	for (unsigned i = 0; i < 64; i++) {
		(void)snprintf(name, sizeof name, "user%u", i);
		token_n = 1000000 + i;
		lost += replay_is_new(r, name, token(&token_n), 1002, 600);
	}
	assert_true(lost < 8);
	replay_drop(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_A_FOLDER(fn) cmocka_unit_test_setup_teardown(fn, folder_make, folder_drop)
		IN_A_FOLDER(keys_are_there_again_after_a_restart),
		IN_A_FOLDER(keys_refuse_the_same_name_type_and_version),
		IN_A_FOLDER(keys_leave_nothing_behind_when_they_go),
		IN_A_FOLDER(keys_read_up_to_a_record_that_was_cut),
		IN_A_FOLDER(keys_of_a_keytab_are_copied_and_not_kept),
		cmocka_unit_test(replay_forgets_after_its_time_and_not_before),
		IN_A_FOLDER(replay_is_kept_in_its_file),
		cmocka_unit_test(replay_of_one_client_pushes_out_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
