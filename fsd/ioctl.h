/* ioctl.h - the parts of FSCTLs that have files of their own. */
#ifndef FSD_IOCTL_H
#define FSD_IOCTL_H

#include "fsd/handle.h"

/* Room for small answers; larger ones are made by who answers later. */
#define IOCTL_ROOM 256u

/* SRV_COPYCHUNK and _WRITE: answers by itself, later.  [MS-SMB2] 3.3.5.15.6 */
nt ioctl_copychunk(struct fsd *, struct call *, struct handle *, const struct fsd_ioctl_req *)
    MUST_USE;
/* The key of SRV_REQUEST_RESUME_KEY, and the open it was made for on the same link. */
void resume_key_put(const struct fsd *, const struct handle *, uint8_t ret[24]);
struct handle *resume_key_find(const struct fsd *, const struct peer *, const uint8_t key[24]);

nt ioctl_set_sparse(struct handle *, struct span in) MUST_USE;
nt ioctl_set_zero_data(struct handle *, struct span in) MUST_USE;
nt ioctl_allocated_ranges(struct handle *, struct span in, struct wr *) MUST_USE;

#endif
