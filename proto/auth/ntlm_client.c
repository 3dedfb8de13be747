/*
 * ntlm_client.c - see ntlm_client.h.  The challenge is a stranger's: it decides
 * nothing but which of our own offers hold, and is copied into the proof.
 * [MS-NLMP] 3.1.5.1.2, 3.3.2
 */
#include "proto/auth/ntlm_client.h"

#include "base/secret.h"
#include "base/utf16.h"

#define NAME_UTF16_MAX 512u  /* bytes; what ntlm_owf_v2() takes */
#define PAIRS_ROOM     6144u /* target_info of 4 KiB, SPN, flags, bindings */
#define BLOB_ROOM      (PAIRS_ROOM + 32)
#define RESPONSE_ROOM  (NTLM_PROOF_SIZE + BLOB_ROOM)
#define LM_SIZE	       24u

static const uint8_t zeroes[LM_SIZE];

/* Windows 10's; nothing depends on it.  2.2.2.10 */
static const struct ntlm_version our_version = { .major = 10, .minor = 0, .revision = 15 };

void
ntlm_client_negotiate(struct wr *w)
{
	const struct ntlm_negotiate n = {
		.flags	     = NTLM_CLIENT_FLAGS,
		.has_version = true,
		.version     = our_version,
	};

	ntlm_negotiate_encode(w, &n);
}

static bool
has_pair(struct span list, uint16_t id)
{
	struct span v;

	return ntlm_av_find(list, id, &v);
}

static uint32_t
pair_flags(struct span list)
{
	struct span v = SPAN_NONE;
	struct rd r;

	if (!ntlm_av_find(list, NTLM_AV_FLAGS, &v))
		return 0;
	r = rd_init(v);
	return rd_u32(&r);
}

/*
 * Signing was asked for, so the server has to name itself.  Without extended
 * session security there is no signature, without Unicode no name of ours.
 * 3.1.5.1.2
 */
static nt
challenge_check(const struct ntlm_client *c)
{
	REQUIRE(c->flags & NTLM_UNICODE, STATUS_INVALID_NETWORK_RESPONSE);
	REQUIRE(c->flags & NTLM_EXTENDED_SESSIONSECURITY, STATUS_INVALID_NETWORK_RESPONSE);
	if (!c->hash)
		return STATUS_SUCCESS;
	REQUIRE(ntlm_av_check(c->target_info), STATUS_INVALID_NETWORK_RESPONSE);
	REQUIRE(has_pair(c->target_info, NTLM_AV_NB_COMPUTER) &&
		    has_pair(c->target_info, NTLM_AV_NB_DOMAIN),
		STATUS_INVALID_NETWORK_RESPONSE);
	return STATUS_SUCCESS;
}

/* Ours to say, whatever the server put there. */
static bool
pair_is_ours(uint16_t id)
{
	return id == NTLM_AV_FLAGS || id == NTLM_AV_SINGLE_HOST || id == NTLM_AV_TARGET_NAME ||
	       id == NTLM_AV_CHANNEL_BINDINGS;
}

/*
 * The server's pairs and ours.  Where it gave a time stamp it knows of MICs: we
 * announce one, and say that there are no channel bindings.  3.1.5.1.2
 */
static void
pairs_put(struct wr *w, const struct ntlm_client *c, bool mic)
{
	const uint32_t flags = pair_flags(c->target_info) | (mic ? NTLM_AV_FLAG_MIC : 0);
	struct rd r	     = rd_init(c->target_info);
	uint8_t value[4];
	struct wr v = wr_init(value, sizeof value);
	struct ntlm_av av;

	while (ntlm_av_next(&r, &av))
		if (!pair_is_ours(av.id))
			wr_ntlm_av(w, av.id, av.value);
	wr_u32(&v, flags);
	if (flags != 0)
		wr_ntlm_av(w, NTLM_AV_FLAGS, wr_done(&v));
	if (mic)
		wr_ntlm_av(w, NTLM_AV_CHANNEL_BINDINGS, SPAN(zeroes, 16));
	if (c->target[0])
		wr_ntlm_av_utf16(w, NTLM_AV_TARGET_NAME, c->target);
	wr_ntlm_av_end(w);
}

static uint64_t
response_time(const struct ntlm_client *c)
{
	struct span v = SPAN_NONE;
	struct rd r;

	if (!ntlm_av_find(c->target_info, NTLM_AV_TIMESTAMP, &v))
		return c->now;
	r = rd_init(v);
	return rd_u64(&r);
}

/* The NTLMv2 response into w, and the key that follows from it.  3.3.2 */
static nt
response_put(struct wr *w, const struct ntlm_client *c, struct span user, struct span domain,
	     bool mic, uint8_t base[NTLM_KEY_SIZE])
{
	uint8_t pairs[PAIRS_ROOM], blob[BLOB_ROOM], owf[NTLM_KEY_SIZE], proof[NTLM_PROOF_SIZE];
	struct wr p = wr_init(pairs, sizeof pairs), b = wr_init(blob, sizeof blob);

	pairs_put(&p, c, mic);
	ntlm_v2_blob_encode(&b, response_time(c), c->client_challenge, wr_done(&p));
	REQUIRE(wr_ok(&p) && wr_ok(&b), STATUS_INVALID_PARAMETER);
	TRY(ntlm_owf_v2(c->hash, user, domain, owf));
	ntlm_proof_v2(owf, c->server_challenge, wr_done(&b), proof);
	ntlm_session_base_key(owf, proof, base);
	wr_bytes(w, proof, sizeof proof);
	wr_span(w, wr_done(&b));
	secret_wipe(owf, sizeof owf);
	return wr_ok(w) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

/* ExportedSessionKey, and what of it travels.  3.1.5.1.2, 3.4.5.1 */
static struct span
keys_make(const struct ntlm_client *c, const uint8_t base[NTLM_KEY_SIZE],
	  struct ntlm_client_keys *keys, uint8_t wrapped[NTLM_KEY_SIZE])
{
	if (!(keys->flags & NTLM_KEY_EXCH) || !(keys->flags & (NTLM_SIGN | NTLM_SEAL))) {
		memcpy(keys->exported, base, NTLM_KEY_SIZE);
		return SPAN_NONE;
	}
	memcpy(keys->exported, c->random_key, NTLM_KEY_SIZE);
	ntlm_key_wrap(base, c->random_key, wrapped);
	return SPAN(wrapped, NTLM_KEY_SIZE);
}

/* Appends the message and, with has_mic, its MIC over all three. */
static nt
message_put(struct wr *w, const struct ntlm_client *c, struct ntlm_authenticate *a,
	    const struct ntlm_client_keys *keys)
{
	const size_t at = w->pos;
	uint8_t mic[NTLM_MIC_SIZE];
	struct wr patch;
	struct rd r;

	ntlm_authenticate_encode(w, a);
	REQUIRE(wr_ok(w), STATUS_INVALID_PARAMETER);
	if (!a->has_mic)
		return STATUS_SUCCESS;
	r = rd_init(wr_done(w));
	rd_zero(&r, at);
	TRY(ntlm_mic(keys->exported, c->negotiate, c->challenge, rd_rest(&r), mic));
	patch = (struct wr){ .base = w->base, .pos = at + NTLM_MIC_OFFSET, .cap = w->pos };
	wr_bytes(&patch, mic, sizeof mic);
	return STATUS_SUCCESS;
}

/* No proof, no name; the LM response is a single zero.  3.2.5.1.2 */
static nt
answer_anonymous(const struct ntlm_client *c, struct wr *w, struct ntlm_client_keys *keys)
{
	static const uint8_t base[NTLM_KEY_SIZE];
	uint8_t wrapped[NTLM_KEY_SIZE];
	struct ntlm_authenticate a = {
		.flags	     = keys->flags | NTLM_ANONYMOUS,
		.lm_response = SPAN(zeroes, 1),
		.has_version = true,
		.version     = our_version,
	};

	a.session_key = keys_make(c, base, keys, wrapped);
	return message_put(w, c, &a, keys);
}

static nt
answer_user(const struct ntlm_client *c, struct wr *w, struct ntlm_client_keys *keys)
{
	uint8_t user[NAME_UTF16_MAX], domain[NAME_UTF16_MAX], station[NAME_UTF16_MAX];
	uint8_t response[RESPONSE_ROOM], base[NTLM_KEY_SIZE], wrapped[NTLM_KEY_SIZE];
	struct wr u = wr_init(user, sizeof user), d = wr_init(domain, sizeof domain);
	struct wr s = wr_init(station, sizeof station), r = wr_init(response, sizeof response);
	struct ntlm_authenticate a = {
		.flags	     = keys->flags,
		.lm_response = SPAN(zeroes, LM_SIZE),
		.has_version = true,
		.version     = our_version,
		.has_mic     = has_pair(c->target_info, NTLM_AV_TIMESTAMP),
	};
	nt status;

	(void)wr_utf16(&u, c->user);
	(void)wr_utf16(&d, c->domain);
	(void)wr_utf16(&s, c->workstation);
	REQUIRE(wr_ok(&u) && wr_ok(&d) && wr_ok(&s), STATUS_INVALID_PARAMETER);
	TRY(response_put(&r, c, wr_done(&u), wr_done(&d), a.has_mic, base));
	a.user	      = wr_done(&u);
	a.domain      = wr_done(&d);
	a.workstation = wr_done(&s);
	a.nt_response = wr_done(&r);
	a.session_key = keys_make(c, base, keys, wrapped);
	status	      = message_put(w, c, &a, keys);
	secret_wipe(base, sizeof base);
	return status;
}

nt
ntlm_client_answer(const struct ntlm_client *c, struct wr *w, struct ntlm_client_keys *ret)
{
	struct ntlm_client_keys keys = { .flags = c->flags & NTLM_CLIENT_FLAGS };
	nt status;

	TRY(challenge_check(c));
	status = c->hash ? answer_user(c, w, &keys) : answer_anonymous(c, w, &keys);
	if (nt_ok(status))
		*ret = keys;
	secret_wipe(&keys, sizeof keys);
	return status;
}

void
ntlm_client_sign(const struct ntlm_client_keys *k, struct span mech_list,
		 uint8_t ret[NTLM_SIGNATURE_SIZE])
{
	ntlm_signature(k->flags, k->exported, NTLM_CLIENT, 0, mech_list, ret);
}

bool
ntlm_client_check(const struct ntlm_client_keys *k, struct span mech_list, struct span mic)
{
	uint8_t want[NTLM_SIGNATURE_SIZE];

	if (mic.n != sizeof want)
		return false;
	ntlm_signature(k->flags, k->exported, NTLM_SERVER, 0, mech_list, want);
	return secret_eq(want, mic.p, sizeof want);
}
