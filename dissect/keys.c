/*
 * keys.c - key lines, and what follows from them.  [MS-SMB2] 3.1.4, 3.1.5
 */
#include "dissect/keys.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/fatal.h"
#include "base/secret.h"
#include "proto/smb2/const.h"
#include "proto/smb2/kdf.h"
#include "proto/smb2/seal.h"
#include "proto/smb2/sign.h"

#define FIELDS 4
#define FIELD_CHARS 80

/* ---- lines ---- */

/* The next field, without quotes and blanks; false if it is too long. */
static bool
field_take(const char **line, char *ret)
{
	size_t n = 0;

	for (; **line && **line != ':' && **line != ','; (*line)++) {
		if (**line == '"' || isspace((unsigned char)**line))
			continue;
		if (n == FIELD_CHARS - 1)
			return false;
		ret[n++] = **line;
	}
	if (**line)
		(*line)++;
	ret[n] = '\0';
	return true;
}

static bool
hex_bytes(const char *text, struct key_bytes *ret)
{
	static const char digits[] = "0123456789abcdef";
	size_t n		   = strlen(text);

	if (n % 2 != 0 || n > 2 * sizeof ret->p)
		return false;
	for (size_t i = 0; i < n; i++) {
		const char *d = strchr(digits, tolower((unsigned char)text[i]));

		if (!d)
			return false;
		ret->p[i / 2] = (uint8_t)(ret->p[i / 2] << 4 | (d - digits));
	}
	ret->n = n / 2;
	return true;
}

static bool
id_parse(const char *text, uint64_t *ret)
{
	struct key_bytes wire = { .n = 0 };
	char *end;

	if (strncmp(text, "0x", 2) == 0) {
		*ret = strtoull(text, &end, 16);
		return text[2] && strlen(text) <= 18 && *end == '\0';
	}
	if (!hex_bytes(text, &wire) || wire.n != 8)
		return false;
	*ret = 0;
	for (int i = 7; i >= 0; i--)
		*ret = *ret << 8 | wire.p[i];
	return true;
}

static bool
is_key_size(const struct key_bytes *k)
{
	return k->n == 0 || k->n == 16 || k->n == 32;
}

bool
session_key_parse(const char *line, struct session_key *ret)
{
	char fields[FIELDS][FIELD_CHARS];
	struct session_key k = { 0 };
	bool ok;

	for (size_t i = 0; i < FIELDS; i++) {
		if (!field_take(&line, fields[i]))
			return false;
	}
	ok = *line == '\0' && id_parse(fields[0], &k.id) && hex_bytes(fields[1], &k.session) &&
	     hex_bytes(fields[2], &k.s2c) && hex_bytes(fields[3], &k.c2s) &&
	     is_key_size(&k.s2c) && is_key_size(&k.c2s) &&
	     (k.session.n > 0 || k.s2c.n > 0 || k.c2s.n > 0);
	secret_wipe(fields, sizeof fields);
	if (ok)
		*ret = k;
	secret_wipe(&k, sizeof k);
	return ok;
}

/* ---- the keys we have, with what was made of them ---- */

struct keyed {
	struct session_key key;
	struct smb2_signer *signer;
	struct smb2_sealer *sealers[2]; /* by sender: client, server */
	uint16_t cipher;
};

struct keys {
	size_t n;
	struct keyed keyed[KEYS_MAX];
};

struct keys *
keys_new(void)
{
	return xcalloc(1, sizeof(struct keys));
}

static void
keyed_reset(struct keyed *k)
{
	smb2_signer_drop(k->signer);
	smb2_sealer_drop(k->sealers[0]);
	smb2_sealer_drop(k->sealers[1]);
	k->signer     = NULL;
	k->sealers[0] = k->sealers[1] = NULL;
}

void
keys_drop(struct keys *keys)
{
	if (!keys)
		return;
	for (size_t i = 0; i < keys->n; i++)
		keyed_reset(&keys->keyed[i]);
	secret_wipe(keys, sizeof *keys);
	free(keys);
}

bool
keys_add(struct keys *keys, const struct session_key *k)
{
	if (keys->n == KEYS_MAX)
		return false;
	keys->keyed[keys->n++].key = *k;
	return true;
}

static struct keyed *
keyed_find(struct keys *keys, uint64_t id)
{
	for (size_t i = 0; i < keys->n; i++) {
		if (keys->keyed[i].key.id == id)
			return &keys->keyed[i];
	}
	return NULL;
}

/* A key that the user gave outright goes before what we derive. */
static void
sealer_make(struct keyed *k, int sender, const struct key_bytes *given, const uint8_t *derived)
{
	const uint8_t *key = given->n > 0 ? given->p : derived;

	if (given->n > 0 && given->n != smb2_cipher_key_len(k->cipher))
		return;
	smb2_sealer_drop(k->sealers[sender]);
	k->sealers[sender] = NULL;
	if (key && !nt_ok(smb2_sealer_new(k->cipher, SMB2_UNSEAL, key, &k->sealers[sender])))
		k->sealers[sender] = NULL;
}

static void
sealers_make(struct keyed *k, uint16_t cipher, const struct smb2_keys *derived)
{
	bool usable = derived && derived->cipher_key_len > 0;

	k->cipher = cipher;
	sealer_make(k, 0, &k->key.c2s, usable ? derived->server_in : NULL);
	sealer_make(k, 1, &k->key.s2c, usable ? derived->server_out : NULL);
}

void
keys_derive(struct keys *keys, uint64_t id, const struct negotiated *n,
	    const struct smb2_preauth *preauth)
{
	struct keyed *k = keyed_find(keys, id);
	struct smb2_keys made;
	uint16_t signing;

	if (!k || n->dialect == 0)
		return;
	keyed_reset(k);
	if (k->key.session.n == 0) {
		sealers_make(k, n->cipher, NULL);
		return;
	}
	signing = n->signing_known ? n->signing : smb2_sign_default(n->dialect);
	if (!nt_ok(smb2_keys_derive(n->dialect, n->cipher, SPAN(k->key.session.p, k->key.session.n),
				    preauth->hash, &made)))
		return;
	if (!nt_ok(smb2_signer_new(signing, made.signing, &k->signer)))
		k->signer = NULL;
	sealers_make(k, n->cipher, &made);
	secret_wipe(&made, sizeof made);
}

/* ---- judging ---- */

enum verdict
keys_verify(struct keys *keys, uint64_t id, struct span element)
{
	struct keyed *k	 = keyed_find(keys, id);
	struct iovec iov = { (void *)(uintptr_t)element.p, element.n };

	if (!k || !k->signer || element.n < SMB2_HDR_SIZE)
		return VERDICT_NONE;
	return nt_ok(smb2_verify(k->signer, &iov, 1)) ? VERDICT_OK : VERDICT_WRONG;
}

static bool
sealer_try(struct keyed *k, int sender, struct span frame, uint8_t *dst)
{
	struct iovec iov = { dst, frame.n - SMB2_TRANSFORM_SIZE };

	if (!k->sealers[sender])
		return false;
	memcpy(dst, frame.p + SMB2_TRANSFORM_SIZE, iov.iov_len);
	return nt_ok(smb2_unseal(k->sealers[sender], frame.p, &iov, 1));
}

static bool
sealers_try(struct keyed *k, enum stream_side sender, struct span frame, uint8_t *dst)
{
	if (sender != SIDE_SERVER && sealer_try(k, 0, frame, dst))
		return true;
	return sender != SIDE_CLIENT && sealer_try(k, 1, frame, dst);
}

/*
 * The capture began after the session: keys that were given outright fit one cipher
 * or another, and a dialect before 3.1.1 needs no more than the session key.
 */
static bool
guess(struct keyed *k, enum stream_side sender, struct span frame, uint8_t *dst)
{
	struct smb2_keys made;
	uint8_t none[64] = { 0 };
	bool derived;

	derived = k->key.session.n > 0 &&
		  nt_ok(smb2_keys_derive(SMB2_DIALECT_300, SMB2_CIPHER_AES128_CCM,
					 SPAN(k->key.session.p, k->key.session.n), none, &made));
	for (uint16_t c = SMB2_CIPHER_AES128_CCM; c <= SMB2_CIPHER_AES256_GCM; c++) {
		sealers_make(k, c, derived && c == SMB2_CIPHER_AES128_CCM ? &made : NULL);
		if (sealers_try(k, sender, frame, dst))
			return true;
		keyed_reset(k);
	}
	return false;
}

enum verdict
keys_unseal(struct keys *keys, uint64_t id, enum stream_side sender, struct span frame,
	    uint8_t *dst, uint16_t *ret_cipher)
{
	struct keyed *k = keyed_find(keys, id);
	bool ok;

	if (!k || frame.n <= SMB2_TRANSFORM_SIZE)
		return VERDICT_NONE;
	if (k->sealers[0] || k->sealers[1])
		ok = sealers_try(k, sender, frame, dst);
	else
		ok = guess(k, sender, frame, dst);
	if (ok)
		*ret_cipher = k->cipher;
	return ok ? VERDICT_OK : VERDICT_WRONG;
}
