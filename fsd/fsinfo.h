/* fsinfo.h - what is told about the file system below a share.  [MS-FSCC] 2.5 */
#ifndef FSD_FSINFO_H
#define FSD_FSINFO_H

#include "base/nt.h"
#include "proto/fscc/fs_info.h"

struct handle;

/* Strings in *ret are the share's. */
nt fsinfo_fill(const struct handle *, struct fscc_fs *ret) MUST_USE;

#endif
