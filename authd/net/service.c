/*
 * service.c - what net can be asked.  The rows come from the contract.
 */
#include "authd/net/net.h"

NET_MESSAGES(MSG_SERVE)

const struct ipc_method net_methods[] = { NET_MESSAGES(MSG_ROW) };
const size_t net_methods_n	      = NELEM(net_methods);
