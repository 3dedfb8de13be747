/*
 * wkssvc.c - NetrWkstaGetInfo.  [MS-WKST] 2.2.5, 3.2.4.1
 */
#include "proto/rpc/wkssvc.h"

#include "proto/rpc/ndr.h"
#include "proto/rpc/srvsvc.h" /* WERR_... */

#define PLATFORM_ID_NT 500u

static const struct rpc_op ops[] = {
	{ WKSSVC_WKSTA_GET_INFO, "NetrWkstaGetInfo" },
};

const struct rpc_iface wkssvc_iface = {
	.pipe	  = "wkssvc",
	.syntax	  = { { { 0x98, 0xd0, 0xff, 0x6b, 0x12, 0xa1, 0x10, 0x36, 0x98, 0x33, 0x46, 0xc3,
			  0xf8, 0x7e, 0x34, 0x5a } },
		      1 },
	.ops	  = ops,
	.op_count = NELEM(ops),
};

nt
wkssvc_get_info_decode(struct span stub, uint32_t *ret_level)
{
	return srvsvc_server_get_info_decode(stub, ret_level); /* the same parameters */
}

static void
wksta_put(struct wr *w, struct ndr_ids *ids, uint32_t level, const struct wkssvc_wksta *c)
{
	wr_ndr_u32(w, PLATFORM_ID_NT);
	wr_ndr_ptr(w, ids, true);
	wr_ndr_ptr(w, ids, true);
	wr_ndr_u32(w, c->version_major);
	wr_ndr_u32(w, c->version_minor);
	if (level == 101)
		wr_ndr_ptr(w, ids, true); /* lanroot */
	wr_ndr_string(w, c->name);
	wr_ndr_string(w, c->domain);
	if (level == 101)
		wr_ndr_string(w, "");
}

void
wkssvc_get_info_encode(struct wr *w, uint32_t level, const struct wkssvc_wksta *c)
{
	bool known	   = level == 100 || level == 101;
	struct ndr_ids ids = { 0 };

	wr_ndr_u32(w, level);
	if (known) {
		wr_ndr_ptr(w, &ids, true);
		wksta_put(w, &ids, level, c);
	}
	wr_ndr_u32(w, known ? WERR_OK : WERR_INVALID_LEVEL);
}
