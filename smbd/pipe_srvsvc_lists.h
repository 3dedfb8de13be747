/*
 * pipe_srvsvc_lists.h - a list on its way; between pipe_srvsvc_lists.c and _rows.c.
 */
#ifndef SMBD_PIPE_SRVSVC_LISTS_H
#define SMBD_PIPE_SRVSVC_LISTS_H

#include "smbd/pipe_srvsvc.h"

struct list_job {
	struct pipe_job job;	/* first: what the pipe knows of it */
	struct worker *worker;
	uint64_t session;
	struct id16 grant;
	uint16_t opnum;
	uint32_t after;		/* the last row that came */
	uint8_t seat;		/* of the fsd that is being asked for its rows */
	struct srvsvc_list_req q;
	struct srvsvc_list list;
};

/* pipe_srvsvc_rows.c: answers of auth_peers, fsd_trees, fsd_files; ctx is the job. */
auth_peers_done session_came;
fsd_trees_done tree_came;
fsd_files_done file_came;

/*
 * Status and, if row, what to add.  A first row that does not go in has a name
 * that cannot be told: it is left out.
 */
void list_row(struct list_job *, nt status, uint32_t index, uint32_t left, const struct srvsvc_row *row);
/* This fsd has no more, or is gone: is another asked instead? */
bool list_elsewhere(struct list_job *, nt status);

#endif
