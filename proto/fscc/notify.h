/*
 * notify.h - FILE_NOTIFY_INFORMATION lists.  [MS-FSCC] 2.7.1
 */
#ifndef PROTO_FSCC_NOTIFY_H
#define PROTO_FSCC_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/fscc/chain.h"

enum fscc_notify_action {
	FILE_ACTION_ADDED            = 1,
	FILE_ACTION_REMOVED          = 2,
	FILE_ACTION_MODIFIED         = 3,
	FILE_ACTION_RENAMED_OLD_NAME = 4,
	FILE_ACTION_RENAMED_NEW_NAME = 5,
	FILE_ACTION_ADDED_STREAM     = 6,
	FILE_ACTION_REMOVED_STREAM   = 7,
	FILE_ACTION_MODIFIED_STREAM  = 8
};

void fscc_notify_begin(struct chain *, struct wr *w);
/* path: UTF-8, '/'-separated, relative to the watched directory.  False if it does not fit. */
bool fscc_notify_put(struct chain *, uint32_t action, const char *path) MUST_USE;

struct fscc_notify {
	uint32_t action;
	struct span name; /* UTF-16LE, '\\'-separated */
};
bool fscc_notify_next(struct rd *r, struct fscc_notify *ret) MUST_USE;

#endif
