/*
 * epm.h - asking the endpoint mapper on port 135 which TCP port an interface
 * listens on.  [C706] appendices I and O, [MS-RPCE] 2.2.1.2
 */
#ifndef PROTO_RPC_EPM_H
#define PROTO_RPC_EPM_H

#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/rpc/pdu.h"

#define EPM_PORT 135
#define EPM_MAP	 3 /* opnum of ept_map */

extern const struct rpc_syntax epm_syntax;

void epm_map_encode(struct wr *, const struct rpc_syntax *wanted);
/* The first tower over TCP.  STATUS_NOT_FOUND if nobody registered the interface. */
nt epm_map_decode(struct span stub, uint16_t *ret_port) MUST_USE;

#endif
