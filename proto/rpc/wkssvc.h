/*
 * wkssvc.h - the Workstation Service, as far as clients ask before browsing.
 * [MS-WKST] 2.2.5, 3.2.4.1
 */
#ifndef PROTO_RPC_WKSSVC_H
#define PROTO_RPC_WKSSVC_H

#include <stdint.h>

#include "base/cursor.h"
#include "base/nt.h"
#include "proto/rpc/pipe.h"

enum wkssvc_opnum { WKSSVC_WKSTA_GET_INFO = 0 };
extern const struct rpc_iface wkssvc_iface;

struct wkssvc_wksta {
	const char *name, *domain; /* UTF-8 */
	uint32_t version_major, version_minor;
};

nt wkssvc_get_info_decode(struct span stub, uint32_t *ret_level) MUST_USE;
/* Levels 100 and 101; any other answers WERR_INVALID_LEVEL. */
void wkssvc_get_info_encode(struct wr *, uint32_t level, const struct wkssvc_wksta *);

#endif
