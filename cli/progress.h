/* progress.h - one line on the terminal that says how far it is, how fast, how long still. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool shown;		/* on a terminal, and not --quiet */
	int64_t started, drawn;	/* ms */
	uint64_t resumed;	/* bytes that were there before */
};

void progress_begin(struct progress *, bool wanted);
/* Draws it again if it is time. */
void progress_draw(struct progress *, uint64_t done, uint64_t total, uint64_t files,
    uint64_t files_total);
/* The line is taken away. */
void progress_clear(const struct progress *);
int64_t progress_ms(const struct progress *);	/* since the beginning */

#endif
