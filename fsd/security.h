/*
 * security.h - security descriptors of files, which owner, group and mode can
 * say; what they cannot say is refused, not forgotten.  [MS-SMB2] 3.3.5.20.3, 3.3.5.21.3
 */
#ifndef FSD_SECURITY_H
#define FSD_SECURITY_H

#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "fsd/creds.h"
#include "fsd/stat.h"

/* The parts named by info, appended to w. */
void security_put(struct wr *w, const struct look *, uint32_t info);
size_t security_size(const struct look *, uint32_t info);
/*
 * Sets what info names.  STATUS_INVALID_OWNER for another's SID, STATUS_NOT_SUPPORTED
 * for a list that a mode does not express, STATUS_INVALID_SECURITY_DESCR.
 */
nt security_set(int fd, const struct look *, const struct ident *, struct span sd, uint32_t info)
    MUST_USE;

#endif
