/*
 * logon.c - see logon.h.  The account is the local machine's; the server is not
 * authenticated beyond its signatures.  [MS-SMB2] 3.2.4.2, [MS-NLMP] 3.1.5
 */
#include "bench/logon.h"

#include <stdio.h>
#include <string.h>

#include "base/fatal.h"
#include "base/loop.h"
#include "base/utf16.h"
#include "proto/auth/ntlm_crypto.h"
#include "proto/auth/ntlmssp.h"
#include "proto/fscc/filetime.h"
#include "proto/smb2/commands.h"
#include "proto/smb2/kdf.h"
#include "proto/smb2/negotiate.h"
#include "proto/smb2/session_setup.h"
#include "proto/smb2/tree_connect.h"

#define NTLM_OFFER                                                                                 \
	(NTLM_UNICODE | NTLM_REQUEST_TARGET | NTLM_SIGN | NTLM_NTLM | NTLM_ALWAYS_SIGN |           \
	 NTLM_EXTENDED_SESSIONSECURITY | NTLM_TARGET_INFO | NTLM_128 | NTLM_VERSION)

static const struct ntlm_version version = { 10, 0, 20348, 15 };
static const uint8_t salt[32]		 = "the same at each run is fine";

static void
ask(struct wire *w, struct smb2_element *ret, nt want)
{
	if (nt_failed(smb2_preauth_update(&w->hash, wire_end(w))))
		fatal("no hash");
	wire_next(w, ret);
	if (!nt_is(ret->hdr.status, want))
		fatal("logon: %s", nt_name(ret->hdr.status));
}

static void
hash_answer(struct wire *w, const struct smb2_element *e)
{
	if (nt_failed(smb2_preauth_update(&w->hash, e->bytes)))
		fatal("no hash");
}

static void
negotiate(struct wire *w)
{
	struct smb2_negotiate_req req = { .security_mode = SMB2_NEGOTIATE_SIGNING_ENABLED,
					  .capabilities	 = SMB2_GLOBAL_CAP_LARGE_MTU,
					  .client_guid	 = { 1 },
					  .dialect_count = 1,
					  .dialects	 = { SMB2_DIALECT_311 },
					  .has_contexts	 = true };
	struct smb2_neg_contexts *c   = &req.contexts;
	struct smb2_negotiate_rsp rsp;
	struct smb2_element e;
	struct wr *b;

	c->present = 1u << SMB2_NEG_PREAUTH | 1u << SMB2_NEG_SIGNING;
	c->salt	   = SPAN(salt, sizeof salt);
	smb2_alg_list_add(&c->hashes, SMB2_PREAUTH_SHA512);
	smb2_alg_list_add(&c->signings, SMB2_SIGN_AES_GMAC);
	if (w->protect == SEALED) {
		req.capabilities |= SMB2_GLOBAL_CAP_ENCRYPTION;
		c->present |= 1u << SMB2_NEG_ENCRYPTION;
		smb2_alg_list_add(&c->ciphers, SMB2_CIPHER_AES128_GCM);
	}
	b = wire_begin(w, SMB2_CMD_negotiate, 1);
	smb2_negotiate_req_encode(b, w->element_at, &req);
	ask(w, &e, STATUS_SUCCESS);
	hash_answer(w, &e);
	if (nt_failed(smb2_negotiate_rsp_decode(&e.body, &rsp)) ||
	    !smb2_alg_list_has(&rsp.contexts.signings, SMB2_SIGN_AES_GMAC))
		fatal("the server does not do 3.1.1 with AES-GMAC");
}

static void
setup(struct wire *w, struct span token, nt want, struct smb2_element *ret)
{
	struct smb2_session_setup_req req = { .security_mode = SMB2_NEGOTIATE_SIGNING_ENABLED,
					      .token	     = token };
	struct wr *b			  = wire_begin(w, SMB2_CMD_session_setup, 1);

	smb2_session_setup_req_encode(b, w->element_at, &req);
	ask(w, ret, want);
	w->session_id = ret->hdr.session_id;
}

/* The NTLMv2 response to a challenge, and the session key that it makes, 3.3.2. */
static void
respond(const struct account *a, const struct ntlm_challenge *c, struct wr *ret,
	uint8_t ret_key[NTLM_KEY_SIZE])
{
	uint8_t name[512], hash[NTLM_KEY_SIZE], owf[NTLM_KEY_SIZE], body[4096];
	struct wr user = wr_init(name, sizeof name), w = wr_init(body, sizeof body);
	struct ntlm_authenticate auth = { .flags       = NTLM_OFFER & c->flags,
					  .has_version = true,
					  .version     = version,
					  .lm_response = SPAN((uint8_t[24]){ 0 }, 24) };
	struct span stamp;
	uint64_t now;
	bool stamped = ntlm_av_find(c->target_info, NTLM_AV_TIMESTAMP, &stamp) && stamp.n == 8;

	if (stamped)
		memcpy(&now, stamp.p, sizeof now);
	else
		now = filetime_from_ns((int64_t)clock_real_ns());
	(void)wr_utf16(&user, a->user);
	ENSURE(nt_ok(ntlm_hash(a->password, hash)) &&
	       nt_ok(ntlm_owf_v2(hash, wr_done(&user), SPAN_NONE, owf)));
	wr_zero(&w, NTLM_PROOF_SIZE);
	ntlm_v2_blob_encode(&w, now, salt, c->target_info);
	ENSURE(wr_ok(&w));
	ntlm_proof_v2(owf, c->server_challenge,
		      SPAN(body + NTLM_PROOF_SIZE, w.pos - NTLM_PROOF_SIZE), body);
	ntlm_session_base_key(owf, body, ret_key);
	auth.nt_response = wr_done(&w);
	auth.user	 = wr_done(&user);
	ntlm_authenticate_encode(ret, &auth);
	ENSURE(wr_ok(ret));
}

static void
keys_make(struct wire *w, const uint8_t key[NTLM_KEY_SIZE])
{
	uint16_t cipher = w->protect == SEALED ? SMB2_CIPHER_AES128_GCM : SMB2_CIPHER_NONE;
	struct smb2_keys k;

	ENSURE(nt_ok(smb2_keys_derive(SMB2_DIALECT_311, cipher, SPAN(key, NTLM_KEY_SIZE),
				      w->hash.hash, &k)));
	ENSURE(nt_ok(smb2_signer_new(SMB2_SIGN_AES_GMAC, k.signing, &w->signer)));
	if (cipher != SMB2_CIPHER_NONE)
		ENSURE(nt_ok(smb2_sealer_new(cipher, SMB2_SEAL, k.server_in, &w->out)) &&
		       nt_ok(smb2_sealer_new(cipher, SMB2_UNSEAL, k.server_out, &w->in)));
	w->live = true;
}

static void
authenticate(struct wire *w, const struct account *a)
{
	uint8_t first[128], second[8192], key[NTLM_KEY_SIZE];
	struct wr t1 = wr_init(first, sizeof first), t2 = wr_init(second, sizeof second);
	struct smb2_session_setup_rsp rsp;
	struct ntlm_challenge c;
	struct smb2_element e;

	ntlm_negotiate_encode(&t1, &(struct ntlm_negotiate){ .flags	  = NTLM_OFFER,
							     .has_version = true,
							     .version	  = version });
	setup(w, wr_done(&t1), STATUS_MORE_PROCESSING_REQUIRED, &e);
	hash_answer(w, &e);
	if (nt_failed(smb2_session_setup_rsp_decode(&e.body, &rsp)) ||
	    nt_failed(ntlm_challenge_decode(rsp.token, &c)))
		fatal("no NTLM challenge");
	respond(a, &c, &t2, key);
	setup(w, wr_done(&t2), STATUS_SUCCESS, &e);
	keys_make(w, key);
}

/* 3.3.5.7: with 3.1.1 it is signed even where nothing else is. */
static void
tree_connect(struct wire *w, const struct account *a)
{
	enum protect rest = w->protect;
	char path[300];
	uint8_t wide[600];
	struct wr p = wr_init(wide, sizeof wide), *b;
	struct smb2_element e;

	w->protect = rest == PLAIN ? SIGNED : rest;
	b	   = wire_begin(w, SMB2_CMD_tree_connect, 1);
	(void)snprintf(path, sizeof path, "\\\\127.0.0.1\\%s", a->share);
	(void)wr_utf16(&p, path);
	smb2_tree_connect_req_encode(b, w->element_at,
				     &(struct smb2_tree_connect_req){ .path = wr_done(&p) });
	ask(w, &e, STATUS_SUCCESS);
	w->tree_id = e.hdr.tree_id;
	w->protect = rest;
}

void
logon(struct wire *w, const struct account *a, enum protect protect)
{
	wire_dial(w, a->port, protect);
	negotiate(w);
	authenticate(w, a);
	tree_connect(w, a);
}
