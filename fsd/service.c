/* service.c - what fsd can be asked.  The rows come from the contract. */
#include "fsd/fsd.h"

FSD_MESSAGES(MSG_SERVE)

const struct ipc_method fsd_methods[] = { FSD_MESSAGES(MSG_ROW) };
const size_t n_fsd_methods            = NELEM(fsd_methods);
