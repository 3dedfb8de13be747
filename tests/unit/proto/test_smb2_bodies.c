/*
 * test_smb2_bodies.c - what the vectors do not reach: payloads that travel
 * apart, element lists, error bodies, FSCTL bodies, the second forms.
 */
#include "tests/unit/check.h"

#include "proto/smb2/error.h"
#include "proto/smb2/fsctl.h"
#include "proto/smb2/lock.h"
#include "proto/smb2/oplock_break.h"
#include "proto/smb2/query_info.h"
#include "proto/smb2/read.h"
#include "proto/smb2/tree_connect.h"
#include "proto/smb2/write.h"

#define BUF_MAX 1024

static struct rd
body_of(struct span msg)
{
	struct rd r = rd_init(msg);

	rd_zero(&r, SMB2_HDR_SIZE);
	return r;
}

/* A writer that stands behind a blank header at buf. */
static struct wr
behind_header(uint8_t *buf, size_t cap)
{
	struct wr w = wr_init(buf, cap);

	wr_zero(&w, SMB2_HDR_SIZE);
	return w;
}

/* The fixed part of a recorded WRITE, with the payload announced but not there. */
static nt
prefix(uint16_t data_off, uint32_t length, size_t element_len, struct smb2_write_req *ret)
{
	uint8_t buf[BUF_MAX];
	struct span msg = vector_load("smb2/write/windows_300_req.hex", buf, sizeof buf);
	struct wr w	= { .base = buf, .pos = msg.n, .cap = msg.n };
	struct rd r	= body_of(SPAN(buf, SMB2_HDR_SIZE + SMB2_WRITE_REQ_FIXED));
	uint32_t off	= 0;

	wr_patch16(&w, SMB2_HDR_SIZE + 2, data_off);
	wr_patch32(&w, SMB2_HDR_SIZE + 4, length);
	TRY(smb2_write_req_decode_prefix(&r, element_len, ret, &off));
	assert_int_equal(off, data_off);
	return STATUS_SUCCESS;
}

static void
write_prefix_checks_the_payload_against_the_announced_length(void **state)
{
	struct smb2_write_req c;

	(void)state;
	assert_status(prefix(112, 23, 135, &c), STATUS_SUCCESS);
	assert_int_equal(c.length, 23);
	assert_int_equal(c.data.n, 0);
	assert_status(prefix(112, 1u << 20, 112 + (1u << 20), &c), STATUS_SUCCESS);
	assert_status(prefix(112, 24, 135, &c), STATUS_INVALID_PARAMETER);
	assert_status(prefix(113, 23, 135, &c), STATUS_INVALID_PARAMETER);
	assert_status(prefix(111, 23, 135, &c), STATUS_INVALID_PARAMETER);
	assert_status(prefix(64, 23, 135, &c), STATUS_INVALID_PARAMETER);
	assert_status(prefix(136, 1, 135, &c), STATUS_INVALID_PARAMETER);
	assert_status(prefix(112, 0xFFFFFFFF, 135, &c), STATUS_INVALID_PARAMETER);
	assert_status(prefix(0, 0, 112, &c), STATUS_SUCCESS);
}

static void
write_head_and_payload_make_the_whole_request(void **state)
{
	uint8_t whole[BUF_MAX], head[BUF_MAX];
	struct smb2_write_req c = {
		.offset = 5, .fid = { 1, 2 }, .data = SPAN_STR("payload"), .length = 7
	};
	struct wr w1 = behind_header(whole, sizeof whole), w2 = behind_header(head, sizeof head);

	(void)state;
	smb2_write_req_encode(&w1, 0, &c);
	smb2_write_req_encode_head(&w2, 0, &c);
	wr_span(&w2, c.data);
	assert_span(wr_done(&w1), head, w2.pos);
}

static void
read_head_and_payload_make_the_whole_response(void **state)
{
	uint8_t whole[BUF_MAX], head[BUF_MAX];
	struct smb2_read_rsp c = { .data = SPAN_STR("payload") };
	struct wr w1 = behind_header(whole, sizeof whole), w2 = behind_header(head, sizeof head);

	(void)state;
	smb2_read_rsp_encode(&w1, 0, &c);
	smb2_read_rsp_encode_head(&w2, 0, 7);
	assert_int_equal(w2.pos, SMB2_READ_RSP_DATA_OFFSET);
	wr_span(&w2, c.data);
	assert_span(wr_done(&w1), head, w2.pos);
}

static void
encoders_count_offsets_from_their_own_header(void **state)
{
	struct smb2_query_info_rsp c = { .output = SPAN_STR("info") };
	uint8_t buf[BUF_MAX];
	struct wr w = wr_init(buf, sizeof buf);
	struct rd r;

	(void)state;
	wr_zero(&w, 40 + SMB2_HDR_SIZE);
	smb2_query_info_rsp_encode(&w, 40, &c);
	assert_true(wr_ok(&w));
	r = body_of(SPAN(buf + 40, w.pos - 40));
	assert_status(smb2_query_info_rsp_decode(&r, &c), STATUS_SUCCESS);
	assert_span(c.output, "info", 4);
}

static void
encoders_refuse_to_stand_elsewhere_or_to_overflow(void **state)
{
	struct smb2_query_info_rsp c = { .output = SPAN_STR("info") };
	uint8_t buf[SMB2_HDR_SIZE + 11];
	struct wr w = wr_init(buf, sizeof buf);

	(void)state;
	smb2_query_info_rsp_encode(&w, 0, &c);
	assert_false(wr_ok(&w));
	w = behind_header(buf, sizeof buf);
	smb2_query_info_rsp_encode(&w, 0, &c);
	assert_false(wr_ok(&w));
}

static void
lock_elements_are_read_where_they_stand(void **state)
{
	uint8_t buf[BUF_MAX];
	struct rd r = body_of(vector_load("smb2/lock/samba_two_req.hex", buf, sizeof buf));
	struct smb2_lock_req c;

	(void)state;
	assert_status(smb2_lock_req_decode(&r, &c), STATUS_SUCCESS);
	assert_int_equal(c.elements.n, (size_t)c.count * SMB2_LOCK_ELEMENT_SIZE);
	for (uint16_t i = 0; i < c.count; i++) {
		struct smb2_lock_element e = smb2_lock_element_at(c.elements, i);
		uint8_t again[SMB2_LOCK_ELEMENT_SIZE];
		struct wr w = wr_init(again, sizeof again);

		smb2_lock_element_encode(&w, &e);
		assert_memory_equal(again, c.elements.p + i * SMB2_LOCK_ELEMENT_SIZE, 20);
	}
}

static void
lock_count_beyond_the_message_is_refused(void **state)
{
	uint8_t buf[BUF_MAX];
	struct span msg = vector_load("smb2/lock/samba_req.hex", buf, sizeof buf);
	struct rd r;
	struct smb2_lock_req c;

	(void)state;
	buf[SMB2_HDR_SIZE + 2] = 2;
	r		       = body_of(msg);
	assert_status(smb2_lock_req_decode(&r, &c), STATUS_INVALID_PARAMETER);
	buf[SMB2_HDR_SIZE + 2] = buf[SMB2_HDR_SIZE + 3] = 0xFF;
	r						= body_of(msg);
	assert_status(smb2_lock_req_decode(&r, &c), STATUS_INVALID_PARAMETER);
}

static void
tree_connect_extension_is_read_only_when_asked_for(void **state)
{
	struct smb2_tree_connect_req c;
	struct smb2_tree_connect_ext e;
	uint8_t buf[BUF_MAX];
	struct wr w = behind_header(buf, sizeof buf);
	struct rd r;

	(void)state;
	wr_u16(&w, 9);
	wr_u16(&w, SMB2_TREE_CONNECT_FLAG_EXTENSION_PRESENT);
	wr_u16(&w, 88); /* PathOffset, from the header */
	wr_u16(&w, 4);
	wr_u32(&w, 32); /* TreeConnectContextOffset, from StructureSize */
	wr_u16(&w, 1);
	wr_zero(&w, 10);
	wr_bytes(&w, "a\0b\0", 4);
	wr_zero(&w, 4);
	wr_bytes(&w, "CONTEXT!", 8);
	r = body_of(wr_done(&w));
	assert_status(smb2_tree_connect_req_decode(&r, &c), STATUS_SUCCESS);
	assert_span(c.path, "a\0b\0", 4);
	assert_status(smb2_tree_connect_ext_decode(&c, &e), STATUS_SUCCESS);
	assert_int_equal(e.context_count, 1);
	assert_span(e.contexts, "CONTEXT!", 8);

	wr_patch32(&w, SMB2_HDR_SIZE + 8, 7);
	assert_status(smb2_tree_connect_ext_decode(&c, &e), STATUS_INVALID_PARAMETER);
	wr_patch32(&w, SMB2_HDR_SIZE + 8, 4000);
	assert_status(smb2_tree_connect_ext_decode(&c, &e), STATUS_INVALID_PARAMETER);
}

static void
error_without_data_is_nine_bytes_long(void **state)
{
	struct smb2_error_rsp c = { 0 };
	uint8_t buf[BUF_MAX];
	struct wr w = behind_header(buf, sizeof buf);
	struct rd r;

	(void)state;
	smb2_error_rsp_encode(&w, 0, &c);
	assert_int_equal(w.pos, SMB2_HDR_SIZE + 9);
	r = body_of(wr_done(&w));
	assert_status(smb2_error_rsp_decode(&r, &c), STATUS_SUCCESS);
	assert_int_equal(c.data.n, 0);
}

static struct smb2_symlink_error
a_symlink(void)
{
	return (struct smb2_symlink_error){ .unparsed_length = 6,
					    .flags	     = SMB2_SYMLINK_FLAG_RELATIVE,
					    .substitute	     = SPAN("t\0o\0", 4),
					    .print	     = SPAN("T\0O\0P\0", 6) };
}

static void
symlink_error_travels_in_an_error_context(void **state)
{
	struct smb2_symlink_error got, want = a_symlink();
	struct smb2_error_context ctx = { .id = SMB2_ERROR_ID_DEFAULT };
	uint8_t inner[BUF_MAX], outer[BUF_MAX];
	struct wr w1 = wr_init(inner, sizeof inner), w2 = wr_init(outer, sizeof outer);
	struct span list;

	(void)state;
	smb2_symlink_error_encode(&w1, &want);
	ctx.data = wr_done(&w1);
	smb2_error_context_encode(&w2, &ctx);
	wr_align(&w2, 8);
	smb2_error_context_encode(&w2, &ctx);
	list = wr_done(&w2);
	for (int i = 0; i < 2; i++) {
		assert_status(smb2_error_context_next(&list, &ctx), STATUS_SUCCESS);
		assert_status(smb2_symlink_error_decode(ctx.data, &got), STATUS_SUCCESS);
		assert_true(span_eq(got.substitute, want.substitute));
		assert_true(span_eq(got.print, want.print));
		assert_int_equal(got.unparsed_length, 6);
		assert_int_equal(got.flags, SMB2_SYMLINK_FLAG_RELATIVE);
	}
	assert_int_equal(list.n, 0);
}

static void
fsctl_attack(struct span s)
{
	struct smb2_validate_negotiate_req a;
	struct smb2_copychunk_req b;
	struct smb2_interface c;
	struct fsctl_pipe_wait_req d;
	struct fsctl_dfs_referral_req e;
	struct smb2_symlink_error f;
	struct smb2_error_context g;
	struct span list = s;

	(void)!nt_ok(smb2_validate_negotiate_req_decode(s, &a));
	if (nt_ok(smb2_copychunk_req_decode(s, &b)))
		assert_int_equal(b.chunks.n, (size_t)b.count * SMB2_COPYCHUNK_ELEMENT);
	while (list.n > 0 && nt_ok(smb2_interface_next(&list, &c)))
		continue;
	for (list = s; list.n > 0 && nt_ok(smb2_error_context_next(&list, &g));)
		continue;
	(void)!nt_ok(fsctl_pipe_wait_req_decode(s, &d));
	(void)!nt_ok(fsctl_dfs_referral_req_decode(s, &e));
	(void)!nt_ok(smb2_symlink_error_decode(s, &f));
}

/* A body, cut and mutated, through every decoder of this kind. */
static void
attack(const struct wr *w)
{
	assert_true(wr_ok(w));
	check_cuts(wr_done(w), fsctl_attack);
	check_mutations(wr_done(w), fsctl_attack);
}

static void
symlink_error_cut_and_mutated_does_no_harm(void **state)
{
	struct smb2_symlink_error c = a_symlink();
	uint8_t buf[BUF_MAX];
	struct wr w = wr_init(buf, sizeof buf);

	(void)state;
	smb2_symlink_error_encode(&w, &c);
	attack(&w);
}

static void
copychunk_count_is_bounded_by_the_buffer(void **state)
{
	struct smb2_copychunk chunk = { .source_offset = 1, .target_offset = 2, .length = 3 };
	struct smb2_copychunk_req c = { .source_key = { 9 }, .count = 2 };
	uint8_t chunks[2 * SMB2_COPYCHUNK_ELEMENT], buf[BUF_MAX];
	struct wr w1 = wr_init(chunks, sizeof chunks), w2 = wr_init(buf, sizeof buf);

	(void)state;
	smb2_copychunk_encode(&w1, &chunk);
	chunk.source_offset = 11;
	smb2_copychunk_encode(&w1, &chunk);
	c.chunks = wr_done(&w1);
	smb2_copychunk_req_encode(&w2, &c);
	assert_status(smb2_copychunk_req_decode(wr_done(&w2), &c), STATUS_SUCCESS);
	assert_int_equal(c.count, 2);
	assert_int_equal(smb2_copychunk_at(c.chunks, 1).source_offset, 11);
	assert_int_equal(smb2_copychunk_at(c.chunks, 1).length, 3);
	attack(&w2);
	wr_patch32(&w2, 24, 3);
	assert_status(smb2_copychunk_req_decode(wr_done(&w2), &c), STATUS_INVALID_PARAMETER);
	wr_patch32(&w2, 24, 0xFFFFFFFF);
	assert_status(smb2_copychunk_req_decode(wr_done(&w2), &c), STATUS_INVALID_PARAMETER);
}

static void
copychunk_of_smbtorture_reads_as_sent(void **state)
{
	uint8_t buf[BUF_MAX];
	struct span msg = vector_load("smb2/ioctl/samba_copychunk_req.hex", buf, sizeof buf);
	struct smb2_copychunk_req c;

	(void)state;
	assert_status(smb2_copychunk_req_decode(SPAN(msg.p + 120, msg.n - 120), &c),
		      STATUS_SUCCESS);
	assert_int_equal(c.count, 1);
	assert_true(smb2_copychunk_at(c.chunks, 0).length > 0);
}

static void
interface_list_has_an_end(void **state)
{
	struct smb2_interface v4 = {
		.index = 1, .link_speed = 1000000000, .addr = { 127, 0, 0, 1 }, .port = 445
	};
	struct smb2_interface v6 = { .index	 = 2,
				     .capability = SMB2_NIC_RSS_CAPABLE,
				     .is_ipv6	 = true,
				     .addr	 = { [15] = 1 } };
	struct smb2_interface got;
	uint8_t buf[BUF_MAX];
	struct wr w = wr_init(buf, sizeof buf);
	struct span list;

	(void)state;
	smb2_interface_encode(&w, &v4, false);
	smb2_interface_encode(&w, &v6, true);
	assert_int_equal(w.pos, 2 * 152);
	list = wr_done(&w);
	assert_status(smb2_interface_next(&list, &got), STATUS_SUCCESS);
	assert_false(got.is_ipv6);
	assert_memory_equal(got.addr, v4.addr, 4);
	assert_int_equal(got.port, 445);
	assert_int_equal(got.link_speed, 1000000000);
	assert_status(smb2_interface_next(&list, &got), STATUS_SUCCESS);
	assert_true(got.is_ipv6);
	assert_memory_equal(got.addr, v6.addr, 16);
	assert_int_equal(list.n, 0);
	attack(&w);
}

static void
interface_list_refuses_steps_without_progress(void **state)
{
	static const uint32_t bad[] = { 1, 8, 151, 305, 0xFFFFFFFF };
	struct smb2_interface c	    = { .index = 1 };
	uint8_t buf[BUF_MAX];
	struct wr w = wr_init(buf, sizeof buf);

	(void)state;
	smb2_interface_encode(&w, &c, false);
	smb2_interface_encode(&w, &c, true);
	for (size_t i = 0; i < NELEM(bad); i++) {
		struct span list = wr_done(&w);

		wr_patch32(&w, 0, bad[i]);
		assert_status(smb2_interface_next(&list, &c), STATUS_INVALID_PARAMETER);
	}
}

static void
validate_negotiate_survives_the_round_trip(void **state)
{
	static const uint8_t dialects[]	     = { 0x02, 0x02, 0x00, 0x03 };
	struct smb2_validate_negotiate_req q = { .capabilities	= 0x7F,
						 .guid		= { 1 },
						 .security_mode = 1,
						 .dialect_count = 2,
						 .dialects	= SPAN(dialects, 4) };
	struct smb2_validate_negotiate_rsp s = {
		.capabilities = 1, .guid = { 2 }, .security_mode = 3, .dialect = 0x302
	};
	uint8_t buf[BUF_MAX];
	struct wr w = wr_init(buf, sizeof buf);

	(void)state;
	smb2_validate_negotiate_req_encode(&w, &q);
	assert_status(smb2_validate_negotiate_req_decode(wr_done(&w), &q), STATUS_SUCCESS);
	assert_span(q.dialects, dialects, 4);
	attack(&w);
	w = wr_init(buf, sizeof buf);
	smb2_validate_negotiate_rsp_encode(&w, &s);
	assert_int_equal(w.pos, 24);
	assert_status(smb2_validate_negotiate_rsp_decode(wr_done(&w), &s), STATUS_SUCCESS);
	assert_int_equal(s.dialect, 0x302);
	assert_int_equal(s.guid[0], 2);
}

static void
small_fsctl_bodies_survive_the_round_trip(void **state)
{
	struct fsctl_pipe_wait_req p	= { .timeout	   = 7,
					    .timeout_given = true,
					    .name	   = SPAN("p\0", 2) };
	struct fsctl_dfs_referral_req d = { .max_level = 4, .path = SPAN("\\\0a\0", 4) };
	struct smb2_resume_key_rsp k	= { .key = { 5 } };
	struct smb2_resiliency_req t	= { .timeout = 30000 };
	uint8_t buf[4][64];
	struct wr w[4];

	(void)state;
	for (int i = 0; i < 4; i++)
		w[i] = wr_init(buf[i], sizeof buf[i]);
	fsctl_pipe_wait_req_encode(&w[0], &p);
	fsctl_dfs_referral_req_encode(&w[1], &d);
	smb2_resume_key_rsp_encode(&w[2], &k);
	smb2_resiliency_req_encode(&w[3], &t);
	assert_status(fsctl_pipe_wait_req_decode(wr_done(&w[0]), &p), STATUS_SUCCESS);
	assert_true(p.timeout_given);
	assert_span(p.name, "p\0", 2);
	assert_status(fsctl_dfs_referral_req_decode(wr_done(&w[1]), &d), STATUS_SUCCESS);
	assert_span(d.path, "\\\0a\0", 4);
	assert_int_equal(w[2].pos, 32);
	assert_status(smb2_resume_key_rsp_decode(wr_done(&w[2]), &k), STATUS_SUCCESS);
	assert_int_equal(k.key[0], 5);
	assert_status(smb2_resiliency_req_decode(wr_done(&w[3]), &t), STATUS_SUCCESS);
	assert_int_equal(t.timeout, 30000);
	attack(&w[0]);
	attack(&w[1]);
}

static void
dfs_path_without_terminator_is_refused(void **state)
{
	struct fsctl_dfs_referral_req d;

	(void)state;
	assert_status(fsctl_dfs_referral_req_decode(SPAN("\4\0\\\0a\0", 6), &d),
		      STATUS_INVALID_PARAMETER);
	assert_status(fsctl_dfs_referral_req_decode(SPAN("\4\0\\\0\0", 5), &d),
		      STATUS_INVALID_PARAMETER);
}

static void
break_acknowledgement_refuses_the_size_of_a_notification(void **state)
{
	uint8_t buf[BUF_MAX];
	struct rd r =
	    body_of(vector_load("smb2/oplock_break/samba_lease_notify.hex", buf, sizeof buf));
	struct smb2_oplock_break_req c;
	struct smb2_oplock_break_notify n;

	(void)state;
	assert_status(smb2_oplock_break_req_decode(&r, &c), STATUS_INVALID_PARAMETER);
	r = body_of(vector_load("smb2/oplock_break/samba_lease_req.hex", buf, sizeof buf));
	assert_status(smb2_oplock_break_notify_decode(&r, &n), STATUS_INVALID_PARAMETER);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(write_prefix_checks_the_payload_against_the_announced_length),
		cmocka_unit_test(write_head_and_payload_make_the_whole_request),
		cmocka_unit_test(read_head_and_payload_make_the_whole_response),
		cmocka_unit_test(encoders_count_offsets_from_their_own_header),
		cmocka_unit_test(encoders_refuse_to_stand_elsewhere_or_to_overflow),
		cmocka_unit_test(lock_elements_are_read_where_they_stand),
		cmocka_unit_test(lock_count_beyond_the_message_is_refused),
		cmocka_unit_test(tree_connect_extension_is_read_only_when_asked_for),
		cmocka_unit_test(error_without_data_is_nine_bytes_long),
		cmocka_unit_test(symlink_error_travels_in_an_error_context),
		cmocka_unit_test(symlink_error_cut_and_mutated_does_no_harm),
		cmocka_unit_test(copychunk_count_is_bounded_by_the_buffer),
		cmocka_unit_test(copychunk_of_smbtorture_reads_as_sent),
		cmocka_unit_test(interface_list_has_an_end),
		cmocka_unit_test(interface_list_refuses_steps_without_progress),
		cmocka_unit_test(validate_negotiate_survives_the_round_trip),
		cmocka_unit_test(small_fsctl_bodies_survive_the_round_trip),
		cmocka_unit_test(dfs_path_without_terminator_is_refused),
		cmocka_unit_test(break_acknowledgement_refuses_the_size_of_a_notification),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
