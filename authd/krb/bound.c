/*
 * bound.c - is an accepted token bound to a channel?  The authenticator's checksum
 * says so, which only the client can have made.  Not asked of the library's
 * acceptor: where it refuses for wrong bindings it loses memory, each time.
 * [RFC4121] 4.1.1, [RFC4120] 5.5.1
 */
#include <string.h>

#include "authd/krb/heimdal_types.h"
#include "proto/auth/ap_req.h"

#define CHECKSUM_GSS  0x8003
#define BINDINGS_SIZE 16u

static krb5_keyblock
key_of(const struct keyblock *k)
{
	krb5_keyblock key;

	key.keytype	    = k->etype;
	key.keyvalue.length = k->n;
	key.keyvalue.data   = (void *)(uintptr_t)k->bytes;
	return key;
}

/* Lgth, then Bnd: zeroes where the client has no channel. */
static bool
checksum_binds(const Checksum *c)
{
	struct rd r  = rd_init(SPAN(c->checksum.data, c->checksum.length));
	bool binds   = rd_u32(&r) != BINDINGS_SIZE;
	struct span s = rd_bytes(&r, BINDINGS_SIZE);

	for (size_t i = 0; i < s.n; i++)
		binds |= s.p[i] != 0;
	return binds || !rd_ok(&r);
}

static bool
authenticator_binds(const krb5_data *plain)
{
	Authenticator a;
	bool binds = true;
	size_t n;

	if (decode_Authenticator(plain->data, plain->length, &a, &n) != 0)
		return true;
	/* Without that checksum there is no room for bindings. */
	if (!a.cksum || a.cksum->cksumtype != CHECKSUM_GSS)
		binds = false;
	else
		binds = checksum_binds(a.cksum);
	free_Authenticator(&a);
	return binds;
}

static bool
sealed_binds(struct heimdal *h, const EncryptionKey *session, const EncryptedData *sealed)
{
	krb5_crypto crypto;
	krb5_data plain;
	bool binds = true;

	if (krb5_crypto_init(h->context, session, ETYPE_NULL, &crypto) != 0)
		return true;
	if (krb5_decrypt_EncryptedData(h->context, crypto, KRB5_KU_AP_REQ_AUTH, sealed, &plain) ==
	    0) {
		binds = authenticator_binds(&plain);
		krb5_data_free(&plain);
	}
	krb5_crypto_destroy(h->context, crypto);
	return binds;
}

bool
token_is_bound(struct heimdal *h, const struct ap_req *a, const struct keyblock *service)
{
	const krb5_data in = { a->inner.n, (void *)(uintptr_t)a->inner.p };
	krb5_keyblock key  = key_of(service);
	EncTicketPart ticket;
	krb5_ap_req req;
	bool binds = true;

	if (krb5_decode_ap_req(h->context, &in, &req) != 0)
		return true;
	if (krb5_decrypt_ticket(h->context, &req.ticket, &key, &ticket, 0) == 0) {
		binds = sealed_binds(h, &ticket.key, &req.authenticator);
		free_EncTicketPart(&ticket);
	}
	free_AP_REQ(&req);
	return binds;
}
