/*
 * service.c - what net can be asked.  The rows come from the contract.
 */
#include "authd/net/net.h"

const struct ipc_method net_methods[] = { { 0 } };
const size_t net_methods_n	= 0;
