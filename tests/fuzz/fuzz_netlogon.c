/*
 * fuzz_netlogon.c - everything a domain controller, a KDC, a name server or
 * whoever plays one can say.  The first byte says whom the rest is from.
 * Reaches rpc_client_feed (with and without a seal), netlogon_*_decode,
 * sam_info_decode, epm_map_decode, netlogon_unseal, dns_answer_decode,
 * krb_error_code and keytab_nt_hash.
 */
#include <stdlib.h>
#include <string.h>

#include "authd/net/net.h"
#include "proto/auth/krb_error.h"
#include "proto/auth/netlogon_crypto.h"
#include "proto/dns.h"
#include "proto/rpc/client.h"
#include "proto/rpc/epm.h"
#include "proto/rpc/netlogon.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t room[8192], sids[65536];

static void
stubs(struct span s)
{
	struct wr w = wr_init(sids, sizeof sids);
	struct netlogon_authenticated a;
	struct sam_info info;
	uint8_t challenge[8];
	uint16_t port;
	nt status;

	if (nt_ok(netlogon_logon_ex_decode(s, &info, &w, &status)) && nt_ok(status) &&
	    (!memchr(info.user, 0, sizeof info.user) || info.user_sid.count > SID_SUBS_MAX))
		abort();
	w = wr_init(sids, sizeof sids);
	(void)netlogon_logon_flags_decode(s, challenge, &info, &w, &status).code;
	(void)netlogon_authenticate3_decode(s, &a, &status).code;
	(void)netlogon_req_challenge_decode(s, challenge, &status).code;
	if (nt_ok(epm_map_decode(s, &port)) && port == 0)
		abort();
}

/* A bind and two calls, answered by bytes of any kind in steps of any size. */
static void
association(struct span s, const struct rpc_auth *auth, size_t step)
{
	static struct rpc_client c;
	static uint8_t out[8192];
	struct wr w = wr_init(out, sizeof out);
	enum rpc_event event;

	rpc_client_init(&c, &netlogon_syntax, auth, room, sizeof room);
	rpc_client_bind(&c, &w);
	while (s.n > 0) {
		struct span part = SPAN(s.p, step < s.n ? step : s.n);
		size_t had	 = part.n;

		if (nt_failed(rpc_client_feed(&c, &part, &event)))
			return;
		s = SPAN(s.p + had - part.n, s.n - had + part.n);
		if (event == RPC_EVENT_REPLY)
			stubs(rpc_client_stub(&c));
		if (event != RPC_EVENT_NONE && c.call_id < 3) {
			w = wr_init(out, sizeof out);
			rpc_client_call(&c, &w, NETLOGON_LOGON_EX, SPAN("x", 1));
		}
	}
}

static void
record(void *ctx, const struct dns_record *r)
{
	(void)ctx;
	if (!memchr(r->target, 0, sizeof r->target))
		abort();
}

static void
names(struct span s)
{
	uint8_t query[128];
	struct wr w = wr_init(query, sizeof query);

	dns_query_encode(&w, 0x1234, "_k._udp.ad.test", DNS_SRV);
	(void)dns_answer_decode(s, wr_done(&w), DNS_SRV, record, NULL).code;
	w = wr_init(query, sizeof query);
	dns_query_encode(&w, 0x1234, "dc1.ad", DNS_A);
	(void)dns_answer_decode(s, wr_done(&w), DNS_A, record, NULL).code;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t key[NETLOGON_KEY_SIZE];
	struct netlogon_seal seal;
	const struct rpc_auth auth = { .type	   = RPC_AUTH_SCHANNEL,
				       .level	   = RPC_AUTH_LEVEL_PRIVACY,
				       .token_size = NETLOGON_TOKEN_SIZE,
				       .ctx	   = &seal,
				       .seal	   = netlogon_seal,
				       .unseal	   = netlogon_unseal };
	struct span s;
	uint8_t hash[16];

	if (size == 0)
		return 0;
	s = SPAN(data + 1, size - 1);
	netlogon_seal_init(&seal, key);
	switch (data[0] % 6) {
	case 0:
		stubs(s);
		break;
	case 1:
		association(s, NULL, SIZE_MAX);
		association(s, NULL, 7);
		break;
	case 2:
		association(s, &auth, SIZE_MAX);
		break;
	case 3:
		names(s);
		break;
	case 4:
		if ((krb_is_answer(s) && s.n < 2) || krb_error_code(s) < -1)
			abort();
		break;
	default:
		(void)keytab_nt_hash(s, "FS1$", hash).code;
	}
	return 0;
}
