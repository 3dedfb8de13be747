/*
 * material.c - takes what a script hands in apart: passwords, hashes, keys,
 * keytabs and tickets.  Pure: bytes in, login out.
 */
#include <string.h>
#include <time.h>

#include "authd/cred/cred.h"
#include "authd/cred/forge.h"
#include "authd/cred/tickets.h"
#include "base/secret.h"
#include "base/utf16.h"

/* n bytes from exactly 2n hexadecimal digits. */
static bool
hex_take(struct span text, uint8_t *ret, size_t n)
{
	struct rd r = rd_init(text);
	int digit[2];

	if (text.n != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < 2; j++) {
			const uint8_t c = rd_u8(&r);

			if (c >= '0' && c <= '9')
				digit[j] = c - '0';
			else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
				digit[j] = (c | 0x20) - 'a' + 10;
			else
				return false;
		}
		ret[i] = (uint8_t)(digit[0] << 4 | digit[1]);
	}
	return true;
}

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
	REQUIRE(hex_take(req->secret, l->hash, sizeof l->hash), STATUS_INVALID_PARAMETER);
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
	REQUIRE(hex_take(req->secret, key, n) && l->client[0], STATUS_INVALID_PARAMETER);
	status = key_set(l, n == 32 ? KRB_ETYPE_AES256 : KRB_ETYPE_AES128, key, n);
	secret_wipe(key, sizeof key);
	return status;
}

/* How much a key is liked; 0: not at all. */
static unsigned
liked(const struct cred *me, uint16_t etype)
{
	switch (etype) {
	case KRB_ETYPE_AES256:
		return 3;
	case KRB_ETYPE_AES128:
		return 2;
	case KRB_ETYPE_RC4:
		return me->conf.rc4 ? 1 : 0;
	default:
		return 0;
	}
}

static void
key_consider(const struct cred *me, struct login *l, const struct krb_key *k, struct krb_key *best)
{
	if (k->etype == KRB_ETYPE_RC4 && k->key.n == sizeof l->hash) {
		memcpy(l->hash, k->key.p, sizeof l->hash);
		l->has_hash = true;
	}
	if (liked(me, k->etype) > liked(me, best->etype) ||
	    (k->etype == best->etype && k->kvno > best->kvno))
		*best = *k;
}

/* The keys of whom the request names, or of the first that stands there. */
static nt
take_keytab(const struct cred *me, struct login *l, const struct cred_create_req *req)
{
	struct krb_key k, best = { 0 };
	struct krb_name name;
	char room[KRB_TEXT_MAX], text[KRB_TEXT_MAX];
	struct rd r;
	nt status;

	TRY(krb_keytab_open(req->material, &r));
	while (nt_ok(status = krb_keytab_next(&r, &k))) {
		REQUIRE(krb_name_print(&k.name, text), STATUS_INVALID_PARAMETER);
		if (!l->client[0] && !l->user[0] && strlen(text) <= NAME_BOUND)
			memcpy(l->client, text, strlen(text) + 1);
		if (strcmp(text, l->client) == 0)
			key_consider(me, l, &k, &best);
	}
	REQUIRE(nt_is(status, STATUS_NO_MORE_ENTRIES), STATUS_INVALID_PARAMETER);
	REQUIRE(liked(me, best.etype) > 0, STATUS_INVALID_PARAMETER);
	TRY(krb_name_parse(l->client, room, &name));
	if (!l->user[0]) {
		REQUIRE(krb_name_print_short(&name, text), STATUS_INVALID_PARAMETER);
		memcpy(l->user, text, strlen(text) + 1); /* shorter than client */
		memcpy(l->domain, name.realm.p, name.realm.n);
	}
	hidden_set(&l->key, best.key);
	l->key_etype = best.etype;
	hidden_set(&l->keytab, req->material);
	return STATUS_SUCCESS;
}

static nt
take_ccache(const struct cred *me, struct login *l, const struct cred_create_req *req)
{
	(void)me;
	REQUIRE(req->secret.n == 0, STATUS_INVALID_PARAMETER);
	return tickets_take_ccache(l, req->material);
}

/* A KRB-CRED holds its keys; a bare ticket needs one beside it. */
static nt
take_ticket(const struct cred *me, struct login *l, const struct cred_create_req *req)
{
	uint8_t key[32];
	const size_t n = req->secret.n / 2;
	nt status;

	(void)me;
	if (n == 0)
		return tickets_take_cred(l, req->material);
	REQUIRE((n == 16 || n == 32) && hex_take(req->secret, key, n) && l->client[0],
		STATUS_INVALID_PARAMETER);
	status = tickets_take_bare(l, req->material, n == 32 ? KRB_ETYPE_AES256 : KRB_ETYPE_AES128,
				   SPAN(key, n), (uint32_t)time(NULL));
	secret_wipe(key, sizeof key);
	return status;
}

/* The SPN with its realm, which is the client's unless it is said. */
static nt
service_name(const struct login *l, struct span spn, char ret[KRB_TEXT_MAX])
{
	char room[KRB_TEXT_MAX];
	struct wr w = wr_init(ret, KRB_TEXT_MAX);
	struct krb_name name;

	REQUIRE(spn.n <= NAME_BOUND && krb_text_ok(spn), STATUS_INVALID_PARAMETER);
	TRY(krb_name_parse(l->client, room, &name));
	wr_span(&w, spn);
	if (!memchr(spn.p, '@', spn.n)) {
		wr_u8(&w, '@');
		wr_span(&w, name.realm);
	}
	wr_u8(&w, 0);
	REQUIRE(wr_ok(&w), STATUS_INVALID_PARAMETER);
	return krb_name_parse(ret, room, &name);
}

/* Whoever holds the service's key can make the tickets that it opens. */
static nt
take_service_key(const struct cred *me, struct login *l, const struct cred_create_req *req)
{
	const uint32_t now   = (uint32_t)time(NULL);
	const size_t n	     = req->secret.n / 2;
	const uint16_t etype = n == 32 ? KRB_ETYPE_AES256 : KRB_ETYPE_AES128;
	char spn[KRB_TEXT_MAX];
	struct forged f = { 0 };
	uint8_t key[32];
	nt status;

	(void)me;
	REQUIRE((n == 16 || n == 32) && l->client[0], STATUS_INVALID_PARAMETER);
	TRY(service_name(l, req->material, spn));
	REQUIRE(hex_take(req->secret, key, n), STATUS_INVALID_PARAMETER);
	status = forge_ticket(l->client, spn, etype, SPAN(key, n), now, TICKETS_BARE_S, &f);
	if (nt_ok(status))
		status =
		    tickets_take_bare(l, SPAN(f.ticket, f.n_ticket), etype, SPAN(f.key, f.n), now);
	secret_wipe(key, sizeof key);
	secret_wipe(&f, sizeof f);
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
	[CRED_KEYTAB]	   = { take_keytab, MAY, MUST, true, true },
	[CRED_CCACHE]	   = { take_ccache, MAY, MUST, false, true },
	[CRED_TICKET]	   = { take_ticket, MAY, MUST, false, true },
	[CRED_SERVICE_KEY] = { take_service_key, MUST, MUST, false, true },
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
