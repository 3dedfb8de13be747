/*
 * forge.c - see forge.h.  Heimdal's encoders and encryption, on a context that
 * was made before the walls.
 */
#include "authd/cred/forge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <krb5.h>

#include "base/fatal.h"
#include "base/secret.h"

#define KEY_USAGE_TICKET 2 /* [RFC4120] 7.5.1 */

static krb5_context context;

void
forge_settle(void)
{
	if (krb5_init_context(&context) != 0)
		fatal("Heimdal does not start");
}

/* EncTicketPart, encrypted into t. */
static krb5_error_code
part_seal(krb5_const_principal client, const krb5_keyblock *service, uint32_t now, uint32_t life_s,
	  krb5_keyblock *session, Ticket *t)
{
	KerberosTime starts = now;
	EncTicketPart part  = { .key	  = *session,
				.crealm	  = client->realm,
				.cname	  = client->name,
				.authtime = now,
				.endtime  = now + life_s };
	krb5_crypto crypto  = NULL;
	unsigned char *p    = NULL;
	size_t n = 0, cap = 0;
	krb5_error_code err;

	part.starttime	       = &starts;
	part.flags.initial     = 1;
	part.flags.pre_authent = 1;
	part.transited.tr_type = 1; /* DOMAIN-X500-COMPRESS, of nothing: one realm */
	ASN1_MALLOC_ENCODE(EncTicketPart, p, cap, &part, &n, err);
	if (err == 0)
		err = krb5_crypto_init(context, service, 0, &crypto);
	if (err == 0)
		err = krb5_encrypt_EncryptedData(context, crypto, KEY_USAGE_TICKET, p, n, 0,
						 &t->enc_part);
	if (crypto)
		krb5_crypto_destroy(context, crypto);
	if (p)
		secret_wipe(p, cap);
	free(p);
	return err;
}

static krb5_error_code
ticket_put(Ticket *t, struct forged *f)
{
	unsigned char *p = NULL;
	size_t n = 0, cap = 0;
	krb5_error_code err;

	ASN1_MALLOC_ENCODE(Ticket, p, cap, t, &n, err);
	if (err == 0 && n > sizeof f->ticket)
		err = ERANGE;
	if (err == 0) {
		memcpy(f->ticket, p, n);
		f->n_ticket = n;
	}
	free(p);
	return err;
}

static krb5_error_code
forge(krb5_const_principal client, krb5_const_principal server, const krb5_keyblock *service,
      uint32_t now, uint32_t life_s, struct forged *f)
{
	Ticket t	      = { .tkt_vno = 5, .realm = server->realm, .sname = server->name };
	krb5_keyblock session = { .keytype = service->keytype };
	krb5_error_code err;

	random_bytes(f->key, service->keyvalue.length);
	f->n			= service->keyvalue.length;
	session.keyvalue.data	= f->key;
	session.keyvalue.length = f->n;
	err			= part_seal(client, service, now, life_s, &session, &t);
	if (err == 0)
		err = ticket_put(&t, f);
	free_EncryptedData(&t.enc_part); /* the names are borrowed */
	return err;
}

nt
forge_ticket(const char *client, const char *server, uint16_t etype, struct span service_key,
	     uint32_t now, uint32_t life_s, struct forged *ret)
{
	krb5_keyblock service = { .keytype = etype };
	krb5_principal c = NULL, s = NULL;
	krb5_error_code err;

	REQUIRE(service_key.n <= sizeof ret->key, STATUS_INVALID_PARAMETER);
	service.keyvalue.data	= (void *)(uintptr_t)service_key.p;
	service.keyvalue.length = service_key.n;
	err = krb5_parse_name_flags(context, client, KRB5_PRINCIPAL_PARSE_REQUIRE_REALM, &c);
	if (err == 0)
		err =
		    krb5_parse_name_flags(context, server, KRB5_PRINCIPAL_PARSE_REQUIRE_REALM, &s);
	if (err == 0)
		err = forge(c, s, &service, now, life_s, ret);
	krb5_free_principal(context, c);
	krb5_free_principal(context, s);
	return err == 0 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}
