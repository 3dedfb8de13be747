/*
 * service.c - what krb can be asked.  The rows come from the contract.
 */
#include "authd/krb/krb.h"

KRB_MESSAGES(MSG_SERVE)

const struct ipc_method krb_methods[] = { KRB_MESSAGES(MSG_ROW) };
const size_t krb_methods_n	      = NELEM(krb_methods);
