/*
 * forge.c - see forge.h.
 */
#include "tests/unit/authd/forge.h"

#include <errno.h>
#include <time.h>

#include <krb5.h>
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_krb5.h>

#define AUTHZ_IF_RELEVANT 1
#define AUTHZ_PAC	  128

static krb5_context context;
static gss_OID_desc session_key_oid = { 11, (void *)"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x05"
						    "\x05" };

struct initiator {
	gss_ctx_id_t ctx;
	gss_cred_id_t cred;
	gss_name_t target;
	gss_buffer_desc token, mic;
	gss_buffer_set_t key;
	krb5_ccache cache;
	struct span channel;
};

void
forge_begin(void)
{
	if (context)
		return;
	assert_int_equal(setenv("KRB5_CONFIG", "/dev/null", 1), 0);
	assert_int_equal(krb5_init_context(&context), 0);
}

static krb5_principal
principal(const char *name)
{
	krb5_principal p;

	assert_int_equal(krb5_parse_name(context, name, &p), 0);
	return p;
}

/* AD-IF-RELEVANT { AD-WIN2K-PAC }, [MS-PAC] 2.2 */
static void
pac_wrap(struct span pac, AuthorizationData *ret)
{
	AuthorizationDataElement inner = { AUTHZ_PAC, { pac.n, (void *)(uintptr_t)pac.p } };
	AuthorizationData list	       = { 1, &inner };
	size_t n;
	int err;

	ret->len = 1;
	ret->val = calloc(1, sizeof *ret->val);
	assert_non_null(ret->val);
	ret->val->ad_type = AUTHZ_IF_RELEVANT;
	ASN1_MALLOC_ENCODE(AuthorizationData, ret->val->ad_data.data, ret->val->ad_data.length,
			   &list, &n, err);
	assert_int_equal(err, 0);
}

static void
seal(const struct forge *f, EncTicketPart *part, krb5_data *ret)
{
	krb5_principal server = principal(f->service);
	krb5_keyblock key;
	krb5_crypto crypto;
	Ticket t = { .tkt_vno = 5 };
	void *plain;
	size_t plain_n, n;
	int err;

	key.keytype	    = f->key.etype;
	key.keyvalue.length = f->key.n;
	key.keyvalue.data   = (void *)(uintptr_t)f->key.bytes;
	ASN1_MALLOC_ENCODE(EncTicketPart, plain, plain_n, part, &n, err);
	assert_int_equal(err, 0);
	assert_int_equal(krb5_crypto_init(context, &key, ETYPE_NULL, &crypto), 0);
	assert_int_equal(krb5_encrypt_EncryptedData(context, crypto, KRB5_KU_TICKET, plain, plain_n,
						    f->kvno, &t.enc_part),
			 0);
	krb5_crypto_destroy(context, crypto);
	t.realm = server->realm;
	t.sname = server->name;
	ASN1_MALLOC_ENCODE(Ticket, ret->data, ret->length, &t, &n, err);
	assert_int_equal(err, 0);
	free(plain);
	free_EncryptedData(&t.enc_part);
	krb5_free_principal(context, server);
}

static void
ticket_make(const struct forge *f, krb5_creds *c)
{
	time_t now = time(NULL), from = now + f->from_s;
	krb5_principal client	= principal(f->client);
	EncTicketPart part	= { .authtime = f->auth_time ? (time_t)f->auth_time : now };
	AuthorizationData authz = { 0 };

	assert_int_equal(
	    krb5_generate_random_keyblock(
		context, f->session_etype ? f->session_etype : f->key.etype, &part.key),
	    0);
	part.flags.transited_policy_checked = 1;
	part.crealm			    = client->realm;
	part.cname			    = client->name;
	part.starttime			    = &from;
	part.endtime			    = now + f->to_s;
	if (f->pac.n > 0) {
		pac_wrap(f->pac, &authz);
		part.authorization_data = &authz;
	}
	seal(f, &part, &c->ticket);
	c->client	   = client;
	c->server	   = principal(f->service);
	c->session	   = part.key;
	c->times.authtime  = part.authtime;
	c->times.starttime = now - 3600;
	c->times.endtime   = now + 86400; /* the client does not see that it is over */
	if (f->pac.n > 0) {
		free(authz.val->ad_data.data);
		free(authz.val);
	}
}

static void
step(struct initiator *x, const gss_buffer_desc *in, OM_uint32 want)
{
	struct gss_channel_bindings_struct bound = {
		.application_data = { x->channel.n, (void *)(uintptr_t)x->channel.p }
	};
	OM_uint32 major, minor;

	(void)gss_release_buffer(&minor, &x->token);
	major = gss_init_sec_context(
	    &minor, x->cred, &x->ctx, x->target, GSS_KRB5_MECHANISM,
	    GSS_C_MUTUAL_FLAG | GSS_C_INTEG_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG, 0,
	    x->channel.n > 0 ? &bound : GSS_C_NO_CHANNEL_BINDINGS,
	    (gss_buffer_t)(uintptr_t)in, NULL, &x->token, NULL, NULL);
	if (major != want)
		fail_msg("client: major %#x minor %d", major, (int)minor);
}

struct initiator *
initiator_new(const struct forge *f)
{
	struct initiator *x	 = calloc(1, sizeof *x);
	gss_buffer_desc name	 = { strlen(f->service), (void *)(uintptr_t)f->service };
	const gss_buffer_desc in = GSS_C_EMPTY_BUFFER;
	krb5_creds c;
	OM_uint32 minor;

	assert_non_null(x);
	x->channel = f->channel;
	memset(&c, 0, sizeof c);
	ticket_make(f, &c);
	assert_int_equal(krb5_cc_new_unique(context, "MEMORY", NULL, &x->cache), 0);
	assert_int_equal(krb5_cc_initialize(context, x->cache, c.client), 0);
	assert_int_equal(krb5_cc_store_cred(context, x->cache, &c), 0);
	krb5_free_cred_contents(context, &c);
	assert_int_equal(gss_krb5_import_cred(&minor, x->cache, NULL, NULL, &x->cred), 0);
	assert_int_equal(gss_import_name(&minor, &name, GSS_KRB5_NT_PRINCIPAL_NAME, &x->target), 0);
	assert_int_equal(gsskrb5_set_time_offset(f->clock_s), 0);
	step(x, &in, GSS_S_CONTINUE_NEEDED);
	assert_int_equal(gsskrb5_set_time_offset(0), 0);
	return x;
}

void
initiator_drop(struct initiator *x)
{
	OM_uint32 minor;

	(void)gss_release_buffer(&minor, &x->token);
	(void)gss_release_buffer(&minor, &x->mic);
	(void)gss_release_buffer_set(&minor, &x->key);
	(void)gss_delete_sec_context(&minor, &x->ctx, GSS_C_NO_BUFFER);
	(void)gss_release_name(&minor, &x->target);
	(void)gss_release_cred(&minor, &x->cred);
	(void)krb5_cc_destroy(context, x->cache);
	free(x);
}

struct span
initiator_token(const struct initiator *x)
{
	return SPAN(x->token.value, x->token.length);
}

void
initiator_finish(struct initiator *x, struct span token)
{
	const gss_buffer_desc in = { token.n, (void *)(uintptr_t)token.p };

	step(x, &in, GSS_S_COMPLETE);
}

struct span
initiator_key(struct initiator *x)
{
	OM_uint32 minor;

	(void)gss_release_buffer_set(&minor, &x->key);
	assert_int_equal(gss_inquire_sec_context_by_oid(&minor, x->ctx, &session_key_oid, &x->key),
			 0);
	return SPAN(x->key->elements[0].value, x->key->elements[0].length);
}

struct span
initiator_mic(struct initiator *x, struct span text)
{
	gss_buffer_desc t = { text.n, (void *)(uintptr_t)text.p };
	OM_uint32 minor;

	(void)gss_release_buffer(&minor, &x->mic);
	assert_int_equal(gss_get_mic(&minor, x->ctx, GSS_C_QOP_DEFAULT, &t, &x->mic), 0);
	return SPAN(x->mic.value, x->mic.length);
}

bool
initiator_verifies(struct initiator *x, struct span text, struct span mic)
{
	gss_buffer_desc t = { text.n, (void *)(uintptr_t)text.p };
	gss_buffer_desc m = { mic.n, (void *)(uintptr_t)mic.p };
	OM_uint32 minor;

	return gss_verify_mic(&minor, x->ctx, &t, &m, NULL) == GSS_S_COMPLETE;
}

void
forge_pac_sum(const struct keyblock *k, struct span text, uint8_t ret[12])
{
	krb5_keyblock key;
	krb5_crypto crypto;
	Checksum sum;

	key.keytype	    = k->etype;
	key.keyvalue.length = k->n;
	key.keyvalue.data   = (void *)(uintptr_t)k->bytes;
	assert_int_equal(krb5_crypto_init(context, &key, ETYPE_NULL, &crypto), 0);
	assert_int_equal(krb5_create_checksum(context, crypto, KRB5_KU_OTHER_CKSUM, 0,
					      (void *)(uintptr_t)text.p, text.n, &sum),
			 0);
	assert_int_equal(sum.checksum.length, 12);
	memcpy(ret, sum.checksum.data, 12);
	free_Checksum(&sum);
	krb5_crypto_destroy(context, crypto);
}
