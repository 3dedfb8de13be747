/*
 * ntlm_av.c - AV pairs and the NTLMv2 response that carries them.
 * [MS-NLMP] 2.2.2.1, 2.2.2.7, 2.2.2.8, 3.2.5.1.2
 */
#include "proto/auth/ntlmssp.h"

#include "base/utf16.h"

#define NTLMV1_SIZE  24 /* of an NTLMv1 response; a v2 one is longer always */
#define AV_PAIRS_MAX 32

bool
ntlm_av_next(struct rd *r, struct ntlm_av *ret)
{
	uint16_t id = rd_u16(r);
	uint16_t n  = rd_u16(r);

	ret->id	   = id;
	ret->value = rd_bytes(r, n);
	return rd_ok(r) && id != NTLM_AV_EOL;
}

/* Fixed sizes of the pairs whose values we look into. */
static bool
av_fits(const struct ntlm_av *av)
{
	switch (av->id) {
	case NTLM_AV_EOL:
		return av->value.n == 0;
	case NTLM_AV_FLAGS:
		return av->value.n == 4;
	case NTLM_AV_TIMESTAMP:
		return av->value.n == 8;
	case NTLM_AV_CHANNEL_BINDINGS:
		return av->value.n == 16;
	default:
		return true;
	}
}

bool
ntlm_av_check(struct span list)
{
	struct rd r    = rd_init(list);
	unsigned count = 0;
	struct ntlm_av av;

	while (ntlm_av_next(&r, &av)) {
		if (!av_fits(&av) || ++count > AV_PAIRS_MAX)
			return false;
	}
	return rd_ok(&r) && av_fits(&av);
}

bool
ntlm_av_find(struct span list, uint16_t id, struct span *ret)
{
	struct rd r = rd_init(list);
	struct ntlm_av av;

	while (ntlm_av_next(&r, &av)) {
		if (av.id == id) {
			*ret = av.value;
			return true;
		}
	}
	return false;
}

static uint32_t
av_flags(struct span list)
{
	struct span v = SPAN_NONE;
	struct rd r;

	if (!ntlm_av_find(list, NTLM_AV_FLAGS, &v))
		return 0;
	r = rd_init(v);
	return rd_u32(&r);
}

bool
ntlm_av_returned(struct span sent, struct span received)
{
	struct rd r = rd_init(sent);
	struct span back;
	struct ntlm_av av;

	while (ntlm_av_next(&r, &av)) {
		if (av.id == NTLM_AV_FLAGS) {
			uint32_t want = av_flags(sent);

			if ((av_flags(received) & want) != want)
				return false;
		} else if (!ntlm_av_find(received, av.id, &back) || !span_eq(back, av.value)) {
			return false;
		}
	}
	return rd_ok(&r);
}

void
wr_ntlm_av(struct wr *w, uint16_t id, struct span value)
{
	if (value.n > UINT16_MAX) {
		w->bad = true;
		return;
	}
	wr_u16(w, id);
	wr_u16(w, (uint16_t)value.n);
	wr_span(w, value);
}

void
wr_ntlm_av_utf16(struct wr *w, uint16_t id, const char *utf8)
{
	size_t at, n;

	wr_u16(w, id);
	at = wr_hole(w, 2);
	n  = wr_utf16(w, utf8);
	if (n > UINT16_MAX)
		w->bad = true;
	wr_patch16(w, at, (uint16_t)n);
}

void
wr_ntlm_av_end(struct wr *w)
{
	wr_ntlm_av(w, NTLM_AV_EOL, SPAN_NONE);
}

nt
ntlm_v2_response_decode(struct span nt_response, struct ntlm_v2_response *ret)
{
	struct ntlm_v2_response c = { 0 };
	struct rd r		  = rd_init(nt_response);
	struct rd blob;
	uint8_t version, version_max;

	rd_copy(&r, c.proof, sizeof c.proof);
	c.blob	    = rd_rest(&r);
	blob	    = rd_init(c.blob);
	version	    = rd_u8(&blob);
	version_max = rd_u8(&blob);
	rd_zero(&blob, 6);
	c.timestamp = rd_u64(&blob);
	rd_copy(&blob, c.client_challenge, sizeof c.client_challenge);
	rd_zero(&blob, 4);
	c.av = rd_rest(&blob);
	REQUIRE(nt_response.n > NTLMV1_SIZE && rd_ok(&r) && rd_ok(&blob), STATUS_INVALID_PARAMETER);
	REQUIRE(version == 1 && version_max == 1, STATUS_INVALID_PARAMETER);
	REQUIRE(ntlm_av_check(c.av), STATUS_INVALID_PARAMETER);
	c.av_flags = av_flags(c.av);
	*ret	   = c;
	return STATUS_SUCCESS;
}

void
ntlm_v2_blob_encode(struct wr *w, uint64_t timestamp, const uint8_t client_challenge[8],
		    struct span av)
{
	wr_u8(w, 1);
	wr_u8(w, 1);
	wr_zero(w, 6);
	wr_u64(w, timestamp);
	wr_bytes(w, client_challenge, NTLM_CHALLENGE_SIZE);
	wr_zero(w, 4);
	wr_span(w, av);
	wr_zero(w, 4);
}
