/*
 * attack_calls.c - what a captured process asks of the kernel: other people's
 * files, the network, other processes, more rights, new code.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/capability.h>
#include <linux/openat2.h>

#include "tests/takeover/twin.h"

static int
result(long r)
{
	return r < 0 ? errno : 0;
}

/* ---- files ---- */

static int
file_try(const char *path, int flags)
{
	return result(syscall(SYS_openat, AT_FDCWD, path, flags, 0600));
}

static int
beneath_try(const char *path)
{
	struct open_how how = { .flags = O_RDONLY };

	return result(syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how));
}

/* clang-format off */
static int try_passwd(void) { return file_try("/etc/passwd", O_RDONLY); }
static int try_shadow(void) { return file_try("/etc/shadow", O_RDONLY); }
static int try_secret(void) { return file_try(loot.secret, O_RDONLY); }
static int try_secret_write(void) { return file_try(loot.secret, O_WRONLY | O_TRUNC); }
static int try_proc(void) { return file_try("/proc/1/environ", O_RDONLY); }
static int try_dev(void) { return file_try("/dev/mem", O_RDWR); }
static int try_passwd_openat2(void) { return beneath_try("/etc/passwd"); }
static int try_secret_openat2(void) { return beneath_try(loot.secret); }
static int try_dotdot(void) { return beneath_try("../../../../../../etc/shadow"); }
/* clang-format on */

static int
accounts_try(int (*opens)(const char *))
{
	char path[600];

	(void)snprintf(path, sizeof path, "%s/store/accounts.mdb", loot.state);
	return opens(path);
}

static int
open_read(const char *path)
{
	return file_try(path, O_RDONLY);
}

/* clang-format off */
static int try_accounts(void) { return accounts_try(open_read); }
static int try_accounts_openat2(void) { return accounts_try(beneath_try); }
/* clang-format on */

static int
try_create(void)
{
	return file_try("/tmp/bulkhead-was-here", O_WRONLY | O_CREAT);
}

static int
try_mknod(void)
{
	return result(syscall(SYS_mknodat, AT_FDCWD, "/null", 0020666, 0x103));
}

/* ---- files, with what fsd needs for its work ---- */

/* Everything that is permitted made effective, and the file system's root besides. */
static void
strength_gather(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	(void)syscall(SYS_setfsuid, 0);
	(void)syscall(SYS_capget, &head, data);
	data[0].effective = data[0].permitted;
	data[1].effective = data[1].permitted;
	(void)syscall(SYS_capset, &head, data);
}

static int
try_strong_share(void)
{
	int e;

	strength_gather();
	e = file_try("/shares/0/alice-secret", O_RDWR);
	return e == ENOENT ? file_try(loot.secret, O_RDWR) : e; /* there is a new root, or not */
}

static int
try_strong_shadow(void)
{
	strength_gather();
	return beneath_try("/shares/0/out/shadow");
}

static int
try_strong_accounts(void)
{
	strength_gather();
	return try_accounts();
}

/* fsd stands in /proc/self/fd, which is in the old root's mounts. */
static int
try_strong_up(void)
{
	strength_gather();
	return file_try("../../../../etc/shadow", O_RDONLY);
}

static int
try_strong_proc_root(void)
{
	strength_gather();
	return file_try("../../1/root/etc/shadow", O_RDONLY);
}

static int
try_strong_proc_sibling(void)
{
	char path[64];

	strength_gather();
	(void)snprintf(path, sizeof path, "../../%d/environ", loot.sibling);
	return file_try(path, O_RDONLY);
}

static int
try_strong_memory(void)
{
	strength_gather();
	return file_try("../mem", O_RDWR);
}

/* ---- sockets ---- */

static int
try_inet(void)
{
	struct sockaddr_in at = { .sin_family      = AF_INET,
				  .sin_port        = htons((uint16_t)loot.port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd                = socket(AF_INET, SOCK_STREAM, 0);

	return fd < 0 ? errno : result(connect(fd, (struct sockaddr *)&at, sizeof at));
}

static int
try_inet6(void)
{
	return result(socket(AF_INET6, SOCK_DGRAM, 0));
}

static int
try_packet(void)
{
	return result(socket(AF_PACKET, SOCK_RAW, 0));
}

/* A connected socket, or -1. */
static int
local_connect(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd                = socket(AF_UNIX, SOCK_STREAM, 0);

	if (strlen(path) >= sizeof at.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(at.sun_path, path, strlen(path));
	return fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof at) != 0 ? -1 : fd;
}

/* Connecting is all that a child can try: the scripting socket knows us by our pid. */
static int
try_door(void)
{
	char path[600];

	(void)snprintf(path, sizeof path, "%s/broker.sock", loot.runtime);
	return result(local_connect(path));
}

static int
try_system_bus(void)
{
	return result(local_connect("/run/dbus/system_bus_socket"));
}

/* ---- other processes ---- */

/* clang-format off */
static int try_ptrace(void) { return result(ptrace(PTRACE_ATTACH, loot.sibling, NULL, NULL)); }
static int try_kill(void) { return result(kill(loot.sibling, SIGCONT)); }
static int try_tgkill(void) { return result(syscall(SYS_tgkill, loot.sibling, loot.sibling, 0)); }
static int try_pidfd(void) { return result(syscall(SYS_pidfd_open, loot.sibling, 0)); }
static int try_limits(void) { return result(syscall(SYS_prlimit64, loot.sibling, 7, NULL, NULL)); }
static int try_owner(void) { return result(fcntl(0, F_SETOWN, loot.sibling)); }
/* clang-format on */

static int
try_peek(void)
{
	char b[16];
	struct iovec here = { b, sizeof b }, there = { (void *)0x400000, sizeof b };

	return result(process_vm_readv(loot.sibling, &here, 1, &there, 1, 0));
}

/* ---- more rights ---- */

/* clang-format off */
static int try_setuid(void) { return result(syscall(SYS_setuid, 0)); }
static int try_setresuid(void) { return result(syscall(SYS_setresuid, 0, 0, 0)); }
static int try_namespace(void) { return result(syscall(SYS_unshare, 0x10000000)); }
static int try_mount(void) { return result(syscall(SYS_mount, "none", "/", "tmpfs", 0, NULL)); }
static int try_chroot(void) { return result(syscall(SYS_chroot, "/")); }
static int try_bpf(void) { return result(syscall(SYS_bpf, 0, NULL, 0)); }
static int try_io_uring(void) { return result(syscall(SYS_io_uring_setup, 1, NULL)); }
static int try_keyring(void) { return result(syscall(SYS_keyctl, 0, -3, 0)); }
static int try_dumpable(void) { return result(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)); }
static int try_module(void) { return result(syscall(SYS_init_module, NULL, 0, "")); }
/* clang-format on */

/* All capabilities that there are. */
static int
try_capabilities(void)
{
	struct __user_cap_header_struct head  = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ ~0u, ~0u, 0 },
		{ (1u << (CAP_LAST_CAP - 31)) - 1, (1u << (CAP_LAST_CAP - 31)) - 1, 0 },
	};

	return result(syscall(SYS_capset, &head, data));
}

/* ---- new code ---- */

static int
try_exec(void)
{
	char *argv[] = { (char *)(uintptr_t) "sh", NULL }, *envp[] = { NULL };

	return result(execve("/bin/sh", argv, envp));
}

static int
try_exec_self(void)
{
	char *argv[] = { (char *)(uintptr_t) "x", NULL }, *envp[] = { NULL };

	return result(syscall(SYS_execveat, 0, "", argv, envp, AT_EMPTY_PATH));
}

/* clang-format off */
static int try_fork(void) { return result(syscall(SYS_fork)); }
/* clang-format on */

static int
try_code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

static int
try_code_later(void)
{
	static char page[8192] __attribute__((aligned(4096)));

	return result(mprotect(page, 4096, PROT_READ | PROT_EXEC));
}

const struct call_attack call_attacks[] = {
	{ "open-passwd", try_passwd },
	{ "open-shadow", try_shadow },
	{ "open-secret", try_secret },
	{ "write-secret", try_secret_write },
	{ "open-accounts", try_accounts },
	{ "open-proc", try_proc },
	{ "open-dev", try_dev },
	{ "openat2-passwd", try_passwd_openat2 },
	{ "openat2-secret", try_secret_openat2 },
	{ "openat2-accounts", try_accounts_openat2 },
	{ "openat2-dotdot", try_dotdot },
	{ "strong-share", try_strong_share },
	{ "strong-shadow", try_strong_shadow },
	{ "strong-accounts", try_strong_accounts },
	{ "strong-up", try_strong_up },
	{ "strong-proc-root", try_strong_proc_root },
	{ "strong-proc-sibling", try_strong_proc_sibling },
	{ "strong-memory", try_strong_memory },
	{ "create-file", try_create },
	{ "mknod", try_mknod },
	{ "connect-tcp", try_inet },
	{ "socket-inet6", try_inet6 },
	{ "socket-packet", try_packet },
	{ "connect-door", try_door },
	{ "connect-bus", try_system_bus },
	{ "ptrace", try_ptrace },
	{ "kill", try_kill },
	{ "tgkill", try_tgkill },
	{ "pidfd", try_pidfd },
	{ "prlimit", try_limits },
	{ "fcntl-owner", try_owner },
	{ "peek-memory", try_peek },
	{ "setuid", try_setuid },
	{ "setresuid", try_setresuid },
	{ "capset", try_capabilities },
	{ "unshare", try_namespace },
	{ "mount", try_mount },
	{ "chroot", try_chroot },
	{ "bpf", try_bpf },
	{ "io-uring", try_io_uring },
	{ "keyring", try_keyring },
	{ "dumpable", try_dumpable },
	{ "module", try_module },
	{ "exec", try_exec },
	{ "exec-descriptor", try_exec_self },
	{ "fork", try_fork },
	{ "map-code", try_code },
	{ "protect-code", try_code_later },
};
const size_t n_call_attacks = NELEM(call_attacks);
