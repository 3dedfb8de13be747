/*
 * names.h - the names process: an account name goes in, a Unix account comes
 * out.  It holds nothing, so that NSS modules (sssd, LDAP, winbind) and the
 * files and sockets they want stay out of the store.
 */
#ifndef AUTHD_NAMES_NAMES_H
#define AUTHD_NAMES_NAMES_H

#include "base/loop.h"
#include "ipc/birth.h"
#include "ipc/msg/authd.msg.h"
#include "ipc/node.h"
#include "sandbox/sandbox.h"

struct names {
	struct loop *loop;
	struct node *node;
	struct sandbox box;
};

#define MSG_ME struct names
NAMES_MESSAGES(MSG_HANDLER)
extern const struct ipc_method names_methods[];
extern const size_t names_methods_n;

/* Has NSS load its modules, before the walls stand. */
void names_warm(void);
void names_isolate(struct names *, const struct birth *, char *links, size_t cap);
void names_seal(struct names *);

#endif
