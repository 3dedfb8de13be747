/*
 * fuzz_smb2_negotiate.c - the first message of a stranger, whatever its header
 * says.  Reaches smb2_negotiate_req_decode, smb2_neg_contexts_decode and
 * smb1_negotiate_decode; the dialect list and each context stay in bounds.
 */
#include <stdlib.h>

#include "proto/smb2/negotiate.h"
#include "proto/smb2/smb1_negotiate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool ok)
{
	if (!ok)
		abort();
}

static void
list_check(const struct smb2_neg_contexts *c, enum smb2_neg_type t, const struct smb2_alg_list *l)
{
	require(smb2_neg_has(c, t) ? l->count > 0 && l->count <= SMB2_NEG_ALGS_MAX : l->count == 0);
}

static void
contexts_check(const struct smb2_neg_contexts *c)
{
	require(c->present >> SMB2_NEG_TYPE_MAX == 0);
	list_check(c, SMB2_NEG_PREAUTH, &c->hashes);
	list_check(c, SMB2_NEG_ENCRYPTION, &c->ciphers);
	list_check(c, SMB2_NEG_COMPRESSION, &c->compressions);
	list_check(c, SMB2_NEG_RDMA, &c->rdma_transforms);
	list_check(c, SMB2_NEG_SIGNING, &c->signings);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_init(SPAN(data, size));
	struct smb2_negotiate_req c;
	struct smb1_negotiate smb1;

	(void)!nt_ok(smb1_negotiate_decode(SPAN(data, size), &smb1));
	rd_zero(&r, SMB2_HDR_SIZE);
	if (!nt_ok(smb2_negotiate_req_decode(&r, &c)))
		return 0;
	require(c.dialect_count <= SMB2_DIALECTS_MAX);
	require(c.has_contexts == smb2_negotiate_req_offers(&c, SMB2_DIALECT_311));
	contexts_check(&c.contexts);
	return 0;
}
