/*
 * ap_req.c - see ap_req.h.  Strict DER: what passes here is read in the same
 * way by every other decoder.
 */
#include "proto/auth/ap_req.h"

#include <string.h>

#include "proto/auth/der.h"

#define DER_INTEGER 0x02
#define APPLICATION 0x60 /* + n: [APPLICATION n] constructed */
#define TICKET	    1
#define AP_REQ	    14
#define KRB_VERSION 5

#define TOK_AP_REQ    0x0100 /* TOK_ID, [RFC4121] 4.1 */
#define TOK_KRB_ERROR 0x0300

static const uint8_t krb5_oid[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02 };

/* An INTEGER of at most 32 bits, signed or not. */
static uint32_t
integer_read(struct rd *r)
{
	struct rd v = der_enter(r, DER_INTEGER);
	size_t n    = rd_left(&v);
	uint32_t x  = 0;
	uint8_t b;

	r->bad |= n == 0 || n > 5;
	for (size_t i = 0; i < n && rd_ok(r); i++) {
		b = rd_u8(&v);
		r->bad |= i == 0 && n == 5 && b != 0;
		x = i == 0 && b >= 0x80 ? 0xffffff00u | b : x << 8 | b;
	}
	return x;
}

/* [n] INTEGER */
static uint32_t
field_integer(struct rd *r, unsigned n)
{
	struct rd f = der_enter(r, DER_CONTEXT0 + n);
	uint32_t v  = integer_read(&f);

	der_leave(r, &f);
	return v;
}

/* One KerberosString behind what dst holds already: printable, and no '/' or '@' to deceive with.
 */
static void
text_append(struct rd *r, char *dst, size_t cap, char between)
{
	struct span s = der_value(r, DER_GENERAL);
	size_t at = strlen(dst), gap = between != '\0';

	r->bad |= s.n == 0 || s.n + gap + 1 > cap - at;
	for (size_t i = 0; i < s.n && rd_ok(r); i++)
		r->bad |= s.p[i] < 0x21 || s.p[i] == 0x7f || s.p[i] == '/' || s.p[i] == '@';
	if (!rd_ok(r))
		return;
	if (gap)
		dst[at] = between;
	memcpy(dst + at + gap, s.p, s.n);
	dst[at + gap + s.n] = '\0';
}

/* PrincipalName, [RFC4120] 5.2.2 */
static void
sname_read(struct rd *r, struct ap_req *a)
{
	struct rd f	= der_enter(r, DER_CONTEXT0 + 2);
	struct rd seq	= der_enter(&f, DER_SEQUENCE);
	uint32_t type	= field_integer(&seq, 0);
	struct rd parts = der_enter(&seq, DER_CONTEXT0 + 1);
	struct rd list	= der_enter(&parts, DER_SEQUENCE);
	unsigned n	= 0;

	(void)type;
	list.bad |= rd_left(&list) == 0;
	while (rd_left(&list) > 0 && n < AP_REQ_PARTS_MAX)
		text_append(&list, a->service, sizeof a->service, n++ > 0 ? '/' : '\0');
	der_leave(&parts, &list);
	der_leave(&seq, &parts);
	der_leave(&f, &seq);
	der_leave(r, &f);
}

/* EncryptedData, 5.2.9, in the field [n]. */
static struct span
sealed_read(struct rd *r, unsigned n, int32_t *etype, bool *has_kvno, uint32_t *kvno)
{
	struct rd f   = der_enter(r, DER_CONTEXT0 + n);
	struct rd seq = der_enter(&f, DER_SEQUENCE);
	struct rd c;
	struct span s;

	*etype	  = (int32_t)field_integer(&seq, 0);
	*has_kvno = der_is(&seq, DER_CONTEXT0 + 1);
	if (*has_kvno)
		*kvno = field_integer(&seq, 1);
	c = der_enter(&seq, DER_CONTEXT0 + 2);
	s = der_value(&c, DER_OCTET_STRING);
	der_leave(&seq, &c);
	der_leave(&f, &seq);
	der_leave(r, &f);
	return s;
}

/* Ticket, 5.3 */
static void
ticket_read(struct rd *r, struct ap_req *a)
{
	struct rd f	= der_enter(r, DER_CONTEXT0 + 3);
	struct rd app	= der_enter(&f, APPLICATION + TICKET);
	struct rd seq	= der_enter(&app, DER_SEQUENCE);
	uint32_t vno	= field_integer(&seq, 0);
	struct rd realm = der_enter(&seq, DER_CONTEXT0 + 1);

	text_append(&realm, a->realm, sizeof a->realm, '\0');
	der_leave(&seq, &realm);
	sname_read(&seq, a);
	(void)sealed_read(&seq, 3, &a->etype, &a->has_kvno, &a->kvno);
	seq.bad |= vno != KRB_VERSION;
	der_leave(&app, &seq);
	der_leave(&f, &app);
	der_leave(r, &f);
}

/* InitialContextToken, [RFC2743] 3.1: the mechanism, then which of its tokens this is. */
static struct rd
frame_enter(struct rd *r, uint16_t want)
{
	struct rd inner = der_enter(r, DER_APPLICATION0);
	struct span oid = der_value(&inner, DER_OID);
	uint16_t tok	= rd_u8(&inner);

	tok = (uint16_t)(tok << 8 | rd_u8(&inner));
	inner.bad |= !span_eq(oid, SPAN(krb5_oid, sizeof krb5_oid)) || tok != want;
	return inner;
}

nt
ap_req_decode(struct span token, struct ap_req *ret)
{
	struct ap_req a	  = { .etype = 0 };
	struct rd r	  = rd_init(token);
	struct rd inner	  = frame_enter(&r, TOK_AP_REQ);
	struct rd whole	  = inner;
	struct rd app	  = der_enter(&inner, APPLICATION + AP_REQ);
	struct rd seq	  = der_enter(&app, DER_SEQUENCE);
	uint32_t pvno	  = field_integer(&seq, 0);
	uint32_t type	  = field_integer(&seq, 1);
	struct rd options = der_enter(&seq, DER_CONTEXT0 + 2);
	bool has_kvno;
	uint32_t kvno;

	(void)der_value(&options, DER_BIT_STRING);
	der_leave(&seq, &options);
	ticket_read(&seq, &a);
	a.authenticator = sealed_read(&seq, 4, &a.session_etype, &has_kvno, &kvno);
	seq.bad |= pvno != KRB_VERSION || type != AP_REQ || a.authenticator.n == 0;
	der_leave(&app, &seq);
	der_leave(&inner, &app);
	der_leave(&r, &inner);
	REQUIRE(rd_ok(&r) && rd_left(&r) == 0, STATUS_INVALID_PARAMETER);
	a.inner = rd_rest(&whole);
	*ret	= a;
	return STATUS_SUCCESS;
}

nt
krb_error_unwrap(struct span token, struct span *ret)
{
	struct rd r	= rd_init(token);
	struct rd inner = frame_enter(&r, TOK_KRB_ERROR);

	REQUIRE(rd_ok(&inner) && rd_left(&inner) > 0, STATUS_INVALID_PARAMETER);
	*ret = rd_rest(&inner);
	return STATUS_SUCCESS;
}
