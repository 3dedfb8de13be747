/*
 * trace_out.h - where the packets of a trace go: into a capture, or to the process
 * that prints them.
 */
#ifndef CLI_TRACE_OUT_H
#define CLI_TRACE_OUT_H

#include <stdio.h>
#include <sys/types.h>

#include "cli/cli.h"
#include "cli/traced.h"

struct trace {
	struct cli *cli;
	struct traced_queue held;
	FILE *file;		/* of the capture, or NULL */
	struct capture *capture;
	pid_t printer;		/* or 0 */
	int pipe;		/* to it */
	uint64_t count, most, lost;
	uint64_t until;		/* Unix ns; 0: none */
	bool broken;		/* nobody takes what we write */
	uint64_t number;	/* the api's */
	unsigned asked;		/* is it still there?  0: not asked just now */
	uint64_t asked_at;
	bool gone;		/* it is not */
};

/* EXIT_OK, or a code after a message. */
int trace_output_open(struct trace *);
/* Those older than `before`, in order. */
void trace_packets_out(struct trace *, uint64_t before);
/* The rest, and the end of it; what the trace's exit code is. */
int trace_output_close(struct trace *);
/* As many as were wanted, or nobody takes them. */
bool trace_is_over(const struct trace *);

#endif
