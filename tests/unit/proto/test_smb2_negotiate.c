/*
 * test_smb2_negotiate.c - NEGOTIATE, its contexts, and the SMB1 message that
 * may come before.
 */
#include "tests/unit/check.h"

#include "proto/smb2/negotiate.h"
#include "proto/smb2/smb1_negotiate.h"

#define BUF_MAX 1024

static nt
decode(struct span msg, struct smb2_negotiate_req *c)
{
	struct rd r = rd_init(msg);

	rd_zero(&r, SMB2_HDR_SIZE);
	return smb2_negotiate_req_decode(&r, c);
}

static void
negotiate_req_of_windows_says_what_it_offers(void **state)
{
	uint8_t buf[BUF_MAX];
	struct smb2_negotiate_req c;

	(void)state;
	assert_status(
	    decode(vector_load("smb2/negotiate/windows_311_req.hex", buf, sizeof buf), &c),
	    STATUS_SUCCESS);
	assert_int_equal(c.dialect_count, 5);
	assert_true(smb2_negotiate_req_offers(&c, SMB2_DIALECT_302));
	assert_false(smb2_negotiate_req_offers(&c, SMB2_DIALECT_WILD));
	assert_true(c.has_contexts);
	assert_true(smb2_neg_has(&c.contexts, SMB2_NEG_PREAUTH));
	assert_true(smb2_alg_list_has(&c.contexts.hashes, SMB2_PREAUTH_SHA512));
	assert_int_equal(c.contexts.salt.n, 32);
	assert_int_equal(c.contexts.ciphers.count, 2);
	assert_int_equal(c.contexts.ciphers.id[0], SMB2_CIPHER_AES128_GCM);
	assert_false(smb2_neg_has(&c.contexts, SMB2_NEG_SIGNING));
}

static void
negotiate_req_reads_signing_and_netname_of_smbclient(void **state)
{
	uint8_t buf[BUF_MAX];
	struct smb2_negotiate_req c;

	(void)state;
	assert_status(decode(vector_load("smb2/negotiate/samba_311_req.hex", buf, sizeof buf), &c),
		      STATUS_SUCCESS);
	assert_true(smb2_alg_list_has(&c.contexts.signings, SMB2_SIGN_AES_GMAC));
	assert_int_equal(c.contexts.netname.n, 2 * strlen("127.0.0.1"));
}

/* Contexts mean something only if 3.1.1 is offered: before, the field is a time. */
static void
negotiate_req_without_3_1_1_ignores_the_context_fields(void **state)
{
	struct smb2_negotiate_req c = { .dialect_count = 1, .dialects = { SMB2_DIALECT_300 } };
	uint8_t buf[BUF_MAX];
	struct wr w = wr_init(buf, sizeof buf);

	(void)state;
	wr_zero(&w, SMB2_HDR_SIZE);
	smb2_negotiate_req_encode(&w, 0, &c);
	wr_patch32(&w, SMB2_HDR_SIZE + 28, 0xFFFFFFFF);
	wr_patch16(&w, SMB2_HDR_SIZE + 32, 0xFFFF);
	assert_status(decode(wr_done(&w), &c), STATUS_SUCCESS);
	assert_false(c.has_contexts);
}

/* A 3.1.1 request whose only context is the given bytes of the given type. */
static nt
decode_context(uint16_t type, const char *hex, int times)
{
	struct smb2_negotiate_req c = { .dialect_count = 1, .dialects = { SMB2_DIALECT_311 } };
	uint8_t buf[BUF_MAX], data[128];
	size_t n    = hex_parse(hex, data, sizeof data);
	struct wr w = wr_init(buf, sizeof buf);

	wr_zero(&w, SMB2_HDR_SIZE);
	smb2_negotiate_req_encode(&w, 0, &c);
	wr_align(&w, 8);
	wr_patch32(&w, SMB2_HDR_SIZE + 28, (uint32_t)w.pos);
	wr_patch16(&w, SMB2_HDR_SIZE + 32, (uint16_t)times);
	for (int i = 0; i < times; i++) {
		wr_align(&w, 8);
		wr_u16(&w, type);
		wr_u16(&w, (uint16_t)n);
		wr_u32(&w, 0);
		wr_bytes(&w, data, n);
	}
	return decode(wr_done(&w), &c);
}

static void
contexts_with_empty_short_or_overlong_lists_are_refused(void **state)
{
	(void)state;
	assert_status(decode_context(SMB2_NEG_ENCRYPTION, "0100 0200", 1), STATUS_SUCCESS);
	assert_status(decode_context(SMB2_NEG_ENCRYPTION, "0000", 1), STATUS_INVALID_PARAMETER);
	assert_status(decode_context(SMB2_NEG_ENCRYPTION, "0200 0200", 1),
		      STATUS_INVALID_PARAMETER);
	assert_status(decode_context(SMB2_NEG_ENCRYPTION, "FFFF 0200", 1),
		      STATUS_INVALID_PARAMETER);
	assert_status(decode_context(SMB2_NEG_SIGNING, "00", 1), STATUS_INVALID_PARAMETER);
	assert_status(decode_context(SMB2_NEG_SIGNING, "0000", 1), STATUS_INVALID_PARAMETER);
	assert_status(decode_context(SMB2_NEG_PREAUTH, "0100 0400 0100 AABBCC", 1),
		      STATUS_INVALID_PARAMETER);
	assert_status(decode_context(SMB2_NEG_PREAUTH, "0100 0300 0100 AABBCC", 1), STATUS_SUCCESS);
	assert_status(decode_context(SMB2_NEG_COMPRESSION, "0000 0000 00000000", 1),
		      STATUS_INVALID_PARAMETER);
	assert_status(decode_context(SMB2_NEG_RDMA, "0100 0000 00000000 0100", 1), STATUS_SUCCESS);
	assert_status(decode_context(SMB2_NEG_TRANSPORT, "010000", 1), STATUS_INVALID_PARAMETER);
}

static void
a_known_context_twice_is_refused_and_unknown_ones_are_not(void **state)
{
	(void)state;
	assert_status(decode_context(SMB2_NEG_ENCRYPTION, "0100 0200", 2),
		      STATUS_INVALID_PARAMETER);
	assert_status(decode_context(0x100, "93AD", 2), STATUS_SUCCESS);
	assert_status(decode_context(0, "", SMB2_NEG_CONTEXTS_MAX), STATUS_SUCCESS);
	assert_status(decode_context(0, "", SMB2_NEG_CONTEXTS_MAX + 1), STATUS_INVALID_PARAMETER);
	assert_status(decode_context(4, "0100", 2), STATUS_SUCCESS);
}

static void
contexts_at_crooked_or_earlier_places_are_refused(void **state)
{
	static const uint32_t bad[] = { 0, 64, 96, 108, 113, 0xFFFFFFF8u };
	uint8_t buf[BUF_MAX];
	struct span msg = vector_load("smb2/negotiate/windows_311_req.hex", buf, sizeof buf);
	struct wr w	= { .base = buf, .pos = msg.n, .cap = msg.n };
	struct smb2_negotiate_req c;

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) {
		wr_patch32(&w, SMB2_HDR_SIZE + 28, bad[i]);
		assert_status(decode(msg, &c), STATUS_INVALID_PARAMETER);
	}
}

static void
all_contexts_survive_the_round_trip(void **state)
{
	struct smb2_negotiate_req got,
	    want = { .dialect_count = 1, .dialects = { SMB2_DIALECT_311 }, .has_contexts = true };
	struct smb2_neg_contexts *c = &want.contexts;
	uint8_t buf[BUF_MAX];
	struct wr w = wr_init(buf, sizeof buf);

	(void)state;
	c->present = 1u << SMB2_NEG_PREAUTH | 1u << SMB2_NEG_ENCRYPTION |
		     1u << SMB2_NEG_COMPRESSION | 1u << SMB2_NEG_NETNAME |
		     1u << SMB2_NEG_TRANSPORT | 1u << SMB2_NEG_RDMA | 1u << SMB2_NEG_SIGNING;
	smb2_alg_list_add(&c->hashes, 1);
	smb2_alg_list_add(&c->ciphers, 4);
	smb2_alg_list_add(&c->compressions, 2);
	smb2_alg_list_add(&c->rdma_transforms, 5);
	smb2_alg_list_add(&c->signings, 2);
	c->salt		     = SPAN_STR("salt!");
	c->netname	     = SPAN_STR("n\0a\0");
	c->transport_flags   = 1;
	c->compression_flags = 1;
	wr_zero(&w, SMB2_HDR_SIZE);
	smb2_negotiate_req_encode(&w, 0, &want);
	assert_true(wr_ok(&w));
	assert_status(decode(wr_done(&w), &got), STATUS_SUCCESS);
	assert_int_equal(got.contexts.present, c->present);
	assert_true(span_eq(got.contexts.salt, c->salt));
	assert_true(span_eq(got.contexts.netname, c->netname));
	assert_int_equal(got.contexts.rdma_transforms.id[0], 5);
	assert_int_equal(got.contexts.compressions.id[0], 2);
	assert_int_equal(got.contexts.compression_flags, 1);
	assert_int_equal(got.contexts.transport_flags, 1);
}

static void
too_many_dialects_are_refused(void **state)
{
	uint8_t buf[BUF_MAX] = { 0 };
	struct wr w	     = wr_init(buf, sizeof buf);
	struct smb2_negotiate_req c;

	(void)state;
	wr_zero(&w, SMB2_HDR_SIZE);
	wr_u16(&w, 36);
	wr_u16(&w, SMB2_DIALECTS_MAX + 1);
	wr_zero(&w, 600);
	assert_status(decode(wr_done(&w), &c), STATUS_INVALID_PARAMETER);
	wr_patch16(&w, SMB2_HDR_SIZE + 2, SMB2_DIALECTS_MAX);
	assert_status(decode(wr_done(&w), &c), STATUS_SUCCESS);
}

static void
smb1_negotiate_tells_which_smb2_dialects_it_offers(void **state)
{
	uint8_t buf[256];
	struct smb1_negotiate c;

	(void)state;
	assert_status(
	    smb1_negotiate_decode(vector_load("smb2/smb1_negotiate/wild.hex", buf, sizeof buf), &c),
	    STATUS_SUCCESS);
	assert_true(c.has_2002);
	assert_true(c.has_wild);
	assert_int_equal(c.dialect_count, 3);
}

static void
smb1_refuses_other_commands_words_and_formats(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} cases[] = { { 0, 0xFE }, { 4, 0x73 }, { 32, 1 }, { 33, 0xFF }, { 35, 1 } };
	struct smb1_negotiate c;

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		uint8_t buf[256];
		struct span msg = vector_load("smb2/smb1_negotiate/wild.hex", buf, sizeof buf);

		buf[cases[i].at] = cases[i].value;
		assert_status(smb1_negotiate_decode(msg, &c), STATUS_INVALID_PARAMETER);
	}
}

static void
smb1_attack(struct span msg)
{
	struct smb1_negotiate c;

	if (nt_ok(smb1_negotiate_decode(msg, &c)))
		assert_true(c.dialect_count <= 64);
}

static void
cut_and_mutated_smb1_does_no_harm(void **state)
{
	uint8_t buf[256], own[128];
	struct span msg		= vector_load("smb2/smb1_negotiate/wild.hex", buf, sizeof buf);
	struct smb1_negotiate c = { .has_wild = true };
	struct wr w		= wr_init(own, sizeof own);

	(void)state;
	check_cuts(msg, smb1_attack);
	check_mutations(msg, smb1_attack);
	smb1_negotiate_encode(&w, &c);
	assert_status(smb1_negotiate_decode(wr_done(&w), &c), STATUS_SUCCESS);
	assert_true(c.has_wild && !c.has_2002);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(negotiate_req_of_windows_says_what_it_offers),
		cmocka_unit_test(negotiate_req_reads_signing_and_netname_of_smbclient),
		cmocka_unit_test(negotiate_req_without_3_1_1_ignores_the_context_fields),
		cmocka_unit_test(contexts_with_empty_short_or_overlong_lists_are_refused),
		cmocka_unit_test(a_known_context_twice_is_refused_and_unknown_ones_are_not),
		cmocka_unit_test(contexts_at_crooked_or_earlier_places_are_refused),
		cmocka_unit_test(all_contexts_survive_the_round_trip),
		cmocka_unit_test(too_many_dialects_are_refused),
		cmocka_unit_test(smb1_negotiate_tells_which_smb2_dialects_it_offers),
		cmocka_unit_test(smb1_refuses_other_commands_words_and_formats),
		cmocka_unit_test(cut_and_mutated_smb1_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
