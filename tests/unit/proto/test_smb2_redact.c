/*
 * test_smb2_redact.c - what of a message is shown: whatever the bytes are, nothing
 * behind the fixed part of what is secret.
 */
#include "proto/smb2/redact.h"

#include "proto/smb2/commands.h"
#include "proto/smb2/header.h"
#include "tests/unit/check.h"

#define BODY 200u

/* A chain of messages whose bodies are all X. */
static size_t
chain(uint8_t *p, size_t cap, const uint16_t *commands, size_t n, uint32_t flags)
{
	struct wr w = wr_init(p, cap);

	memset(p, 'X', cap);
	for (size_t i = 0; i < n; i++) {
		struct smb2_hdr h = { .command = commands[i], .flags = flags,
				      .next = i + 1 < n ? SMB2_HDR_SIZE + BODY : 0 };

		smb2_hdr_encode(&w, &h);
		w.pos += BODY;
	}
	assert_true(wr_ok(&w));
	return w.pos;
}

static size_t
count(const uint8_t *p, size_t n, uint8_t c)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += p[i] == c;
	return found;
}

static struct smb2_shown
one(uint16_t command, bool answer, bool payload, size_t *ret_left)
{
	uint8_t m[SMB2_HDR_SIZE + BODY];
	size_t n	    = chain(m, sizeof m, &command, 1, 0);
	struct smb2_shown s = smb2_redact(m, n, n, answer, payload);

	*ret_left = count(m + SMB2_HDR_SIZE, n - SMB2_HDR_SIZE, 'X');
	return s;
}

static void
tokens_are_never_shown(void **state)
{
	size_t left;
	struct smb2_shown s;

	(void)state;
	for (unsigned payload = 0; payload < 2; payload++) {
		s = one(SMB2_CMD_session_setup, false, payload, &left);
		assert_int_equal(left, 24);
		assert_true(s.blank && s.n == SMB2_HDR_SIZE + 24);
		s = one(SMB2_CMD_session_setup, true, payload, &left);
		assert_int_equal(left, 8);
		assert_true(s.blank && s.n == SMB2_HDR_SIZE + 8);
	}
}

static void
payload_is_shown_if_asked_for(void **state)
{
	static const struct {
		uint16_t command;
		bool answer;
		size_t left;
	} rows[] = { { SMB2_CMD_read, true, 16 },  { SMB2_CMD_write, false, 48 },
		     { SMB2_CMD_ioctl, false, 56 }, { SMB2_CMD_ioctl, true, 48 } };
	size_t left;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		(void)one(rows[i].command, rows[i].answer, false, &left);
		assert_int_equal(left, rows[i].left);
		(void)one(rows[i].command, rows[i].answer, true, &left);
		assert_int_equal(left, BODY);
	}
	for (uint16_t c = 0; c < SMB2_CMD_MAX; c++) {
		if (c == SMB2_CMD_session_setup || c == SMB2_CMD_read || c == SMB2_CMD_write ||
		    c == SMB2_CMD_ioctl)
			continue;
		(void)one(c, false, false, &left);
		assert_int_equal(left, BODY);
	}
	(void)one(SMB2_CMD_MAX, false, true, &left);
	assert_int_equal(left, 0);
}

static void
each_of_a_compound_is_cut_and_the_others_stay(void **state)
{
	static const uint16_t commands[] = { SMB2_CMD_create, SMB2_CMD_write, SMB2_CMD_close };
	uint8_t m[3 * (SMB2_HDR_SIZE + BODY)];
	size_t n	    = chain(m, sizeof m, commands, 3, 0);
	struct smb2_shown s = smb2_redact(m, n, n, false, false);

	(void)state;
	assert_int_equal(s.n, n);
	assert_false(s.blank);
	assert_int_equal(count(m, n, 'X'), 2 * BODY + 48);
}

/* Wherever the bytes at hand end: no more than the fixed part, and what is there adds up. */
static void
a_cut_message_shows_no_more(void **state)
{
	static const uint16_t commands[] = { SMB2_CMD_echo, SMB2_CMD_session_setup };
	uint8_t m[2 * (SMB2_HDR_SIZE + BODY)];

	(void)state;
	for (size_t n = 0; n <= sizeof m; n++) {
		size_t total	    = chain(m, sizeof m, commands, 2, 0);
		struct smb2_shown s = smb2_redact(m, n, total, false, true);

		assert_true(s.n <= n);
		assert_true(count(m, s.n, 'X') <= BODY + 24);
		if (s.blank)
			assert_true(s.n == SMB2_HDR_SIZE + BODY + SMB2_HDR_SIZE + 24);
	}
}

static void
what_is_no_message_is_not_shown(void **state)
{
	static const uint16_t commands[] = { SMB2_CMD_echo, SMB2_CMD_session_setup };
	static const uint32_t steps[]	 = { 1, 8, 63, 65, UINT32_MAX, 0x80000000 };
	uint8_t m[2 * (SMB2_HDR_SIZE + BODY)];
	struct smb2_shown s;

	(void)state;
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		size_t n    = chain(m, sizeof m, commands, 2, 0);
		struct wr w = wr_init(m, sizeof m);

		w.pos = n;
		wr_patch32(&w, SMB2_HDR_AT_NEXT, steps[i]);
		s = smb2_redact(m, n, n, false, true);
		assert_false(s.blank);
		assert_true(count(m, n, 'X') <= 1);
	}
	memset(m, 'X', sizeof m);
	s = smb2_redact(m, sizeof m, sizeof m, false, true);
	assert_true(s.n == 0 && !s.blank);
	assert_int_equal(count(m, sizeof m, 'X'), 0);
}

static void
of_smb1_only_its_negotiate_is_shown(void **state)
{
	uint8_t m[60];

	(void)state;
	for (unsigned command = 0; command < 256; command++) {
		memset(m, 'X', sizeof m);
		memcpy(m, "\xffSMB", 4);
		m[4] = (uint8_t)command;
		(void)smb2_redact(m, sizeof m, sizeof m, false, true);
		assert_int_equal(count(m + 5, sizeof m - 5, 'X'), command == 0x72 ? 55 : 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_are_never_shown),
		cmocka_unit_test(payload_is_shown_if_asked_for),
		cmocka_unit_test(each_of_a_compound_is_cut_and_the_others_stay),
		cmocka_unit_test(a_cut_message_shows_no_more),
		cmocka_unit_test(what_is_no_message_is_not_shown),
		cmocka_unit_test(of_smb1_only_its_negotiate_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
