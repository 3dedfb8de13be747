/*
 * client.h - the client's half of an NTLM logon, with every lie that a test may
 * want of it.  [MS-NLMP] 3.1.5.1.2
 */
#ifndef TESTS_UNIT_AUTHD_CLIENT_H
#define TESTS_UNIT_AUTHD_CLIENT_H

#include "tests/unit/check.h"

#include "authd/store/verify.h"
#include "base/utf16.h"
#include "proto/auth/spnego.h"

#define CLIENT_FLAGS                                                                               \
	(NTLM_UNICODE | NTLM_REQUEST_TARGET | NTLM_SIGN | NTLM_NTLM | NTLM_ALWAYS_SIGN |           \
	 NTLM_EXTENDED_SESSIONSECURITY | NTLM_TARGET_INFO | NTLM_128 | NTLM_KEY_EXCH)

struct client {
	/* what it says; set before client_answer() */
	const char *user, *domain, *password;
	uint32_t flags;
	uint64_t timestamp; /* FILETIME in the blob */
	struct span more;   /* pairs in front of the server's */
	struct span av;	    /* pairs of its own instead of the server's */
	bool no_mic;	    /* does not announce one */
	bool no_list_mic;
	bool proof_without_domain;

	/* what comes out */
	struct auth_ntlm_finish_req req;
	uint8_t key[NTLM_KEY_SIZE], base[NTLM_KEY_SIZE];
	uint8_t negotiate[16], challenge[16], authenticate[2048];
	uint8_t pairs[1024], response[1024], wrapped[16], list[64], list_mic[16];
};

static inline struct span
client_utf16(const char *s, uint8_t *buf, size_t cap)
{
	struct wr w = wr_init(buf, cap);

	(void)wr_utf16(&w, s);
	assert_true(wr_ok(&w));
	return wr_done(&w);
}

/* The server's pairs, with the announcement of a MIC in front. */
static inline struct span
client_pairs(struct client *c, struct span info)
{
	static const uint8_t mic[4] = { NTLM_AV_FLAG_MIC };
	struct wr w		    = wr_init(c->pairs, sizeof c->pairs);

	if (!c->no_mic)
		wr_ntlm_av(&w, NTLM_AV_FLAGS, SPAN(mic, sizeof mic));
	wr_span(&w, c->more);
	wr_span(&w, c->av.n ? c->av : info);
	assert_true(wr_ok(&w));
	return wr_done(&w);
}

static inline void
client_prove(struct client *c, const struct challenge *sent, uint8_t base[NTLM_KEY_SIZE])
{
	static const uint8_t own[NTLM_CHALLENGE_SIZE] = { 1, 2, 3 };
	uint8_t u[512], d[512], hash[16], owf[16], proof[16];
	struct wr w = wr_init(c->response, sizeof c->response);

	assert_status(ntlm_hash(c->password, hash), STATUS_SUCCESS);
	assert_status(
	    ntlm_owf_v2(hash, client_utf16(c->user, u, sizeof u),
			client_utf16(c->proof_without_domain ? "" : c->domain, d, sizeof d), owf),
	    STATUS_SUCCESS);
	wr_zero(&w, sizeof proof);
	ntlm_v2_blob_encode(&w, c->timestamp, own, client_pairs(c, sent->target_info));
	assert_true(wr_ok(&w));
	ntlm_proof_v2(owf, sent->nonce, SPAN(c->response + 16, w.pos - 16), proof);
	memcpy(c->response, proof, sizeof proof);
	ntlm_session_base_key(owf, proof, base);
	c->req.nt_response = wr_done(&w);
}

static inline void
client_write(struct client *c)
{
	uint8_t u[512], d[512];
	struct wr w		      = wr_init(c->authenticate, sizeof c->authenticate);
	struct ntlm_authenticate auth = {
		.flags	     = c->flags,
		.nt_response = c->req.nt_response,
		.domain	     = client_utf16(c->domain, d, sizeof d),
		.user	     = client_utf16(c->user, u, sizeof u),
		.session_key = c->req.session_key,
		.has_mic     = true,
	};

	ntlm_authenticate_encode(&w, &auth);
	assert_true(wr_ok(&w));
	c->req.authenticate = wr_done(&w);
}

/* Its flags are c->flags; the MIC and mechListMIC fit the key. */
static inline void
client_answer(struct client *c, const struct challenge *sent)
{
	static const enum spnego_mech mech = SPNEGO_MECH_NTLMSSP;
	struct wr w			   = wr_init(c->list, sizeof c->list);

	memset(c->negotiate, 0x11, sizeof c->negotiate);
	memset(c->challenge, 0x22, sizeof c->challenge);
	memset(c->key, 0x77, sizeof c->key);
	spnego_mech_list_encode(&w, &mech, 1);
	c->req = (struct auth_ntlm_finish_req){
		.user	     = str_of(c->user),
		.domain	     = str_of(c->domain),
		.workstation = str_of("client"),
		.flags	     = c->flags,
		.negotiate   = SPAN(c->negotiate, sizeof c->negotiate),
		.challenge   = SPAN(c->challenge, sizeof c->challenge),
		.mic_at	     = c->no_mic ? 0 : NTLM_MIC_OFFSET,
		.mech_list   = wr_done(&w),
		.dialect     = 0x0311,
	};
	client_prove(c, sent, c->base);
	if (c->flags & NTLM_KEY_EXCH) {
		ntlm_key_wrap(c->base, c->key, c->wrapped);
		c->req.session_key = SPAN(c->wrapped, sizeof c->wrapped);
	} else {
		memcpy(c->key, c->base, sizeof c->key);
	}
	client_write(c);
	if (!c->no_mic)
		assert_status(ntlm_mic(c->key, c->req.negotiate, c->req.challenge,
				       c->req.authenticate, c->authenticate + NTLM_MIC_OFFSET),
			      STATUS_SUCCESS);
	if (!c->no_list_mic) {
		ntlm_signature(c->flags, c->key, NTLM_CLIENT, 0, c->req.mech_list, c->list_mic);
		c->req.client_mic = SPAN(c->list_mic, sizeof c->list_mic);
	}
}

#endif
