/*
 * fuzz_logon.c - what a gate can claim of a logon.  The input is the body of an
 * auth_ntlm_finish; its proof is put right first, since nobody guesses one, so
 * that everything behind it is reached: AV pairs, clock, MIC, session key,
 * mechListMIC.  Reaches auth_ntlm_finish_req_decode, verify_ntlm and
 * verify_anonymous.  [MS-NLMP] 3.2.5.1.2
 */
#include <stdlib.h>

#include "authd/store/verify.h"
#include "base/utf16.h"

#define NOW		 133000000000000000ull
#define RESPONSE_MIN	 44u
#define NAME_UTF16_BYTES (2 * (NAME_BOUND + 1))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t hash[NTLM_KEY_SIZE] = { 0x5a };

/* One pair, so that an input can return it. */
static const uint8_t target_info[] = { 2, 0, 2, 0, 'W', 0, 0, 0, 0, 0 };
static const struct challenge sent = {
	.nonce	     = { 1, 2, 3, 4, 5, 6, 7, 8 },
	.flags	     = ~0u,
	.target_info = { target_info, sizeof target_info },
};

static bool
proof_repair(const struct auth_ntlm_finish_req *req, uint8_t *response)
{
	uint8_t user[NAME_UTF16_BYTES], domain[NAME_UTF16_BYTES], owf[NTLM_KEY_SIZE];
	struct wr u	  = wr_init(user, sizeof user);
	struct wr d	  = wr_init(domain, sizeof domain);
	const size_t blob = req->nt_response.n - NTLM_PROOF_SIZE;

	(void)wr_utf16(&u, req->user.s);
	(void)wr_utf16(&d, req->domain.s);
	if (!wr_ok(&u) || !wr_ok(&d) || nt_failed(ntlm_owf_v2(hash, wr_done(&u), wr_done(&d), owf)))
		return false;
	ntlm_proof_v2(owf, sent.nonce, SPAN(response + NTLM_PROOF_SIZE, blob), response);
	return true;
}

static void
verdict_check(const struct verdict *v)
{
	static const uint8_t zero[NTLM_KEY_SIZE];

	if (v->reason >= VERIFY_MAX)
		abort();
	if (v->reason != VERIFY_OK && (v->has_mic || memcmp(v->key, zero, sizeof zero) != 0))
		abort(); /* a refusal gives nothing away */
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t response[BLOB_BOUND];
	struct auth_ntlm_finish_req req;
	struct verdict v;

	if (nt_failed(auth_ntlm_finish_req_decode(SPAN(data, size), &req)))
		return 0;
	verify_ntlm(&req, &sent, hash, NOW, &v);
	verdict_check(&v);
	if (verify_is_anonymous(&req)) {
		verify_anonymous(&req, &sent, &v);
		verdict_check(&v);
	}
	if (req.nt_response.n < RESPONSE_MIN)
		return 0;
	memcpy(response, req.nt_response.p, req.nt_response.n);
	if (!proof_repair(&req, response))
		return 0;
	req.nt_response.p = response;
	verify_ntlm(&req, &sent, hash, NOW, &v);
	verdict_check(&v);
	if (v.reason == VERIFY_WRONG_PROOF || v.reason == VERIFY_NOT_NTLMV2)
		abort();
	return 0;
}
