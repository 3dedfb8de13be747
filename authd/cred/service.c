/*
 * service.c - what cred can be asked.  The rows come from the contract.
 */
#include "authd/cred/cred.h"

const struct ipc_method cred_methods[] = { { 0 } };
const size_t cred_methods_n	= 0;
