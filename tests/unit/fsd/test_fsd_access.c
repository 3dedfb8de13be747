/* test_fsd_access.c - rights from owner, group and mode; they agree with the descriptor. */
#include "fsd/access.h"

#include "proto/smb2/const.h"
#include "tests/unit/check.h"

#define DATA (FILE_READ_DATA | FILE_WRITE_DATA | FILE_APPEND_DATA)

static struct ident *
somebody(uint32_t uid, uint32_t gid)
{
	return ident_new("x", "", uid, gid, NULL, 0);
}

static struct look
file_of(uint32_t uid, uint32_t gid, uint16_t mode)
{
	struct look l = { 0 };

	l.st.stx_uid  = uid;
	l.st.stx_gid  = gid;
	l.st.stx_mode = mode;
	return l;
}

static void
access_agrees_with_the_descriptor_for_every_mode(void **state)
{
	static const uint32_t who[][2] = { { 1, 9 }, { 2, 5 }, { 3, 9 } };	/* owner, group, other */

	(void)state;
	for (unsigned mode = 0; mode < 0777 * 3; mode++) {
		struct look l     = file_of(1, 5, (uint16_t)(S_IFREG | mode / 3));
		struct ident *i   = somebody(who[mode % 3][0], who[mode % 3][1]);
		struct sid sids[] = { sid_of_uid(i->uid), sid_of_gid(i->gid), sid_everyone };
		struct access_token t = { .sids = sids, .count = 3 };
		uint8_t room[SD_UNIX_MAX];
		struct sd sd;

		access_descriptor(&l, room, &sd);
		assert_int_equal(access_of(&l, i, false) & DATA, access_maximum(&sd, &t) & DATA);
		ident_drop(i);
	}
}

static void
access_of_the_owner_is_whole(void **state)
{
	struct look l   = file_of(1, 1, S_IFREG | 0644);
	struct ident *i = somebody(1, 1);

	(void)state;
	assert_int_equal(access_of(&l, i, true), FILE_ALL_ACCESS);
	ident_drop(i);
}

static void
access_of_a_reader_may_not_write_or_rename(void **state)
{
	struct look l   = file_of(1, 1, S_IFREG | 0644);
	struct ident *i = somebody(2, 2);
	uint32_t got    = access_of(&l, i, false);

	(void)state;
	assert_int_equal(got & FILE_GENERIC_READ, FILE_GENERIC_READ);
	assert_int_equal(got & (DELETE | WRITE_DAC | WRITE_OWNER | FILE_WRITE_DATA |
				   FILE_APPEND_DATA | FILE_WRITE_ATTRIBUTES),
	    0);
	ident_drop(i);
}

static void
access_sticky_directory_protects_others_names(void **state)
{
	struct look dir = file_of(0, 0, S_IFDIR | 01777), mine = file_of(2, 2, S_IFREG | 0666),
		    theirs = file_of(3, 3, S_IFREG | 0666);
	struct ident *i    = somebody(2, 2);

	(void)state;
	assert_true(access_may_unlink(&dir, &mine, i));
	assert_false(access_may_unlink(&dir, &theirs, i));
	dir.st.stx_mode = S_IFDIR | 0777;
	assert_true(access_may_unlink(&dir, &theirs, i));
	dir.st.stx_mode = S_IFDIR | 0755;
	assert_false(access_may_unlink(&dir, &mine, i));
	ident_drop(i);
}

static void
access_map_refuses_none_and_nonsense(void **state)
{
	uint32_t got;

	(void)state;
	assert_status(access_map(0, &got), STATUS_ACCESS_DENIED);
	for (uint32_t bit = 0; bit < 32; bit++) {
		bool odd = (0x0CE0FE00u >> bit & 1) != 0;

		if (bit == 24)	/* ACCESS_SYSTEM_SECURITY */
			assert_status(access_map(1u << bit, &got), STATUS_PRIVILEGE_NOT_HELD);
		else
			assert_status(access_map(1u << bit, &got),
			    odd ? STATUS_ACCESS_DENIED : STATUS_SUCCESS);
	}
	assert_status(access_map(GENERIC_READ, &got), STATUS_SUCCESS);
	assert_int_equal(got, FILE_GENERIC_READ);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(access_agrees_with_the_descriptor_for_every_mode),
		cmocka_unit_test(access_of_the_owner_is_whole),
		cmocka_unit_test(access_of_a_reader_may_not_write_or_rename),
		cmocka_unit_test(access_sticky_directory_protects_others_names),
		cmocka_unit_test(access_map_refuses_none_and_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
