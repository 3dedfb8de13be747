/*
 * fuzz_smb2_response.c - a server's frame, as our client meets it.  Reaches the
 * chain walk, each response decoder by the header's command, errors with their
 * contexts, break notifications, create contexts, FSCTL outputs.
 */
#include <stdlib.h>

#include "proto/smb2/ctx_create.h"
#include "proto/smb2/fsctl.h"
#include "tests/unit/proto/smb2_codecs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define OUT_MAX (1u << 21)

CODEC(error_rsp)
CODEC(oplock_break_notify)

static void
again(codec_fn *codec, const struct smb2_element *e)
{
	static uint8_t one[OUT_MAX], two[OUT_MAX];
	struct wr w1 = wr_init(one, sizeof one), w2 = wr_init(two, sizeof two);
	struct rd r = e->body;

	smb2_hdr_encode(&w1, &e->hdr);
	smb2_hdr_encode(&w2, &e->hdr);
	if (!nt_ok(codec(&r, &w1)) || !wr_ok(&w1))
		return;
	r = rd_init(wr_done(&w1));
	rd_zero(&r, SMB2_HDR_SIZE);
	if (!nt_ok(codec(&r, &w2)) || !wr_ok(&w2) || !span_eq(wr_done(&w1), wr_done(&w2)))
		abort();
}

static void
create_contexts(struct rd body)
{
	struct smb2_create_rsp c;
	struct smb2_create_ctxs_rsp ctxs;

	if (nt_ok(smb2_create_rsp_decode(&body, &c)))
		(void)!nt_ok(smb2_create_ctxs_rsp_decode(c.contexts, &ctxs));
}

static void
ioctl_output(struct rd body)
{
	struct smb2_ioctl_rsp c;
	struct smb2_validate_negotiate_rsp validate;
	struct smb2_copychunk_rsp copy;
	struct smb2_resume_key_rsp key;
	struct smb2_interface nic;
	struct span list;

	if (!nt_ok(smb2_ioctl_rsp_decode(&body, &c)))
		return;
	(void)!nt_ok(smb2_validate_negotiate_rsp_decode(c.output, &validate));
	(void)!nt_ok(smb2_copychunk_rsp_decode(c.output, &copy));
	(void)!nt_ok(smb2_resume_key_rsp_decode(c.output, &key));
	list = c.output;
	while (list.n > 0 && nt_ok(smb2_interface_next(&list, &nic)))
		continue;
}

static void
error_body(struct rd body)
{
	struct smb2_error_rsp c;
	struct smb2_error_context ctx;
	struct smb2_symlink_error link;

	if (!nt_ok(smb2_error_rsp_decode(&body, &c)))
		return;
	(void)!nt_ok(smb2_symlink_error_decode(c.data, &link));
	while (c.data.n > 0 && nt_ok(smb2_error_context_next(&c.data, &ctx)))
		(void)!nt_ok(smb2_symlink_error_decode(ctx.data, &link));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct smb2_chain chain = smb2_chain_init(SPAN(data, size));
	struct smb2_element e;

	while (smb2_chain_more(&chain) && nt_ok(smb2_chain_next(&chain, &e))) {
		again(codec_error_rsp, &e);
		again(codec_oplock_break_notify, &e);
		error_body(e.body);
		if (!smb2_command_find(e.hdr.command))
			continue;
		again(codecs[e.hdr.command].rsp, &e);
		if (e.hdr.command == SMB2_CMD_create)
			create_contexts(e.body);
		else if (e.hdr.command == SMB2_CMD_ioctl)
			ioctl_output(e.body);
	}
	return 0;
}
