/*
 * path.h - names as clients send them, to names as we send them to fsd.  Pure.
 * [MS-SMB2] 2.2.9, 2.2.13, 3.3.5.9; [MS-FSCC] 2.1.5
 */
#ifndef SMBD_PATH_H
#define SMBD_PATH_H

#include <stddef.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "ipc/types.h"

/*
 * A CREATE name: '\' becomes '/', one at the end is dropped, "" is the share's
 * root, ".." takes back the component before it.  STATUS_INVALID_PARAMETER for a
 * leading '\', STATUS_OBJECT_NAME_INVALID for what no Windows name may hold, "."
 * among it; STATUS_OBJECT_PATH_SYNTAX_BAD for a ".." above the root.
 */
nt path_from_wire(struct span utf16, char *dst, size_t cap, struct str *ret) MUST_USE;

/* "\\server\share" to "share".  STATUS_BAD_NETWORK_NAME unless it looks like that. */
nt path_share_from_wire(struct span utf16, char *dst, size_t cap, struct str *ret) MUST_USE;

#endif
