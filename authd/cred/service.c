/*
 * service.c - what cred can be asked.  The rows come from the contract.
 */
#include "authd/cred/cred.h"

CRED_MESSAGES(MSG_SERVE)

const struct ipc_method cred_methods[] = { CRED_MESSAGES(MSG_ROW) };
const size_t cred_methods_n	       = NELEM(cred_methods);
