/* convert.c - see convert.h. */
#include "authd/cred/convert.h"

#include <string.h>

/* The library counts the bits of TicketFlags from the other end. */
static uint32_t
turn(uint32_t v)
{
	uint32_t r = 0;

	for (unsigned i = 0; i < 32; i++)
		r |= (v >> i & 1u) << (31 - i);
	return r;
}

static krb5_error_code
name_in(krb5_context context, const struct krb_name *n, krb5_principal *ret)
{
	char text[KRB_TEXT_MAX];
	krb5_error_code err;

	if (!krb_name_print(n, text))
		return KRB5_PARSE_MALFORMED;
	err = krb5_parse_name_flags(context, text, KRB5_PRINCIPAL_PARSE_REQUIRE_REALM, ret);
	if (err == 0)
		krb5_principal_set_type(context, *ret, (int)n->type);
	return err;
}

krb5_error_code
convert_in(krb5_context context, const struct krb_ticket *t, krb5_creds *ret)
{
	krb5_error_code err = name_in(context, &t->client, &ret->client);

	if (err == 0)
		err = name_in(context, &t->server, &ret->server);
	if (err == 0)
		err = krb5_data_copy(&ret->session.keyvalue, t->key.p, t->key.n);
	if (err == 0)
		err = krb5_data_copy(&ret->ticket, t->ticket.p, t->ticket.n);
	ret->session.keytype  = t->etype;
	ret->times.authtime   = t->authtime;
	ret->times.starttime  = t->starts;
	ret->times.endtime    = t->ends;
	ret->times.renew_till = t->renew_until;
	ret->flags.b	      = int2TicketFlags(turn(t->flags));
	return err;
}

static bool
name_out(krb5_context context, krb5_const_principal p, struct krb_name *ret)
{
	const unsigned n  = p ? krb5_principal_get_num_comp(context, p) : 0;
	const char *realm = p ? krb5_principal_get_realm(context, p) : NULL;

	if (n == 0 || n > KRB_NAME_PARTS || !realm)
		return false;
	*ret	  = (struct krb_name){ .n = n, .realm = SPAN_STR(realm) };
	ret->type = (uint32_t)krb5_principal_get_type(context, p);
	for (unsigned i = 0; i < n; i++) {
		const char *part = krb5_principal_get_comp_string(context, p, i);

		if (!part || !krb_text_ok(SPAN_STR(part)))
			return false;
		ret->parts[i] = SPAN_STR(part);
	}
	return krb_text_ok(ret->realm);
}

static uint32_t
time_out(time_t t)
{
	return t < 0 ? 0 : t > (time_t)UINT32_MAX ? UINT32_MAX : (uint32_t)t;
}

bool
convert_out(krb5_context context, const krb5_creds *creds, struct krb_ticket *ret)
{
	struct krb_ticket t = {
		.etype	     = (uint16_t)creds->session.keytype,
		.key	     = SPAN(creds->session.keyvalue.data, creds->session.keyvalue.length),
		.authtime    = time_out(creds->times.authtime),
		.starts	     = time_out(creds->times.starttime),
		.ends	     = time_out(creds->times.endtime),
		.renew_until = time_out(creds->times.renew_till),
		.flags	     = turn(TicketFlags2int(creds->flags.b)),
		.ticket	     = SPAN(creds->ticket.data, creds->ticket.length),
	};
	struct krb_name inside;

	if (!name_out(context, creds->client, &t.client) ||
	    !name_out(context, creds->server, &t.server))
		return false;
	if (t.key.n == 0 || nt_failed(krb_ticket_server(t.ticket, &inside)))
		return false;
	*ret = t;
	return true;
}
