/* test_isolate.c - sandbox_isolate(): root, files, network, ids, capabilities, as root and not. */
#include "tests/unit/sandbox/cell.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <linux/capability.h>

#include "base/nt.h"

#define CAP(c) (1ull << (c))

/* A directory below /tmp, where the new root is built: the hardest place for a bind. */
static char yard[64];

static int
yard_make(void **state)
{
	char path[96];
	int fd;

	(void)state;
	(void)strcpy(yard, "/tmp/bh-isolate-XXXXXX");
	if (!mkdtemp(yard))
		return -1;
	(void)snprintf(path, sizeof path, "%s/file", yard);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	close(fd);
	return fd < 0 || chmod(yard, 0777) != 0 ? -1 : 0;
}

static int
yard_clear(void **state)
{
	char cmd[96];

	(void)state;
	(void)snprintf(cmd, sizeof cmd, "rm -rf %s", yard);
	return system(cmd);
}

static bool
can_open(const char *dir, const char *name, int flags)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	fd = open(path, flags | O_CLOEXEC, 0644);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* ---- files ---- */

static void
cell_files(void *arg)
{
	struct sandbox s = sandbox_plain();
	const char *rw = "/a/rw", *ro = "/a/ro";
	bool rooted;

	if (arg)
		become_nobody();
	sandbox_bind(&s, yard, rw, true);
	sandbox_bind(&s, "/usr/share", ro, false);
	rooted = sandbox_isolate(&s);
	if (!rooted) {
		rw = yard;
		ro = "/usr/share";
	}
	CELL_CHECK(can_open(rw, "file", O_RDONLY));
	CELL_CHECK(can_open(rw, arg ? "new-nobody" : "new", O_WRONLY | O_CREAT));
	CELL_CHECK(can_open(ro, ".", O_RDONLY));
	CELL_CHECK(!can_open(ro, "new", O_WRONLY | O_CREAT));
	CELL_CHECK(!can_open("/etc", "passwd", O_RDONLY));
	CELL_CHECK(!can_open("/", "new", O_WRONLY | O_CREAT));
	CELL_CHECK(access("/etc", F_OK) != 0 || !rooted);
}

static void
isolated_process_sees_only_its_binds(void **state)
{
	(void)state;
	assert_cell_lives(cell_files, NULL);
	assert_cell_lives(cell_files, yard);
}

static void
cell_dotdot(void *arg)
{
	struct sandbox s = sandbox_plain();
	int before       = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)arg;
	CELL_CHECK(before >= 0);
	sandbox_bind(&s, yard, "/rw", true);
	if (sandbox_isolate(&s))
		CELL_CHECK(!can_open("/rw/../..", "etc/passwd", O_RDONLY));
	/* Landlock holds even where an old directory descriptor leads out of the root. */
	if (s.walls & WALL_LANDLOCK)
		CELL_CHECK(openat(before, "etc/passwd", O_RDONLY) < 0 && errno == EACCES);
}

static void
neither_dotdot_nor_an_old_descriptor_leads_out(void **state)
{
	(void)state;
	assert_cell_lives(cell_dotdot, NULL);
}

static void
cell_odd_binds(void *arg)
{
	struct sandbox s = sandbox_plain();
	char file[96];

	(void)arg;
	(void)snprintf(file, sizeof file, "%s/file", yard);
	sandbox_bind(&s, "/no/such/place", "/gone", false);
	sandbox_bind(&s, file, "/one/file", false);
	if (!sandbox_isolate(&s))
		return;
	CELL_CHECK(can_open("/one", "file", O_RDONLY));
	CELL_CHECK(!can_open("/one", "file", O_RDWR));
	CELL_CHECK(access("/gone", F_OK) != 0);
}

static void
single_file_is_bound_and_missing_source_is_skipped(void **state)
{
	(void)state;
	assert_cell_lives(cell_odd_binds, NULL);
}

/* ---- network ---- */

static int
listener_make(struct sockaddr_in *at)
{
	socklen_t n = sizeof *at;
	int fd      = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*at = (struct sockaddr_in){ .sin_family      = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)at, sizeof *at), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)at, &n), 0);
	return fd;
}

static bool
can_connect(const struct sockaddr_in *at)
{
	int fd  = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok = connect(fd, (const struct sockaddr *)at, sizeof *at) == 0;

	close(fd);
	return ok;
}

static void
cell_network(void *arg)
{
	struct sandbox s = sandbox_plain();

	CELL_CHECK(can_connect(arg));
	(void)sandbox_isolate(&s);
	CELL_CHECK(!can_connect(arg));
}

static void
cell_network_kept(void *arg)
{
	struct sandbox s = sandbox_plain();

	s.keep_net = true;
	(void)sandbox_isolate(&s);
	CELL_CHECK(can_connect(arg));
	CELL_CHECK(!(sandbox_walls(&s) & WALL_NET_NS));
}

static void
network_is_gone_unless_kept(void **state)
{
	struct sockaddr_in at;
	int fd = listener_make(&at);

	(void)state;
	assert_cell_lives(cell_network, &at);
	assert_cell_lives(cell_network_kept, &at);
	close(fd);
}

/* ---- ids and capabilities ---- */

static void
caps_read(uint64_t *permitted, uint64_t *effective)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct d[2];

	CELL_CHECK(syscall(SYS_capget, &head, d) == 0);
	*permitted = d[0].permitted | (uint64_t)d[1].permitted << 32;
	*effective = d[0].effective | (uint64_t)d[1].effective << 32;
}

static void
cell_caps(void *arg)
{
	struct sandbox s = sandbox_plain();
	uint64_t p, e;

	(void)arg;
	s.uid = s.gid = NOBODY;
	s.keep_caps   = CAP(CAP_SETUID) | CAP(CAP_SETGID);
	s.hold_caps   = CAP(CAP_DAC_OVERRIDE) | CAP(CAP_CHOWN);
	s.keep_groups = true;
	(void)sandbox_isolate(&s);
	caps_read(&p, &e);
	CELL_CHECK(p == (s.keep_caps | s.hold_caps));
	CELL_CHECK(e == s.keep_caps);
	CELL_CHECK(prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0) == 0);
	CELL_CHECK(prctl(PR_CAPBSET_READ, CAP_CHOWN, 0, 0, 0) == 1);
	/* Becoming fsuid 0 and back must not wake what is held. */
	(void)setfsuid(0);
	caps_read(&p, &e);
	CELL_CHECK(e == s.keep_caps);
	(void)setfsuid(1234);
	caps_read(&p, &e);
	CELL_CHECK(e == s.keep_caps && p == (s.keep_caps | s.hold_caps));
	CELL_CHECK(sandbox_walls(&s) & WALL_CAPS);
	CELL_CHECK(sandbox_walls(&s) & WALL_UID);
}

static void
root_keeps_and_holds_exactly_the_named_capabilities(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_cell_lives(cell_caps, NULL);
}

static void
cell_uid(void *arg)
{
	struct sandbox s = sandbox_plain();
	uint64_t p, e;

	(void)arg;
	s.uid = s.gid = NOBODY;
	(void)sandbox_isolate(&s);
	CELL_CHECK(geteuid() == NOBODY && getegid() == NOBODY && getgroups(0, NULL) == 0);
	CELL_CHECK(setresuid(0, 0, 0) != 0);
	CELL_CHECK(setgroups(0, NULL) != 0);
	caps_read(&p, &e);
	CELL_CHECK(p == 0 && e == 0);
}

static void
root_becomes_the_uid_and_cannot_go_back(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	assert_cell_lives(cell_uid, NULL);
}

/* ---- limits and signals ---- */

static void
cell_limits(void *arg)
{
	struct sandbox s = sandbox_plain();
	struct rlimit r;

	(void)arg;
	s.files = 77;
	(void)sandbox_isolate(&s);
	CELL_CHECK(getrlimit(RLIMIT_CORE, &r) == 0 && r.rlim_max == 0);
	CELL_CHECK(getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur == 77 && r.rlim_max == 77);
	CELL_CHECK(umask(0) == 077);
	CELL_CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	CELL_CHECK(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == SANITIZED);
	CELL_CHECK(!(sandbox_walls(&s) & WALL_SECCOMP));
}

static void
limits_and_dumps_are_off(void **state)
{
	(void)state;
	assert_cell_lives(cell_limits, NULL);
}

static void
cell_signal(void *arg)
{
	struct sandbox s = sandbox_plain();
	pid_t parent     = getppid();

	(void)arg;
	(void)sandbox_isolate(&s);
	CELL_CHECK(kill(getpid(), 0) == 0);
	if (s.walls & WALL_LANDLOCK)
		CELL_CHECK(kill(parent, 0) != 0 && errno == EPERM);
}

/* Our kernel's Landlock scopes signals (ABI 6); an older one leaves this to the uid. */
static void
same_uid_outside_cannot_be_signalled(void **state)
{
	(void)state;
	if (syscall(SYS_landlock_create_ruleset, NULL, 0, 1) < 6)
		skip();
	assert_cell_lives(cell_signal, NULL);
}

/* ---- where the kernel gives less ---- */

/* A kernel that refuses namespaces, as containers and hardened hosts do. */
static void
namespaces_refuse(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	CELL_CHECK(ctx != NULL);
	CELL_CHECK(seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 0) == 0);
	CELL_CHECK(seccomp_load(ctx) == 0);
	seccomp_release(ctx);
}

static void
cell_no_namespaces(void *arg)
{
	struct sandbox s = sandbox_plain();
	uint32_t walls;

	if (arg)
		become_nobody();
	sandbox_bind(&s, yard, "/rw", true);
	sandbox_bind(&s, "/no/such/place", "/gone", true);
	sandbox_bind(&s, "/root/.ssh", "/closed", true);
	namespaces_refuse();
	CELL_CHECK(!sandbox_isolate(&s));
	walls = sandbox_walls(&s);
	CELL_CHECK(
	    !(walls & (WALL_ROOT | WALL_MOUNT_NS | WALL_NET_NS | WALL_IPC_NS | WALL_USER_NS)));
	CELL_CHECK(walls & WALL_NO_NEW_PRIVS);
	CELL_CHECK(walls & WALL_CAPS);
	CELL_CHECK(can_open(yard, "file", O_RDONLY));
	CELL_CHECK((walls & WALL_LANDLOCK) ||
	           syscall(SYS_landlock_create_ruleset, NULL, 0, 1) < 1);
	if (walls & WALL_LANDLOCK)
		CELL_CHECK(!can_open("/etc", "passwd", O_RDONLY));
}

static void
without_namespaces_landlock_still_closes_the_files(void **state)
{
	(void)state;
	assert_cell_lives(cell_no_namespaces, NULL);
	assert_cell_lives(cell_no_namespaces, yard);
}

static void
cell_user_space(void *arg)
{
	struct sandbox s = sandbox_plain();
	uid_t uid;
	uint64_t p, e;

	(void)arg;
	become_nobody();
	uid = geteuid();
	if (!sandbox_isolate(&s))
		return; /* this kernel gives unprivileged users no namespaces; the case above */
	CELL_CHECK(sandbox_walls(&s) & WALL_USER_NS);
	CELL_CHECK(geteuid() == uid);
	caps_read(&p, &e);
	CELL_CHECK(p == 0 && e == 0);
}

static void
not_root_user_namespace_keeps_the_uid_and_no_capability(void **state)
{
	(void)state;
	assert_cell_lives(cell_user_space, NULL);
}

static void
every_wall_has_a_name(void **state)
{
	(void)state;
	for (uint32_t w = WALL_SECCOMP; w <= WALL_NO_DUMP; w <<= 1)
		assert_string_not_equal(sandbox_wall_name((enum sandbox_wall)w), "unknown");
	assert_string_equal(sandbox_wall_name((enum sandbox_wall)(WALL_NO_DUMP << 1)), "unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(isolated_process_sees_only_its_binds),
		cmocka_unit_test(neither_dotdot_nor_an_old_descriptor_leads_out),
		cmocka_unit_test(single_file_is_bound_and_missing_source_is_skipped),
		cmocka_unit_test(network_is_gone_unless_kept),
		cmocka_unit_test(root_keeps_and_holds_exactly_the_named_capabilities),
		cmocka_unit_test(root_becomes_the_uid_and_cannot_go_back),
		cmocka_unit_test(limits_and_dumps_are_off),
		cmocka_unit_test(same_uid_outside_cannot_be_signalled),
		cmocka_unit_test(without_namespaces_landlock_still_closes_the_files),
		cmocka_unit_test(not_root_user_namespace_keeps_the_uid_and_no_capability),
		cmocka_unit_test(every_wall_has_a_name),
	};

	return cmocka_run_group_tests(tests, yard_make, yard_clear);
}
