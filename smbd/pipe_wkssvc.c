/* pipe_wkssvc.c - the Workstation Service on \pipe\wkssvc.  [MS-WKST] 3.2.4.1 */
#include "proto/rpc/wkssvc.h"
#include "smbd/pipe.h"

#define STUB_MAX 4096

static void
wkssvc_get_info(struct pipe *p, const struct rpc_call *call)
{
	const struct conf_server_req *conf = &pipe_worker(p)->smbd->conf.server;
	struct wkssvc_wksta me             = { .name = conf->netbios_name.s,
		    .domain = conf->workgroup.s, .version_major = 10, .version_minor = 0 };
	uint8_t stub[STUB_MAX];
	struct wr w = wr_init(stub, sizeof stub);
	uint32_t level;

	if (nt_failed(wkssvc_get_info_decode(call->stub, &level))) {
		rpc_pipe_fault(&p->rpc, RPC_BAD_STUB_DATA);
		return;
	}
	wkssvc_get_info_encode(&w, level, &me);
	if (wr_ok(&w))
		rpc_pipe_reply(&p->rpc, wr_done(&w));
	else
		rpc_pipe_fault(&p->rpc, RPC_OUT_OF_MEMORY);
}

static const struct pipe_op wkssvc_ops[] = {
	{ WKSSVC_WKSTA_GET_INFO, wkssvc_get_info },
};

const struct pipe_service pipe_wkssvc = { &wkssvc_iface, wkssvc_ops, NELEM(wkssvc_ops) };
