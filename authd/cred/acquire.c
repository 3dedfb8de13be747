/*
 * acquire.c - see acquire.h.  Heimdal 7.8.  Caches are MEMORY ones that live as
 * long as one call.
 */
#include "authd/cred/acquire.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <krb5.h>

#include "authd/cred/acquire_private.h"
#include "authd/cred/convert.h"

#define FRESH_S 60u  /* a ticket with less life than this is not used any more */
#define RENEW_S 300u /* one with less than this is renewed first, if it can be */

static krb5_error_code
initial_options(struct acquirer *a, krb5_get_init_creds_opt **ret)
{
	struct want *w	    = a->want;
	krb5_enctype one    = w->etype;
	krb5_error_code err = krb5_get_init_creds_opt_alloc(a->context, ret);

	if (err != 0)
		return err;
	if (w->lifetime_s > 0)
		krb5_get_init_creds_opt_set_tkt_life(*ret, (krb5_deltat)w->lifetime_s);
	if (w->renewable_s > 0)
		krb5_get_init_creds_opt_set_renew_life(*ret, (krb5_deltat)w->renewable_s);
	if (w->etype && w->spn[0] == '\0')
		krb5_get_init_creds_opt_set_etype_list(*ret, &one, 1);
	return 0;
}

/* AS-REQ.  [RFC4120] 3.1 */
static nt
initial_get(struct acquirer *a, krb5_principal client, krb5_ccache cache)
{
	struct want *w		     = a->want;
	krb5_get_init_creds_opt *opt = NULL;
	krb5_creds creds	     = { 0 };
	krb5_keyblock key	     = { .keytype = w->key_etype };
	krb5_error_code err;
	nt status;

	REQUIRE(w->key.n > 0 || w->password.n > 0, STATUS_NETWORK_SESSION_EXPIRED);
	TRY(acquire_outcome(a, initial_options(a, &opt)));
	key.keyvalue.data   = w->key.p;
	key.keyvalue.length = w->key.n;
	if (w->key.n > 0)
		err = krb5_get_init_creds_keyblock(a->context, &creds, client, &key, 0, NULL, opt);
	else
		err = krb5_get_init_creds_password(a->context, &creds, client,
						   (const char *)w->password.p, NULL, NULL, 0, NULL,
						   opt);
	krb5_get_init_creds_opt_free(a->context, opt);
	status = acquire_outcome(a, err);
	if (nt_ok(status))
		status = acquire_outcome(a, krb5_cc_initialize(a->context, cache, client));
	if (nt_ok(status))
		status = acquire_outcome(a, krb5_cc_store_cred(a->context, cache, &creds));
	krb5_free_cred_contents(a->context, &creds);
	return status;
}

/* TGS-REQ with RENEW.  Tickets got with the old TGT stay good and stay there.  3.3.3 */
static nt
renew(struct acquirer *a, krb5_principal client, krb5_ccache cache)
{
	krb5_creds creds = { 0 };
	nt status;

	TRY(acquire_outcome(a, krb5_get_renewed_creds(a->context, &creds, client, cache, NULL)));
	status = acquire_outcome(a, krb5_cc_initialize(a->context, cache, client));
	if (nt_ok(status))
		status = acquire_outcome(a, krb5_cc_store_cred(a->context, cache, &creds));
	krb5_free_cred_contents(a->context, &creds);
	return status;
}

/* The client's TGT among the tickets, or false. */
static bool
tgt_find(const struct want *w, struct krb_ticket *ret)
{
	struct krb_ccache c;
	struct krb_ticket t;

	if (w->tickets.n == 0 || nt_failed(krb_ccache_open(SPAN(w->tickets.p, w->tickets.n), &c)))
		return false;
	while (nt_ok(krb_ccache_next(&c, &t))) {
		if (krb_name_is_tgs(&t.server, c.owner.realm)) {
			*ret = t;
			return true;
		}
	}
	return false;
}

static bool
can_renew(const struct krb_ticket *t, uint32_t now)
{
	return t->flags & KRB_FLAG_RENEWABLE && t->ends > now && t->renew_until > now;
}

/* A TGT with some life left: the one there is, that one renewed, or a new one. */
static nt
tgt_ensure(struct acquirer *a, krb5_principal client, krb5_ccache cache)
{
	const uint32_t now   = (uint32_t)time(NULL);
	const struct want *w = a->want;
	struct krb_ticket t  = { 0 };
	const bool have	     = !w->fresh && tgt_find(w, &t) && t.ends > now + FRESH_S;

	if (w->renew) {
		REQUIRE(tgt_find(w, &t), STATUS_NOT_FOUND);
		REQUIRE(can_renew(&t, now), STATUS_NETWORK_SESSION_EXPIRED);
		return renew(a, client, cache);
	}
	if (have && (t.ends > now + RENEW_S || !can_renew(&t, now)))
		return STATUS_SUCCESS;
	if (have && nt_ok(renew(a, client, cache)))
		return STATUS_SUCCESS;
	return have && w->password.n == 0 && w->key.n == 0 ? STATUS_SUCCESS
							   : initial_get(a, client, cache);
}

/* A name without a realm is of the client's: its KDC knows of others.  3.3.1 */
static krb5_error_code
server_parse(struct acquirer *a, krb5_principal client, krb5_principal *ret)
{
	krb5_error_code err;

	if (strchr(a->want->spn, '@'))
		return krb5_parse_name_flags(a->context, a->want->spn,
					     KRB5_PRINCIPAL_PARSE_REQUIRE_REALM, ret);
	err = krb5_parse_name_flags(a->context, a->want->spn, KRB5_PRINCIPAL_PARSE_NO_REALM, ret);
	if (err != 0)
		return err;
	err = krb5_principal_set_realm(a->context, *ret,
				       krb5_principal_get_realm(a->context, client));
	krb5_principal_set_type(a->context, *ret, KRB5_NT_SRV_INST);
	return err;
}

/* TGS-REQ.  3.3 */
static nt
service_get(struct acquirer *a, krb5_principal client, krb5_ccache cache)
{
	krb5_creds in = { .client = client }, *out = NULL;
	krb5_error_code err;
	struct krb_ticket t;

	err = server_parse(a, client, &in.server);
	if (err == 0) {
		in.session.keytype = a->want->etype;
		err		   = krb5_get_credentials(a->context, 0, cache, &in, &out);
		krb5_free_principal(a->context, in.server);
	}
	TRY(acquire_outcome(a, err));
	if (!convert_out(a->context, out, &t) || !krb_name_print(&t.server, a->want->server))
		err = KRB5_CC_FORMAT;
	krb5_free_creds(a->context, out);
	return acquire_outcome(a, err);
}

static nt
tickets_get(struct acquirer *a, krb5_principal client, krb5_ccache cache)
{
	struct want *w = a->want;
	const char *realm;

	TRY(acquire_cache_fill(a, client, cache));
	TRY(tgt_ensure(a, client, cache));
	realm = krb5_principal_get_realm(a->context, client);
	(void)snprintf(w->server, sizeof w->server, "krbtgt/%s@%s", realm, realm);
	if (w->spn[0])
		TRY(service_get(a, client, cache));
	return acquire_cache_read(a, cache);
}

void
acquire(struct acquirer *a, struct want *w, acquire_kdc_fn *kdc, void *ctx)
{
	krb5_principal client = NULL;
	krb5_ccache cache     = NULL;

	a->want = w;
	a->kdc	= kdc;
	a->ctx	= ctx;
	acquire_asks(a);
	w->status =
	    acquire_outcome(a, krb5_parse_name_flags(a->context, w->client,
						     KRB5_PRINCIPAL_PARSE_REQUIRE_REALM, &client));
	if (nt_ok(w->status))
		w->status =
		    acquire_outcome(a, krb5_cc_new_unique(a->context, "MEMORY", NULL, &cache));
	if (nt_ok(w->status))
		w->status = tickets_get(a, client, cache);
	if (cache)
		(void)krb5_cc_destroy(a->context, cache);
	if (client)
		krb5_free_principal(a->context, client);
	acquire_asks(NULL);
}

void
want_wipe(struct want *w)
{
	hidden_free(&w->password);
	hidden_free(&w->key);
	hidden_free(&w->tickets);
	hidden_free(&w->got);
}

nt
acquire_password_key(struct acquirer *a, const char *client, const char *password, uint16_t etype,
		     uint8_t ret[32], size_t *ret_n)
{
	krb5_principal p = NULL;
	krb5_keyblock key;
	krb5_salt salt;
	krb5_error_code err;

	err = krb5_parse_name_flags(a->context, client, KRB5_PRINCIPAL_PARSE_REQUIRE_REALM, &p);
	REQUIRE(err == 0, STATUS_INVALID_PARAMETER);
	err = krb5_get_pw_salt(a->context, p, &salt);
	if (err == 0) {
		err = krb5_string_to_key_salt(a->context, etype, password, salt, &key);
		krb5_free_salt(a->context, salt);
	}
	krb5_free_principal(a->context, p);
	REQUIRE(err == 0 && key.keyvalue.length <= 32, STATUS_NOT_SUPPORTED);
	memcpy(ret, key.keyvalue.data, key.keyvalue.length);
	*ret_n = key.keyvalue.length;
	krb5_free_keyblock_contents(a->context, &key);
	return STATUS_SUCCESS;
}
