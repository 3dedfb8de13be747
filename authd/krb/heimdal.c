/*
 * heimdal.c - Heimdal 7.8 made to live on memory: its birth, its keys, and the
 * one thing asked of its cryptography alone.
 *
 * Its GSS-API makes a context of its own for each thread, at the first token;
 * that is why one junk token is accepted before the walls.
 */
#include "authd/krb/heimdal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "authd/heimdal_settle.h"
#include "authd/krb/heimdal_types.h"
#include "authd/krb/keys.h"
#include "base/fatal.h"
#include "base/secret.h"

#define MEMORY_KEYTAB "MEMORY:bulkhead"

/* ---- birth ---- */

static int
settings_make(const char *realm, uint32_t skew_s)
{
	char more[NAME_BOUND + 32] = "";

	if (realm[0])
		(void)snprintf(more, sizeof more, "default_realm = %s\n", realm);
	return heimdal_settle(skew_s, more);
}

/* Everything lazy happens now: the mechanism's table, this thread's context, its crypto. */
static void
warm(struct heimdal *h)
{
	gss_buffer_desc in = { 4, (void *)"junk" }, out = GSS_C_EMPTY_BUFFER;
	gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
	gss_OID_set mechs;
	OM_uint32 minor;
	uint8_t byte;

	(void)gss_indicate_mechs(&minor, &mechs);
	(void)gss_release_oid_set(&minor, &mechs);
	krb5_generate_random_block(&byte, sizeof byte);
	(void)gss_accept_sec_context(&minor, &ctx, h->cred, &in, GSS_C_NO_CHANNEL_BINDINGS, NULL,
				     NULL, &out, NULL, NULL, NULL);
	(void)gss_release_buffer(&minor, &out);
	if (ctx != GSS_C_NO_CONTEXT)
		(void)gss_delete_sec_context(&minor, &ctx, GSS_C_NO_BUFFER);
}

struct heimdal *
heimdal_open(const char *realm, uint32_t skew_s)
{
	struct heimdal *h = xcalloc(1, sizeof *h);
	int settings	  = settings_make(realm, skew_s);
	OM_uint32 minor;

	if (krb5_init_context(&h->context) != 0)
		fatal("Heimdal does not start");
	if (krb5_kt_resolve(h->context, MEMORY_KEYTAB, &h->keytab) != 0)
		fatal("Heimdal has no keytab in memory");
	if (gss_krb5_import_cred(&minor, NULL, NULL, h->keytab, &h->cred) != GSS_S_COMPLETE)
		fatal("Heimdal makes no credential");
	ENSURE(krb5_get_max_time_skew(h->context) == (time_t)skew_s);
	warm(h);
	close(settings);
	return h;
}

/* ---- keys ---- */

static nt
entry_make(struct heimdal *h, const struct key *k, krb5_keytab_entry *ret)
{
	krb5_keytab_entry e;

	memset(&e, 0, sizeof e);
	REQUIRE(krb5_parse_name(h->context, k->principal, &e.principal) == 0,
		STATUS_INVALID_PARAMETER);
	e.vno			   = (krb5_kvno)k->kvno;
	e.timestamp		   = (uint32_t)(k->added / 1000000000u);
	e.keyblock.keytype	   = k->etype;
	e.keyblock.keyvalue.length = k->n;
	e.keyblock.keyvalue.data   = (void *)(uintptr_t)k->bytes; /* only read */
	*ret			   = e;
	return STATUS_SUCCESS;
}

nt
heimdal_key_add(struct heimdal *h, const struct key *k)
{
	krb5_keytab_entry e;
	krb5_error_code err;

	TRY(entry_make(h, k, &e));
	err = krb5_kt_add_entry(h->context, h->keytab, &e);
	krb5_free_principal(h->context, e.principal);
	REQUIRE(err == 0, STATUS_INSUFFICIENT_RESOURCES);
	return STATUS_SUCCESS;
}

void
heimdal_key_del(struct heimdal *h, const struct key *k)
{
	krb5_keytab_entry e;

	if (nt_failed(entry_make(h, k, &e)))
		return;
	(void)krb5_kt_remove_entry(h->context, h->keytab, &e);
	krb5_free_principal(h->context, e.principal);
}

bool
heimdal_pac_sum(struct heimdal *h, const struct keyblock *k, uint32_t type, struct span text,
		struct span sum)
{
	krb5_keyblock key;
	krb5_crypto crypto;
	Checksum c;
	bool right;

	key.keytype	    = k->etype;
	key.keyvalue.length = k->n;
	key.keyvalue.data   = (void *)(uintptr_t)k->bytes;
	c.cksumtype	    = (CKSUMTYPE)(int32_t)type;
	c.checksum.length   = sum.n;
	c.checksum.data	    = (void *)(uintptr_t)sum.p;
	if (krb5_crypto_init(h->context, &key, ETYPE_NULL, &crypto) != 0)
		return false;
	right = krb5_verify_checksum(h->context, crypto, KRB5_KU_OTHER_CKSUM,
				     (void *)(uintptr_t)text.p, text.n, &c) == 0;
	krb5_crypto_destroy(h->context, crypto);
	return right;
}
