/*
 * krb_cred.c - KRB-CRED messages whose secret part is not encrypted, and the
 * outside of a Ticket.  [RFC4120] 5.2, 5.3, 5.8
 */
#include "proto/auth/krb_file.h"

#include "proto/auth/der.h"

#define INTEGER	       0x02u
#define TIME	       0x18u /* GeneralizedTime */
#define CONTEXT(n)     (DER_CONTEXT0 + (n))
#define APPLICATION(n) (DER_APPLICATION0 + (n))
#define APP_TICKET     APPLICATION(1)
#define APP_CRED       APPLICATION(22)
#define APP_CRED_ENC   APPLICATION(29)
#define VERSION	       5
#define TYPE_CRED      22
#define ETYPE_NULL     0
#define KEY_MAX	       64u

static int64_t
integer_read(struct rd *r)
{
	struct rd v = rd_init(der_value(r, INTEGER));
	int64_t n   = 0;

	if (rd_left(&v) < 1 || rd_left(&v) > 5) {
		r->bad = true;
		return 0;
	}
	n = (int8_t)rd_u8(&v);
	while (rd_left(&v) > 0)
		n = n * 256 + rd_u8(&v);
	return n;
}

/* [tag] INTEGER, which has to be there. */
static int64_t
number_read(struct rd *r, unsigned tag)
{
	struct rd in	= der_enter(r, CONTEXT(tag));
	const int64_t n = integer_read(&in);

	der_leave(r, &in);
	return n;
}

/* [tag] of one primitive element; empty if it is not there. */
static struct span
wrapped_read(struct rd *r, unsigned tag, unsigned type)
{
	struct span s;
	struct rd in;

	if (!der_is(r, CONTEXT(tag)))
		return SPAN_NONE;
	in = der_enter(r, CONTEXT(tag));
	s  = der_value(&in, type);
	der_leave(r, &in);
	return s;
}

/* [tag] PrincipalName.  5.2.2 */
static void
name_read(struct rd *r, unsigned tag, struct krb_name *n)
{
	struct rd outer = der_enter(r, CONTEXT(tag));
	struct rd seq	= der_enter(&outer, DER_SEQUENCE);
	struct rd strings, list;

	n->type = (uint32_t)number_read(&seq, 0);
	strings = der_enter(&seq, CONTEXT(1));
	list	= der_enter(&strings, DER_SEQUENCE);
	n->n	= 0;
	while (rd_left(&list) > 0 && n->n < KRB_NAME_PARTS)
		n->parts[n->n++] = der_value(&list, DER_GENERAL);
	der_leave(&strings, &list);
	der_leave(&seq, &strings);
	der_leave(&outer, &seq);
	der_leave(r, &outer);
}

static bool
name_ok(const struct krb_name *n)
{
	bool ok = n->n > 0 && krb_text_ok(n->realm);

	for (size_t i = 0; i < n->n; i++)
		ok = ok && krb_text_ok(n->parts[i]);
	return ok;
}

nt
krb_ticket_server(struct span der, struct krb_name *ret)
{
	struct krb_name n = { 0 };
	struct rd r	  = rd_init(der);
	struct rd app	  = der_enter(&r, APP_TICKET);
	struct rd seq	  = der_enter(&app, DER_SEQUENCE);
	const int64_t v	  = number_read(&seq, 0);

	n.realm = wrapped_read(&seq, 1, DER_GENERAL);
	name_read(&seq, 2, &n);
	(void)der_value(&seq, CONTEXT(3)); /* EncryptedData: the server's to read */
	der_leave(&app, &seq);
	der_leave(&r, &app);
	REQUIRE(rd_ok(&r) && rd_left(&r) == 0 && v == VERSION, STATUS_INVALID_PARAMETER);
	REQUIRE(name_ok(&n), STATUS_INVALID_PARAMETER);
	*ret = n;
	return STATUS_SUCCESS;
}

/* Days since 1970 of a date in the Gregorian calendar. */
static int64_t
days_of(int64_t y, int64_t m, int64_t d)
{
	int64_t era, yoe, doy;

	y -= m <= 2;
	era = y / 400;
	yoe = y - era * 400;
	doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static int64_t
digits_read(struct rd *r, size_t n)
{
	int64_t v = 0;

	while (n-- > 0) {
		const uint8_t c = rd_u8(r);

		r->bad |= c < '0' || c > '9';
		v = v * 10 + (c - '0');
	}
	return v;
}

/* "20260102030405Z" as Unix seconds; 0 if it is not there.  5.2.3 */
static uint32_t
time_read(struct rd *r, unsigned tag)
{
	struct span s = wrapped_read(r, tag, TIME);
	struct rd t   = rd_init(s);
	int64_t y, mo, d, h, mi, sec, unix_s;

	if (s.n == 0)
		return 0;
	y   = digits_read(&t, 4);
	mo  = digits_read(&t, 2);
	d   = digits_read(&t, 2);
	h   = digits_read(&t, 2);
	mi  = digits_read(&t, 2);
	sec = digits_read(&t, 2);
	r->bad |= rd_u8(&t) != 'Z' || !rd_ok(&t) || rd_left(&t) > 0;
	if (r->bad || y < 1970 || mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59 ||
	    sec > 60) {
		r->bad = true;
		return 0;
	}
	unix_s = ((days_of(y, mo, d) * 24 + h) * 60 + mi) * 60 + sec;
	return unix_s > UINT32_MAX ? UINT32_MAX : (uint32_t)unix_s;
}

/* [tag] EncryptionKey.  5.2.9 */
static void
key_read(struct rd *r, unsigned tag, struct krb_ticket *t)
{
	struct rd outer = der_enter(r, CONTEXT(tag));
	struct rd seq	= der_enter(&outer, DER_SEQUENCE);
	const int64_t e = number_read(&seq, 0);

	t->key	 = wrapped_read(&seq, 1, DER_OCTET_STRING);
	t->etype = (uint16_t)e;
	seq.bad |= e < 0 || e > UINT16_MAX || t->key.n == 0 || t->key.n > KEY_MAX;
	der_leave(&outer, &seq);
	der_leave(r, &outer);
}

/* [3] TicketFlags: 32 bits or more.  5.3 */
static uint32_t
flags_read(struct rd *r)
{
	struct span s = wrapped_read(r, 3, DER_BIT_STRING);
	struct rd v   = rd_init(s);
	uint32_t flags;

	if (s.n == 0)
		return 0;
	rd_zero(&v, 1); /* unused bits */
	flags = rd_u32be(&v);
	r->bad |= !rd_ok(&v);
	return flags;
}

/* KrbCredInfo: nearly all of it is optional, but not for us. */
static void
info_read(struct rd *list, struct krb_ticket *t)
{
	struct rd r = der_enter(list, DER_SEQUENCE);

	key_read(&r, 0, t);
	t->client.realm = wrapped_read(&r, 1, DER_GENERAL);
	name_read(&r, 2, &t->client);
	t->flags	= flags_read(&r);
	t->authtime	= time_read(&r, 4);
	t->starts	= time_read(&r, 5);
	t->ends		= time_read(&r, 6);
	t->renew_until	= time_read(&r, 7);
	t->server.realm = wrapped_read(&r, 8, DER_GENERAL);
	if (der_is(&r, CONTEXT(9)))
		name_read(&r, 9, &t->server);
	if (der_is(&r, CONTEXT(10)))
		(void)der_value(&r, CONTEXT(10)); /* addresses */
	der_leave(list, &r);
}

nt
krb_cred_next(struct krb_cred *c, struct krb_ticket *ret)
{
	struct krb_ticket t = { 0 };
	struct rd element   = c->tickets;
	struct krb_name inside;

	if (rd_left(&c->tickets) == 0 && rd_left(&c->infos) == 0)
		return STATUS_NO_MORE_ENTRIES;
	(void)der_value(&c->tickets, APP_TICKET);
	info_read(&c->infos, &t);
	REQUIRE(rd_ok(&c->tickets) && rd_ok(&c->infos), STATUS_INVALID_PARAMETER);
	t.ticket = rd_bytes(&element, c->tickets.pos - element.pos);
	TRY(krb_ticket_server(t.ticket, &inside));
	if (t.server.n == 0 || t.server.realm.n == 0)
		t.server = inside;
	REQUIRE(name_ok(&t.client) && name_ok(&t.server), STATUS_INVALID_PARAMETER);
	*ret = t;
	return STATUS_SUCCESS;
}

/* EncKrbCredPart, up to its list; the rest of it matters to a network only. */
static nt
part_open(struct span cipher, struct rd *ret)
{
	struct rd r   = rd_init(cipher);
	struct rd app = der_enter(&r, APP_CRED_ENC);
	struct rd seq = der_enter(&app, DER_SEQUENCE);
	struct rd in  = der_enter(&seq, CONTEXT(0));

	*ret = der_enter(&in, DER_SEQUENCE);
	REQUIRE(rd_ok(ret) && rd_left(&in) == 0 && rd_left(&app) == 0, STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

nt
krb_cred_open(struct span der, struct krb_cred *ret)
{
	struct krb_cred c;
	struct rd r    = rd_init(der);
	struct rd app  = der_enter(&r, APP_CRED);
	struct rd seq  = der_enter(&app, DER_SEQUENCE);
	const bool fit = number_read(&seq, 0) == VERSION && number_read(&seq, 1) == TYPE_CRED;
	struct rd list = der_enter(&seq, CONTEXT(2));
	struct rd enc, data;
	struct span cipher;
	int64_t etype;

	c.tickets = der_enter(&list, DER_SEQUENCE);
	der_leave(&seq, &list);
	enc   = der_enter(&seq, CONTEXT(3));
	data  = der_enter(&enc, DER_SEQUENCE);
	etype = number_read(&data, 0);
	if (der_is(&data, CONTEXT(1)))
		(void)der_value(&data, CONTEXT(1)); /* kvno */
	cipher = wrapped_read(&data, 2, DER_OCTET_STRING);
	der_leave(&enc, &data);
	der_leave(&seq, &enc);
	der_leave(&app, &seq);
	der_leave(&r, &app);
	REQUIRE(rd_ok(&r) && rd_ok(&c.tickets) && fit, STATUS_INVALID_PARAMETER);
	REQUIRE(rd_left(&r) == 0 && etype == ETYPE_NULL, STATUS_INVALID_PARAMETER);
	TRY(part_open(cipher, &c.infos));
	*ret = c;
	return STATUS_SUCCESS;
}
