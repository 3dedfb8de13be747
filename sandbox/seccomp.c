/*
 * seccomp.c - the filter: the role's table, then what every process with glibc
 * and libzmq needs, and death for everything else, on all threads at once.
 *
 * Measured: about 10 ns per system call.  seccomp(2), seccomp_rule_add(3)
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/nt.h"
#include "sandbox/parts.h"

#define INT 0xffffffffu /* the kernel looks at 32 bits of an int argument */

static const struct sandbox_rule common_rules[] = {
	/* links, log channel, wake-ups */
	ALLOW(read, "eventfd wake-ups, sockets, signalfd"),
	ALLOW(write, "eventfd wake-ups, stderr before the channel"),
	ALLOW(readv, "sockets"),
	ALLOW(writev, "sockets"),
	ALLOW(recvfrom, "libzmq engines"),
	ALLOW(sendto, "libzmq engines, log records"),
	ALLOW(recvmsg, "channel to the directory"),
	ALLOW(sendmsg, "channel to the directory"),
	ALLOW(close, "everybody's end"),
	ALLOW(shutdown, "orderly end of a connection"),
	ALLOW(eventfd2, "a new ZeroMQ socket's mailbox"),
	ALLOW_IF(socket, 0, INT, AF_UNIX, "libzmq reconnects to a peer introduced before"),
	ALLOW(connect, "the same; there are no other sockets to connect"),
	ALLOW(accept4, "peers at our ipc listener"),
	ALLOW(getsockopt, "libzmq: SO_ERROR, SO_PEERCRED; ours"),
	ALLOW(setsockopt, "libzmq: buffers; ours: TCP_NODELAY"),
	ALLOW(getsockname, "libzmq events; is this socket ours"),
	ALLOW(getpeername, "libzmq: the peer's credentials"),
	ALLOW_IF(fcntl, 1, INT, F_GETFL, "libzmq: non-blocking sockets"),
	ALLOW_IF(fcntl, 1, INT, F_SETFL, "libzmq: non-blocking sockets"),
	ALLOW_IF(fcntl, 1, INT, F_GETFD, "libzmq: close-on-exec"),
	ALLOW_IF(fcntl, 1, INT, F_SETFD, "libzmq: close-on-exec"),
	ALLOW_IF(fcntl, 1, INT, F_GET_SEALS, "arena_map checks a memfd's seals"),
	DENY(unlink, EACCES, "libzmq tidies up its socket file; the directory sweeps"),
	DENY(rmdir, EACCES, "the same"),
	/* waiting */
	ALLOW(poll, "libzmq signaler"),
	ALLOW(ppoll, "libzmq signaler where there is no poll"),
	ALLOW(epoll_wait, "event loop, libzmq poller"),
	ALLOW(epoll_pwait, "the same where there is no epoll_wait"),
	ALLOW(epoll_ctl, "event loop, libzmq poller"),
	ALLOW(futex, "threads"),
	ALLOW(sched_yield, "threads"),
	ALLOW(nanosleep, "libzmq back-off"),
	ALLOW(clock_nanosleep, "the same"),
	ALLOW(restart_syscall, "a stopped process that goes on"),
	ALLOW(clock_gettime, "where the vDSO cannot answer"),
	ALLOW(gettimeofday, "where the vDSO cannot answer"),
	/* libzmq's threads may still be on their first steps when the filter comes */
	ALLOW(set_robust_list, "a thread's start"),
	ALLOW(rseq, "a thread's start"),
	ALLOW_IF(prctl, 0, INT, PR_SET_NAME, "a thread's start"),
	ALLOW(sched_getparam, "libzmq reads a thread's priority"),
	ALLOW(sched_getscheduler, "the same"),
	ALLOW_IF(sched_setscheduler, 1, INT, SCHED_OTHER, "libzmq sets it to what it was"),
	/* memory; nothing may become executable */
	ALLOW_IF(mmap, 2, PROT_EXEC, 0, "malloc, arenas; not executable"),
	ALLOW_IF(mprotect, 2, PROT_EXEC, 0, "malloc grows a heap; not executable"),
	ALLOW(munmap, "malloc"),
	ALLOW(mremap, "realloc"),
	ALLOW(madvise, "malloc, secrets"),
	ALLOW(brk, "malloc"),
	DENY(openat, EACCES, "malloc asks /proc for the overcommit policy before it trims"),
	ALLOW(sched_getaffinity, "malloc sizes its number of heaps"),
	ALLOW(sysinfo, "qsort sizes its buffer"),
	ALLOW(getrandom, "keys, nonces, libzmq's routing ids"),
	/* ourselves */
	ALLOW(getpid, "libzmq, OpenSSL: are we forked"),
	ALLOW(gettid, "raise"),
	ALLOW(getresuid, "sandbox_walls"),
	ALLOW(capget, "sandbox_walls"),
	ALLOW_IF(prctl, 0, INT, PR_GET_SECCOMP, "sandbox_walls"),
	ALLOW_IF(prctl, 0, INT, PR_GET_NO_NEW_PRIVS, "sandbox_walls"),
	ALLOW_IF(prctl, 0, INT, PR_GET_DUMPABLE, "sandbox_walls"),
	ALLOW_IF(newfstatat, 3, AT_EMPTY_PATH, AT_EMPTY_PATH, "fstat, for stdio"),
	ALLOW(fstat, "stdio"),
	ALLOW(rt_sigprocmask, "libzmq threads, abort"),
	ALLOW(rt_sigaction, "abort"),
	ALLOW(rt_sigreturn, "the end of a handler"),
	ALLOW(exit, "the end of a thread"),
	ALLOW(exit_group, "our end"),
};

/*
 * A memory-checking build only: ASan and LSan run inside the process.  These
 * rules make it a weaker sandbox, which is why wall tests run on the release build.
 */
static const struct sandbox_rule sanitizer_rules[] = {
	ALLOW(openat, "reads /proc/self/maps, cmdline, environ, task"),
	ALLOW(open, "the same"),
	ALLOW(readlink, "the program's name for a report"),
	ALLOW(readlinkat, "the same"),
	ALLOW(getdents, "LSan lists /proc/self/task"),
	ALLOW(getdents64, "LSan lists /proc/self/task"),
	ALLOW(lseek, "its own file reader"),
	ALLOW(stat, "the same"),
	ALLOW(lstat, "the same"),
	ALLOW(newfstatat, "the same"),
	ALLOW(access, "looks for a symbolizer"),
	ALLOW(clone, "LSan's tracer thread"),
	ALLOW(clone3, "the same"),
	ALLOW(ptrace, "LSan stops the other threads"),
	ALLOW(wait4, "LSan waits for its tracer"),
	ALLOW(tgkill, "LSan, and UBSan's abort"),
	ALLOW(kill, "LSan's tracer ends itself"),
	ALLOW(prctl, "LSan: dumpable, PR_SET_PTRACER"),
	ALLOW(process_vm_readv, "reads another thread's stack with care"),
	ALLOW(sigaltstack, "every thread's signal stack"),
	ALLOW(getrlimit, "stack bounds"),
	ALLOW(prlimit64, "stack bounds"),
	ALLOW(arch_prctl, "threads"),
	ALLOW(getppid, "LSan's tracer watches its parent"),
	ALLOW(uname, "glibc's start of a thread"),
	ALLOW(pipe, "is this address readable"),
	ALLOW(pipe2, "is this address readable"),
	ALLOW(mmap, "shadow memory"),
	ALLOW(ioctl, "is stderr a terminal"),
	ALLOW(dup, "report descriptor"),
	ALLOW(getuid, "report file name"),
	ALLOW(getcwd, "report file name"),
};

static int
rule_add(scmp_filter_ctx ctx, const struct sandbox_rule *r)
{
	uint32_t action =
	    r->verdict == SANDBOX_ALLOW ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO((uint16_t)r->err);
	int number = seccomp_syscall_resolve_name(r->call);

	if (number < 0)
		return 0; /* this architecture does without */
	if (r->arg < 0)
		return seccomp_rule_add(ctx, action, number, 0);
	if (r->verdict == SANDBOX_DENY)
		return seccomp_rule_add(ctx, action, number, 1,
		    SCMP_CMP64((unsigned)r->arg, SCMP_CMP_NE, r->value, 0));
	return seccomp_rule_add(
	    ctx, action, number, 1,
	    SCMP_CMP64((unsigned)r->arg, SCMP_CMP_MASKED_EQ, r->mask, r->value));
}

/* libseccomp: the first unconditional verdict about a call stands, and beats conditional ones. */
static void
rules_add(scmp_filter_ctx ctx, const struct sandbox_rule *rules, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int e = rule_add(ctx, &rules[i]);

		if (e != 0)
			fatal("seccomp rule call=%s: %s", rules[i].call, strerror(-e));
	}
}

/* abort() signals its own process; nobody else's number is known to the filter. */
static void
abort_allow(scmp_filter_ctx ctx)
{
	int e = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
				 SCMP_CMP64(0, SCMP_CMP_MASKED_EQ, INT, (uint64_t)getpid()));

	if (e != 0)
		fatal("seccomp rule call=tgkill: %s", strerror(-e));
}

/* A batch or real-time process stays one: libzmq sets each of its threads to what we are, or aborts. */
static void
class_allow(scmp_filter_ctx ctx)
{
	int now = sched_getscheduler(0), e;

	if (now <= SCHED_OTHER) /* the table has it */
		return;
	e = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(sched_setscheduler), 1,
			     SCMP_CMP64(1, SCMP_CMP_MASKED_EQ, INT, (uint64_t)now));
	if (e != 0)
		fatal("seccomp rule call=sched_setscheduler: %s", strerror(-e));
}

static scmp_filter_ctx
filter_make(const struct sandbox_rule *rules, size_t n)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);

	if (!ctx)
		fatal("seccomp_init");
	(void)seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (SANDBOX_SANITIZE)
		rules_add(ctx, sanitizer_rules, NELEM(sanitizer_rules));
	rules_add(ctx, rules, n);
	rules_add(ctx, common_rules, NELEM(common_rules));
	abort_allow(ctx);
	class_allow(ctx);
	if (seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1) != 0)
		log_debug("seccomp: no thread synchronisation");
	(void)seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return ctx;
}

void
sandbox_seal(struct sandbox *s, const struct sandbox_rule *rules, size_t n)
{
	scmp_filter_ctx ctx = filter_make(rules, n);
	int e;

	limits_seal();
	e = seccomp_load(ctx);
	seccomp_release(ctx);
	if (e == 0)
		s->walls |= WALL_SECCOMP;
	else if (s->require)
		fatal("seccomp is required who=%s: %s", s->who, strerror(-e));
	else
		log_warn("sandbox: no system call filter who=%s: %s", s->who, strerror(-e));
}
