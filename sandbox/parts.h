/*
 * parts.h - what the files of this folder share; nobody else includes it.
 *
 * sandbox_isolate() calls the parts in this order; each sets its bit in
 * s->walls only after the kernel has confirmed it.
 */
#ifndef SANDBOX_PARTS_H
#define SANDBOX_PARTS_H

#include "sandbox/sandbox.h"

/* spaces.c: user (when not root), mount, net and ipc namespaces. */
void spaces_enter(struct sandbox *);
/* isolate.c: no thread and no process is born from here on. */
void limits_seal(void);
/* root.c: an empty root with the binds in it, by pivot_root.  True if it stands. */
bool root_build(struct sandbox *);
/* ids.c: groups, gid, uid, securebits, capabilities. */
void ids_drop(struct sandbox *);
/* landlock.c: rooted tells where the binds are seen. */
void landlock_enter(struct sandbox *, bool rooted);
/* walls.c: the sentence about everything that is missing. */
void walls_log_missing(const struct sandbox *);

/* Address- and leak-sanitizers need more than the production walls give. */
#ifdef BH_SANITIZE
#define SANDBOX_SANITIZE 1
#else
#define SANDBOX_SANITIZE 0
#endif

#endif
