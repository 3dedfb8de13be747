/*
 * notify.h - change notification: who watches what, and what has happened.
 * Events come from our own operations, reported by the op that did them.
 * [MS-SMB2] 3.3.5.19, [MS-FSA] 2.1.5.11
 */
#ifndef FSD_NOTIFY_H
#define FSD_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/nt.h"

struct call;
struct fsd;
struct fsd_notify_req;
struct handle;
struct notifies;
struct share;
struct watch;

#define FILE_NOTIFY_CHANGE_FILE_NAME  0x001u
#define FILE_NOTIFY_CHANGE_DIR_NAME   0x002u
#define FILE_NOTIFY_CHANGE_ATTRIBUTES 0x004u
#define FILE_NOTIFY_CHANGE_SIZE       0x008u
#define FILE_NOTIFY_CHANGE_LAST_WRITE 0x010u
#define FILE_NOTIFY_CHANGE_CREATION   0x040u
#define FILE_NOTIFY_CHANGE_EA         0x080u
#define FILE_NOTIFY_CHANGE_SECURITY   0x100u

struct notifies *notifies_new(struct fsd *);
void notifies_drop(struct notifies *);

/* path: in the share, as on disk.  change: FILE_NOTIFY_CHANGE_*; action: FILE_ACTION_*. */
void notify_event(struct fsd *, const struct share *, const char *path, uint32_t change,
    uint32_t action);
/* FILE_NAME or DIR_NAME. */
uint32_t notify_name_change(bool is_dir);
/* The kept call waits at h for events. */
nt notify_wait(struct handle *, struct call *, const struct fsd_notify_req *) MUST_USE;
void notify_handle_gone(struct handle *);
/* The watched directory is being deleted. */
void notify_dir_doomed(struct fsd *, const struct handle *);

#endif
