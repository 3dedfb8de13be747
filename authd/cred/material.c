/*
 * material.c - takes what a script hands in apart: passwords, hashes, keys; of
 * keytabs and tickets material_files.c.  Pure: bytes in, login out.
 */
#include "authd/cred/material.h"

#include <string.h>

#include "base/hex.h"
#include "base/secret.h"
#include "base/utf16.h"

/*
 * Whom Kerberos would know: NAME@REALM as typed, or the name in the realm that
 * the domain or the configuration names.  Realms are upper case by custom.
 */
static void
client_make(const struct cred *me, struct login *l)
{
	const char *at	  = strrchr(l->user, '@');
	const char *realm = at ? at + 1 : strchr(l->domain, '.') ? l->domain : me->conf.realm.s;
	const size_t n	  = at ? (size_t)(at - l->user) : strlen(l->user);
	char upper[NAME_BOUND + 1], room[KRB_TEXT_MAX];
	struct wr w = wr_init(l->client, sizeof l->client);
	struct krb_name name;

	l->client[0] = '\0';
	if (n == 0 || !realm || nt_failed(utf8_upper(realm, upper, sizeof upper)))
		return;
	wr_bytes(&w, l->user, n);
	wr_u8(&w, '@');
	wr_bytes(&w, upper, strlen(upper) + 1);
	if (!wr_ok(&w) || nt_failed(krb_name_parse(l->client, room, &name)) || name.realm.n == 0)
		l->client[0] = '\0';
}

/* What is too long for an NT hash may still do for Kerberos. */
static nt
take_password(const struct cred *me, struct login *l, const struct cred_create_req *req)
{
	uint8_t text[SECRET_BOUND + 1] = { 0 };
	const struct span s	       = req->secret;

	(void)me;
	REQUIRE(s.n == 0 || (utf8_valid((const char *)s.p, s.n) && !memchr(s.p, 0, s.n)),
		STATUS_INVALID_PARAMETER);
	if (s.n > 0)
		memcpy(text, s.p, s.n);
	hidden_set(&l->password, SPAN(text, s.n + 1));
	l->has_hash = nt_ok(ntlm_hash((const char *)text, l->hash));
	secret_wipe(text, sizeof text);
	return STATUS_SUCCESS;
}

/* One key of the client, and the keytab that holds it. */
static nt
key_set(struct login *l, uint16_t etype, const uint8_t *key, size_t n)
{
	uint8_t file[1024], room[KRB_TEXT_MAX];
	struct wr w	 = wr_init(file, sizeof file);
	struct krb_key k = { .kvno = 1, .etype = etype, .key = SPAN(key, n) };

	TRY(krb_name_parse(l->client, (char *)room, &k.name));
	hidden_set(&l->key, k.key);
	l->key_etype = etype;
	krb_keytab_begin(&w);
	krb_keytab_put(&w, &k);
	if (wr_ok(&w))
		hidden_set(&l->keytab, wr_done(&w));
	secret_wipe(file, sizeof file);
	return STATUS_SUCCESS;
}

/* It is the RC4 key of Kerberos as well, where that may be used.  [RFC4757] 2 */
static nt
take_nt_hash(const struct cred *me, struct login *l, const struct cred_create_req *req)
{
	REQUIRE(hex_read(req->secret, l->hash, sizeof l->hash), STATUS_INVALID_PARAMETER);
	l->has_hash = true;
	if (!me->conf.rc4 || !l->client[0])
		return STATUS_SUCCESS;
	return key_set(l, KRB_ETYPE_RC4, l->hash, sizeof l->hash);
}

static nt
take_aes_key(const struct cred *me, struct login *l, const struct cred_create_req *req)
{
	uint8_t key[32];
	const size_t n = req->secret.n / 2;
	nt status;

	(void)me;
	REQUIRE(n == 16 || n == 32, STATUS_INVALID_PARAMETER);
	REQUIRE(l->client[0] && hex_read(req->secret, key, n), STATUS_INVALID_PARAMETER);
	status = key_set(l, n == 32 ? KRB_ETYPE_AES256 : KRB_ETYPE_AES128, key, n);
	secret_wipe(key, sizeof key);
	return status;
}

static nt
take_nothing(const struct cred *me, struct login *l, const struct cred_create_req *req)
{
	(void)me;
	(void)l;
	REQUIRE(req->user.n == 0 && req->secret.n == 0, STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

enum need { MAY, MUST, MUST_NOT };

static const struct {
	nt (*take)(const struct cred *, struct login *, const struct cred_create_req *);
	enum need user;	    /* a name of the request's own */
	enum need material; /* a file's bytes */
	bool ntlm;	    /* may be used with NTLM */
	bool kerberos;	    /* may be used with Kerberos */
} kinds[] = {
	[CRED_ANONYMOUS]   = { take_nothing, MUST_NOT, MUST_NOT, true, false },
	[CRED_PASSWORD]	   = { take_password, MUST, MUST_NOT, true, true },
	[CRED_NT_HASH]	   = { take_nt_hash, MUST, MUST_NOT, true, true },
	[CRED_AES_KEY]	   = { take_aes_key, MUST, MUST_NOT, false, true },
	[CRED_KEYTAB]	   = { material_keytab, MAY, MUST, true, true },
	[CRED_CCACHE]	   = { material_ccache, MAY, MUST, false, true },
	[CRED_TICKET]	   = { material_ticket, MAY, MUST, false, true },
	[CRED_SERVICE_KEY] = { material_service_key, MUST, MUST, false, true },
};

static bool
meets(enum need need, bool there)
{
	return need == MAY || (need == MUST) == there;
}

nt
material_take(const struct cred *me, struct login *l, const struct cred_create_req *req)
{
	REQUIRE(req->type < NELEM(kinds), STATUS_NOT_SUPPORTED);
	REQUIRE(req->kerberos <= CRED_KRB_OFF, STATUS_INVALID_PARAMETER);
	REQUIRE(meets(kinds[req->type].user, req->user.n > 0), STATUS_INVALID_PARAMETER);
	REQUIRE(meets(kinds[req->type].material, req->material.n > 0), STATUS_INVALID_PARAMETER);
	REQUIRE(kinds[req->type].ntlm || req->kerberos != CRED_KRB_OFF, STATUS_INVALID_PARAMETER);
	REQUIRE(kinds[req->type].kerberos || req->kerberos != CRED_KRB_REQUIRED,
		STATUS_INVALID_PARAMETER);
	if (kinds[req->type].kerberos)
		client_make(me, l);
	return kinds[req->type].take(me, l, req);
}
