/*
 * ntlmssp.c - the three NTLM messages.  Their fixed parts come in sizes: old
 * clients leave out the version, or the MIC, and only where the payload begins
 * tells.  [MS-NLMP] 2.2.1
 */
#include "proto/auth/ntlmssp.h"

#include <assert.h>

static const char signature[] = "NTLMSSP"; /* and its NUL */

#define NEGOTIATE_FIXED	   32 /* without the version */
#define CHALLENGE_FIXED	   48
#define AUTHENTICATE_FIXED 64
#define VERSION_SIZE	   8

/* A Len, MaxLen, BufferOffset triple. */
struct field {
	uint16_t n;
	uint32_t off;
};

static struct field
field_read(struct rd *r)
{
	struct field f;

	f.n = rd_u16(r);
	rd_zero(r, 2); /* MaxLen, to be ignored */
	f.off = rd_u32(r);
	return f;
}

static struct span
field_span(struct rd *r, struct field f)
{
	return rd_region(r, f.off, f.n);
}

static void
version_read(struct rd *r, struct ntlm_version *ret)
{
	ret->major = rd_u8(r);
	ret->minor = rd_u8(r);
	ret->build = rd_u16(r);
	rd_zero(r, 3);
	ret->revision = rd_u8(r);
}

/* Where the payload begins: the lowest offset of a field that has bytes, else the end. */
static size_t
payload_start(const struct rd *r, const struct field *fields, size_t n)
{
	size_t low = r->end;

	for (size_t i = 0; i < n; i++) {
		if (fields[i].n > 0 && fields[i].off < low)
			low = fields[i].off;
	}
	return low;
}

static bool
has_room(const struct rd *r, size_t payload, size_t n)
{
	return rd_ok(r) && payload >= r->pos && n <= payload - r->pos;
}

bool
ntlm_type(struct span msg, enum ntlm_type *ret)
{
	struct rd r	= rd_init(msg);
	struct span sig = rd_bytes(&r, sizeof signature);
	uint32_t type	= rd_u32(&r);

	if (!rd_ok(&r) || !span_eq(sig, SPAN(signature, sizeof signature)))
		return false;
	if (type < NTLM_NEGOTIATE || type > NTLM_AUTHENTICATE)
		return false;
	*ret = (enum ntlm_type)type;
	return true;
}

/* A reader behind the message type; bad if the message is of another. */
static struct rd
message_open(struct span msg, enum ntlm_type want)
{
	struct rd r	    = rd_init(msg);
	enum ntlm_type type = NTLM_NEGOTIATE;

	if (!ntlm_type(msg, &type) || type != want)
		r.bad = true;
	rd_zero(&r, sizeof signature + 4);
	return r;
}

/* Very old clients end after the flags: then nothing is supplied. */
nt
ntlm_negotiate_decode(struct span msg, struct ntlm_negotiate *ret)
{
	struct ntlm_negotiate c = { 0 };
	struct field f[2]	= { { 0, 0 }, { 0, 0 } };
	struct rd r		= message_open(msg, NTLM_NEGOTIATE);

	c.flags = rd_u32(&r);
	if (rd_left(&r) > 0) {
		f[0] = field_read(&r);
		f[1] = field_read(&r);
	}
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	if (!(c.flags & NTLM_OEM_DOMAIN_SUPPLIED))
		f[0].n = 0; /* 2.2.1.1: to be ignored then */
	if (!(c.flags & NTLM_OEM_WORKSTATION_SUPPLIED))
		f[1].n = 0;
	c.has_version =
	    (c.flags & NTLM_VERSION) && has_room(&r, payload_start(&r, f, 2), VERSION_SIZE);
	if (c.has_version)
		version_read(&r, &c.version);
	c.domain      = field_span(&r, f[0]);
	c.workstation = field_span(&r, f[1]);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

nt
ntlm_challenge_decode(struct span msg, struct ntlm_challenge *ret)
{
	struct ntlm_challenge c = { 0 };
	struct rd r		= message_open(msg, NTLM_CHALLENGE);
	struct field f[2];

	f[0]	= field_read(&r);
	c.flags = rd_u32(&r);
	rd_copy(&r, c.server_challenge, sizeof c.server_challenge);
	rd_zero(&r, 8);
	f[1] = field_read(&r);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	c.has_version =
	    (c.flags & NTLM_VERSION) && has_room(&r, payload_start(&r, f, 2), VERSION_SIZE);
	if (c.has_version)
		version_read(&r, &c.version);
	c.target_name = field_span(&r, f[0]);
	c.target_info = field_span(&r, f[1]);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	REQUIRE(c.target_info.n == 0 || ntlm_av_check(c.target_info), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

/* The version is there for its flag and room, the MIC for room alone. */
static void
authenticate_tail_read(struct rd *r, size_t payload, struct ntlm_authenticate *c)
{
	c->has_mic     = has_room(r, payload, VERSION_SIZE + NTLM_MIC_SIZE);
	c->has_version = (c->flags & NTLM_VERSION) && has_room(r, payload, VERSION_SIZE);
	if (c->has_version)
		version_read(r, &c->version);
	else if (c->has_mic)
		rd_zero(r, VERSION_SIZE);
	if (c->has_mic)
		rd_copy(r, c->mic, sizeof c->mic);
}

nt
ntlm_authenticate_decode(struct span msg, struct ntlm_authenticate *ret)
{
	struct ntlm_authenticate c = { 0 };
	struct rd r		   = message_open(msg, NTLM_AUTHENTICATE);
	struct field f[6];

	for (size_t i = 0; i < NELEM(f); i++)
		f[i] = field_read(&r);
	c.flags = rd_u32(&r);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	authenticate_tail_read(&r, payload_start(&r, f, NELEM(f)), &c);
	c.lm_response = field_span(&r, f[0]);
	c.nt_response = field_span(&r, f[1]);
	c.domain      = field_span(&r, f[2]);
	c.user	      = field_span(&r, f[3]);
	c.workstation = field_span(&r, f[4]);
	c.session_key = field_span(&r, f[5]);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

/* Writing: a triple now, its bytes after the fixed part in the same order. */

static void
message_begin(struct wr *w, enum ntlm_type type)
{
	wr_bytes(w, signature, sizeof signature);
	wr_u32(w, type);
}

static void
field_put(struct wr *w, struct span s, uint32_t *at)
{
	if (s.n > UINT16_MAX) {
		w->bad = true;
		return;
	}
	wr_u16(w, (uint16_t)s.n);
	wr_u16(w, (uint16_t)s.n);
	wr_u32(w, *at);
	*at += (uint32_t)s.n;
}

static void
version_put(struct wr *w, bool present, const struct ntlm_version *v)
{
	if (!present)
		return;
	wr_u8(w, v->major);
	wr_u8(w, v->minor);
	wr_u16(w, v->build);
	wr_zero(w, 3);
	wr_u8(w, v->revision);
}

void
ntlm_negotiate_encode(struct wr *w, const struct ntlm_negotiate *c)
{
	uint32_t at = NEGOTIATE_FIXED + (c->has_version ? VERSION_SIZE : 0);

	message_begin(w, NTLM_NEGOTIATE);
	wr_u32(w, c->flags);
	field_put(w, c->domain, &at);
	field_put(w, c->workstation, &at);
	version_put(w, c->has_version, &c->version);
	wr_span(w, c->domain);
	wr_span(w, c->workstation);
}

void
ntlm_challenge_encode(struct wr *w, const struct ntlm_challenge *c)
{
	uint32_t at = CHALLENGE_FIXED + (c->has_version ? VERSION_SIZE : 0);

	message_begin(w, NTLM_CHALLENGE);
	field_put(w, c->target_name, &at);
	wr_u32(w, c->flags);
	wr_bytes(w, c->server_challenge, sizeof c->server_challenge);
	wr_zero(w, 8);
	field_put(w, c->target_info, &at);
	version_put(w, c->has_version, &c->version);
	wr_span(w, c->target_name);
	wr_span(w, c->target_info);
}

void
ntlm_authenticate_encode(struct wr *w, const struct ntlm_authenticate *c)
{
	/* The MIC has its place behind the version, so it brings one along. */
	const bool version	  = c->has_version || c->has_mic;
	const struct span parts[] = { c->lm_response, c->nt_response, c->domain,
				      c->user,	      c->workstation, c->session_key };
	uint32_t at		  = AUTHENTICATE_FIXED;

	static_assert(AUTHENTICATE_FIXED + VERSION_SIZE == NTLM_MIC_OFFSET, "2.2.1.3");
	at += version ? VERSION_SIZE : 0;
	at += c->has_mic ? NTLM_MIC_SIZE : 0;
	message_begin(w, NTLM_AUTHENTICATE);
	for (size_t i = 0; i < NELEM(parts); i++)
		field_put(w, parts[i], &at);
	wr_u32(w, c->flags);
	version_put(w, version, &c->version);
	if (c->has_mic)
		wr_bytes(w, c->mic, sizeof c->mic);
	for (size_t i = 0; i < NELEM(parts); i++)
		wr_span(w, parts[i]);
}
