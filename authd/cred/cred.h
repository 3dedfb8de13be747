/*
 * cred.h - keeps what scripts log on with elsewhere and makes proofs of it.
 * In memory only.  Not for: the server's own accounts, any network.
 */
#ifndef AUTHD_CRED_CRED_H
#define AUTHD_CRED_CRED_H

#include "base/loop.h"
#include "ipc/birth.h"
#include "ipc/node.h"
#include "sandbox/sandbox.h"

struct cred {
	struct loop *loop;
	struct node *node;
	struct sandbox box;
};

extern const struct ipc_method cred_methods[];
extern const size_t cred_methods_n;

void cred_isolate(struct cred *, const struct birth *, char *links, size_t cap);
void cred_seal(struct cred *);

#endif
