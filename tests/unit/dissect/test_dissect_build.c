/*
 * test_dissect_build.c - packets from JSON: what is given stands as given, what is
 * not makes the packet well formed, and what nobody knows is refused by name.
 */
#include "tests/unit/check.h"

#include "dissect/dissect.h"
#include "dissect/json.h"
#include "proto/smb2/commands.h"
#include "proto/smb2/create.h"
#include "proto/smb2/ctx_create.h"
#include "proto/smb2/negotiate.h"
#include "proto/smb2/read.h"

static uint8_t room[4096];
static char why[BUILD_WHY];

/* JSON with ' for ". */
static nt
build(const char *text, struct span *ret)
{
	struct wr w = wr_init(room, sizeof room);
	char json[2048];
	json_t *j;
	nt s;

	(void)snprintf(json, sizeof json, "%s", text);
	for (char *p = json; *p; p++)
		*p = *p == '\'' ? '"' : *p;
	j = json_loads(json, 0, NULL);
	assert_non_null(j);
	s = dissect_build(j, &w, why);
	json_decref(j);
	*ret = SPAN(room, w.pos);
	return s;
}

static struct rd
must(const char *text, struct smb2_hdr *ret)
{
	struct span s;
	struct rd r;

	if (!nt_ok(build(text, &s)))
		fail_msg("%s: %s", text, why);
	r = rd_init(s);
	assert_status(smb2_hdr_decode(&r, ret), STATUS_SUCCESS);
	return r;
}

static void
refused(const char *text, const char *sentence)
{
	struct span s;

	assert_status(build(text, &s), STATUS_INVALID_PARAMETER);
	assert_string_equal(why, sentence);
}

static void
what_is_not_given_is_filled_in(void **state)
{
	struct smb2_create_ctxs_req ctxs;
	struct smb2_create_req c;
	struct smb2_hdr h;
	struct rd r;

	(void)state;
	r = must("{'Header': {'Command': 'CREATE', 'MessageId': 7, 'TreeId': '0x10'},"
		 " 'Body': {'Name': 'a\\\\b', 'DesiredAccess': 'FILE_READ_DATA|DELETE',"
		 " 'CreateContexts': [{'Name': 'MxAc'}, {'Name': 'AlSi', 'Data': '0100000000000000'}]}}",
		 &h);
	assert_int_equal(h.command, SMB2_CMD_create);
	assert_int_equal(h.message_id, 7);
	assert_int_equal(h.tree_id, 16);
	assert_int_equal(h.flags, 0);
	assert_status(smb2_create_req_decode(&r, &c), STATUS_SUCCESS);
	assert_span(c.name, "a\0\\\0b\0", 6);
	assert_int_equal(c.desired_access, 0x10001);
	assert_status(smb2_create_ctxs_req_decode(c.contexts, &ctxs), STATUS_SUCCESS);
	assert_true(smb2_ctx_has(ctxs.present, SMB2_CTX_MXAC));
	assert_int_equal(ctxs.allocation_size, 1);
}

static void
counts_offsets_and_lists_follow_from_their_content(void **state)
{
	struct smb2_negotiate_req c;
	struct smb2_hdr h;
	struct rd r;

	(void)state;
	r = must("{'Header': {'Command': 0}, 'Body': {'Dialects': ['2.0.2', '3.1.1'],"
		 " 'NegotiateContextList': [{'ContextType': 2, 'Data': '020001000200'},"
		 " {'ContextType': 1, 'Data': '010000000100'}]}}",
		 &h);
	assert_status(smb2_negotiate_req_decode(&r, &c), STATUS_SUCCESS);
	assert_int_equal(c.dialect_count, 2);
	assert_int_equal(c.contexts.ciphers.count, 2);
	assert_int_equal(c.contexts.hashes.id[0], 1);
}

static void
what_is_given_stands_however_wrong(void **state)
{
	struct smb2_read_rsp c;
	struct smb2_hdr h;
	struct span s;
	struct rd r;

	(void)state;
	r = must("{'Header': {'Command': 8, 'Status': 'STATUS_END_OF_FILE'},"
		 " 'Body': {'DataOffset': 80, 'DataLength': 4294967295, 'Buffer': 'aabb'}}",
		 &h);
	assert_int_equal(h.status.code, NT_END_OF_FILE);
	assert_int_equal(h.flags, SMB2_FLAGS_SERVER_TO_REDIR);
	assert_status(smb2_read_rsp_decode(&r, &c), STATUS_INVALID_PARAMETER);
	assert_int_equal(r.end, 64 + 16 + 2);
	assert_true(nt_ok(build("{'Header': {'ProtocolId': 5, 'StructureSize': 3, 'Command': 65535},"
				" 'Body': 'ff'}",
				&s)));
	assert_int_equal(s.n, 65);
	assert_memory_equal(s.p, "\x05\0\0\0\x03\0", 6);
	assert_int_equal(s.p[64], 0xff);
}

static void
a_list_of_packets_is_a_chain(void **state)
{
	struct smb2_chain chain;
	struct smb2_element e;
	struct span s;

	(void)state;
	assert_true(nt_ok(build("[{'Header': {'Command': 'ECHO'}, 'Body': {}},"
				" {'Header': {'Command': 'ECHO', 'Flags': 4}, 'Body': {}}]",
				&s)));
	chain = smb2_chain_init(s);
	assert_status(smb2_chain_next(&chain, &e), STATUS_SUCCESS);
	assert_int_equal(e.hdr.next, 72);
	assert_status(smb2_chain_next(&chain, &e), STATUS_SUCCESS);
	assert_true(smb2_hdr_is_related(&e.hdr));
	assert_true(e.last);
}

static void
what_is_decoded_builds_again(void **state)
{
	static const uint8_t bad[] = "not SMB";
	uint8_t again[256];
	struct span s;
	struct wr w = wr_init(again, sizeof again);
	json_t *j;

	(void)state;
	assert_true(nt_ok(build("[{'Header': {'Command': 'CLOSE', 'SessionId': '18446744073709551615'},"
				" 'Body': {'FileId': {'Persistent': 3}}},"
				" {'Header': {'Command': 'FLUSH', 'Flags': 4}, 'Body': {}}]",
				&s)));
	j = dissect_decode(s, NULL);
	assert_int_equal(json_array_size(j), 2);
	assert_null(json_object_get(json_array_get(j, 0), "malformed"));
	assert_true(nt_ok(dissect_build(j, &w, why)));
	assert_true(span_eq(wr_done(&w), s));
	json_decref(j);
	j = dissect_decode(SPAN(bad, sizeof bad), NULL);
	assert_int_equal(json_array_size(j), 1);
	assert_non_null(json_object_get(json_array_get(j, 0), "malformed"));
	json_decref(j);
	j = dissect_decode(SPAN_NONE, NULL);
	assert_non_null(json_object_get(json_array_get(j, 0), "malformed"));
	json_decref(j);
}

static void
what_nobody_knows_is_refused_by_name(void **state)
{
	(void)state;
	refused("{'Header': {'Command': 5}, 'Body': {'Nmae': 'x'}}",
		"Body: CREATE Request has no field Nmae");
	refused("{'Header': {'Comand': 5}}", "Header: no field Comand in this form");
	refused("{'Header': {}, 'Boddy': {}}", "no field Boddy");
	refused("{'Body': {}}", "Header: wants an object");
	refused("{'Header': {'Command': 'CRATE'}}", "Command: no number");
	refused("{'Header': {'CreditCharge': 65536}}", "CreditCharge: does not fit 2 bytes");
	refused("{'Header': {'MessageId': -1}}", "MessageId: no number");
	refused("{'Header': {'Signature': '00'}}", "Signature: wants 16 hexadecimal bytes");
	refused("{'Header': {'Command': 6}, 'Body': {'FileId': {'Volatil': 1}}}",
		"FileId: wants Persistent and Volatile");
	refused("{'Header': {'Command': 0}, 'Body': {'ClientGuid': '1'}}", "ClientGuid: no GUID");
	refused("{'Header': {'Command': 13}, 'Body': 'f'}", "Body: no hexadecimal bytes");
	refused("{'Header': {'Command': 900}, 'Body': {}}",
		"Body: command 900 has no fields that we know");
	refused("[]", "a chain has 1 to 64 packets");
}

static void
too_much_for_the_room_is_refused(void **state)
{
	json_t *j = json_loads("{\"Header\": {\"Command\": 13}, \"Body\": {}}", 0, NULL);
	struct wr w;

	(void)state;
	for (size_t n = 0; n < 68; n++) {
		w = wr_init(room, n);
		assert_status(dissect_build(j, &w, why), STATUS_BUFFER_TOO_SMALL);
	}
	w = wr_init(room, 68);
	assert_status(dissect_build(j, &w, why), STATUS_SUCCESS);
	json_decref(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_given_is_filled_in),
		cmocka_unit_test(counts_offsets_and_lists_follow_from_their_content),
		cmocka_unit_test(what_is_given_stands_however_wrong),
		cmocka_unit_test(a_list_of_packets_is_a_chain),
		cmocka_unit_test(what_is_decoded_builds_again),
		cmocka_unit_test(what_nobody_knows_is_refused_by_name),
		cmocka_unit_test(too_much_for_the_room_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
