/*
 * preauth.c - the running SHA-512.  [MS-SMB2] 3.3.5.4, 3.3.5.5
 */
#include "proto/smb2/preauth.h"

#include "proto/smb2/algs.h"

void
smb2_preauth_init(struct smb2_preauth *p)
{
	memset(p->hash, 0, sizeof p->hash);
}

nt
smb2_preauth_update(struct smb2_preauth *p, struct span msg)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok;

	ok = ctx && EVP_DigestInit_ex2(ctx, algs()->sha512, NULL) &&
	     EVP_DigestUpdate(ctx, p->hash, sizeof p->hash) &&
	     EVP_DigestUpdate(ctx, msg.p, msg.n) && EVP_DigestFinal_ex(ctx, p->hash, NULL);
	EVP_MD_CTX_free(ctx);
	REQUIRE(ok, STATUS_INTERNAL_ERROR);
	return STATUS_SUCCESS;
}
