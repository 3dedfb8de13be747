/*
 * smb_logon.c - NEGOTIATE and SESSION_SETUP with a controller: as nobody, which
 * its NETLOGON pipe admits by default, else as the machine account by NTLM.
 *
 * What goes through the pipe is sealed by the secure channel, which no
 * downgrade here touches: so there is no VALIDATE_NEGOTIATE_INFO.
 * [MS-SMB2] 3.2.4.2.2.2, 3.2.5.2, 3.2.5.3; [RFC4178] 4.2; [MS-NLMP] 3.1.5.1
 */
#include "authd/net/smb.h"
#include "base/fatal.h"
#include "base/loop.h"
#include "base/secret.h"
#include "proto/auth/spnego.h"
#include "proto/fscc/filetime.h"
#include "proto/smb2/commands.h"
#include "proto/smb2/const.h"
#include "proto/smb2/negotiate.h"
#include "proto/smb2/session_setup.h"

#define SALT_SIZE  32u
#define TOKEN_ROOM 8192u

static const enum spnego_mech mechs[] = { SPNEGO_MECH_NTLMSSP };
static const uint16_t dialects[]      = { SMB2_DIALECT_210, SMB2_DIALECT_300, SMB2_DIALECT_302,
					  SMB2_DIALECT_311 };
static const uint16_t hashes[]	      = { SMB2_PREAUTH_SHA512 };
static const uint16_t ciphers[]	      = { SMB2_CIPHER_AES128_GCM, SMB2_CIPHER_AES128_CCM,
					  SMB2_CIPHER_AES256_GCM, SMB2_CIPHER_AES256_CCM };
static const uint16_t signings[]      = { SMB2_SIGN_AES_GMAC, SMB2_SIGN_AES_CMAC,
					  SMB2_SIGN_HMAC_SHA256 };

static void
list_fill(struct smb2_alg_list *l, const uint16_t *ids, size_t n)
{
	for (size_t i = 0; i < n; i++)
		smb2_alg_list_add(l, ids[i]);
}

static void
offer(struct smb2_negotiate_req *q)
{
	q->security_mode = SMB2_NEGOTIATE_SIGNING_ENABLED;
	q->capabilities	 = SMB2_GLOBAL_CAP_ENCRYPTION;
	for (size_t i = 0; i < NELEM(dialects); i++)
		q->dialects[q->dialect_count++] = dialects[i];
	random_bytes(q->client_guid, sizeof q->client_guid);
	q->has_contexts	    = true;
	q->contexts.present = 1u << SMB2_NEG_PREAUTH | 1u << SMB2_NEG_ENCRYPTION |
			      1u << SMB2_NEG_SIGNING;
	list_fill(&q->contexts.hashes, hashes, NELEM(hashes));
	list_fill(&q->contexts.ciphers, ciphers, NELEM(ciphers));
	list_fill(&q->contexts.signings, signings, NELEM(signings));
}

nt
smb_begin(struct smb *s, struct wr *w)
{
	struct smb2_negotiate_req q = { 0 };
	uint8_t salt[SALT_SIZE];
	size_t at;

	offer(&q);
	random_bytes(salt, sizeof salt);
	q.contexts.salt = SPAN(salt, sizeof salt);
	at		= smb_request(s, w, SMB_NEGOTIATE, SMB2_CMD_negotiate);
	smb2_negotiate_req_encode(w, at, &q);
	return smb_request_end(s, w, at);
}

/* One of those that were offered, in a context that may be absent where none is needed. */
static bool
choice(const struct smb2_alg_list *theirs, const uint16_t *ours, size_t n, uint16_t *ret)
{
	bool found = false;

	for (size_t i = 0; i < n; i++)
		found |= theirs->id[0] == ours[i];
	*ret = theirs->id[0];
	return theirs->count == 1 && found;
}

static bool
contexts_accept(struct smb *s, const struct smb2_neg_contexts *c)
{
	uint16_t hash;

	if (!choice(&c->hashes, hashes, NELEM(hashes), &hash))
		return false;
	if (smb2_neg_has(c, SMB2_NEG_SIGNING) &&
	    !choice(&c->signings, signings, NELEM(signings), &s->signing))
		return false;
	if (!smb2_neg_has(c, SMB2_NEG_ENCRYPTION) || c->ciphers.id[0] == SMB2_CIPHER_NONE)
		return true;
	return choice(&c->ciphers, ciphers, NELEM(ciphers), &s->cipher);
}

static bool
answer_accept(struct smb *s, const struct smb2_negotiate_rsp *a)
{
	bool offered = false;

	for (size_t i = 0; i < NELEM(dialects); i++)
		offered |= dialects[i] == a->dialect;
	s->dialect = a->dialect;
	s->signing = smb2_sign_default(a->dialect);
	if (a->dialect == SMB2_DIALECT_311)
		offered = offered && contexts_accept(s, &a->contexts);
	else if (a->dialect >= SMB2_DIALECT_300 && a->capabilities & SMB2_GLOBAL_CAP_ENCRYPTION)
		s->cipher = SMB2_CIPHER_AES128_CCM;
	return offered;
}

nt
smb_negotiated(struct smb *s, struct smb_answer *a, struct wr *w, enum smb_event *ret)
{
	struct smb2_negotiate_rsp rsp;

	(void)ret;
	if (nt_failed(a->hdr.status))
		return smb_fail(s, a->hdr.status, "it refuses to speak SMB with us");
	if (nt_failed(smb2_negotiate_rsp_decode(&a->body, &rsp)) || !answer_accept(s, &rsp))
		return smb_fail(s, STATUS_UNEXPECTED_NETWORK_ERROR,
				"it chooses what was not offered");
	TRY(smb2_preauth_update(&s->preauth, a->raw));
	s->negotiated = s->preauth;
	return smb_logon(s, w, false);
}

/* ---- SESSION_SETUP ---- */

static nt
setup_send(struct smb *s, struct wr *w, enum smb_step step, struct span token)
{
	const struct smb2_session_setup_req q = {
		.security_mode = SMB2_NEGOTIATE_SIGNING_ENABLED,
		.token	       = token,
	};
	size_t at = smb_request(s, w, step, SMB2_CMD_session_setup);

	smb2_session_setup_req_encode(w, at, &q);
	return smb_request_end(s, w, at);
}

nt
smb_logon(struct smb *s, struct wr *w, bool machine)
{
	struct spnego_init init = { .mechs = { mechs[0] }, .mech_count = 1, .has_token = true };
	uint8_t hello[NTLM_NEGOTIATE_ROOM], token[TOKEN_ROOM];
	struct wr h = wr_init(hello, sizeof hello), t = wr_init(token, sizeof token);

	s->machine    = machine;
	s->session_id = 0;
	s->tree_id    = 0;
	s->preauth    = s->negotiated;
	ntlm_client_negotiate(&h);
	init.token = wr_done(&h);
	spnego_init_encode(&t, &init);
	return setup_send(s, w, SMB_HELLO, wr_done(&t));
}

/* The NTLM message that answers a challenge, with its mechListMIC, in SPNEGO. */
static nt
proof_make(struct smb *s, struct span challenge, struct wr *w)
{
	uint8_t hello[NTLM_NEGOTIATE_ROOM], list[32], mic[NTLM_SIGNATURE_SIZE], message[4096];
	struct wr h = wr_init(hello, sizeof hello), l = wr_init(list, sizeof list);
	struct wr m		= wr_init(message, sizeof message);
	struct spnego_resp resp = { .state = SPNEGO_STATE_NONE, .has_token = true };
	struct ntlm_challenge c;
	struct ntlm_client n;
	nt status;

	TRY(ntlm_challenge_decode(challenge, &c));
	ntlm_client_negotiate(&h);
	n = (struct ntlm_client){
		.hash	     = s->machine ? s->who.hash : NULL,
		.user	     = s->who.user,
		.domain	     = s->who.domain,
		.workstation = s->who.workstation,
		.target	     = "",
		.flags	     = c.flags,
		.target_info = c.target_info,
		.negotiate   = wr_done(&h),
		.challenge   = challenge,
		.now	     = filetime_from_ns((int64_t)clock_real_ns()),
	};
	memcpy(n.server_challenge, c.server_challenge, sizeof n.server_challenge);
	random_bytes(n.client_challenge, sizeof n.client_challenge);
	random_bytes(n.random_key, sizeof n.random_key);
	status = ntlm_client_answer(&n, &m, &s->keys);
	secret_wipe(&n, sizeof n);
	TRY(status);
	spnego_mech_list_encode(&l, mechs, NELEM(mechs));
	resp.token = wr_done(&m);
	if (s->machine) { /* nobody has no key to sign with */
		ntlm_client_sign(&s->keys, wr_done(&l), mic);
		resp.has_mic = true;
		resp.mic     = SPAN(mic, sizeof mic);
	}
	spnego_resp_encode(w, &resp);
	return wr_ok(w) && wr_ok(&m) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

/* Nobody is refused: then the machine account, on a session of its own. */
static nt
logon_refused(struct smb *s, struct wr *w, nt status)
{
	if (!s->machine && s->credits > 0)
		return smb_logon(s, w, true);
	return smb_fail(s, status, "it admits neither nobody nor the machine account to its pipe");
}

nt
smb_challenged(struct smb *s, struct smb_answer *a, struct wr *w, enum smb_event *ret)
{
	struct smb2_session_setup_rsp rsp;
	struct spnego_resp resp;
	uint8_t token[TOKEN_ROOM];
	struct wr t = wr_init(token, sizeof token);

	(void)ret;
	if (!nt_is(a->hdr.status, STATUS_MORE_PROCESSING_REQUIRED))
		return logon_refused(s, w, STATUS_LOGON_FAILURE);
	if (nt_failed(smb2_session_setup_rsp_decode(&a->body, &rsp)) ||
	    nt_failed(spnego_resp_decode(rsp.token, &resp)) || !resp.has_token ||
	    resp.state == SPNEGO_REJECT || nt_failed(proof_make(s, resp.token, &t)))
		return smb_fail(s, STATUS_UNEXPECTED_NETWORK_ERROR,
				"its NTLM challenge makes no sense");
	s->session_id = a->hdr.session_id;
	TRY(smb2_preauth_update(&s->preauth, a->raw));
	return setup_send(s, w, SMB_PROOF, wr_done(&t));
}

/* A machine account that is made a guest has proved nothing, and has no key. */
static bool
proved(struct smb *s, const struct smb_answer *a, uint16_t flags)
{
	const uint16_t nobody = SMB2_SESSION_FLAG_IS_GUEST | SMB2_SESSION_FLAG_IS_NULL;

	if (!s->machine)
		return true;
	return !(flags & nobody) && nt_ok(smb_keys(s, s->keys.exported)) && smb_verifies(s, a);
}

nt
smb_proved(struct smb *s, struct smb_answer *a, struct wr *w, enum smb_event *ret)
{
	struct smb2_session_setup_rsp rsp;
	bool right;

	(void)ret;
	if (!nt_ok(a->hdr.status))
		return logon_refused(s, w, a->hdr.status);
	if (nt_failed(smb2_session_setup_rsp_decode(&a->body, &rsp)))
		return smb_fail(s, STATUS_UNEXPECTED_NETWORK_ERROR, "its logon makes no sense");
	right = proved(s, a, rsp.session_flags);
	secret_wipe(&s->keys, sizeof s->keys);
	if (!right)
		return smb_fail(s, STATUS_ACCESS_DENIED,
				"it does not prove that it knows the session's key");
	if (rsp.session_flags & SMB2_SESSION_FLAG_ENCRYPT_DATA && !s->out)
		return logon_refused(s, w, STATUS_ACCESS_DENIED);
	s->seal = (rsp.session_flags & SMB2_SESSION_FLAG_ENCRYPT_DATA) != 0;
	return smb_tree(s, w);
}
