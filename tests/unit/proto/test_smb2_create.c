/*
 * test_smb2_create.c - CREATE and its contexts: what is refused, and that each
 * typed context says again what it said.
 */
#include "tests/unit/check.h"

#include "proto/smb2/create.h"
#include "proto/smb2/ctx_create.h"

#define BUF_MAX 1024

/* CREATE request fields counted from the SMB2 header. */
enum at {
	AT_NAME_OFFSET	   = 64 + 44,
	AT_NAME_LENGTH	   = 64 + 46,
	AT_CONTEXTS_OFFSET = 64 + 48,
	AT_CONTEXTS_LENGTH = 64 + 52,
};

static nt
decode(struct span msg, struct smb2_create_req *c)
{
	struct rd r = rd_init(msg);

	rd_zero(&r, SMB2_HDR_SIZE);
	return smb2_create_req_decode(&r, c);
}

/* The status of a recorded request with one 16-bit field changed. */
static nt
decode_poked(const char *vector, size_t at, uint16_t value)
{
	uint8_t buf[BUF_MAX];
	struct span msg = vector_load(vector, buf, sizeof buf);
	struct wr w	= { .base = buf, .pos = msg.n, .cap = msg.n };
	struct smb2_create_req c;

	wr_patch16(&w, at, value);
	return decode(msg, &c);
}

static void
create_req_borrows_name_and_contexts(void **state)
{
	uint8_t buf[BUF_MAX];
	struct span msg = vector_load("smb2/create/samba_lease2_req.hex", buf, sizeof buf);
	struct smb2_create_req c;

	(void)state;
	assert_status(decode(msg, &c), STATUS_SUCCESS);
	assert_ptr_equal(c.name.p, buf + SMB2_HDR_SIZE + 56);
	assert_int_equal(c.oplock_level, SMB2_OPLOCK_LEVEL_LEASE);
	assert_int_equal((size_t)(c.contexts.p - buf) % 8, 0);
	assert_int_equal(c.contexts.p + c.contexts.n - buf, msg.n);
}

static void
create_req_refuses_name_inside_header(void **state)
{
	const char *v = "smb2/create/samba_plain_req.hex";

	(void)state;
	assert_status(decode_poked(v, AT_NAME_OFFSET, 8), STATUS_INVALID_PARAMETER);
	assert_status(decode_poked(v, AT_NAME_OFFSET, 119), STATUS_INVALID_PARAMETER);
	assert_status(decode_poked(v, AT_NAME_OFFSET, 0xFFFF), STATUS_INVALID_PARAMETER);
	assert_status(decode_poked(v, AT_NAME_OFFSET, 120), STATUS_SUCCESS);
}

static void
create_req_refuses_odd_and_overlong_names(void **state)
{
	const char *v = "smb2/create/samba_plain_req.hex";

	(void)state;
	assert_status(decode_poked(v, AT_NAME_LENGTH, 3), STATUS_INVALID_PARAMETER);
	assert_status(decode_poked(v, AT_NAME_LENGTH, 14), STATUS_INVALID_PARAMETER);
	assert_status(decode_poked(v, AT_NAME_LENGTH, 0xFFFE), STATUS_INVALID_PARAMETER);
	assert_status(decode_poked(v, AT_NAME_LENGTH, 2), STATUS_SUCCESS);
}

static void
create_req_refuses_contexts_that_are_crooked_or_outside(void **state)
{
	const char *v = "smb2/create/samba_lease2_req.hex";

	(void)state;
	assert_status(decode_poked(v, AT_CONTEXTS_OFFSET, 164), STATUS_INVALID_PARAMETER);
	assert_status(decode_poked(v, AT_CONTEXTS_OFFSET, 64), STATUS_INVALID_PARAMETER);
	assert_status(decode_poked(v, AT_CONTEXTS_LENGTH, 0xFF00), STATUS_INVALID_PARAMETER);
}

static void
create_req_of_the_root_has_an_empty_name(void **state)
{
	uint8_t buf[BUF_MAX];
	struct smb2_create_req c;

	(void)state;
	assert_status(decode(vector_load("smb2/create/samba_root_req.hex", buf, sizeof buf), &c),
		      STATUS_SUCCESS);
	assert_int_equal(c.name.n, 0);
	assert_int_equal(c.contexts.n, 0);
}

/* Everything a request can say, with all kinds present but unknown ones. */
static struct smb2_create_ctxs_req
full_req(void)
{
	return (struct smb2_create_ctxs_req){
		.present	  = ((1u << SMB2_CTX_MAX) - 1) & ~1u,
		.ea		  = SPAN_STR("extended attributes"),
		.sd		  = SPAN_STR("descriptor"),
		.dhnc		  = { 1, 2 },
		.mxac_timestamp	  = 3,
		.allocation_size  = 4,
		.timewarp	  = 5,
		.lease		  = { .version	  = 2,
				      .key	  = { 6 },
				      .state	  = 7,
				      .flags	  = 4,
				      .duration	  = 8,
				      .parent_key = { 9 },
				      .epoch	  = 10 },
		.dh2q		  = { 11, SMB2_DHANDLE_FLAG_PERSISTENT, { 12 } },
		.dh2c		  = { { 13, 14 }, { 15 }, 16 },
		.app_instance_id  = { 17 },
		.app_version_high = 18,
		.app_version_low  = 19,
		.svhdx		  = SPAN_STR("disk"),
		.aapl		  = SPAN_STR("apple"),
		.posix		  = SPAN_STR("mode"),
	};
}

static void
request_contexts_say_again_what_they_said(void **state)
{
	struct smb2_create_ctxs_req want = full_req(), got;
	uint8_t buf[BUF_MAX];
	struct wr w = wr_init(buf, sizeof buf);

	(void)state;
	smb2_create_ctxs_req_encode(&w, &want);
	assert_true(wr_ok(&w));
	assert_status(smb2_create_ctxs_req_decode(wr_done(&w), &got), STATUS_SUCCESS);
	assert_int_equal(got.present, want.present);
	assert_true(span_eq(got.ea, want.ea) && span_eq(got.sd, want.sd));
	assert_true(smb2_fid_eq(got.dhnc, want.dhnc) && smb2_fid_eq(got.dh2c.fid, want.dh2c.fid));
	assert_int_equal(got.mxac_timestamp, 3);
	assert_int_equal(got.allocation_size, 4);
	assert_int_equal(got.timewarp, 5);
	assert_int_equal(got.lease.version, 2);
	assert_int_equal(got.lease.state, 7);
	assert_int_equal(got.lease.epoch, 10);
	assert_int_equal(got.lease.parent_key[0], 9);
	assert_int_equal(got.dh2q.create_guid[0], 12);
	assert_int_equal(got.dh2c.flags, 16);
	assert_int_equal(got.app_instance_id[0], 17);
	assert_int_equal(got.app_version_high, 18);
	assert_int_equal(got.app_version_low, 19);
	assert_true(span_eq(got.svhdx, want.svhdx) && span_eq(got.aapl, want.aapl) &&
		    span_eq(got.posix, want.posix));
}

static void
response_contexts_say_again_what_they_said(void **state)
{
	struct smb2_create_ctxs_rsp got, want = {
		.present = 1u << SMB2_CTX_DHNQ | 1u << SMB2_CTX_MXAC | 1u << SMB2_CTX_RQLS |
			   1u << SMB2_CTX_QFID | 1u << SMB2_CTX_DH2Q,
		.mxac_access = 0x1F01FF,
		.lease	     = { .version = 1, .key = { 1 }, .state = 3 },
		.disk_id     = { 2 },
		.volume_id   = { 3 },
		.dh2q	     = { .timeout = 60000 },
	};
	uint8_t buf[SMB2_CREATE_CTXS_RSP_MAX];
	struct wr w = wr_init(buf, sizeof buf);

	(void)state;
	smb2_create_ctxs_rsp_encode(&w, &want);
	assert_true(wr_ok(&w));
	assert_status(smb2_create_ctxs_rsp_decode(wr_done(&w), &got), STATUS_SUCCESS);
	assert_int_equal(got.present, want.present);
	assert_int_equal(got.mxac_access, want.mxac_access);
	assert_int_equal(got.lease.version, 1);
	assert_int_equal(got.lease.key[0], 1);
	assert_int_equal(got.disk_id[0], 2);
	assert_int_equal(got.volume_id[0], 3);
	assert_int_equal(got.dh2q.timeout, 60000);
}

static void
context_attack(struct span list)
{
	struct smb2_create_ctxs_req req;
	struct smb2_create_ctxs_rsp rsp;

	if (nt_ok(smb2_create_ctxs_req_decode(list, &req)))
		assert_int_equal(req.present >> SMB2_CTX_MAX, 0);
	if (nt_ok(smb2_create_ctxs_rsp_decode(list, &rsp)))
		assert_int_equal(rsp.present >> SMB2_CTX_MAX, 0);
}

static void
cut_and_mutated_contexts_do_no_harm(void **state)
{
	struct smb2_create_ctxs_req c = full_req();
	uint8_t buf[BUF_MAX];
	struct wr w = wr_init(buf, sizeof buf);

	(void)state;
	smb2_create_ctxs_req_encode(&w, &c);
	check_cuts(wr_done(&w), context_attack);
	check_mutations(wr_done(&w), context_attack);
}

/* One context with the given name and n bytes of data, by hand. */
static struct span
one_context(uint8_t *buf, const char *name, size_t n)
{
	struct wr w	= wr_init(buf, BUF_MAX);
	size_t name_len = strlen(name);
	size_t data_off = (16 + name_len + 7) & ~(size_t)7;

	wr_u32(&w, 0);
	wr_u16(&w, 16);
	wr_u16(&w, (uint16_t)name_len);
	wr_u16(&w, 0);
	wr_u16(&w, (uint16_t)data_off);
	wr_u32(&w, (uint32_t)n);
	wr_bytes(&w, name, name_len);
	wr_align(&w, 8);
	wr_zero(&w, n);
	return wr_done(&w);
}

static void
contexts_of_a_wrong_size_are_refused(void **state)
{
	static const struct {
		const char *name;
		size_t right;
	} cases[] = {
		{ "DHnQ", 16 }, { "DHnC", 16 }, { "AlSi", 8 },	{ "TWrp", 8 },	{ "QFid", 0 },
		{ "RqLs", 32 }, { "RqLs", 52 }, { "DH2Q", 32 }, { "DH2C", 36 }, { "MxAc", 8 },
	};
	struct smb2_create_ctxs_req c;
	uint8_t buf[BUF_MAX];

	(void)state;
	for (size_t i = 0; i < NELEM(cases); i++) {
		const char *name = cases[i].name;
		size_t n	 = cases[i].right;

		assert_status(smb2_create_ctxs_req_decode(one_context(buf, name, n), &c),
			      STATUS_SUCCESS);
		assert_status(smb2_create_ctxs_req_decode(one_context(buf, name, n + 1), &c),
			      STATUS_INVALID_PARAMETER);
		if (n > 0)
			assert_status(
			    smb2_create_ctxs_req_decode(one_context(buf, name, n - 1), &c),
			    STATUS_INVALID_PARAMETER);
	}
	assert_status(smb2_create_ctxs_req_decode(one_context(buf, "MxAc", 0), &c), STATUS_SUCCESS);
}

/* Windows refuses names below four bytes and skips longer ones that it does not know. */
static void
unknown_contexts_are_skipped_and_short_names_refused(void **state)
{
	struct smb2_create_ctxs_req c;
	uint8_t buf[BUF_MAX];

	(void)state;
	assert_status(smb2_create_ctxs_req_decode(one_context(buf, "", 8), &c),
		      STATUS_INVALID_PARAMETER);
	assert_status(smb2_create_ctxs_req_decode(one_context(buf, "xxx", 8), &c),
		      STATUS_INVALID_PARAMETER);
	assert_status(smb2_create_ctxs_req_decode(one_context(buf, "xxxx", 8), &c), STATUS_SUCCESS);
	assert_int_equal(c.present, 0);
	assert_status(smb2_create_ctxs_req_decode(one_context(buf, "xxxxxxxxxxxxxxxxx", 8), &c),
		      STATUS_SUCCESS);
}

static void
the_same_context_twice_is_refused(void **state)
{
	struct smb2_create_ctxs_req c;
	uint8_t one[BUF_MAX], two[BUF_MAX];
	struct span s = one_context(one, "AlSi", 8);
	struct wr w   = wr_init(two, sizeof two);

	(void)state;
	assert_int_equal(s.n % 8, 0);
	wr_span(&w, s);
	wr_patch32(&w, 0, (uint32_t)s.n);
	wr_span(&w, s);
	assert_status(smb2_create_ctxs_req_decode(wr_done(&w), &c), STATUS_INVALID_PARAMETER);
}

static void
context_walk_refuses_steps_without_progress(void **state)
{
	static const uint32_t bad[] = { 1, 4, 8, 15, 20, 36, 32, 0x80000000u, 0xFFFFFFF8u };
	uint8_t buf[BUF_MAX];
	struct span s = one_context(buf, "AlSi", 8);
	struct wr w   = { .base = buf, .pos = s.n, .cap = s.n };

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) {
		struct smb2_ctx_iter it = { .left = s };
		struct smb2_create_ctx c;

		wr_patch32(&w, 0, bad[i]);
		assert_status(smb2_create_ctx_next(&it, &c), STATUS_INVALID_PARAMETER);
		assert_int_equal(it.left.n, s.n);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(create_req_borrows_name_and_contexts),
		cmocka_unit_test(create_req_refuses_name_inside_header),
		cmocka_unit_test(create_req_refuses_odd_and_overlong_names),
		cmocka_unit_test(create_req_refuses_contexts_that_are_crooked_or_outside),
		cmocka_unit_test(create_req_of_the_root_has_an_empty_name),
		cmocka_unit_test(request_contexts_say_again_what_they_said),
		cmocka_unit_test(response_contexts_say_again_what_they_said),
		cmocka_unit_test(cut_and_mutated_contexts_do_no_harm),
		cmocka_unit_test(contexts_of_a_wrong_size_are_refused),
		cmocka_unit_test(unknown_contexts_are_skipped_and_short_names_refused),
		cmocka_unit_test(the_same_context_twice_is_refused),
		cmocka_unit_test(context_walk_refuses_steps_without_progress),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
