/*
 * verify.c - see verify.h.  Order matters: before its proof has verified, a
 * response is only taken apart; no value in it decides anything.
 */
#include "authd/store/verify.h"

#include <string.h>

#include "base/secret.h"
#include "base/utf16.h"

/* The shortest NTLMv2 response: proof and fixed part; an NTLMv1 response has 24.  2.2.2.6, 2.2.2.8
 */
#define V2_RESPONSE_MIN 44u
#define MAX_LIFETIME	(36ull * 3600 * 10000000) /* 100 ns; 3.1.1.1 MaxLifetime */
#define NAME_UTF16_MAX	(2 * (NAME_BOUND + 1))

#define VERIFY_TEXT(name, sentence) sentence,
static const char *const reason_texts[] = { VERIFY_REASONS(VERIFY_TEXT) };
#undef VERIFY_TEXT

const char *
verify_reason_text(enum verify_reason reason)
{
	return reason < VERIFY_MAX ? reason_texts[reason] : "unknown";
}

static nt
try_domain(const struct auth_ntlm_finish_req *req, const struct challenge *sent,
	   const uint8_t hash[NTLM_KEY_SIZE], const char *domain, uint8_t ret_base[NTLM_KEY_SIZE])
{
	uint8_t user16[NAME_UTF16_MAX], domain16[NAME_UTF16_MAX];
	struct wr u = wr_init(user16, sizeof user16);
	struct wr d = wr_init(domain16, sizeof domain16);

	(void)wr_utf16(&u, req->user.s);
	(void)wr_utf16(&d, domain);
	REQUIRE(wr_ok(&u) && wr_ok(&d), STATUS_INVALID_PARAMETER);
	const struct ntlm_v2_check check = {
		.hash		  = hash,
		.server_challenge = sent->nonce,
		.user		  = wr_done(&u),
		.domain		  = wr_done(&d),
		.nt_response	  = req->nt_response,
	};
	return ntlm_v2_verify(&check, ret_base);
}

/*
 * A second look without the domain is for clients that leave it out of the key
 * (3.2.5.1.2).  Both are taken whenever the first fails, so a missing account
 * costs what a wrong password does.
 */
static bool
proof_is_right(const struct auth_ntlm_finish_req *req, const struct challenge *sent,
	       const uint8_t hash[NTLM_KEY_SIZE], uint8_t ret_base[NTLM_KEY_SIZE])
{
	const char *domain = req->domain.s ? req->domain.s : "";

	if (nt_ok(try_domain(req, sent, hash, domain, ret_base)))
		return true;
	return nt_ok(try_domain(req, sent, hash, "", ret_base));
}

static bool
clock_is_near(uint64_t a, uint64_t b)
{
	return (a > b ? a - b : b - a) <= MAX_LIFETIME;
}

static enum verify_reason
pairs_check(const struct ntlm_v2_response *v2, const struct challenge *sent, uint64_t now)
{
	if (!ntlm_av_returned(sent->target_info, v2->av))
		return VERIFY_PAIRS_CHANGED;
	return clock_is_near(v2->timestamp, now) ? VERIFY_OK : VERIFY_CLOCK;
}

/* Zeroes are no bindings.  2.2.2.1 */
static void
aim_read(const struct ntlm_v2_response *v2, struct aim *ret)
{
	struct span s = SPAN_NONE;
	size_t n;

	if (ntlm_av_find(v2->av, NTLM_AV_CHANNEL_BINDINGS, &s))
		for (size_t i = 0; i < s.n; i++)
			ret->bound |= s.p[i] != 0;
	if (!ntlm_av_find(v2->av, NTLM_AV_TARGET_NAME, &s) || s.n == 0)
		return;
	ret->named   = true;
	ret->legible = nt_ok(utf16_to_utf8(s, ret->target, sizeof ret->target, &n));
}

/* The MIC is proof that nobody changed the flags, or took the MIC away.  3.2.5.1.2 */
static enum verify_reason
mic_check(const struct auth_ntlm_finish_req *req, const uint8_t key[NTLM_KEY_SIZE])
{
	uint8_t mic[NTLM_MIC_SIZE];
	struct rd r = rd_init(req->authenticate);
	struct span came;

	rd_zero(&r, NTLM_MIC_OFFSET);
	came = rd_bytes(&r, NTLM_MIC_SIZE);
	if (req->mic_at != NTLM_MIC_OFFSET || !rd_ok(&r))
		return VERIFY_NO_MIC;
	if (nt_failed(ntlm_mic(key, req->negotiate, req->challenge, req->authenticate, mic)))
		return VERIFY_NO_MIC;
	return secret_eq(mic, came.p, sizeof mic) ? VERIFY_OK : VERIFY_WRONG_MIC;
}

/*
 * mechListMIC: a client that sent one gets ours back, and so does one that
 * announced a MIC, since it may expect it.  Signing it needs extended session
 * security; without that a client cannot have sent one.  [RFC4178] 5, 3.4.4.2
 */
static enum verify_reason
list_check(const struct auth_ntlm_finish_req *req, uint32_t flags, bool has_mic, struct verdict *v)
{
	const bool can = (flags & NTLM_EXTENDED_SESSIONSECURITY) != 0;
	uint8_t want[NTLM_SIGNATURE_SIZE];

	if (req->mech_list.n == 0)
		return VERIFY_OK;
	if (req->client_mic.n > 0) {
		if (!can || req->client_mic.n != sizeof want)
			return VERIFY_WRONG_LIST_MIC;
		ntlm_signature(flags, v->key, NTLM_CLIENT, 0, req->mech_list, want);
		if (!secret_eq(want, req->client_mic.p, sizeof want))
			return VERIFY_WRONG_LIST_MIC;
		has_mic = true;
	}
	if (has_mic && can) {
		ntlm_signature(flags, v->key, NTLM_SERVER, 0, req->mech_list, v->mic);
		v->has_mic = true;
	}
	return VERIFY_OK;
}

static enum verify_reason
keys_check(const struct auth_ntlm_finish_req *req, const struct challenge *sent,
	   const uint8_t base[NTLM_KEY_SIZE], bool has_mic, struct verdict *v)
{
	const uint32_t flags = req->flags & sent->flags;
	enum verify_reason reason;

	if (nt_failed(ntlm_exported_key(flags, base, req->session_key, v->key)))
		return VERIFY_NO_SESSION_KEY;
	reason = has_mic ? mic_check(req, v->key) : VERIFY_OK;
	return reason == VERIFY_OK ? list_check(req, flags, has_mic, v) : reason;
}

static void
verdict_set(struct verdict *ret, struct verdict *v, enum verify_reason reason)
{
	v->reason = reason;
	if (reason != VERIFY_OK) {
		secret_wipe(v, sizeof *v);
		v->reason = reason;
	}
	*ret = *v;
	secret_wipe(v, sizeof *v);
}

/* What else must hold once the proof is right. */
static enum verify_reason
proven_check(const struct auth_ntlm_finish_req *req, const struct challenge *sent,
	     const struct ntlm_v2_response *v2, const uint8_t base[NTLM_KEY_SIZE], uint64_t now,
	     struct verdict *v)
{
	enum verify_reason reason = pairs_check(v2, sent, now);

	aim_read(v2, &v->aim);
	if (reason == VERIFY_OK)
		reason = keys_check(req, sent, base, (v2->av_flags & NTLM_AV_FLAG_MIC) != 0, v);
	return reason;
}

/* What must hold of a response that can be taken apart, in this order. */
static enum verify_reason
response_check(const struct auth_ntlm_finish_req *req, const struct challenge *sent,
	       const uint8_t hash[NTLM_KEY_SIZE], uint64_t now, struct verdict *v)
{
	uint8_t base[NTLM_KEY_SIZE] = { 0 };
	struct ntlm_v2_response v2;
	enum verify_reason reason;

	if (nt_failed(ntlm_v2_response_decode(req->nt_response, &v2)))
		return VERIFY_MALFORMED;
	if (!proof_is_right(req, sent, hash, base))
		return VERIFY_WRONG_PROOF;
	reason = proven_check(req, sent, &v2, base, now, v);
	secret_wipe(base, sizeof base);
	return reason;
}

void
verify_ntlm_base(const struct auth_ntlm_finish_req *req, const struct challenge *sent,
		 const uint8_t base[NTLM_KEY_SIZE], uint64_t now, struct verdict *ret)
{
	enum verify_reason reason = VERIFY_MALFORMED;
	struct ntlm_v2_response v2;
	struct verdict v = { 0 };

	if (nt_ok(ntlm_v2_response_decode(req->nt_response, &v2)))
		reason = proven_check(req, sent, &v2, base, now, &v);
	verdict_set(ret, &v, reason);
}

void
verify_ntlm(const struct auth_ntlm_finish_req *req, const struct challenge *sent,
	    const uint8_t hash[NTLM_KEY_SIZE], uint64_t now, struct verdict *ret)
{
	struct verdict v	  = { 0 };
	enum verify_reason reason = VERIFY_NOT_NTLMV2;

	if (req->nt_response.n >= V2_RESPONSE_MIN)
		reason = response_check(req, sent, hash, now, &v);
	verdict_set(ret, &v, reason);
}

bool
verify_is_anonymous(const struct auth_ntlm_finish_req *req)
{
	const struct span lm = req->lm_response;

	return req->user.n == 0 && req->nt_response.n == 0 &&
	       (lm.n == 0 || (lm.n == 1 && lm.p[0] == 0));
}

void
verify_anonymous(const struct auth_ntlm_finish_req *req, const struct challenge *sent,
		 struct verdict *ret)
{
	static const uint8_t zero[NTLM_KEY_SIZE];
	struct verdict v = { 0 };

	verdict_set(ret, &v, keys_check(req, sent, zero, false, &v));
}
