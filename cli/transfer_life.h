/* transfer_life.h - the jobs of a transfer, for the loop that listens. */
#ifndef CLI_TRANSFER_LIFE_H
#define CLI_TRANSFER_LIFE_H

#include "cli/transfer.h"

struct job *jobs_idle(struct transfer *);	/* one without a file; NULL: all have one */
size_t jobs_running(const struct transfer *);
/* A message for one of them, or for nobody any more; frees what got holds. */
void jobs_hear(struct transfer *, struct api_got *got);

void job_start(struct transfer *, struct job *, const struct item *);
void job_end(struct transfer *, struct job *);
void job_cancel(struct transfer *, const struct job *);

#endif
