/*
 * handshake.c - see handshake.h.  Heimdal 7.8; its GSS-API keeps a context of
 * its own for each thread, made at the first token, which is why there is one
 * before the walls.
 */
#include "authd/cred/handshake.h"

#include <stdlib.h>
#include <string.h>

#include <krb5.h>
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_krb5.h>

#include "authd/cred/convert.h"
#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"

/* Integrity for mechListMIC, and that the server proves itself. */
#define FLAGS (GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG)

struct handshake {
	gss_ctx_id_t ctx;
	gss_name_t server;
	gss_cred_id_t cred;
	gss_buffer_desc token;
	krb5_ccache cache;
	bool done;
};

static krb5_context context;

/* 1.2.840.113554.1.2.2.5.5: the header declares it, the library does not export it. */
static gss_OID_desc session_key_oid = { 11, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05"
						    "\x05" };

static void
log_minor(const char *what, OM_uint32 minor)
{
	const char *why = krb5_get_error_message(context, (krb5_error_code)minor);

	log_info("cred: %s: %s", what, log_qs(why ? why : ""));
	krb5_free_error_message(context, why);
}

static void
warm(void)
{
	gss_buffer_desc in = { 4, (void *)"junk" }, out = GSS_C_EMPTY_BUFFER;
	gss_buffer_desc name = { 3, (void *)"a@B" };
	gss_ctx_id_t ctx     = GSS_C_NO_CONTEXT;
	gss_OID_set mechs;
	gss_name_t server;
	OM_uint32 minor;

	(void)gss_indicate_mechs(&minor, &mechs);
	(void)gss_release_oid_set(&minor, &mechs);
	if (gss_import_name(&minor, &name, GSS_KRB5_NT_PRINCIPAL_NAME, &server) != GSS_S_COMPLETE)
		fatal("Heimdal has no GSS-API");
	(void)gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &ctx, server, GSS_KRB5_MECHANISM,
				   FLAGS, 0, GSS_C_NO_CHANNEL_BINDINGS, &in, NULL, &out, NULL,
				   NULL);
	(void)gss_release_buffer(&minor, &out);
	(void)gss_release_name(&minor, &server);
	if (ctx != GSS_C_NO_CONTEXT)
		(void)gss_delete_sec_context(&minor, &ctx, GSS_C_NO_BUFFER);
}

void
handshake_settle(void)
{
	if (krb5_init_context(&context) != 0)
		fatal("Heimdal does not start");
	warm();
}

/* A cache with that one ticket, and a credential and a name for the GSS-API. */
static nt
prepare(struct handshake *h, const struct krb_ticket *t)
{
	char text[KRB_TEXT_MAX];
	krb5_creds creds    = { 0 };
	krb5_error_code err = convert_in(context, t, &creds);
	gss_buffer_desc name;
	OM_uint32 minor;

	if (err == 0)
		err = krb5_cc_new_unique(context, "MEMORY", NULL, &h->cache);
	if (err == 0)
		err = krb5_cc_initialize(context, h->cache, creds.client);
	if (err == 0)
		err = krb5_cc_store_cred(context, h->cache, &creds);
	krb5_free_cred_contents(context, &creds);
	REQUIRE(err == 0 && krb_name_print(&t->server, text), STATUS_LOGON_FAILURE);
	REQUIRE(gss_krb5_import_cred(&minor, h->cache, NULL, NULL, &h->cred) == GSS_S_COMPLETE,
		STATUS_LOGON_FAILURE);
	name = (gss_buffer_desc){ strlen(text), text };
	REQUIRE(gss_import_name(&minor, &name, GSS_KRB5_NT_PRINCIPAL_NAME, &h->server) ==
		    GSS_S_COMPLETE,
		STATUS_LOGON_FAILURE);
	return STATUS_SUCCESS;
}

static OM_uint32
step(struct handshake *h, gss_buffer_t in)
{
	OM_uint32 major, minor, ignored;

	(void)gss_release_buffer(&ignored, &h->token);
	major = gss_init_sec_context(&minor, h->cred, &h->ctx, h->server, GSS_KRB5_MECHANISM, FLAGS,
				     0, GSS_C_NO_CHANNEL_BINDINGS, in, NULL, &h->token, NULL, NULL);
	if (GSS_ERROR(major))
		log_minor("a Kerberos handshake failed", minor);
	return major;
}

nt
handshake_begin(const struct krb_ticket *t, struct handshake **ret, struct span *ret_token)
{
	struct handshake *h = xcalloc(1, sizeof *h);
	nt status	    = prepare(h, t);

	if (nt_ok(status) && step(h, GSS_C_NO_BUFFER) != GSS_S_CONTINUE_NEEDED)
		status = STATUS_LOGON_FAILURE;
	if (nt_failed(status)) {
		handshake_drop(h);
		return status;
	}
	*ret	   = h;
	*ret_token = SPAN(h->token.value, h->token.length);
	return STATUS_SUCCESS;
}

static nt
key_take(struct handshake *h, uint8_t ret_key[HANDSHAKE_KEY_MAX], size_t *ret_n)
{
	gss_buffer_set_t set = GSS_C_NO_BUFFER_SET;
	OM_uint32 minor;
	bool fits;

	REQUIRE(gss_inquire_sec_context_by_oid(&minor, h->ctx, &session_key_oid, &set) ==
		    GSS_S_COMPLETE,
		STATUS_LOGON_FAILURE);
	fits = set->count > 0 && set->elements[0].length >= 16 &&
	       set->elements[0].length <= HANDSHAKE_KEY_MAX;
	if (fits) {
		*ret_n = set->elements[0].length;
		memcpy(ret_key, set->elements[0].value, *ret_n);
	}
	for (size_t i = 0; i < set->count; i++)
		secret_wipe(set->elements[i].value, set->elements[i].length);
	(void)gss_release_buffer_set(&minor, &set);
	return fits ? STATUS_SUCCESS : STATUS_LOGON_FAILURE;
}

nt
handshake_finish(struct handshake *h, struct span token, uint8_t ret_key[HANDSHAKE_KEY_MAX],
		 size_t *ret_n)
{
	gss_buffer_desc in = { token.n, (void *)(uintptr_t)token.p };

	REQUIRE(!h->done && token.n > 0, STATUS_INVALID_PARAMETER);
	REQUIRE(step(h, &in) == GSS_S_COMPLETE && h->token.length == 0, STATUS_LOGON_FAILURE);
	h->done = true;
	return key_take(h, ret_key, ret_n);
}

bool
handshake_check(struct handshake *h, struct span text, struct span mic)
{
	gss_buffer_desc message = { text.n, (void *)(uintptr_t)text.p };
	gss_buffer_desc token	= { mic.n, (void *)(uintptr_t)mic.p };
	gss_qop_t qop;
	OM_uint32 minor;

	return h->done && gss_verify_mic(&minor, h->ctx, &message, &token, &qop) == GSS_S_COMPLETE;
}

nt
handshake_sign(struct handshake *h, struct span text, struct wr *w)
{
	gss_buffer_desc message = { text.n, (void *)(uintptr_t)text.p };
	gss_buffer_desc mic	= GSS_C_EMPTY_BUFFER;
	OM_uint32 minor;

	REQUIRE(h->done && gss_get_mic(&minor, h->ctx, GSS_C_QOP_DEFAULT, &message, &mic) ==
			       GSS_S_COMPLETE,
		STATUS_LOGON_FAILURE);
	wr_bytes(w, mic.value, mic.length);
	(void)gss_release_buffer(&minor, &mic);
	return wr_ok(w) ? STATUS_SUCCESS : STATUS_LOGON_FAILURE;
}

void
handshake_drop(struct handshake *h)
{
	OM_uint32 minor;

	if (!h)
		return;
	(void)gss_release_buffer(&minor, &h->token);
	if (h->ctx != GSS_C_NO_CONTEXT)
		(void)gss_delete_sec_context(&minor, &h->ctx, GSS_C_NO_BUFFER);
	if (h->server != GSS_C_NO_NAME)
		(void)gss_release_name(&minor, &h->server);
	if (h->cred != GSS_C_NO_CREDENTIAL)
		(void)gss_release_cred(&minor, &h->cred);
	if (h->cache)
		(void)krb5_cc_destroy(context, h->cache);
	free(h);
}
