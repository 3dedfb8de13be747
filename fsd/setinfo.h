/* setinfo.h - the parts of SET_INFO that have files of their own. */
#ifndef FSD_SETINFO_H
#define FSD_SETINFO_H

#include "base/cursor.h"
#include "base/nt.h"

struct fsd;
struct fsd_set_info_req;
struct handle;

/* The whole of it, rights included.  STATUS_PENDING: leases on h->in_the_way are broken first. */
nt setinfo_run(struct fsd *, struct handle *, const struct fsd_set_info_req *) MUST_USE;
nt setinfo_basic(struct fsd *, struct handle *, struct span) MUST_USE;
nt setinfo_rename(struct fsd *, struct handle *, struct span) MUST_USE;
nt setinfo_rename_ex(struct fsd *, struct handle *, struct span) MUST_USE;
nt setinfo_link(struct fsd *, struct handle *, struct span) MUST_USE;
nt setinfo_disposition(struct fsd *, struct handle *, struct span) MUST_USE;
nt setinfo_disposition_ex(struct fsd *, struct handle *, struct span) MUST_USE;
nt setinfo_allocation(struct fsd *, struct handle *, struct span) MUST_USE;
nt setinfo_end_of_file(struct fsd *, struct handle *, struct span) MUST_USE;

#endif
