/*
 * park.h - opens, and set requests of opens, that wait for somebody's oplock or
 * lease break.  What is parked keeps a copy of its request and is run again from
 * its beginning: in the meantime anything may have happened to the file.
 */
#ifndef FSD_PARK_H
#define FSD_PARK_H

#include "ipc/msg/fsd.msg.h"

struct call;
struct file;
struct fsd;
struct handle;
struct peer;
struct tree;

#define PARKED_MAX 1024u	/* each may carry 128 KiB of descriptor and EAs */

/* STATUS_PENDING, or STATUS_INSUFFICIENT_RESOURCES: too many wait already. */
nt park_open(struct fsd *, struct call *, struct tree *, struct file *,
    const struct fsd_open_req *) MUST_USE;
nt park_set_info(struct fsd *, struct call *, struct handle *, const struct fsd_set_info_req *) MUST_USE;
/* f changed: whoever waits for it tries again at the end of this tick. */
void park_retry(struct fsd *, const struct file *);
/* The tree goes: its parked opens are answered. */
void parked_end_of_tree(struct fsd *, const struct tree *);

#endif
