/*
 * fuzz_smb2_request.c - a client's frame after the transport's four bytes.
 * Reaches smb2_kind_of, smb1_negotiate_decode, the chain walk, each request
 * decoder by the header's command, create contexts, FSCTL inputs, the WRITE
 * prefix, smb2_payload_size.  What decodes must encode, and the same again.
 */
#include <stdlib.h>

#include "proto/smb2/ctx_create.h"
#include "proto/smb2/fsctl.h"
#include "proto/smb2/smb1_negotiate.h"
#include "tests/unit/proto/smb2_codecs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OUT_MAX (1u << 21)

static void
require(bool ok)
{
	if (!ok)
		abort();
}

static void
again(const struct smb2_element *e)
{
	static uint8_t one[OUT_MAX], two[OUT_MAX];
	struct wr w1 = wr_init(one, sizeof one), w2 = wr_init(two, sizeof two);
	struct rd r = e->body;

	smb2_hdr_encode(&w1, &e->hdr);
	smb2_hdr_encode(&w2, &e->hdr);
	if (!nt_ok(codecs[e->hdr.command].req(&r, &w1)) || !wr_ok(&w1))
		return;
	r = rd_init(wr_done(&w1));
	rd_zero(&r, SMB2_HDR_SIZE);
	require(nt_ok(codecs[e->hdr.command].req(&r, &w2)) && wr_ok(&w2));
	require(span_eq(wr_done(&w1), wr_done(&w2)));
}

static void
create_contexts(struct rd body)
{
	struct smb2_create_req c;
	struct smb2_create_ctxs_req ctxs;

	if (nt_ok(smb2_create_req_decode(&body, &c)))
		(void)!nt_ok(smb2_create_ctxs_req_decode(c.contexts, &ctxs));
}

static void
ioctl_input(struct rd body)
{
	struct smb2_ioctl_req c;
	struct smb2_validate_negotiate_req validate;
	struct smb2_copychunk_req copy;
	struct smb2_resiliency_req resiliency;
	struct fsctl_pipe_wait_req wait;
	struct fsctl_dfs_referral_req referral;

	if (!nt_ok(smb2_ioctl_req_decode(&body, &c)))
		return;
	(void)!nt_ok(smb2_validate_negotiate_req_decode(c.input, &validate));
	(void)!nt_ok(smb2_copychunk_req_decode(c.input, &copy));
	(void)!nt_ok(smb2_resiliency_req_decode(c.input, &resiliency));
	(void)!nt_ok(fsctl_pipe_wait_req_decode(c.input, &wait));
	(void)!nt_ok(fsctl_dfs_referral_req_decode(c.input, &referral));
}

/* The prefix form must not accept more than the whole form does. */
static void
write_prefix(const struct smb2_element *e)
{
	struct smb2_write_req whole, prefix;
	struct rd r1 = e->body, r2 = e->body;
	uint32_t off;

	if (!nt_ok(smb2_write_req_decode_prefix(&r1, e->bytes.n, &prefix, &off)))
		return;
	require(nt_ok(smb2_write_req_decode(&r2, &whole)));
	require(whole.data.n == prefix.length);
	require(whole.data.n == 0 || whole.data.p == e->bytes.p + off);
}

static void
tree_extension(struct rd body)
{
	struct smb2_tree_connect_req c;
	struct smb2_tree_connect_ext ext;

	if (nt_ok(smb2_tree_connect_req_decode(&body, &c)))
		(void)!nt_ok(smb2_tree_connect_ext_decode(&c, &ext));
}

static void
element(const struct smb2_element *e)
{
	require(smb2_charge_for(smb2_payload_size(e->hdr.command, e->body)) >= 1);
	if (!smb2_command_find(e->hdr.command))
		return;
	again(e);
	if (e->hdr.command == SMB2_CMD_create)
		create_contexts(e->body);
	else if (e->hdr.command == SMB2_CMD_ioctl)
		ioctl_input(e->body);
	else if (e->hdr.command == SMB2_CMD_write)
		write_prefix(e);
	else if (e->hdr.command == SMB2_CMD_tree_connect)
		tree_extension(e->body);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smb2_chain chain = smb2_chain_init(SPAN(data, size));
	struct smb1_negotiate smb1;
	struct smb2_element e;

	if (smb2_kind_of(SPAN(data, size)) == SMB2_KIND_SMB1)
		(void)!nt_ok(smb1_negotiate_decode(SPAN(data, size), &smb1));
	while (smb2_chain_more(&chain)) {
		size_t before = chain.left.n;

		if (!nt_ok(smb2_chain_next(&chain, &e)))
			break;
		require(chain.left.n < before);
		element(&e);
	}
	return 0;
}
