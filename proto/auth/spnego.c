/*
 * spnego.c - NegTokenInit, NegTokenInit2 and NegTokenResp.
 * [RFC4178] 4.2, [MS-SPNG] 2.2.1
 */
#include "proto/auth/spnego.h"

#include "proto/auth/der.h"

#define OID(bytes) SPAN(bytes, sizeof(bytes) - 1)

static const char oid_spnego[]	= "\x2b\x06\x01\x05\x05\x02";
static const char oid_ntlmssp[] = "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a";
static const char oid_krb5[]	= "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02";
static const char oid_ms_krb5[] = "\x2a\x86\x48\x82\xf7\x12\x01\x02\x02";
static const char oid_negoex[]	= "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x1e";
static const char hint_name[]	= "not_defined_in_RFC4178@please_ignore";

static const struct mech_row {
	const char *name;
	struct span oid;
} mechs[SPNEGO_MECH_MAX] = {
	[SPNEGO_MECH_UNKNOWN] = { "unknown", { NULL, 0 } },
	[SPNEGO_MECH_NTLMSSP] = { "NTLMSSP",
				  { (const uint8_t *)oid_ntlmssp, sizeof oid_ntlmssp - 1 } },
	[SPNEGO_MECH_KRB5]    = { "Kerberos", { (const uint8_t *)oid_krb5, sizeof oid_krb5 - 1 } },
	[SPNEGO_MECH_MS_KRB5] = { "MS-Kerberos",
				  { (const uint8_t *)oid_ms_krb5, sizeof oid_ms_krb5 - 1 } },
	[SPNEGO_MECH_NEGOEX] = { "NEGOEX", { (const uint8_t *)oid_negoex, sizeof oid_negoex - 1 } },
};

static enum spnego_mech
mech_of_oid(struct span oid)
{
	for (unsigned m = SPNEGO_MECH_NTLMSSP; m < SPNEGO_MECH_MAX; m++) {
		if (span_eq(oid, mechs[m].oid))
			return (enum spnego_mech)m;
	}
	return SPNEGO_MECH_UNKNOWN;
}

const char *
spnego_mech_name(enum spnego_mech m)
{
	return m < SPNEGO_MECH_MAX ? mechs[m].name : "unknown";
}

bool
spnego_mech_same(enum spnego_mech a, enum spnego_mech b)
{
	if (a == SPNEGO_MECH_MS_KRB5)
		a = SPNEGO_MECH_KRB5;
	if (b == SPNEGO_MECH_MS_KRB5)
		b = SPNEGO_MECH_KRB5;
	return a == b && a != SPNEGO_MECH_UNKNOWN;
}

enum spnego_kind
spnego_classify(struct span token)
{
	static const char ntlmssp[] = "NTLMSSP"; /* and its NUL */
	struct rd r		    = rd_init(token);
	enum spnego_mech mech;
	struct span oid;
	struct rd app;

	if (der_is(&r, DER_CONTEXT0 + 1))
		return SPNEGO_KIND_RESP;
	if (token.n >= sizeof ntlmssp && memcmp(token.p, ntlmssp, sizeof ntlmssp) == 0)
		return SPNEGO_KIND_NTLMSSP;
	app = der_enter(&r, DER_APPLICATION0);
	oid = der_value(&app, DER_OID);
	if (!rd_ok(&app))
		return SPNEGO_KIND_UNKNOWN;
	if (span_eq(oid, OID(oid_spnego)))
		return SPNEGO_KIND_INIT;
	mech = mech_of_oid(oid);
	return spnego_mech_same(mech, SPNEGO_MECH_KRB5) ? SPNEGO_KIND_KRB5 : SPNEGO_KIND_UNKNOWN;
}

/* [n] OCTET STRING, if it is there. */
static bool
octets_opt(struct rd *seq, unsigned n, struct span *ret)
{
	struct rd ctx;

	if (!der_is(seq, DER_CONTEXT0 + n))
		return false;
	ctx  = der_enter(seq, DER_CONTEXT0 + n);
	*ret = der_value(&ctx, DER_OCTET_STRING);
	der_leave(seq, &ctx);
	return true;
}

/* [0] MechTypeList: one to SPNEGO_MECHS_MAX OIDs. */
static void
mech_list_read(struct rd *seq, struct spnego_init *c)
{
	struct rd ctx	= der_enter(seq, DER_CONTEXT0);
	struct rd whole = ctx;
	struct rd list	= der_enter(&ctx, DER_SEQUENCE);

	while (rd_left(&list) > 0 && c->mech_count < SPNEGO_MECHS_MAX)
		c->mechs[c->mech_count++] = mech_of_oid(der_value(&list, DER_OID));
	c->mech_list = rd_rest(&whole);
	der_leave(&ctx, &list);
	der_leave(seq, &ctx);
	seq->bad |= c->mech_count == 0;
}

/*
 * [3] is the MIC in a client's NegTokenInit, and negHints in a server's
 * NegTokenInit2, whose MIC is [4].  Nothing in the hints is of use.
 */
static void
hints_or_mic_read(struct rd *seq, struct spnego_init *c)
{
	struct rd ctx, hints;

	if (!der_is(seq, DER_CONTEXT0 + 3))
		return;
	ctx = *seq;
	ctx = der_enter(&ctx, DER_CONTEXT0 + 3);
	if (der_is(&ctx, DER_OCTET_STRING)) {
		c->has_mic = octets_opt(seq, 3, &c->mic);
		return;
	}
	ctx   = der_enter(seq, DER_CONTEXT0 + 3);
	hints = der_enter(&ctx, DER_SEQUENCE);
	(void)rd_rest(&hints);
	der_leave(&ctx, &hints);
	der_leave(seq, &ctx);
	c->has_mic = octets_opt(seq, 4, &c->mic);
}

static void
init_body_read(struct rd *seq, struct spnego_init *c)
{
	mech_list_read(seq, c);
	if (der_is(seq, DER_CONTEXT0 + 1)) { /* reqFlags: to be ignored, 4.2.1 */
		struct rd ctx = der_enter(seq, DER_CONTEXT0 + 1);

		(void)der_value(&ctx, DER_BIT_STRING);
		der_leave(seq, &ctx);
	}
	c->has_token = octets_opt(seq, 2, &c->token);
	hints_or_mic_read(seq, c);
}

nt
spnego_init_decode(struct span token, struct spnego_init *ret)
{
	struct spnego_init c = { 0 };
	struct rd r	     = rd_init(token);
	struct rd app	     = der_enter(&r, DER_APPLICATION0);
	struct span oid	     = der_value(&app, DER_OID);
	struct rd neg	     = der_enter(&app, DER_CONTEXT0);
	struct rd seq	     = der_enter(&neg, DER_SEQUENCE);

	init_body_read(&seq, &c);
	der_leave(&neg, &seq);
	der_leave(&app, &neg);
	der_leave(&r, &app);
	REQUIRE(rd_ok(&r) && rd_left(&r) == 0, STATUS_INVALID_PARAMETER);
	REQUIRE(span_eq(oid, OID(oid_spnego)), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

/* [0] negState ENUMERATED, if it is there. */
static enum spnego_state
state_read(struct rd *seq)
{
	struct span v;
	struct rd ctx;

	if (!der_is(seq, DER_CONTEXT0))
		return SPNEGO_STATE_NONE;
	ctx = der_enter(seq, DER_CONTEXT0);
	v   = der_value(&ctx, DER_ENUMERATED);
	der_leave(seq, &ctx);
	if (v.n != 1 || v.p[0] >= SPNEGO_STATE_NONE) {
		seq->bad = true;
		return SPNEGO_STATE_NONE;
	}
	return (enum spnego_state)v.p[0];
}

static void
resp_body_read(struct rd *seq, struct spnego_resp *c)
{
	c->state = state_read(seq);
	if (der_is(seq, DER_CONTEXT0 + 1)) {
		struct rd ctx = der_enter(seq, DER_CONTEXT0 + 1);

		c->has_mech = true;
		c->mech	    = mech_of_oid(der_value(&ctx, DER_OID));
		der_leave(seq, &ctx);
	}
	c->has_token = octets_opt(seq, 2, &c->token);
	c->has_mic   = octets_opt(seq, 3, &c->mic);
}

nt
spnego_resp_decode(struct span token, struct spnego_resp *ret)
{
	struct spnego_resp c = { 0 };
	struct rd r	     = rd_init(token);
	struct rd neg	     = der_enter(&r, DER_CONTEXT0 + 1);
	struct rd seq	     = der_enter(&neg, DER_SEQUENCE);

	resp_body_read(&seq, &c);
	der_leave(&neg, &seq);
	der_leave(&r, &neg);
	REQUIRE(rd_ok(&r) && rd_left(&r) == 0, STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

/* Sizes are needed before the bytes, so each part knows its own. */

static size_t
mech_list_size(const enum spnego_mech *list, size_t n)
{
	size_t size = 0;

	for (size_t i = 0; i < n; i++)
		size += der_size(mechs[list[i]].oid.n);
	return size;
}

void
spnego_mech_list_encode(struct wr *w, const enum spnego_mech *list, size_t n)
{
	der_head(w, DER_SEQUENCE, mech_list_size(list, n));
	for (size_t i = 0; i < n; i++)
		der_put(w, DER_OID, mechs[list[i]].oid);
}

/* An element inside an element: [n] OCTET STRING and the like. */
static size_t
wrapped_size(bool present, size_t n)
{
	return present ? der_size(der_size(n)) : 0;
}

static void
wrapped_put(struct wr *w, bool present, unsigned context, unsigned tag, struct span value)
{
	if (!present)
		return;
	der_head(w, DER_CONTEXT0 + context, der_size(value.n));
	der_put(w, tag, value);
}

/* Everything of a NegTokenInit up to and with the mechanism list; rest: bytes of what follows. */
static void
init_head_put(struct wr *w, const enum spnego_mech *list, size_t n, size_t rest)
{
	size_t list_size = der_size(mech_list_size(list, n));
	size_t seq	 = der_size(list_size) + rest;
	size_t neg	 = der_size(seq);

	der_head(w, DER_APPLICATION0, der_size(sizeof oid_spnego - 1) + der_size(neg));
	der_put(w, DER_OID, OID(oid_spnego));
	der_head(w, DER_CONTEXT0, neg);
	der_head(w, DER_SEQUENCE, seq);
	der_head(w, DER_CONTEXT0, list_size);
	spnego_mech_list_encode(w, list, n);
}

void
spnego_init_encode(struct wr *w, const struct spnego_init *c)
{
	init_head_put(w, c->mechs, c->mech_count,
		      wrapped_size(c->has_token, c->token.n) + wrapped_size(c->has_mic, c->mic.n));
	wrapped_put(w, c->has_token, 2, DER_OCTET_STRING, c->token);
	wrapped_put(w, c->has_mic, 3, DER_OCTET_STRING, c->mic);
}

void
spnego_hint_encode(struct wr *w, const enum spnego_mech *list, size_t n)
{
	struct span name = OID(hint_name);
	size_t hints	 = wrapped_size(true, name.n);

	init_head_put(w, list, n, wrapped_size(true, hints));
	der_head(w, DER_CONTEXT0 + 3, der_size(hints));
	der_head(w, DER_SEQUENCE, hints);
	wrapped_put(w, true, 0, DER_GENERAL, name);
}

void
spnego_resp_encode(struct wr *w, const struct spnego_resp *c)
{
	uint8_t state	 = (uint8_t)c->state;
	bool has_state	 = c->state != SPNEGO_STATE_NONE;
	struct span mech = mechs[c->mech].oid;
	size_t seq	 = wrapped_size(has_state, 1) + wrapped_size(c->has_mech, mech.n) +
		     wrapped_size(c->has_token, c->token.n) + wrapped_size(c->has_mic, c->mic.n);

	der_head(w, DER_CONTEXT0 + 1, der_size(seq));
	der_head(w, DER_SEQUENCE, seq);
	wrapped_put(w, has_state, 0, DER_ENUMERATED, SPAN(&state, 1));
	wrapped_put(w, c->has_mech, 1, DER_OID, mech);
	wrapped_put(w, c->has_token, 2, DER_OCTET_STRING, c->token);
	wrapped_put(w, c->has_mic, 3, DER_OCTET_STRING, c->mic);
}
