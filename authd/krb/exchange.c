/*
 * exchange.c - one token: what an accepted one says.  Why one is not: verdict.c.
 */
#include <stdlib.h>
#include <string.h>

#include "authd/krb/heimdal_types.h"
#include "base/fatal.h"
#include "base/loop.h"
#include "base/secret.h"

#define PAC_AUTHZ_TYPE 128 /* AD-WIN2K-PAC, [MS-PAC] 2.2 (KERB-AUTH-DATA) */

struct exchange {
	gss_ctx_id_t ctx;
	char *name; /* "alice\0REALM\0" */
	gss_buffer_desc token, pac;
	struct ticket ticket;
};

/* 1.2.840.113554.1.2.2.5.5: the header declares it, the library does not export it. */
static gss_OID_desc session_key_oid = { 11, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05"
						    "\x05" };

void
exchange_drop(struct exchange *x)
{
	OM_uint32 minor;

	if (!x)
		return;
	if (x->ctx != GSS_C_NO_CONTEXT)
		(void)gss_delete_sec_context(&minor, &x->ctx, GSS_C_NO_BUFFER);
	(void)gss_release_buffer(&minor, &x->token);
	(void)gss_release_buffer(&minor, &x->pac);
	free(x->name);
	secret_wipe(x, sizeof *x);
	free(x);
}

const struct ticket *
exchange_ticket(const struct exchange *x)
{
	return &x->ticket;
}

/* A component that holds a '/' or '@' would make two principals look alike. */
static bool
part_is_plain(const char *s)
{
	if (!*s)
		return false;
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f || strchr("/@\\", *s))
			return false;
	return true;
}

static bool
principal_is_plain(struct heimdal *h, krb5_const_principal p)
{
	unsigned n = krb5_principal_get_num_comp(h->context, p);

	for (unsigned i = 0; i < n; i++)
		if (!part_is_plain(krb5_principal_get_comp_string(h->context, p, i)))
			return false;
	return n > 0 && part_is_plain(krb5_principal_get_realm(h->context, p)) &&
	       strcmp(krb5_principal_get_comp_string(h->context, p, 0), "WELLKNOWN") != 0;
}

static nt
principal_keep(struct heimdal *h, krb5_const_principal p, struct exchange *x)
{
	const char *realm = krb5_principal_get_realm(h->context, p);
	char *name	  = NULL;
	size_t n;

	REQUIRE(principal_is_plain(h, p), STATUS_LOGON_FAILURE);
	REQUIRE(krb5_unparse_name_flags(
		    h->context, p, KRB5_PRINCIPAL_UNPARSE_NO_REALM | KRB5_PRINCIPAL_UNPARSE_DISPLAY,
		    &name) == 0,
		STATUS_LOGON_FAILURE);
	n	= strlen(name);
	x->name = xcalloc(1, n + strlen(realm) + 2);
	memcpy(x->name, name, n);
	memcpy(x->name + n + 1, realm, strlen(realm));
	krb5_xfree(name);
	x->ticket.principal = x->name;
	x->ticket.realm	    = x->name + n + 1;
	return STATUS_SUCCESS;
}

/* An exported name, [RFC2743] 3.2; its text is quoted, as what is displayed is not. */
static struct span
exported_text(const gss_buffer_desc *b)
{
	struct rd r = rd_init(SPAN(b->value, b->length));
	size_t n;

	r.bad |= rd_u8(&r) != 4 || rd_u8(&r) != 1;
	n = (size_t)rd_u8(&r) << 8;
	n |= rd_u8(&r);
	rd_zero(&r, n); /* the mechanism */
	n = rd_u32be(&r);
	r.bad |= n != rd_left(&r);
	return rd_rest(&r);
}

static nt
name_take(struct heimdal *h, gss_name_t source, struct exchange *x)
{
	gss_buffer_desc exported = GSS_C_EMPTY_BUFFER;
	krb5_principal p	 = NULL;
	nt status		 = STATUS_LOGON_FAILURE;
	struct span text;
	OM_uint32 minor;
	char *copy;

	if (gss_export_name(&minor, source, &exported) != GSS_S_COMPLETE)
		return status;
	text = exported_text(&exported);
	copy = xcalloc(1, text.n + 1);
	if (text.n > 0)
		memcpy(copy, text.p, text.n);
	if (text.n > 0 && krb5_parse_name(h->context, copy, &p) == 0) {
		status = principal_keep(h, p, x);
		krb5_free_principal(h->context, p);
	}
	free(copy);
	(void)gss_release_buffer(&minor, &exported);
	return status;
}

/* What inquire_by_oid gives of a key: type, length and bytes, big-endian. */
static nt
keyblock_read(struct exchange *x, gss_OID which, struct keyblock *ret)
{
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	struct rd r	     = { .bad = true };
	OM_uint32 minor;
	nt status = STATUS_SUCCESS;

	if (gss_inquire_sec_context_by_oid(&minor, x->ctx, which, &set) != GSS_S_COMPLETE)
		return STATUS_LOGON_FAILURE;
	if (set->count > 0)
		r = rd_init(SPAN(set->elements[0].value, set->elements[0].length));
	ret->etype = rd_u8(&r) << 8;
	ret->etype |= rd_u8(&r);
	ret->n = rd_u32be(&r);
	if (ret->n > sizeof ret->bytes || ret->n != rd_left(&r))
		status = STATUS_LOGON_FAILURE;
	else
		rd_copy(&r, ret->bytes, ret->n);
	if (set->count > 0)
		secret_wipe(set->elements[0].value, set->elements[0].length);
	(void)gss_release_buffer_set(&minor, &set);
	return status;
}

/* As Windows gives it: the acceptor's subkey, else the initiator's, else the ticket's. */
static nt
session_key_read(struct exchange *x, struct keyblock *ret)
{
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	nt status	     = STATUS_LOGON_FAILURE;
	OM_uint32 minor;

	TRY(keyblock_read(x, GSS_KRB5_GET_SUBKEY_X, ret)); /* for its type */
	if (gss_inquire_sec_context_by_oid(&minor, x->ctx, &session_key_oid, &set) !=
	    GSS_S_COMPLETE)
		return status;
	if (set->count > 0 && set->elements[0].length == ret->n) {
		memcpy(ret->bytes, set->elements[0].value, ret->n);
		secret_wipe(set->elements[0].value, set->elements[0].length);
		status = STATUS_SUCCESS;
	}
	(void)gss_release_buffer_set(&minor, &set);
	return status;
}

static nt
auth_time_read(struct exchange *x, uint64_t *ret)
{
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	struct rd r	     = { .bad = true };
	OM_uint32 minor;

	if (gss_inquire_sec_context_by_oid(&minor, x->ctx, GSS_KRB5_GET_AUTHTIME_X, &set) !=
	    GSS_S_COMPLETE)
		return STATUS_LOGON_FAILURE;
	if (set->count > 0)
		r = rd_init(SPAN(set->elements[0].value, set->elements[0].length));
	*ret = rd_u32(&r);
	(void)gss_release_buffer_set(&minor, &set);
	return rd_ok(&r) ? STATUS_SUCCESS : STATUS_LOGON_FAILURE;
}

static nt
ticket_read(struct heimdal *h, gss_name_t source, OM_uint32 left_s, struct exchange *x)
{
	struct ticket *t = &x->ticket;
	OM_uint32 minor;

	TRY(name_take(h, source, x));
	TRY(keyblock_read(x, GSS_KRB5_GET_SERVICE_KEYBLOCK_X, &t->service));
	TRY(session_key_read(x, &t->session));
	TRY(auth_time_read(x, &t->auth_time));
	t->expires = clock_real_ns() + (uint64_t)left_s * 1000000000u;
	t->token   = SPAN(x->token.value, x->token.length);
	if (gsskrb5_extract_authz_data_from_sec_context(&minor, x->ctx, PAC_AUTHZ_TYPE, &x->pac) ==
	    GSS_S_COMPLETE)
		t->pac = SPAN(x->pac.value, x->pac.length);
	return STATUS_SUCCESS;
}

nt
heimdal_accept(struct heimdal *h, struct span token, struct exchange **ret, const char **why)
{
	CLEANUP(exchange_drop) struct exchange *x = xcalloc(1, sizeof *x);
	gss_buffer_desc in			  = { token.n, (void *)(uintptr_t)token.p };
	gss_name_t source			  = GSS_C_NO_NAME;
	OM_uint32 major, minor, ignored, left_s = 0;
	nt status;

	major  = gss_accept_sec_context(&minor, &x->ctx, h->cred, &in, GSS_C_NO_CHANNEL_BINDINGS,
					&source, NULL, &x->token, NULL, &left_s, NULL);
	status = exchange_verdict(h, major, minor, &x->token, why);
	if (nt_ok(status)) {
		*why   = "the ticket's client has a name that is not accepted";
		status = ticket_read(h, source, left_s, x);
	}
	if (source != GSS_C_NO_NAME)
		(void)gss_release_name(&ignored, &source);
	TRY(status);
	*why = NULL;
	*ret = STEAL(x);
	return STATUS_SUCCESS;
}

bool
exchange_mic_verify(struct exchange *x, struct span text, struct span mic)
{
	gss_buffer_desc t = { text.n, (void *)(uintptr_t)text.p };
	gss_buffer_desc m = { mic.n, (void *)(uintptr_t)mic.p };
	OM_uint32 minor;

	return gss_verify_mic(&minor, x->ctx, &t, &m, NULL) == GSS_S_COMPLETE;
}

nt
exchange_mic_make(struct exchange *x, struct span text, struct wr *w)
{
	gss_buffer_desc t = { text.n, (void *)(uintptr_t)text.p }, m = GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;

	REQUIRE(gss_get_mic(&minor, x->ctx, GSS_C_QOP_DEFAULT, &t, &m) == GSS_S_COMPLETE,
		STATUS_LOGON_FAILURE);
	wr_bytes(w, m.value, m.length);
	(void)gss_release_buffer(&minor, &m);
	REQUIRE(wr_ok(w), STATUS_LOGON_FAILURE);
	return STATUS_SUCCESS;
}
