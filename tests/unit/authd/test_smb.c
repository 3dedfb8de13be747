/*
 * test_smb.c - a controller's named pipe whose far end the test plays: nobody and
 * the machine account, fragments either way, and answers that are none.
 * [MS-SMB2] 3.2.5
 */
#include "tests/unit/check.h"

#include "proto/smb2/crypto.h"
#include "tests/unit/authd/smb_server.h"

static const uint8_t hash[NTLM_KEY_SIZE] = { 1 };
static const struct smb_who who = { .host = "dc1", .pipe = "netlogon", .user = "FS1$",
				    .domain = "AD", .workstation = "FS1", .hash = hash };

struct talk {
	struct smb smb;
	uint8_t out[SMB_OUT_ROOM]; /* the request on its way */
	size_t out_n;
	enum smb_event event;
};

static struct talk *
talk_new(void)
{
	struct talk *t = calloc(1, sizeof *t);
	struct wr w;

	assert_non_null(t);
	w = wr_init(t->out, sizeof t->out);
	assert_status(smb2_crypto_init(), STATUS_SUCCESS);
	smb_init(&t->smb, &who);
	assert_status(smb_begin(&t->smb, &w), STATUS_SUCCESS);
	t->out_n = w.pos;
	return t;
}

static void
talk_drop(struct talk *t)
{
	smb_drop(&t->smb);
	free(t);
}

static uint16_t
asked(const struct talk *t)
{
	return server_heard(SPAN(t->out, t->out_n)).command;
}

/* The answer to the request in out, in pieces of step bytes; what is sent then is in out. */
static nt
answer_in(struct talk *t, const struct answer *a, size_t step)
{
	struct smb2_hdr h = server_heard(SPAN(t->out, t->out_n));
	uint8_t room[8192];
	struct wr w = wr_init(room, sizeof room), out = wr_init(t->out, sizeof t->out);
	size_t start = transport_begin(&w), at = server_begin(&w, &h, a);
	nt status    = STATUS_SUCCESS;

	if (a->no_body) {
		wr_u16(&w, 9);
		wr_zero(&w, 7);
	} else {
		server_body(&w, at, h.command, a);
	}
	transport_end(&w, start);
	assert_true(wr_ok(&w));
	for (size_t i = 0; i < w.pos && nt_ok(status); i += step) {
		struct span part = SPAN(room + i, w.pos - i < step ? w.pos - i : step);

		status = smb_feed(&t->smb, &part, &out, &t->event);
		if (nt_ok(status))
			assert_int_equal(part.n, 0);
	}
	t->out_n = out.pos > 0 ? out.pos : t->out_n;
	return status;
}

static nt
answer(struct talk *t, struct answer a)
{
	return answer_in(t, &a, SIZE_MAX / 2);
}

#define OK   ((struct answer){ 0 })
#define MORE ((struct answer){ .status = STATUS_MORE_PROCESSING_REQUIRED })

static void
open_as_nobody(struct talk *t, size_t step)
{
	assert_status(answer_in(t, &OK, step), STATUS_SUCCESS);
	assert_int_equal(asked(t), SMB2_CMD_session_setup);
	assert_status(answer_in(t, &MORE, step), STATUS_SUCCESS);
	assert_int_equal(asked(t), SMB2_CMD_session_setup);
	assert_status(answer_in(t, &OK, step), STATUS_SUCCESS);
	assert_int_equal(asked(t), SMB2_CMD_tree_connect);
	assert_status(answer_in(t, &OK, step), STATUS_SUCCESS);
	assert_int_equal(asked(t), SMB2_CMD_create);
	assert_status(answer_in(t, &OK, step), STATUS_SUCCESS);
	assert_int_equal(t->event, SMB_OPEN);
	assert_false(t->smb.machine);
}

static void
pipe_stands_whatever_the_pieces(void **state)
{
	static const size_t steps[] = { 1, 3, 70, 4096 };

	(void)state;
	for (size_t i = 0; i < NELEM(steps); i++) {
		struct talk *t = talk_new();

		open_as_nobody(t, steps[i]);
		talk_drop(t);
	}
}

static void
put(struct talk *t, bool last)
{
	struct wr w = wr_init(t->out, sizeof t->out);

	assert_status(smb_put(&t->smb, &w, SPAN("abcd", 4), last), STATUS_SUCCESS);
	t->out_n = w.pos;
}

static void
fragments_go_by_write_and_the_last_by_transceive(void **state)
{
	struct talk *t = talk_new();

	(void)state;
	open_as_nobody(t, 4096);
	put(t, false);
	assert_int_equal(asked(t), SMB2_CMD_write);
	assert_status(answer(t, OK), STATUS_SUCCESS);
	assert_int_equal(t->event, SMB_READY);
	put(t, true);
	assert_int_equal(asked(t), SMB2_CMD_ioctl);
	assert_status(answer(t, (struct answer){ .bytes = SPAN("xyz", 3) }), STATUS_SUCCESS);
	assert_int_equal(t->event, SMB_BYTES);
	assert_true(span_eq(smb_bytes(&t->smb), SPAN("xyz", 3)));
	talk_drop(t);
}

static void
long_answer_is_read_on(void **state)
{
	struct talk *t = talk_new();
	struct wr w;

	(void)state;
	open_as_nobody(t, 4096);
	put(t, true);
	assert_status(answer(t, (struct answer){ .status = STATUS_BUFFER_OVERFLOW,
						 .bytes	 = SPAN("one", 3) }),
		      STATUS_SUCCESS);
	assert_int_equal(t->event, SMB_BYTES);
	w = wr_init(t->out, sizeof t->out);
	assert_status(smb_get(&t->smb, &w), STATUS_SUCCESS);
	t->out_n = w.pos;
	assert_int_equal(asked(t), SMB2_CMD_read);
	assert_status(answer(t, (struct answer){ .bytes = SPAN("two", 3) }), STATUS_SUCCESS);
	assert_true(span_eq(smb_bytes(&t->smb), SPAN("two", 3)));
	talk_drop(t);
}

static void
interim_answer_is_passed_over(void **state)
{
	struct talk *t = talk_new();

	(void)state;
	open_as_nobody(t, 4096);
	put(t, true);
	assert_status(answer(t, (struct answer){ .status  = STATUS_PENDING,
						 .flags	  = SMB2_FLAGS_ASYNC_COMMAND,
						 .no_body = true }),
		      STATUS_SUCCESS);
	assert_int_equal(t->event, SMB_NONE);
	assert_status(answer(t, (struct answer){ .bytes = SPAN("x", 1) }), STATUS_SUCCESS);
	assert_int_equal(t->event, SMB_BYTES);
	talk_drop(t);
}

/* ---- nobody, and the machine account ---- */

static void
machine_account_comes_where_nobody_is_refused(void **state)
{
	static const uint16_t at[] = { SMB2_CMD_session_setup, SMB2_CMD_tree_connect,
				       SMB2_CMD_create };

	(void)state;
	for (size_t i = 0; i < NELEM(at); i++) {
		struct talk *t = talk_new();

		assert_status(answer(t, OK), STATUS_SUCCESS);
		assert_status(answer(t, MORE), STATUS_SUCCESS);
		while (asked(t) != at[i])
			assert_status(answer(t, OK), STATUS_SUCCESS);
		assert_status(answer(t, (struct answer){ .status  = STATUS_ACCESS_DENIED,
							 .no_body = true }),
			      STATUS_SUCCESS);
		assert_true(t->smb.machine);
		assert_int_equal(asked(t), SMB2_CMD_session_setup);
		assert_true(server_heard(SPAN(t->out, t->out_n)).session_id == 0);
		/* refused as well: there is nobody left */
		assert_status(answer(t, (struct answer){ .status  = STATUS_LOGON_FAILURE,
							 .no_body = true }),
			      STATUS_LOGON_FAILURE);
		talk_drop(t);
	}
}

/* Up to the machine account's proof. */
static struct talk *
machine_proves(uint16_t dialect)
{
	struct talk *t = talk_new();

	assert_status(answer(t, (struct answer){ .dialect = dialect }), STATUS_SUCCESS);
	assert_status(answer(t, (struct answer){ .status = STATUS_LOGON_FAILURE, .no_body = true }),
		      STATUS_SUCCESS);
	assert_status(answer(t, MORE), STATUS_SUCCESS);
	assert_true(t->smb.machine);
	return t;
}

static void
machine_account_is_nobodys_guest(void **state)
{
	static const uint16_t flags[] = { 0, SMB2_SESSION_FLAG_IS_GUEST, SMB2_SESSION_FLAG_IS_NULL,
					  SMB2_SESSION_FLAG_ENCRYPT_DATA };
	static const uint16_t dialects[] = { SMB2_DIALECT_210, SMB2_DIALECT_311 };

	(void)state;
	for (size_t i = 0; i < NELEM(flags) * NELEM(dialects); i++) {
		struct talk *t = machine_proves(dialects[i / NELEM(flags)]);

		/* unsigned, or signed with what is no key of ours */
		assert_status(answer(t, (struct answer){ .session_flags = flags[i % NELEM(flags)],
							 .flags = i & 1 ? SMB2_FLAGS_SIGNED : 0 }),
			      STATUS_ACCESS_DENIED);
		talk_drop(t);
	}
}

/* ---- what is no answer ---- */

static void
nonsense_ends_it(void **state)
{
	static const struct answer lies[] = {
		{ .id_shift = 1 },
		{ .id_shift = (uint64_t)-1 },
		{ .command_shift = 1 },
		{ .credits = -1 },
		{ .next = 8 },
		{ .dialect = SMB2_DIALECT_202 },
		{ .dialect = 0x02ff },
		{ .dialect = 0x9999 },
		{ .no_body = true },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(lies); i++) {
		struct talk *t = talk_new();

		assert_status(answer(t, lies[i]), STATUS_UNEXPECTED_NETWORK_ERROR);
		assert_true(t->smb.why[0] != '\0');
		talk_drop(t);
	}
}

static void
feed_refuses(struct talk *t, struct span bytes)
{
	uint8_t room[SMB_OUT_ROOM];
	struct wr w = wr_init(room, sizeof room);

	assert_status(smb_feed(&t->smb, &bytes, &w, &t->event), STATUS_UNEXPECTED_NETWORK_ERROR);
}

static void
frames_have_bounds(void **state)
{
	static const uint8_t none[4], netbios[4] = { 0x83, 0, 0, 1 }, large[4] = { 0, 0, 0x40, 1 };
	static const struct span wrong[] = { { none, 4 }, { netbios, 4 }, { large, 4 } };

	(void)state;
	for (size_t i = 0; i < NELEM(wrong); i++) {
		struct talk *t = talk_new();

		feed_refuses(t, wrong[i]);
		talk_drop(t);
	}
}

static void
nothing_comes_unasked(void **state)
{
	struct talk *t = talk_new();

	(void)state;
	open_as_nobody(t, 4096);
	assert_status(answer(t, OK), STATUS_UNEXPECTED_NETWORK_ERROR);
	talk_drop(t);
}

static void
empty_pipe_is_a_broken_one(void **state)
{
	struct talk *t = talk_new();

	(void)state;
	open_as_nobody(t, 4096);
	put(t, true);
	assert_status(answer(t, OK), STATUS_UNEXPECTED_NETWORK_ERROR);
	talk_drop(t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pipe_stands_whatever_the_pieces),
		cmocka_unit_test(fragments_go_by_write_and_the_last_by_transceive),
		cmocka_unit_test(long_answer_is_read_on),
		cmocka_unit_test(interim_answer_is_passed_over),
		cmocka_unit_test(machine_account_comes_where_nobody_is_refused),
		cmocka_unit_test(machine_account_is_nobodys_guest),
		cmocka_unit_test(nonsense_ends_it),
		cmocka_unit_test(frames_have_bounds),
		cmocka_unit_test(nothing_comes_unasked),
		cmocka_unit_test(empty_pipe_is_a_broken_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
