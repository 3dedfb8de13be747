/*
 * fuzz_ntlmssp.c - NTLM messages from either side.  Reaches the three decoders
 * and encoders, AV pairs, the NTLMv2 response, ntlm_mic and ntlm_v2_verify.
 */
#include <stdlib.h>

#include "proto/auth/ntlm_crypto.h"
#include "proto/auth/ntlmssp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t buf[1 << 21];

static void
authenticate_again(struct span msg, const struct ntlm_authenticate *c)
{
	static const uint8_t key[NTLM_KEY_SIZE];
	struct ntlm_v2_check check = { .hash		 = key,
				       .server_challenge = key,
				       .user		 = c->user,
				       .domain		 = c->domain,
				       .nt_response	 = c->nt_response };
	struct ntlm_authenticate back;
	uint8_t out[NTLM_KEY_SIZE];
	struct wr w = wr_init(buf, sizeof buf);

	ntlm_authenticate_encode(&w, c);
	if (!wr_ok(&w) || !nt_ok(ntlm_authenticate_decode(wr_done(&w), &back)))
		abort();
	if (!span_eq(c->user, back.user) || !span_eq(c->nt_response, back.nt_response))
		abort();
	if (nt_ok(ntlm_v2_verify(&check, out)))
		abort(); /* nobody guesses the proof of an all-zero hash */
	if (c->has_mic && !nt_ok(ntlm_mic(key, msg, msg, msg, out)))
		abort();
}

static void
challenge_again(const struct ntlm_challenge *c)
{
	struct wr w = wr_init(buf, sizeof buf);
	struct ntlm_challenge back;

	ntlm_challenge_encode(&w, c);
	if (!wr_ok(&w) || !nt_ok(ntlm_challenge_decode(wr_done(&w), &back)))
		abort();
	if (!span_eq(c->target_info, back.target_info))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span msg = SPAN(data, size);
	struct ntlm_negotiate n;
	struct ntlm_challenge c;
	struct ntlm_authenticate a;
	struct ntlm_v2_response v;

	if (nt_ok(ntlm_negotiate_decode(msg, &n))) {
		struct wr w = wr_init(buf, sizeof buf);

		ntlm_negotiate_encode(&w, &n);
		if (!wr_ok(&w) || !nt_ok(ntlm_negotiate_decode(wr_done(&w), &n)))
			abort();
	}
	if (nt_ok(ntlm_challenge_decode(msg, &c)))
		challenge_again(&c);
	if (nt_ok(ntlm_authenticate_decode(msg, &a)))
		authenticate_again(msg, &a);
	if (nt_ok(ntlm_v2_response_decode(msg, &v)) && v.blob.n + NTLM_PROOF_SIZE != size)
		abort();
	return 0;
}
