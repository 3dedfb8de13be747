/*
 * service.c - what the directory can be asked.  The rows come from the contract.
 */
#include "broker/directory/directory.h"

DIR_MESSAGES(MSG_SERVE)

const struct ipc_method directory_methods[] = { DIR_MESSAGES(MSG_ROW) };
const size_t directory_methods_n	    = NELEM(directory_methods);
