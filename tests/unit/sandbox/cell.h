/*
 * cell.h - runs a piece of a test in a child, since walls cannot be taken down
 * again: what it returns, or the signal that ended it, is the result.
 */
#ifndef TESTS_UNIT_SANDBOX_CELL_H
#define TESTS_UNIT_SANDBOX_CELL_H

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/sandbox.h"
#include "tests/unit/check.h"

#ifdef BH_SANITIZE
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

#define NOBODY 65534u

typedef void cell_fn(void *arg);

/* In a cell: cmocka's own asserts would unwind into the parent's frames. */
#define CELL_CHECK(cond)                                                                           \
	do {                                                                                       \
		if (!(cond)) {                                                                     \
			dprintf(2, "%s:%d: %s: %s\n", __FILE__, __LINE__, #cond, strerror(errno)); \
			_exit(99);                                                                 \
		}                                                                                  \
	} while (0)

/* The exit code, or minus the signal's number. */
static inline int
cell_run(cell_fn *fn, void *arg)
{
	int status  = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		fn(arg);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

#define assert_cell_lives(fn, arg)     assert_int_equal(cell_run(fn, arg), 0)
#define assert_cell_dies(fn, arg, sig) assert_int_equal(cell_run(fn, arg), -(sig))

/* As the least of users, if we are root. */
static inline void
become_nobody(void)
{
	if (geteuid() != 0)
		return;
	CELL_CHECK(setgroups(0, NULL) == 0);
	CELL_CHECK(setresgid(NOBODY, NOBODY, NOBODY) == 0);
	CELL_CHECK(setresuid(NOBODY, NOBODY, NOBODY) == 0);
}

/* Keeps its uid, has no binds. */
static inline struct sandbox
sandbox_plain(void)
{
	return (
	    struct sandbox){ .who = "cell", .uid = (uid_t)-1, .gid = (gid_t)-1, .require = true };
}

#endif
