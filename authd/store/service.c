/*
 * service.c - what the store can be asked.  The rows come from the contract.
 */
#include "authd/store/store.h"

AUTH_MESSAGES(MSG_SERVE)

const struct ipc_method store_methods[] = { AUTH_MESSAGES(MSG_ROW) };
const size_t store_methods_n		= NELEM(store_methods);
