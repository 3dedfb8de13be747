/*
 * test_fsd_creds.c - as root: acting as a user opens what that user may open,
 * with every capability that fsd holds.  Each case runs in a child of its own
 * that has become what fsd is after its birth.
 */
#include "fsd/creds.h"

#include <errno.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "fsd/dosattr.h"
#include "tests/unit/fsd/place.h"

#define FSD_UID 62999u
#define ALICE   61001u
#define BOB     61002u

static void
caps_hold(uint64_t permitted)
{
	struct __user_cap_header_struct head  = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { { 0 } };

	data[0].permitted = data[0].effective = (uint32_t)permitted;
	if (syscall(SYS_capset, &head, data) != 0)
		_exit(90);
}

/* What main.c and the sandbox make of the process. */
static void
become_fsd(void)
{
	if (prctl(PR_SET_KEEPCAPS, 1) != 0 || setresgid(FSD_UID, FSD_UID, FSD_UID) != 0 ||
	    setresuid(FSD_UID, FSD_UID, FSD_UID) != 0)
		_exit(91);
	caps_hold(CREDS_KEPT | CREDS_HELD);
	creds_init();
}

/* 0 if the child's fn says true. */
static int
in_child(const struct place *p, bool (*fn)(const struct place *))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		become_fsd();
		_exit(fn(p) ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int
try_open(const struct place *p, const char *name, int flags)
{
	int fd = openat(p->fd, name, flags | O_CLOEXEC);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static void
private_file(const struct place *p, uint32_t owner)
{
	place_file(p, "private");
	assert_int_equal(fchownat(p->fd, "private", owner, owner, 0), 0);
	assert_int_equal(fchmodat(p->fd, "private", 0600, 0), 0);
}

static bool
stays_out(const struct place *p)
{
	struct ident *bob = ident_new("bob", "", BOB, BOB, NULL, 0);

	creds_become(bob);
	return try_open(p, "private", O_RDONLY) == EACCES && try_open(p, "private", O_RDWR) == EACCES;
}

static void
acting_as_one_user_does_not_open_anothers_file(void **state)
{
	if (geteuid() != 0)
		skip();
	private_file(*state, ALICE);
	assert_int_equal(in_child(*state, stays_out), 0);
}

static bool
goes_in(const struct place *p)
{
	struct ident *alice = ident_new("alice", "", ALICE, ALICE, NULL, 0);

	creds_become(alice);
	return try_open(p, "private", O_RDWR) == 0;
}

static void
acting_as_the_owner_opens_it(void **state)
{
	if (geteuid() != 0)
		skip();
	private_file(*state, ALICE);
	assert_int_equal(in_child(*state, goes_in), 0);
}

/* User, another, back, with an xattr in between: no capability stays up. */
static bool
nothing_stays_up(const struct place *p)
{
	struct ident *alice = ident_new("alice", "", ALICE, ALICE, NULL, 0);
	struct ident *bob   = ident_new("bob", "", BOB, BOB, NULL, 0);
	struct dosattr d    = { .has_attributes = true };
	int fd;

	creds_become(alice);
	fd = openat(p->fd, "private", O_RDWR | O_CLOEXEC);
	(void)nt_failed(dosattr_store(fd, &d));
	creds_become(bob);
	if (try_open(p, "private", O_RDONLY) != EACCES)
		return false;
	(void)nt_failed(dosattr_store(fd, &d));
	return try_open(p, "private", O_RDONLY) == EACCES;
}

static void
raised_capabilities_are_lowered_again(void **state)
{
	if (geteuid() != 0)
		skip();
	private_file(*state, ALICE);
	assert_int_equal(in_child(*state, nothing_stays_up), 0);
}

static bool
root_is_no_exception(const struct place *p)
{
	struct ident *root = ident_new("root", "", 0, 0, NULL, 0);

	creds_become(root);
	return try_open(p, "private", O_RDONLY) == EACCES;
}

static void
acting_as_root_overrides_nothing(void **state)
{
	if (geteuid() != 0)
		skip();
	private_file(*state, ALICE);
	assert_int_equal(in_child(*state, root_is_no_exception), 0);
}

static bool
groups_are_of_the_user(const struct place *p)
{
	struct gid_list in  = { .n = 1, .v = { ALICE } };
	struct ident *with  = ident_new("bob", "", BOB, BOB, &in, 0);
	struct ident *alone = ident_new("bob", "", BOB, BOB, NULL, 0);

	creds_become(with);
	if (try_open(p, "private", O_RDONLY) != 0)
		return false;
	creds_become(alone);
	return try_open(p, "private", O_RDONLY) == EACCES;
}

static void
groups_come_and_go_with_the_identity(void **state)
{
	struct place *p = *state;

	if (geteuid() != 0)
		skip();
	private_file(p, ALICE);
	assert_int_equal(fchmodat(p->fd, "private", 0640, 0), 0);
	assert_int_equal(in_child(p, groups_are_of_the_user), 0);
}

static void *
as_alice(void *arg)
{
	const struct place *p = arg;
	struct ident *alice   = ident_new("alice", "", ALICE, ALICE, NULL, 0);

	creds_become(alice);
	return try_open(p, "private", O_RDONLY) == 0 ? arg : NULL;
}

static bool
threads_do_not_mix(const struct place *p)
{
	struct ident *bob = ident_new("bob", "", BOB, BOB, NULL, 0);
	pthread_t t;
	void *ret = NULL;

	creds_become(bob);
	if (pthread_create(&t, NULL, as_alice, (void *)(uintptr_t)p) != 0 ||
	    pthread_join(t, &ret) != 0)
		return false;
	return ret != NULL && try_open(p, "private", O_RDONLY) == EACCES;
}

static void
identity_is_per_thread(void **state)
{
	if (geteuid() != 0)
		skip();
	private_file(*state, ALICE);
	assert_int_equal(in_child(*state, threads_do_not_mix), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		in_place(acting_as_one_user_does_not_open_anothers_file),
		in_place(acting_as_the_owner_opens_it),
		in_place(raised_capabilities_are_lowered_again),
		in_place(acting_as_root_overrides_nothing),
		in_place(groups_come_and_go_with_the_identity),
		in_place(identity_is_per_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
