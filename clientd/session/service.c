/*
 * service.c - what session can be asked.  The rows come from the contract.
 */
#include "clientd/session/session.h"

const struct ipc_method session_methods[] = { { 0 } };
const size_t session_methods_n	= 0;
