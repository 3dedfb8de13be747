/*
 * test_smb2_header.c - transport framing, the header, the compound walk, the
 * transform header, the command table.
 */
#include "tests/unit/check.h"

#include "proto/smb2/commands.h"
#include "proto/smb2/header.h"
#include "proto/transport.h"

static void
transport_length_survives_the_round_trip(void **state)
{
	uint8_t hdr[TRANSPORT_HDR_SIZE];
	uint32_t len = 0;

	(void)state;
	transport_encode(hdr, TRANSPORT_LEN_MAX);
	assert_status(transport_decode(hdr, &len), STATUS_SUCCESS);
	assert_int_equal(len, TRANSPORT_LEN_MAX);
	transport_encode(hdr, 0x010203);
	assert_memory_equal(hdr, "\0\1\2\3", 4);
}

static void
transport_refuses_other_packet_types(void **state)
{
	static const uint8_t keepalive[] = { 0x85, 0, 0, 0 };
	uint32_t len			 = 7;

	(void)state;
	assert_status(transport_decode(keepalive, &len), STATUS_INVALID_PARAMETER);
	assert_int_equal(len, 7);
}

static void
transport_end_writes_the_length_of_what_came_between(void **state)
{
	uint8_t buf[16];
	struct wr w = wr_init(buf, sizeof buf);
	size_t at;

	(void)state;
	wr_u8(&w, 0xEE);
	at = transport_begin(&w);
	wr_zero(&w, 9);
	transport_end(&w, at);
	assert_true(wr_ok(&w));
	assert_memory_equal(buf, "\xEE\0\0\0\x09", 5);
}

/* A chain of n headers with bodies of eight bytes; returns its length. */
static size_t
chain_write(uint8_t *buf, size_t cap, int n)
{
	struct wr w	  = wr_init(buf, cap);
	struct smb2_hdr h = { .command = SMB2_CMD_echo, .tree_id = 5, .session_id = 9 };

	for (int i = 0; i < n; i++) {
		size_t at = w.pos;

		h.message_id = (uint64_t)i;
		smb2_hdr_encode(&w, &h);
		wr_zero(&w, i == n - 1 ? 4 : 8);
		if (i < n - 1)
			smb2_hdr_close_element(&w, at);
	}
	assert_true(wr_ok(&w));
	return w.pos;
}

static nt
chain_count(struct span msg, int *ret)
{
	struct smb2_chain c = smb2_chain_init(msg);
	struct smb2_element e;

	for (*ret = 0; smb2_chain_more(&c); (*ret)++)
		TRY(smb2_chain_next(&c, &e));
	return STATUS_SUCCESS;
}

static void
chain_walk_visits_each_element_once(void **state)
{
	uint8_t buf[512];
	struct span msg	    = SPAN(buf, chain_write(buf, sizeof buf, 3));
	struct smb2_chain c = smb2_chain_init(msg);
	struct smb2_element e;

	(void)state;
	for (uint64_t i = 0; i < 3; i++) {
		assert_true(smb2_chain_more(&c));
		assert_status(smb2_chain_next(&c, &e), STATUS_SUCCESS);
		assert_int_equal(e.hdr.message_id, i);
		assert_int_equal(e.hdr.tree_id, 5);
		assert_int_equal(e.last, i == 2);
		assert_int_equal(e.bytes.n, i == 2 ? 68 : 72);
		assert_int_equal(e.body.pos, SMB2_HDR_SIZE);
		assert_int_equal(e.body.end, e.bytes.n);
	}
	assert_false(smb2_chain_more(&c));
}

/* Each value in the first element's NextCommand ends the walk with a refusal. */
static void
chain_walk_refuses_steps_that_are_short_crooked_or_too_long(void **state)
{
	static const uint32_t bad[] = { 1, 8, 56, 63, 65, 68, 76, 216, 1u << 31, 0xFFFFFFF8u };
	uint8_t buf[512];
	size_t n = chain_write(buf, sizeof buf, 3);
	int count;

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) {
		struct wr w = { .base = buf, .pos = n, .cap = n };

		wr_patch32(&w, SMB2_HDR_AT_NEXT, bad[i]);
		assert_status(chain_count(SPAN(buf, n), &count), STATUS_INVALID_PARAMETER);
		assert_int_equal(count, 0);
	}
}

static void
chain_walk_refuses_a_rest_shorter_than_a_header(void **state)
{
	uint8_t buf[512];
	int count;

	(void)state;
	(void)chain_write(buf, sizeof buf, 2);
	assert_status(chain_count(SPAN(buf, 72 + 63), &count), STATUS_INVALID_PARAMETER);
	assert_int_equal(count, 1);
}

static void
header_refuses_wrong_magic_and_wrong_size(void **state)
{
	uint8_t buf[128];
	struct smb2_hdr h;
	struct rd r;
	size_t n = chain_write(buf, sizeof buf, 1);

	(void)state;
	buf[4] = 63;
	r      = rd_init(SPAN(buf, n));
	assert_status(smb2_hdr_decode(&r, &h), STATUS_INVALID_PARAMETER);
	buf[4] = 64;
	buf[0] = 0xFF;
	r      = rd_init(SPAN(buf, n));
	assert_status(smb2_hdr_decode(&r, &h), STATUS_INVALID_PARAMETER);
	assert_int_equal(smb2_kind_of(SPAN(buf, n)), SMB2_KIND_SMB1);
}

static void
header_async_form_has_an_async_id_and_no_tree(void **state)
{
	struct smb2_hdr h = { .flags = SMB2_FLAGS_ASYNC_COMMAND, .async_id = 0x1122334455667788 };
	struct smb2_hdr got;
	uint8_t buf[SMB2_HDR_SIZE];
	struct wr w = wr_init(buf, sizeof buf);
	struct rd r = rd_init(SPAN(buf, sizeof buf));

	(void)state;
	h.tree_id = 77;
	smb2_hdr_encode(&w, &h);
	assert_status(smb2_hdr_decode(&r, &got), STATUS_SUCCESS);
	assert_int_equal(got.async_id, h.async_id);
	assert_int_equal(got.tree_id, 0);
}

static void
header_patches_hit_their_fields(void **state)
{
	struct smb2_hdr h = { .command = SMB2_CMD_read, .message_id = 3 };
	uint8_t buf[8 + SMB2_HDR_SIZE];
	struct wr w = wr_init(buf, sizeof buf);
	struct rd r = rd_init(SPAN(buf + 8, SMB2_HDR_SIZE));

	(void)state;
	wr_zero(&w, 8);
	smb2_hdr_encode(&w, &h);
	smb2_hdr_patch_status(&w, 8, STATUS_END_OF_FILE);
	smb2_hdr_patch_credits(&w, 8, 31);
	smb2_hdr_patch_flags(&w, 8, SMB2_FLAGS_SERVER_TO_REDIR);
	assert_status(smb2_hdr_decode(&r, &h), STATUS_SUCCESS);
	assert_status(h.status, STATUS_END_OF_FILE);
	assert_int_equal(h.credits, 31);
	assert_int_equal(h.flags, SMB2_FLAGS_SERVER_TO_REDIR);
	assert_int_equal(h.command, SMB2_CMD_read);
	assert_int_equal(h.message_id, 3);
}

static void
transform_header_refuses_foreign_flags(void **state)
{
	struct smb2_transform t = { .flags = SMB2_TRANSFORM_FLAG_ENCRYPTED, .session_id = 4 };
	uint8_t buf[SMB2_TRANSFORM_SIZE];
	struct wr w = wr_init(buf, sizeof buf);
	struct rd r = rd_init(SPAN(buf, sizeof buf));

	(void)state;
	smb2_transform_encode(&w, &t);
	assert_int_equal(w.pos, SMB2_TRANSFORM_SIZE);
	assert_status(smb2_transform_decode(&r, &t), STATUS_SUCCESS);
	assert_int_equal(t.session_id, 4);
	buf[42] = 2;
	r	= rd_init(SPAN(buf, sizeof buf));
	assert_status(smb2_transform_decode(&r, &t), STATUS_INVALID_PARAMETER);
}

static void
command_table_has_a_row_for_each_number(void **state)
{
	(void)state;
	assert_int_equal(SMB2_CMD_MAX, 19);
	for (uint16_t c = 0; c < SMB2_CMD_MAX; c++) {
		assert_non_null(smb2_commands[c].name);
		assert_true(smb2_commands[c].req_size >= 4);
		if (smb2_commands[c].handle_at != NO_FID)
			assert_int_equal(smb2_commands[c].need, NEED_TREE);
	}
	assert_null(smb2_command_find(SMB2_CMD_MAX));
	assert_null(smb2_command_find(0xFFFF));
	assert_string_equal(smb2_command_name(0x13), "unknown");
	assert_string_equal(smb2_command_name(SMB2_CMD_query_info), "query_info");
}

static void
charge_grows_by_one_each_64_kib(void **state)
{
	(void)state;
	assert_int_equal(smb2_charge_for(0), 1);
	assert_int_equal(smb2_charge_for(65536), 1);
	assert_int_equal(smb2_charge_for(65537), 2);
	assert_int_equal(smb2_charge_for(8u << 20), 128);
	assert_int_equal(smb2_charge_for(2ull * UINT32_MAX), 131072);
}

/* 3.3.5.2.5: IOCTL sums up what goes each way; the larger counts. */
static void
payload_of_ioctl_is_the_larger_sum(void **state)
{
	uint8_t buf[SMB2_HDR_SIZE + 56] = { 0 };
	struct wr w			= { .base = buf, .pos = sizeof buf, .cap = sizeof buf };
	struct rd body			= { .base = buf, .pos = SMB2_HDR_SIZE, .end = sizeof buf };

	(void)state;
	wr_patch32(&w, SMB2_HDR_SIZE + 28, 100);
	wr_patch32(&w, SMB2_HDR_SIZE + 40, 0xFFFFFFFF);
	wr_patch32(&w, SMB2_HDR_SIZE + 32, 7);
	wr_patch32(&w, SMB2_HDR_SIZE + 44, 8);
	assert_int_equal(smb2_payload_size(SMB2_CMD_ioctl, body), 100ull + 0xFFFFFFFF);
	assert_int_equal(smb2_payload_size(SMB2_CMD_close, body), 0);
	assert_int_equal(smb2_payload_size(99, body), 0);
	body.end = SMB2_HDR_SIZE + 20;
	assert_int_equal(smb2_payload_size(SMB2_CMD_ioctl, body), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(transport_length_survives_the_round_trip),
		cmocka_unit_test(transport_refuses_other_packet_types),
		cmocka_unit_test(transport_end_writes_the_length_of_what_came_between),
		cmocka_unit_test(chain_walk_visits_each_element_once),
		cmocka_unit_test(chain_walk_refuses_steps_that_are_short_crooked_or_too_long),
		cmocka_unit_test(chain_walk_refuses_a_rest_shorter_than_a_header),
		cmocka_unit_test(header_refuses_wrong_magic_and_wrong_size),
		cmocka_unit_test(header_async_form_has_an_async_id_and_no_tree),
		cmocka_unit_test(header_patches_hit_their_fields),
		cmocka_unit_test(transform_header_refuses_foreign_flags),
		cmocka_unit_test(command_table_has_a_row_for_each_number),
		cmocka_unit_test(charge_grows_by_one_each_64_kib),
		cmocka_unit_test(payload_of_ioctl_is_the_larger_sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
