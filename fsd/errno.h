/* errno.h - errno becomes NTSTATUS here, next to the system call, and nowhere else. */
#ifndef FSD_ERRNO_H
#define FSD_ERRNO_H

#include "base/nt.h"

/* Never STATUS_SUCCESS, not even for 0. */
nt nt_from_errno(int err) MUST_USE;

#endif
