/* test_seal.c - sandbox_seal(): what dies, what is refused, and that libzmq lives behind it. */
#include "tests/unit/sandbox/cell.h"

#include <fcntl.h>
#include <pthread.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <zmq.h>

#include "base/nt.h"

static void
seal_common(void)
{
	struct sandbox s = sandbox_plain();

	CELL_CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	sandbox_seal(&s, NULL, 0);
	CELL_CHECK(sandbox_walls(&s) & WALL_SECCOMP);
}

/* ---- calls that end the process ---- */

/* clang-format off */
static void try_exec(void) { (void)execl("/bin/true", "true", (char *)NULL); }
static void try_fork(void) { (void)syscall(SYS_fork); }
static void try_tcp(void) { (void)socket(AF_INET, SOCK_STREAM, 0); }
static void try_tcp6(void) { (void)socket(AF_INET6, SOCK_STREAM, 0); }
static void try_netlink(void) { (void)socket(AF_NETLINK, SOCK_RAW, 0); }
static void try_bind(void) { (void)bind(0, NULL, 0); }
static void try_listen(void) { (void)listen(0, 1); }
static void try_kill(void) { (void)kill(getppid(), 0); }
static void try_kill_self(void) { (void)syscall(SYS_kill, getpid(), 0); }
static void try_tgkill(void) { (void)syscall(SYS_tgkill, 1, 1, 0); }
static void try_ptrace(void) { (void)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL); }
static void try_setuid(void) { (void)syscall(SYS_setuid, 0); }
static void try_unshare(void) { (void)syscall(SYS_unshare, 0); }
static void try_mount(void) { (void)syscall(SYS_mount, "a", "b", "c", 0, NULL); }
static void try_bpf(void) { (void)syscall(SYS_bpf, 0, NULL, 0); }
static void try_io_uring(void) { (void)syscall(SYS_io_uring_setup, 1, NULL); }
static void try_openat2(void) { (void)syscall(SYS_openat2, AT_FDCWD, "/", NULL, 0); }
static void try_memfd(void) { (void)syscall(SYS_memfd_create, "x", 0); }
static void try_set_owner(void) { (void)fcntl(0, F_SETOWN, 1); }
static void try_dumpable(void) { (void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); }
/* clang-format on */

static void
try_peek(void)
{
	char b;
	struct iovec here = { &b, 1 }, there = { &b, 1 };

	(void)process_vm_readv(getppid(), &here, 1, &there, 1, 0);
}

static void
try_mmap_exec(void)
{
	(void)mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void
try_mprotect_exec(void)
{
	static char page[8192] __attribute__((aligned(4096)));

	(void)mprotect(page, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
}

static const struct deadly {
	const char *name;
	void (*fn)(void);
	bool sanitizer_needs_it;
} deadly[] = {
	{ "execve", try_exec, false },
	{ "fork", try_fork, false },
	{ "socket AF_INET", try_tcp, false },
	{ "socket AF_INET6", try_tcp6, false },
	{ "socket AF_NETLINK", try_netlink, false },
	{ "bind", try_bind, false },
	{ "listen", try_listen, false },
	{ "kill", try_kill, true },
	{ "kill of itself", try_kill_self, true },
	{ "tgkill of another", try_tgkill, true },
	{ "ptrace", try_ptrace, true },
	{ "process_vm_readv", try_peek, true },
	{ "setuid", try_setuid, false },
	{ "unshare", try_unshare, false },
	{ "mount", try_mount, false },
	{ "bpf", try_bpf, false },
	{ "io_uring_setup", try_io_uring, false },
	{ "openat2", try_openat2, false },
	{ "memfd_create", try_memfd, false },
	{ "fcntl F_SETOWN", try_set_owner, false },
	{ "prctl PR_SET_DUMPABLE", try_dumpable, true },
	{ "mmap PROT_EXEC", try_mmap_exec, true },
	{ "mprotect PROT_EXEC", try_mprotect_exec, false },
};

static void
cell_deadly(void *arg)
{
	seal_common();
	((const struct deadly *)arg)->fn();
}

static void
call_that_no_table_names_kills_the_process(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEM(deadly); i++) {
		struct deadly d = deadly[i];
		int got;

		if (SANITIZED && d.sanitizer_needs_it)
			continue;
		got = cell_run(cell_deadly, &d);
		if (got != -SIGSYS)
			fail_msg("%s: got %d, want death by SIGSYS", d.name, got);
	}
}

/* ---- calls that live ---- */

static void
cell_verdicts(void *arg)
{
	static const struct sandbox_rule rules[] = {
		DENY(getppid, ENOTTY, "a polite refusal"),
		ALLOW(getuid, "a role's own call"),
		DENY_UNLESS(socket, EAFNOSUPPORT, 0, AF_UNIX, "beside the common ALLOW_IF"),
		ALLOW_IF(dup3, 2, 0xffffffff, O_CLOEXEC, "by argument"),
		ALLOW(no_such_call_anywhere, "unknown here: skipped"),
	};
	struct sandbox s = sandbox_plain();

	(void)arg;
	CELL_CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	sandbox_seal(&s, rules, NELEM(rules));
	if (!SANITIZED)
		CELL_CHECK(syscall(SYS_getppid) == -1 && errno == ENOTTY);
	(void)getuid();
	CELL_CHECK(dup3(2, 60, O_CLOEXEC) == 60);
	CELL_CHECK(malloc(1 << 20) != NULL);
	CELL_CHECK(socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
	CELL_CHECK(socket(AF_INET, SOCK_STREAM, 0) == -1 && errno == EAFNOSUPPORT);
	(void)syscall(SYS_dup3, 2, 61, 0);
}

static void
verdicts_are_allow_refuse_and_by_argument(void **state)
{
	(void)state;
	assert_cell_dies(cell_verdicts, NULL, SIGSYS); /* by its very last call */
}

static void
cell_role_opens(void *arg)
{
	static const struct sandbox_rule rules[] = { ALLOW(openat,
							   "overrides the common refusal") };
	struct sandbox s                         = sandbox_plain();

	CELL_CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	sandbox_seal(&s, rules, arg ? NELEM(rules) : 0);
	if (arg)
		CELL_CHECK(open("/", O_RDONLY) >= 0);
	else
		CELL_CHECK(open("/", O_RDONLY) == -1 && errno == EACCES);
}

static void
role_table_comes_before_the_common_one(void **state)
{
	(void)state;
	assert_cell_lives(cell_role_opens, "role");
	if (!SANITIZED)
		assert_cell_lives(cell_role_opens, NULL);
}

static void
cell_abort(void *arg)
{
	(void)arg;
	seal_common();
	abort();
}

static void
abort_ends_by_its_own_signal(void **state)
{
	(void)state;
	assert_cell_dies(cell_abort, NULL, SIGABRT);
}

/* ---- threads ---- */

static int gate_fds[2];

static void *
thread_breaks_out(void *arg)
{
	char b;

	if (read(gate_fds[0], &b, 1) == 1)
		(void)socket(AF_INET, SOCK_STREAM, 0);
	return arg;
}

static void
cell_thread(void *arg)
{
	pthread_t t;

	(void)arg;
	CELL_CHECK(pipe(gate_fds) == 0);
	CELL_CHECK(pthread_create(&t, NULL, thread_breaks_out, NULL) == 0);
	seal_common();
	CELL_CHECK(write(gate_fds[1], "x", 1) == 1);
	(void)pthread_join(t, NULL);
}

static void
filter_holds_on_threads_started_before_it(void **state)
{
	(void)state;
	assert_cell_dies(cell_thread, NULL, SIGSYS);
}

/* ---- libzmq ---- */

static void
zmq_bounce(void *from, void *to)
{
	char b[8];

	CELL_CHECK(zmq_send(from, "ping", 4, 0) == 4);
	CELL_CHECK(zmq_recv(to, b, sizeof b, 0) == 4);
}

static void
cell_zmq(void *arg)
{
	char at[96];
	int wait  = 5000;
	void *ctx = zmq_ctx_new();
	void *in  = zmq_socket(ctx, ZMQ_PULL);
	void *out;

	(void)snprintf(at, sizeof at, "ipc://%s/sock", (const char *)arg);
	CELL_CHECK(zmq_bind(in, at) == 0);
	seal_common();
	/* What an introduction does after the seal: a new socket, connect, then an orderly end. */
	for (int i = 0; i < 3; i++) {
		out = zmq_socket(ctx, ZMQ_PUSH);
		CELL_CHECK(zmq_setsockopt(in, ZMQ_RCVTIMEO, &wait, sizeof wait) == 0);
		CELL_CHECK(zmq_connect(out, at) == 0);
		zmq_bounce(out, in);
		CELL_CHECK(zmq_close(out) == 0);
	}
	CELL_CHECK(zmq_close(in) == 0);
	CELL_CHECK(zmq_ctx_term(ctx) == 0);
}

static void
libzmq_binds_before_and_connects_after_the_seal(void **state)
{
	char dir[] = "/tmp/bh-seal-XXXXXX", cmd[64];

	(void)state;
	assert_non_null(mkdtemp(dir));
	for (int i = 0; i < 20; i++) /* its threads meet the filter at another step each time */
		assert_cell_lives(cell_zmq, dir);
	(void)snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
	assert_int_equal(system(cmd), 0);
}

/* ---- a kernel without seccomp ---- */

static void
filters_refuse(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	CELL_CHECK(ctx != NULL);
	CELL_CHECK(seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(seccomp), 0) == 0);
	CELL_CHECK(seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
				    SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP, 0)) == 0);
	CELL_CHECK(seccomp_load(ctx) == 0);
	seccomp_release(ctx);
}

static void
cell_no_seccomp(void *arg)
{
	struct sandbox s = sandbox_plain();

	s.require = arg != NULL;
	filters_refuse();
	sandbox_seal(&s, NULL, 0);
	CELL_CHECK(!(s.walls & WALL_SECCOMP));
}

static void
missing_filter_is_fatal_only_where_it_is_required(void **state)
{
	(void)state;
	assert_cell_lives(cell_no_seccomp, NULL);
	assert_cell_dies(cell_no_seccomp, "require", SIGABRT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(call_that_no_table_names_kills_the_process),
		cmocka_unit_test(verdicts_are_allow_refuse_and_by_argument),
		cmocka_unit_test(role_table_comes_before_the_common_one),
		cmocka_unit_test(abort_ends_by_its_own_signal),
		cmocka_unit_test(filter_holds_on_threads_started_before_it),
		cmocka_unit_test(libzmq_binds_before_and_connects_after_the_seal),
		cmocka_unit_test(missing_filter_is_fatal_only_where_it_is_required),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
