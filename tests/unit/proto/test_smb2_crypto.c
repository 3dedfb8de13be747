/*
 * test_smb2_crypto.c - keys, hashes, signatures and encryption against what
 * Microsoft published, and their refusals.
 */
#include "tests/unit/check.h"

#include "proto/smb2/commands.h"
#include "proto/smb2/crypto.h"
#include "proto/smb2/kdf.h"
#include "proto/smb2/preauth.h"
#include "proto/smb2/seal.h"
#include "proto/smb2/sign.h"

#define MESSAGE_MAX 4096

static void
assert_hex(const uint8_t *got, size_t n, const char *want)
{
	uint8_t bytes[64];

	assert_int_equal(hex_parse(want, bytes, sizeof bytes), n);
	assert_memory_equal(got, bytes, n);
}

static struct smb2_keys
keys_of(uint16_t dialect, uint16_t cipher, const char *session_key, const char *preauth)
{
	uint8_t key[32], hash[64] = { 0 };
	struct smb2_keys k;
	size_t n = hex_parse(session_key, key, sizeof key);

	if (preauth)
		assert_int_equal(hex_parse(preauth, hash, sizeof hash), 64);
	assert_status(smb2_keys_derive(dialect, cipher, SPAN(key, n), hash, &k), STATUS_SUCCESS);
	return k;
}

/* "The anatomy of signing and cryptographic keys", appendix. */
static void
kdf_gives_the_published_keys_of_3_0(void **state)
{
	struct smb2_keys k = keys_of(SMB2_DIALECT_300, SMB2_CIPHER_AES128_CCM,
				     "7CD451825D0450D235424E44BA6E78CC", NULL);

	(void)state;
	assert_hex(k.signing, 16, "0B7E9C5CAC36C0F6EA9AB275298CEDCE");
	assert_hex(k.application, 16, "BB23A4575AA26C721AF525AF15A87B4F");
	assert_hex(k.server_in, 16, "FAD27796665B313EBB578F388632B4F7");
	assert_hex(k.server_out, 16, "B0F0427F7CEB416D1D9DCC0CD4F99447");
}

#define PREAUTH_311                                                                                \
	"0DD13628CC3ED218EF9DF9772D436D0887AB9814BFAE63A80AA845F36909DB79"                         \
	"28622DDDAD522D9751640A459762C5A9D6BB084CBB3CE6BDADEF5D5BCE3C6C01"

static void
kdf_gives_the_published_keys_of_3_1_1(void **state)
{
	struct smb2_keys k = keys_of(SMB2_DIALECT_311, SMB2_CIPHER_AES128_GCM,
				     "270E1BA896585EEB7AF3472D3B4C75A7", PREAUTH_311);

	(void)state;
	assert_hex(k.signing, 16, "73FE7A9A77BEF0BDE49C650D8CCB5F76");
	assert_hex(k.application, 16, "6D7AD7954E9EC61E907B4D473DC178FF");
	assert_hex(k.server_in, 16, "629BCBC54422A0F572B97F45989B6073");
	assert_hex(k.server_out, 16, "E2AF0DCEFAC68DA71A0DFBD0D1350D74");
	assert_int_equal(k.cipher_key_len, 16);
}

/* 3.3.5.5.3: only the cipher keys see what is behind the first 16 bytes. */
static void
kdf_uses_the_whole_key_for_256_bit_ciphers_only(void **state)
{
	const char *full   = "270E1BA896585EEB7AF3472D3B4C75A700000000000000000000000000000001";
	struct smb2_keys a = keys_of(SMB2_DIALECT_311, SMB2_CIPHER_AES256_GCM, full, PREAUTH_311);
	struct smb2_keys b = keys_of(
	    SMB2_DIALECT_311, SMB2_CIPHER_AES256_GCM,
	    "270E1BA896585EEB7AF3472D3B4C75A700000000000000000000000000000002", PREAUTH_311);

	(void)state;
	assert_int_equal(a.cipher_key_len, 32);
	assert_hex(a.signing, 16, "73FE7A9A77BEF0BDE49C650D8CCB5F76");
	assert_memory_equal(a.signing, b.signing, 16);
	assert_memory_not_equal(a.server_in, b.server_in, 32);
	assert_memory_not_equal(a.server_in, a.server_out, 32);
}

static void
kdf_leaves_2_x_with_the_session_key_padded_to_16(void **state)
{
	struct smb2_keys k = keys_of(SMB2_DIALECT_210, SMB2_CIPHER_NONE, "A1A2A3", NULL);

	(void)state;
	assert_hex(k.signing, 16, "A1A2A300000000000000000000000000");
	assert_int_equal(k.cipher_key_len, 0);
}

static void
kdf_refuses_no_key(void **state)
{
	struct smb2_keys k;
	uint8_t hash[64] = { 0 };

	(void)state;
	assert_status(smb2_keys_derive(SMB2_DIALECT_311, 0, SPAN_NONE, hash, &k),
		      STATUS_INVALID_PARAMETER);
}

static void
preauth_hashes_what_windows_hashed(void **state)
{
	static const char *const step[][2] = {
		{ "smb2/session_setup/windows_1_req.hex", "AC0B0F2B9986257700365E416D142A6E" },
		{ "smb2/session_setup/windows_1_rsp.hex", "2729E3440DFDDD839E37193F6E8F20C2" },
		{ "smb2/session_setup/windows_2_req.hex", "0DD13628CC3ED218EF9DF9772D436D08" },
	};
	uint8_t buf[MESSAGE_MAX];
	struct smb2_preauth p;

	(void)state;
	smb2_preauth_init(&p);
	assert_status(smb2_preauth_update(
			  &p, vector_load("smb2/negotiate/windows_311_req.hex", buf, sizeof buf)),
		      STATUS_SUCCESS);
	assert_status(smb2_preauth_update(
			  &p, vector_load("smb2/negotiate/windows_311_rsp.hex", buf, sizeof buf)),
		      STATUS_SUCCESS);
	assert_hex(p.hash, 64,
		   "E267AB1AA0403082AA2A9FEB0224AF3EA92E53CAA50A893A9635F0659F93591F"
		   "81391737E68DB0C9AD878C56449C36A6895EBCF435A7D97072C7B596B8AF3817");

	/* The first channel of the same example goes on from a negotiation of its own. */
	hex_parse("324BFA92A4F3A190E466EBEA08D9C110DC88BFED758D9846ECC6F541CC1D02AE"
		  "3C94A79F36011E997E13F841B91B50957AD07B19C8E2539C0B23FDAE09D2C513",
		  p.hash, sizeof p.hash);
	for (size_t i = 0; i < NELEM(step); i++) {
		assert_status(smb2_preauth_update(&p, vector_load(step[i][0], buf, sizeof buf)),
			      STATUS_SUCCESS);
		assert_hex(p.hash, 16, step[i][1]);
	}
	assert_hex(p.hash, 64, PREAUTH_311);
}

static struct smb2_signer *
signer_of(uint16_t alg, const char *hex)
{
	struct smb2_signer *s = NULL;
	uint8_t key[16];

	assert_int_equal(hex_parse(hex, key, sizeof key), 16);
	assert_status(smb2_signer_new(alg, key, &s), STATUS_SUCCESS);
	return s;
}

static void
cmac_verifies_what_windows_signed(void **state)
{
	uint8_t buf[MESSAGE_MAX];
	struct span msg	   = vector_load("smb2/session_setup/windows_2_rsp.hex", buf, sizeof buf);
	struct iovec iov[] = { { buf, 70 }, { buf + 70, msg.n - 70 } };
	struct smb2_signer *s = signer_of(SMB2_SIGN_AES_CMAC, "73FE7A9A77BEF0BDE49C650D8CCB5F76");

	(void)state;
	assert_status(smb2_verify(s, iov, 2), STATUS_SUCCESS);
	assert_status(smb2_verify(s, iov, 2), STATUS_SUCCESS);
	buf[75] ^= 1;
	assert_status(smb2_verify(s, iov, 2), STATUS_ACCESS_DENIED);
	smb2_signer_drop(s);
}

/* A request with a body of n bytes, signed in three pieces. */
static size_t
signed_message(struct smb2_signer *s, uint8_t *buf, uint16_t command, uint32_t flags, size_t n)
{
	struct smb2_hdr h  = { .command	   = command,
			       .flags	   = flags | SMB2_FLAGS_SIGNED,
			       .message_id = 0x1122334455667788 };
	struct wr w	   = wr_init(buf, SMB2_HDR_SIZE);
	struct iovec iov[] = { { buf, SMB2_HDR_SIZE + 4 },
			       { NULL, 0 },
			       { buf + SMB2_HDR_SIZE + 4, n - 4 } };

	memset(h.signature, 0xEE, sizeof h.signature);
	smb2_hdr_encode(&w, &h);
	for (size_t i = 0; i < n; i++)
		buf[SMB2_HDR_SIZE + i] = (uint8_t)(i * 7);
	assert_status(smb2_sign(s, iov, 3), STATUS_SUCCESS);
	return SMB2_HDR_SIZE + n;
}

static void
each_algorithm_signs_and_notices_each_flipped_byte(void **state)
{
	(void)state;
	for (uint16_t alg = SMB2_SIGN_HMAC_SHA256; alg <= SMB2_SIGN_AES_GMAC; alg++) {
		struct smb2_signer *s = signer_of(alg, "00112233445566778899AABBCCDDEEFF");
		uint8_t buf[SMB2_HDR_SIZE + 45];
		size_t n	 = signed_message(s, buf, SMB2_CMD_write, 0, 45);
		struct iovec one = { buf, n };

		assert_status(smb2_verify(s, &one, 1), STATUS_SUCCESS);
		for (size_t i = 0; i < n; i++) {
			buf[i] ^= 0x20;
			assert_false(nt_ok(smb2_verify(s, &one, 1)));
			buf[i] ^= 0x20;
		}
		assert_status(smb2_verify(s, &one, 1), STATUS_SUCCESS);
		smb2_signer_drop(s);
	}
}

/* HMAC-SHA256 of the same bytes by another implementation (Python's hmac). */
static void
hmac_is_cut_to_its_first_16_bytes(void **state)
{
	struct smb2_signer *s =
	    signer_of(SMB2_SIGN_HMAC_SHA256, "00112233445566778899AABBCCDDEEFF");
	uint8_t buf[SMB2_HDR_SIZE + 45];

	(void)state;
	(void)signed_message(s, buf, SMB2_CMD_write, 0, 45);
	assert_hex(buf + SMB2_HDR_AT_SIGNATURE, 16, "B0AAE1EA0349C703F266C975F1321FF4");
	smb2_signer_drop(s);
}

/* AES-GCM with nonce MessageId || role and CANCEL bits, by another implementation. */
static void
gmac_nonce_tells_role_and_cancel(void **state)
{
	struct smb2_signer *s = signer_of(SMB2_SIGN_AES_GMAC, "00112233445566778899AABBCCDDEEFF");
	uint8_t buf[SMB2_HDR_SIZE + 45];

	(void)state;
	(void)signed_message(s, buf, SMB2_CMD_write, 0, 45);
	assert_hex(buf + SMB2_HDR_AT_SIGNATURE, 16, "F5B5FA9BAFEB4CA74DD5BA4DBC40845B");
	(void)signed_message(s, buf, SMB2_CMD_write, SMB2_FLAGS_SERVER_TO_REDIR, 45);
	assert_hex(buf + SMB2_HDR_AT_SIGNATURE, 16, "94B6844980F3EC0BB692F82DE41723D2");
	(void)signed_message(s, buf, SMB2_CMD_cancel, 0, 45);
	assert_hex(buf + SMB2_HDR_AT_SIGNATURE, 16, "635202739F6FDDF23F7DC7982156DC25");
	smb2_signer_drop(s);
}

static void
signer_refuses_short_messages_and_unknown_algorithms(void **state)
{
	struct smb2_signer *s = signer_of(SMB2_SIGN_AES_CMAC, "00112233445566778899AABBCCDDEEFF");
	uint8_t buf[SMB2_HDR_SIZE] = { 0 };
	struct iovec iov	   = { buf, sizeof buf - 1 };
	struct smb2_signer *none   = NULL;

	(void)state;
	assert_status(smb2_verify(s, &iov, 1), STATUS_INVALID_PARAMETER);
	assert_status(smb2_verify(s, &iov, 0), STATUS_INVALID_PARAMETER);
	assert_status(smb2_signer_new(3, buf, &none), STATUS_NOT_SUPPORTED);
	assert_null(none);
	smb2_signer_drop(s);
}

static struct smb2_sealer *
sealer_of(uint16_t cipher, enum smb2_seal_dir dir, const char *hex)
{
	struct smb2_sealer *s = NULL;
	uint8_t key[32]	      = { 0 };

	assert_int_equal(hex_parse(hex, key, sizeof key), smb2_cipher_key_len(cipher));
	assert_status(smb2_sealer_new(cipher, dir, key, &s), STATUS_SUCCESS);
	return s;
}

/* What Windows encrypted comes out as what Windows said it was, in one piece and in two. */
static void
unseal_opens_what_windows_sealed(void **state)
{
	static const struct {
		uint16_t cipher;
		const char *key, *sealed, *clear;
	} cases[] = {
		{ SMB2_CIPHER_AES128_CCM, "261B72350558F2E9DCF613070383EDBF",
		  "smb2/transform/windows_300_write_req.hex", "smb2/write/windows_300_req.hex" },
		{ SMB2_CIPHER_AES128_CCM, "8FE2B57EC34D2DB5B1A9727F526BBDB5",
		  "smb2/transform/windows_300_write_rsp.hex", "smb2/write/windows_300_rsp.hex" },
		{ SMB2_CIPHER_AES128_CCM, "8FE2B57EC34D2DB5B1A9727F526BBDB5",
		  "smb2/transform/windows_300_read_rsp.hex", "smb2/read/windows_300_rsp.hex" },
		{ SMB2_CIPHER_AES128_GCM, "A2F5E80E5D59103034F32E52F698E5EC",
		  "smb2/transform/windows_311_write_req.hex", "smb2/write/windows_311_req.hex" },
		{ SMB2_CIPHER_AES128_GCM, "748C50868C90F302962A5C35F5F9A8BF",
		  "smb2/transform/windows_311_write_rsp.hex", "smb2/write/windows_311_rsp.hex" },
	};
	uint8_t sealed[MESSAGE_MAX], clear[MESSAGE_MAX];

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		struct smb2_sealer *s = sealer_of(cases[i].cipher, SMB2_UNSEAL, cases[i].key);
		struct span want      = vector_load(cases[i].clear, clear, sizeof clear);

		for (size_t cut = 0; cut < 80; cut += 33) {
			struct span msg	   = vector_load(cases[i].sealed, sealed, sizeof sealed);
			uint8_t *p	   = sealed + SMB2_TRANSFORM_SIZE;
			struct iovec iov[] = { { p, cut },
					       { p + cut, msg.n - SMB2_TRANSFORM_SIZE - cut } };

			assert_status(smb2_unseal(s, sealed, iov, 2), STATUS_SUCCESS);
			assert_int_equal(msg.n - SMB2_TRANSFORM_SIZE, want.n);
			assert_memory_equal(p, want.p, want.n);
		}
		smb2_sealer_drop(s);
	}
}

/* "SMB 3.1.1 encryption in Windows 10": the keys of the messages above. */
static void
kdf_gives_the_published_gcm_keys(void **state)
{
	struct smb2_keys k =
	    keys_of(SMB2_DIALECT_311, SMB2_CIPHER_AES128_GCM, "419FDDF34C1E001909D362AE7FB6AF79",
		    "B23F3CBFD69487D9832B79B1594A367CDD950909B774C3A4C412B4FCEA9EDDDB"
		    "A7DB256BA2EA30E977F11F9B113247578E0E915C6D2A513B8F2FCA5707DC8770");

	(void)state;
	assert_hex(k.server_in, 16, "A2F5E80E5D59103034F32E52F698E5EC");
	assert_hex(k.server_out, 16, "748C50868C90F302962A5C35F5F9A8BF");
}

#define TEXT_SIZE 301

struct pair {
	struct smb2_sealer *out, *in;
	uint8_t text[TEXT_SIZE];
	uint8_t hdr[SMB2_TRANSFORM_SIZE];
};

static struct pair
pair_of(uint16_t cipher)
{
	const char *key = smb2_cipher_key_len(cipher) == 32
			      ? "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
			      : "000102030405060708090A0B0C0D0E0F";
	struct pair p	= { .out = sealer_of(cipher, SMB2_SEAL, key),
			    .in	 = sealer_of(cipher, SMB2_UNSEAL, key) };

	for (size_t i = 0; i < TEXT_SIZE; i++)
		p.text[i] = (uint8_t)i;
	return p;
}

static void
pair_drop(struct pair *p)
{
	smb2_sealer_drop(p->out);
	smb2_sealer_drop(p->in);
}

static void
seal_in_pieces_opens_in_others(void **state)
{
	(void)state;
	for (uint16_t c = SMB2_CIPHER_AES128_CCM; c <= SMB2_CIPHER_AES256_GCM; c++) {
		struct pair p	     = pair_of(c);
		uint8_t *t	     = p.text;
		struct iovec three[] = { { t, 80 }, { NULL, 0 }, { t + 80, TEXT_SIZE - 80 } };
		struct iovec two[]   = { { t, 17 }, { t + 17, TEXT_SIZE - 17 } };

		for (int round = 0; round < 3; round++) {
			assert_status(smb2_seal(p.out, 9, three, 3, p.hdr), STATUS_SUCCESS);
			assert_true(t[0] != 0 || t[1] != 1 || t[2] != 2);
			assert_status(smb2_unseal(p.in, p.hdr, two, 2), STATUS_SUCCESS);
			for (size_t i = 0; i < TEXT_SIZE; i++)
				assert_int_equal(t[i], (uint8_t)i);
		}
		pair_drop(&p);
	}
}

static void
seal_to_leaves_the_pieces_alone(void **state)
{
	(void)state;
	for (uint16_t c = SMB2_CIPHER_AES128_CCM; c <= SMB2_CIPHER_AES256_GCM; c++) {
		struct pair p = pair_of(c);
		uint8_t dst[TEXT_SIZE], copy[TEXT_SIZE];
		struct iovec two[] = { { p.text, 80 }, { p.text + 80, TEXT_SIZE - 80 } };
		struct iovec one   = { dst, sizeof dst };

		memcpy(copy, p.text, sizeof copy);
		assert_status(smb2_seal_to(p.out, 9, two, 2, dst, p.hdr), STATUS_SUCCESS);
		assert_memory_equal(p.text, copy, sizeof copy);
		assert_status(smb2_unseal(p.in, p.hdr, &one, 1), STATUS_SUCCESS);
		assert_memory_equal(dst, copy, sizeof copy);
		pair_drop(&p);
	}
}

static void
seal_never_repeats_a_nonce(void **state)
{
	struct pair p	 = pair_of(SMB2_CIPHER_AES128_GCM);
	struct iovec one = { p.text, TEXT_SIZE };

	(void)state;
	for (uint8_t i = 0; i < 200; i++) {
		struct smb2_transform t;
		struct rd r = rd_init(SPAN(p.hdr, sizeof p.hdr));

		assert_status(smb2_seal(p.out, 9, &one, 1, p.hdr), STATUS_SUCCESS);
		assert_status(smb2_transform_decode(&r, &t), STATUS_SUCCESS);
		assert_int_equal(t.nonce[0], i);
		assert_int_equal(t.original_size, TEXT_SIZE);
		assert_int_equal(t.session_id, 9);
	}
	pair_drop(&p);
}

/* One flipped bit anywhere from Signature to the last byte, or another size. */
static void
unseal_refuses_what_was_touched(void **state)
{
	(void)state;
	for (uint16_t c = SMB2_CIPHER_AES128_CCM; c <= SMB2_CIPHER_AES256_GCM; c++) {
		struct pair p	 = pair_of(c);
		struct iovec one = { p.text, TEXT_SIZE };
		uint8_t hdr[SMB2_TRANSFORM_SIZE], text[TEXT_SIZE];

		assert_status(smb2_seal(p.out, 9, &one, 1, p.hdr), STATUS_SUCCESS);
		for (size_t i = 4; i < SMB2_TRANSFORM_SIZE + TEXT_SIZE; i++) {
			struct iovec iov = { text, sizeof text };

			memcpy(hdr, p.hdr, sizeof hdr);
			memcpy(text, p.text, sizeof text);
			*(i < sizeof hdr ? &hdr[i] : &text[i - sizeof hdr]) ^= 1;
			assert_false(nt_ok(smb2_unseal(p.in, hdr, &iov, 1)));
		}
		one.iov_len--;
		assert_status(smb2_unseal(p.in, p.hdr, &one, 1), STATUS_INVALID_PARAMETER);
		one.iov_len++;
		assert_status(smb2_unseal(p.in, p.hdr, &one, 1), STATUS_SUCCESS);
		pair_drop(&p);
	}
}

static void
sealer_refuses_unknown_ciphers_and_nothing(void **state)
{
	uint8_t key[32]	      = { 0 }, hdr[SMB2_TRANSFORM_SIZE];
	struct smb2_sealer *s = NULL;
	struct pair p	      = pair_of(SMB2_CIPHER_AES256_CCM);

	(void)state;
	assert_status(smb2_sealer_new(0, SMB2_SEAL, key, &s), STATUS_NOT_SUPPORTED);
	assert_status(smb2_sealer_new(5, SMB2_SEAL, key, &s), STATUS_NOT_SUPPORTED);
	assert_null(s);
	assert_status(smb2_seal(p.out, 1, NULL, 0, hdr), STATUS_INVALID_PARAMETER);
	pair_drop(&p);
}

static int
crypto_up(void **state)
{
	(void)state;
	return nt_ok(smb2_crypto_init()) && nt_ok(smb2_crypto_init()) ? 0 : 1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kdf_gives_the_published_keys_of_3_0),
		cmocka_unit_test(kdf_gives_the_published_keys_of_3_1_1),
		cmocka_unit_test(kdf_gives_the_published_gcm_keys),
		cmocka_unit_test(kdf_uses_the_whole_key_for_256_bit_ciphers_only),
		cmocka_unit_test(kdf_leaves_2_x_with_the_session_key_padded_to_16),
		cmocka_unit_test(kdf_refuses_no_key),
		cmocka_unit_test(preauth_hashes_what_windows_hashed),
		cmocka_unit_test(cmac_verifies_what_windows_signed),
		cmocka_unit_test(each_algorithm_signs_and_notices_each_flipped_byte),
		cmocka_unit_test(hmac_is_cut_to_its_first_16_bytes),
		cmocka_unit_test(gmac_nonce_tells_role_and_cancel),
		cmocka_unit_test(signer_refuses_short_messages_and_unknown_algorithms),
		cmocka_unit_test(unseal_opens_what_windows_sealed),
		cmocka_unit_test(seal_in_pieces_opens_in_others),
		cmocka_unit_test(seal_to_leaves_the_pieces_alone),
		cmocka_unit_test(seal_never_repeats_a_nonce),
		cmocka_unit_test(unseal_refuses_what_was_touched),
		cmocka_unit_test(sealer_refuses_unknown_ciphers_and_nothing),
	};

	return cmocka_run_group_tests(tests, crypto_up, NULL);
}
