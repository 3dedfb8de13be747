/*
 * material_files.c - keytabs, caches and tickets that a script hands in, and
 * tickets made of a service's own key.
 */
#include "authd/cred/material.h"

#include <string.h>
#include <time.h>

#include "authd/cred/forge.h"
#include "authd/cred/tickets.h"
#include "base/hex.h"
#include "base/secret.h"

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
nt
material_keytab(const struct cred *me, struct login *l, const struct cred_create_req *req)
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

nt
material_ccache(const struct cred *me, struct login *l, const struct cred_create_req *req)
{
	(void)me;
	REQUIRE(req->secret.n == 0, STATUS_INVALID_PARAMETER);
	return tickets_take_ccache(l, req->material);
}

/* A KRB-CRED holds its keys; a bare ticket needs one beside it. */
nt
material_ticket(const struct cred *me, struct login *l, const struct cred_create_req *req)
{
	uint8_t key[32];
	const size_t n = req->secret.n / 2;
	nt status;

	(void)me;
	if (n == 0)
		return tickets_take_cred(l, req->material);
	REQUIRE((n == 16 || n == 32) && l->client[0] && hex_read(req->secret, key, n),
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
nt
material_service_key(const struct cred *me, struct login *l, const struct cred_create_req *req)
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
	REQUIRE(hex_read(req->secret, key, n), STATUS_INVALID_PARAMETER);
	status = forge_ticket(l->client, spn, etype, SPAN(key, n), now, TICKETS_BARE_S, &f);
	if (nt_ok(status))
		status =
		    tickets_take_bare(l, SPAN(f.ticket, f.n_ticket), etype, SPAN(f.key, f.n), now);
	secret_wipe(key, sizeof key);
	secret_wipe(&f, sizeof f);
	return status;
}
