/*
 * krb.h - the Kerberos acceptor: tokens of strangers go in, who they are and the
 * session's key come out.  It holds the service's keys and reaches no network;
 * not for: accounts, files, NTLM.
 */
#ifndef AUTHD_KRB_KRB_H
#define AUTHD_KRB_KRB_H

#include "base/loop.h"
#include "ipc/birth.h"
#include "ipc/node.h"
#include "sandbox/sandbox.h"

struct krb {
	struct loop *loop;
	struct node *node;
	struct sandbox box;
};

extern const struct ipc_method krb_methods[];
extern const size_t krb_methods_n;

void krb_isolate(struct krb *, const struct birth *, char *links, size_t cap);
void krb_seal(struct krb *);

#endif
