/*
 * service.c - what dialer can be asked.  The rows come from the contract.
 */
#include "clientd/dialer/dialer.h"

const struct ipc_method dialer_methods[] = { { 0 } };
const size_t dialer_methods_n	= 0;
