/*
 * service.c - what krb can be asked.  The rows come from the contract.
 */
#include "authd/krb/krb.h"

const struct ipc_method krb_methods[] = { { 0 } };
const size_t krb_methods_n	= 0;
