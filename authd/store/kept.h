/*
 * kept.h - files that outlive this process but not everything: the session
 * registry lives as long as the spawner whose workers it names, the failure
 * counters as long as the boot whose clock they use.
 *
 * They are not synchronised to disk, so what a power failure left behind must
 * not be read again: the name says what the file belongs to, and files of
 * anything earlier are removed.
 */
#ifndef AUTHD_STORE_KEPT_H
#define AUTHD_STORE_KEPT_H

#include "authd/store/db.h"

enum kept { KEPT_FOR_SPAWNER, KEPT_FOR_BOOT };

/* dir/sessions-<boot>-<spawner> or dir/counters-<boot>. */
nt kept_open(const char *dir, enum kept, struct db **ret) MUST_USE;

#endif
