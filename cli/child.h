/*
 * child.h - a broker run for its words: started with its stdout in a pipe and
 * its stderr kept aside, shown only if it failed.
 */
#ifndef CLI_CHILD_H
#define CLI_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct child {
	pid_t pid;
	int out;	/* its stdout */
	int err;	/* memfd: what it wrote to stderr */
};

/* Exit code of a child whose program could not be executed. */
#define CHILD_NO_EXEC 127

/* argv[0] is the program's path.  False: errno says why. */
bool child_start(struct child *ret, char *const *argv);
/* One line of its stdout without the newline, waiting at most ms.  False: none came. */
bool child_line(struct child *, int ms, char *buf, size_t n);
/* Ends it by SIGTERM if term, waits, closes; returns its exit code, 128 + n for a signal. */
int child_end(struct child *, bool term);
/* What it said on stderr, to ours. */
void child_tell(const struct child *);

#endif
