/*
 * test_clientd_channels.c - a server that names addresses, and who answers there: a
 * further connection is made only where it may be, and is used only if it is the same
 * server's.  The transfer goes on over the first one.  [MS-SMB2] 3.2.5.3.3, 3.2.5.14.11
 */
#include <unistd.h>

#include "clientd/session/channel.h"
#include "proto/smb2/fsctl.h"
#include "proto/smb2/ioctl.h"
#include "proto/smb2/negotiate.h"
#include "proto/smb2/read.h"
#include "proto/smb2/session_setup.h"
#include "tests/unit/clientd/peer.h"

static const uint8_t key[16] = "0123456789abcdef";
static struct peer *peer;
static struct smb2_interface list[20];
static size_t n_list;
static size_t list_cut;

static void
answer_interfaces(struct wr *w)
{
	struct smb2_ioctl_rsp rsp = { .ctl_code = FSCTL_QUERY_NETWORK_INTERFACE_INFO };
	uint8_t room[4096];
	struct wr b = wr_init(room, sizeof room);

	for (size_t i = 0; i < n_list; i++)
		smb2_interface_encode(&b, &list[i], i + 1 == n_list);
	rsp.output = SPAN(room, b.pos - list_cut);
	w->pos	   = SMB2_HDR_SIZE;
	smb2_ioctl_rsp_encode(w, 0, &rsp);
}

static void
first(struct peer *p, const struct smb2_element *e, struct smb2_hdr *h, struct wr *w)
{
	static const struct smb2_read_rsp four = { .data = { (const uint8_t *)"2345", 4 } };

	(void)p, (void)e;
	if (h->command == SMB2_CMD_ioctl)
		answer_interfaces(w);
	if (h->command != SMB2_CMD_read)
		return;
	w->pos = SMB2_HDR_SIZE;
	smb2_read_rsp_encode(w, 0, &four);
}

static void
begin(void)
{
	struct negotiated *n;

	stage = stage_new("user", "password");
	peer  = peer_new(stage, key, first);
	n     = &peer->session->conn->nego;
	*n    = (struct negotiated){ .dialect = SMB2_DIALECT_300, .signing_alg = SMB2_SIGN_AES_CMAC,
		       .server_caps = SMB2_GLOBAL_CAP_LARGE_MTU | SMB2_GLOBAL_CAP_MULTI_CHANNEL,
		       .max_transact = 1 << 20, .max_read = 1 << 20, .max_write = 1 << 20 };
	peer->session->conn->server = (struct net_addr){ .family = 4, .b = { 192, 0, 2, 1 } };
	peer->session->channels	    = 2;
	peer->session->adopted	    = false;
	peer->session->port	    = 445;
	stage->port		    = 1;	/* nobody listens */
	n_list = list_cut = 0;
}

static void
end(void)
{
	peer_drop(peer);
	stage_drop(stage);
}

static void
name_address(const struct smb2_interface *i)
{
	list[n_list++] = *i;
}

/* A part of a file, as large ones are fetched. */
static void
fetch(void)
{
	struct client_get_req req = { .session = peer->session->id, .share = str_of("s"),
				      .path = str_of("f"), .offset = 2, .length = 4 };
	struct call *c;

	assert_status(stage_ask(stage, &client_get_desc, &req, SPAN_NONE, -1, &c), STATUS_SUCCESS);
	assert_int_equal(c->data_n, 4);
	call_drop(c);
	assert_int_equal(channels_count(peer->session->conn), 1);
}

static void
the_fastest_is_tried_first_and_our_own_last(void **state)
{
	(void)state;
	begin();
	name_address(&(struct smb2_interface){ .link_speed = 10, .addr = { 192, 0, 2, 7 } });
	name_address(&(struct smb2_interface){ .link_speed = 90, .is_ipv6 = true, .addr = { 0x20, 1 } });
	name_address(&(struct smb2_interface){ .link_speed = 99, .addr = { 192, 0, 2, 1 } });
	name_address(&(struct smb2_interface){ .link_speed = 10, .addr = { 192, 0, 2, 7 } });
	fetch();
	assert_int_equal(stage->dials, 3);
	assert_string_equal(stage->dialled[0], "2001::");
	assert_string_equal(stage->dialled[1], "192.0.2.7");
	assert_string_equal(stage->dialled[2], "192.0.2.1");
	end();
}

static void
addresses_of_this_machine_of_nobody_and_of_many_are_not_dialled(void **state)
{
	static const struct smb2_interface bad[] = {
		{ .addr = { 127, 0, 0, 1 } },
		{ .addr = { 0 } },
		{ .addr = { 224, 0, 0, 1 } },
		{ .addr = { 255, 255, 255, 255 } },
		{ .addr = { 169, 254, 169, 254 } },
		{ .is_ipv6 = true, .addr = { 0 } },
		{ .is_ipv6 = true, .addr = { [15] = 1 } },
		{ .is_ipv6 = true, .addr = { 0xfe, 0x80, [15] = 1 } },
		{ .is_ipv6 = true, .addr = { 0xff, 0x02, [15] = 1 } },
		{ .is_ipv6 = true, .addr = { [10] = 0xff, 0xff, 127, 0, 0, 1 } },
	};

	(void)state;
	begin();
	for (size_t i = 0; i < NELEM(bad); i++)
		name_address(&bad[i]);
	fetch();
	assert_int_equal(stage->dials, 1);
	assert_string_equal(stage->dialled[0], "192.0.2.1");
	end();
}

static void
a_list_without_end_or_that_breaks_off_is_worth_nothing(void **state)
{
	(void)state;
	begin();
	for (uint8_t i = 0; i < NELEM(list); i++)
		name_address(&(struct smb2_interface){ .addr = { 192, 0, 2, (uint8_t)(i + 10) } });
	fetch();
	assert_int_equal(stage->dials, 4);	/* three that fail, and the one that we have */
	assert_string_equal(stage->dialled[3], "192.0.2.1");
	end();
	begin();
	name_address(&(struct smb2_interface){ .addr = { 192, 0, 2, 7 } });
	list_cut = 3;
	fetch();
	assert_int_equal(stage->dials, 1);
	assert_string_equal(stage->dialled[0], "192.0.2.1");
	end();
}

static void
it_is_tried_once_and_not_where_the_server_cannot(void **state)
{
	(void)state;
	begin();
	fetch();
	fetch();
	assert_int_equal(stage->dials, 1);
	end();
	begin();
	peer->session->conn->nego.server_caps = SMB2_GLOBAL_CAP_LARGE_MTU;
	fetch();
	assert_int_equal(stage->dials, 0);
	end();
}

/* ---- who answers at the second connection ---- */

static struct {
	bool other_guid, other_dialect, guest;
	nt setup;	/* the status of SESSION_SETUP, unsigned as all it says */
	unsigned setups;
} second_is;

static void
second_negotiate(struct wr *w)
{
	struct smb2_negotiate_rsp rsp = {
		.dialect = second_is.other_dialect ? SMB2_DIALECT_210 : SMB2_DIALECT_300,
		.capabilities = SMB2_GLOBAL_CAP_LARGE_MTU | SMB2_GLOBAL_CAP_MULTI_CHANNEL,
		.max_transact = 1 << 20, .max_read = 1 << 20, .max_write = 1 << 20 };

	rsp.server_guid[0] = second_is.other_guid;
	smb2_negotiate_rsp_encode(w, 0, &rsp);
}

static void
second(struct peer *p, const struct smb2_element *e, struct smb2_hdr *h, struct wr *w)
{
	struct smb2_session_setup_rsp rsp = { .token = SPAN_STR("NTLMSSP") };
	struct smb2_session_setup_req asked;
	struct rd r = e->body;

	(void)p;
	w->pos = SMB2_HDR_SIZE;
	if (h->command == SMB2_CMD_negotiate) {
		second_negotiate(w);
		return;
	}
	assert_int_equal(h->command, SMB2_CMD_session_setup);
	assert_true(e->hdr.flags & SMB2_FLAGS_SIGNED);
	assert_int_equal(e->hdr.session_id, 99);
	assert_status(smb2_session_setup_req_decode(&r, &asked), STATUS_SUCCESS);
	assert_int_equal(asked.flags, SMB2_SESSION_FLAG_BINDING);
	assert_int_equal(asked.previous_session_id, 0);
	second_is.setups++;
	h->status	  = second_is.setup;
	rsp.session_flags = second_is.guest ? SMB2_SESSION_FLAG_IS_GUEST : 0;
	smb2_session_setup_rsp_encode(w, 0, &rsp);
}

static void
with_second(unsigned setups)
{
	struct peer *other;

	begin();
	other = peer_at(stage, NULL, second, &stage->socket);
	second_is.setups = 0;
	fetch();
	assert_int_equal(second_is.setups, setups);
	end();
	peer_drop(other);
	memset(&second_is, 0, sizeof second_is);
}

static void
another_server_gets_no_logon(void **state)
{
	(void)state;
	second_is.other_guid = true;
	with_second(0);
	second_is.other_dialect = true;
	with_second(0);
}

static void
a_binding_whose_answer_is_not_signed_is_none(void **state)
{
	(void)state;
	second_is.setup = STATUS_MORE_PROCESSING_REQUIRED;
	with_second(1);
	second_is.setup = STATUS_SUCCESS;
	with_second(1);
	second_is.guest = true;
	with_second(1);
	second_is.setup = STATUS_USER_SESSION_DELETED;
	with_second(1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_fastest_is_tried_first_and_our_own_last),
		cmocka_unit_test(addresses_of_this_machine_of_nobody_and_of_many_are_not_dialled),
		cmocka_unit_test(a_list_without_end_or_that_breaks_off_is_worth_nothing),
		cmocka_unit_test(it_is_tried_once_and_not_where_the_server_cannot),
		cmocka_unit_test(another_server_gets_no_logon),
		cmocka_unit_test(a_binding_whose_answer_is_not_signed_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
