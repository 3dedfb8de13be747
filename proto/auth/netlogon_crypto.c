/*
 * netlogon_crypto.c - see netlogon_crypto.h.  AES is AES-128 in 8-bit CFB mode.
 */
#include "proto/auth/netlogon_crypto.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/fatal.h"
#include "base/secret.h"

#define HMAC_SIZE	 32
#define BLOCK		 16
#define CHECKSUM_SIZE	 8
#define CONFOUNDER_SIZE	 8
#define SEQUENCE_SIZE	 8
#define RESERVED_SIZE	 24
#define SIGN_HMAC_SHA256 0x0013
#define SEAL_AES	 0x001a
#define HEAD_SIZE	 8

/* HMAC-SHA256 over three parts. */
static void
hmac(const uint8_t key[NETLOGON_KEY_SIZE], struct span a, struct span b, struct span c,
     uint8_t ret[HMAC_SIZE])
{
	EVP_PKEY *pkey	= EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, NULL, key, NETLOGON_KEY_SIZE);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct span all[] = { a, b, c };
	size_t size	  = HMAC_SIZE;
	bool ok		  = pkey && ctx;

	ok = ok && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, pkey) == 1;
	for (size_t i = 0; i < NELEM(all) && ok; i++)
		ok = all[i].n == 0 || EVP_DigestSignUpdate(ctx, all[i].p, all[i].n) == 1;
	ok = ok && EVP_DigestSignFinal(ctx, ret, &size) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	if (!ok)
		fatal("HMAC-SHA256 is not available from OpenSSL's default provider");
}

/* A stream that goes on over several calls of stream_apply(). */
static EVP_CIPHER_CTX *
stream_open(const uint8_t key[NETLOGON_KEY_SIZE], const uint8_t iv[BLOCK], bool encrypt)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	if (!ctx || EVP_CipherInit_ex(ctx, EVP_aes_128_cfb8(), NULL, key, iv, encrypt) != 1)
		fatal("AES-128-CFB8 is not available from OpenSSL's default provider");
	return ctx;
}

static void
stream_apply(EVP_CIPHER_CTX *ctx, uint8_t *at, size_t n)
{
	int out = 0;

	ENSURE(n <= INT32_MAX);
	if (n > 0 && EVP_CipherUpdate(ctx, at, &out, at, (int)n) != 1)
		fatal("AES-128-CFB8 failed");
}

static void
stream_once(const uint8_t key[NETLOGON_KEY_SIZE], const uint8_t iv[BLOCK], bool encrypt,
	    uint8_t *at, size_t n)
{
	EVP_CIPHER_CTX *ctx = stream_open(key, iv, encrypt);

	stream_apply(ctx, at, n);
	EVP_CIPHER_CTX_free(ctx);
}

void
netlogon_session_key(const uint8_t hash[16], const uint8_t client[NETLOGON_CHALLENGE_SIZE],
		     const uint8_t server[NETLOGON_CHALLENGE_SIZE], uint8_t ret[NETLOGON_KEY_SIZE])
{
	uint8_t out[HMAC_SIZE];

	hmac(hash, SPAN(client, NETLOGON_CHALLENGE_SIZE), SPAN(server, NETLOGON_CHALLENGE_SIZE),
	     SPAN_NONE, out);
	memcpy(ret, out, NETLOGON_KEY_SIZE);
	secret_wipe(out, sizeof out);
}

void
netlogon_credential(const uint8_t key[NETLOGON_KEY_SIZE],
		    const uint8_t challenge[NETLOGON_CHALLENGE_SIZE],
		    uint8_t ret[NETLOGON_CREDENTIAL_SIZE])
{
	static const uint8_t zero[BLOCK];

	memmove(ret, challenge, NETLOGON_CREDENTIAL_SIZE);
	stream_once(key, zero, true, ret, NETLOGON_CREDENTIAL_SIZE);
}

void
netlogon_chain_init(struct netlogon_chain *c, const uint8_t key[NETLOGON_KEY_SIZE],
		    const uint8_t challenge[NETLOGON_CHALLENGE_SIZE])
{
	memcpy(c->key, key, sizeof c->key);
	netlogon_credential(key, challenge, c->stored);
}

/* The low half counts on, without a carry into the high one. */
static void
chain_add(struct netlogon_chain *c, uint32_t n)
{
	struct rd r = rd_init(SPAN(c->stored, sizeof c->stored));
	struct wr w = wr_init(c->stored, sizeof c->stored);

	wr_u32(&w, rd_u32(&r) + n);
}

void
netlogon_chain_next(struct netlogon_chain *c, uint32_t time, uint8_t ret[NETLOGON_CREDENTIAL_SIZE])
{
	chain_add(c, time);
	netlogon_credential(c->key, c->stored, ret);
}

bool
netlogon_chain_check(struct netlogon_chain *c, const uint8_t returned[NETLOGON_CREDENTIAL_SIZE])
{
	uint8_t want[NETLOGON_CREDENTIAL_SIZE];

	chain_add(c, 1);
	netlogon_credential(c->key, c->stored, want);
	return secret_eq(want, returned, sizeof want);
}

void
netlogon_seal_init(struct netlogon_seal *s, const uint8_t key[NETLOGON_KEY_SIZE])
{
	*s = (struct netlogon_seal){ 0 };
	memcpy(s->key, key, sizeof s->key);
}

/* 3.3.4.2.1 steps 5 to 7: low half and high half, each big-endian, and who sent it. */
static void
sequence_put(uint8_t ret[SEQUENCE_SIZE], uint64_t number, bool from_client)
{
	struct wr w = wr_init(ret, SEQUENCE_SIZE);

	wr_u32be(&w, (uint32_t)number);
	wr_u32be(&w, (uint32_t)(number >> 32));
	if (from_client)
		ret[4] |= 0x80;
}

/* Eight bytes twice make an initialization vector. */
static void
twice(uint8_t ret[BLOCK], const uint8_t half[8])
{
	memcpy(ret, half, 8);
	memcpy(ret + 8, half, 8);
}

static void
head_put(uint8_t ret[HEAD_SIZE])
{
	struct wr w = wr_init(ret, HEAD_SIZE);

	wr_u16(&w, SIGN_HMAC_SHA256);
	wr_u16(&w, SEAL_AES);
	wr_u16(&w, 0xffff);
	wr_u16(&w, 0);
}

/* Confounder and message are one stream under a key of its own.  3.3.4.2.1 step 8 */
static void
crypt(const struct netlogon_seal *s, const uint8_t sequence[SEQUENCE_SIZE], bool encrypt,
      uint8_t *confounder, uint8_t *body, size_t n)
{
	uint8_t key[NETLOGON_KEY_SIZE], iv[BLOCK];
	EVP_CIPHER_CTX *ctx;

	for (size_t i = 0; i < sizeof key; i++)
		key[i] = s->key[i] ^ 0xf0;
	twice(iv, sequence);
	ctx = stream_open(key, iv, encrypt);
	stream_apply(ctx, confounder, CONFOUNDER_SIZE);
	stream_apply(ctx, body, n);
	EVP_CIPHER_CTX_free(ctx);
	secret_wipe(key, sizeof key);
}

nt
netlogon_seal(void *ctx, uint8_t *body, size_t n, uint8_t *ret_token)
{
	uint8_t head[HEAD_SIZE], sequence[SEQUENCE_SIZE], confounder[CONFOUNDER_SIZE];
	uint8_t sum[HMAC_SIZE], iv[BLOCK];
	struct netlogon_seal *s = ctx;
	struct wr w		= wr_init(ret_token, NETLOGON_TOKEN_SIZE);

	head_put(head);
	random_bytes(confounder, sizeof confounder);
	hmac(s->key, SPAN(head, sizeof head), SPAN(confounder, sizeof confounder), SPAN(body, n),
	     sum);
	sequence_put(sequence, s->number++, !s->server);
	crypt(s, sequence, true, confounder, body, n);
	twice(iv, sum);
	stream_once(s->key, iv, true, sequence, sizeof sequence);
	wr_bytes(&w, head, sizeof head);
	wr_bytes(&w, sequence, sizeof sequence);
	wr_bytes(&w, sum, CHECKSUM_SIZE);
	wr_bytes(&w, confounder, sizeof confounder);
	wr_zero(&w, RESERVED_SIZE);
	ENSURE(wr_ok(&w));
	return STATUS_SUCCESS;
}

nt
netlogon_unseal(void *ctx, uint8_t *body, size_t n, struct span token)
{
	uint8_t head[HEAD_SIZE], want_head[HEAD_SIZE], want[SEQUENCE_SIZE];
	uint8_t sequence[SEQUENCE_SIZE], checksum[CHECKSUM_SIZE], confounder[CONFOUNDER_SIZE];
	uint8_t sum[HMAC_SIZE], iv[BLOCK];
	struct netlogon_seal *s = ctx;
	struct rd r		= rd_init(token);

	rd_copy(&r, head, sizeof head);
	rd_copy(&r, sequence, sizeof sequence);
	rd_copy(&r, checksum, sizeof checksum);
	rd_copy(&r, confounder, sizeof confounder);
	REQUIRE(rd_ok(&r), STATUS_DATA_ERROR);
	head_put(want_head);
	REQUIRE(memcmp(head, want_head, 6) == 0, STATUS_DATA_ERROR); /* Flags are disregarded */
	twice(iv, checksum);
	stream_once(s->key, iv, false, sequence, sizeof sequence);
	sequence_put(want, s->number, s->server);
	REQUIRE(secret_eq(sequence, want, sizeof want), STATUS_DATA_ERROR);
	crypt(s, sequence, false, confounder, body, n);
	hmac(s->key, SPAN(head, sizeof head), SPAN(confounder, sizeof confounder), SPAN(body, n),
	     sum);
	REQUIRE(secret_eq(sum, checksum, sizeof checksum), STATUS_DATA_ERROR);
	s->number++;
	return STATUS_SUCCESS;
}

void
netlogon_bind_token(struct wr *w, const char *domain, const char *computer)
{
	wr_u32(w, 0); /* negotiate request */
	wr_u32(w, 3); /* both names follow, OEM */
	wr_bytes(w, domain, strlen(domain) + 1);
	wr_bytes(w, computer, strlen(computer) + 1);
}
