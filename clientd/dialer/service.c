/*
 * service.c - what dialer can be asked.  The rows come from the contract.
 */
#include "clientd/dialer/dialer.h"

#define MSG_ME struct dialer
DIALER_MESSAGES(MSG_SERVE)

const struct ipc_method dialer_methods[] = { DIALER_MESSAGES(MSG_ROW) };
const size_t dialer_methods_n	= NELEM(dialer_methods);
