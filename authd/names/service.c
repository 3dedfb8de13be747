/*
 * service.c - what names can be asked.  The rows come from the contract.
 */
#include "authd/names/names.h"

NAMES_MESSAGES(MSG_SERVE)

const struct ipc_method names_methods[] = { NAMES_MESSAGES(MSG_ROW) };
const size_t names_methods_n		= NELEM(names_methods);
