/*
 * test_clientd_dfs.c - a server that sends us elsewhere: by names that are asked for as
 * the script said them, remembered as long as it says, to the first target that can be
 * reached, and not for ever.  [MS-DFSC] 3.1.4.1, 3.1.5.4.3
 */
#include "clientd/session/client.h"
#include "proto/smb2/create.h"
#include "proto/smb2/error.h"
#include "proto/smb2/fsctl.h"
#include "proto/smb2/ioctl.h"
#include "proto/smb2/tree_connect.h"
#include "tests/unit/clientd/peer.h"

/* A server called "peer" with "real" as the root of "ns", and a link "l" there to "end". */
static struct {
	const char *root[3];	/* targets of \peer\ns; NULL: the one that is there */
	const char *link;	/* target of the link; NULL: \peer\end */
	uint32_t ttl;
	int consumed;		/* added to PathConsumed */
	bool for_ever;		/* "end" has the same link again */
	unsigned asked;		/* IOCTLs */
	char name[4][128];	/* … what about */
	char share[64], opened[64];	/* the last */
} server;
static struct peer *peer;
static char why[1024];

static void
text_of(struct span utf16, char *ret, size_t cap)
{
	size_t n;

	*ret = '\0';
	if (utf16.n > 0)
		assert_status(utf16_to_utf8(utf16, ret, cap, &n), STATUS_SUCCESS);
}

static void
answer_failure(struct smb2_hdr *h, struct wr *w, nt status)
{
	h->status = status;
	w->pos	  = SMB2_HDR_SIZE;
	smb2_error_rsp_encode(w, 0, &(struct smb2_error_rsp){ 0 });
}

/* 2.2.5.3, version 3, each target behind its entry. */
static void
referral_put(struct wr *w, const char *const *target, unsigned n, unsigned consumed)
{
	wr_u16(w, (uint16_t)consumed);
	wr_u16(w, (uint16_t)n);
	wr_u32(w, 2);
	for (unsigned i = 0; i < n; i++) {
		size_t size = 34 + 2 * strlen(target[i]) + 2;

		wr_u16(w, 3);
		wr_u16(w, (uint16_t)size);
		wr_u32(w, 0);
		wr_u32(w, server.ttl);
		wr_u16(w, 34);
		wr_u16(w, 34);
		wr_u16(w, 34);
		wr_zero(w, 16);
		(void)wr_utf16(w, target[i]);
		wr_u16(w, 0);
	}
}

static void
answer_ioctl(const struct smb2_element *e, struct wr *w)
{
	static const char *const here[] = { "\\peer\\real" }, *const end[] = { "\\peer\\end" };
	struct fsctl_dfs_referral_req ask;
	struct smb2_ioctl_req req;
	struct smb2_ioctl_rsp rsp = { .ctl_code = FSCTL_DFS_GET_REFERRALS };
	struct rd r		  = e->body;
	uint8_t room[1024];
	struct wr b = wr_init(room, sizeof room);
	char *name  = server.name[server.asked % 4];
	unsigned n  = 0;

	assert_status(smb2_ioctl_req_decode(&r, &req), STATUS_SUCCESS);
	assert_int_equal(req.ctl_code, FSCTL_DFS_GET_REFERRALS);
	assert_status(fsctl_dfs_referral_req_decode(req.input, &ask), STATUS_SUCCESS);
	text_of(ask.path, name, sizeof *server.name);
	server.asked++;
	while (n < NELEM(server.root) && server.root[n])
		n++;
	if (strcmp(name, "\\peer\\ns") == 0)
		referral_put(&b, n ? server.root : here, n ? n : 1, (unsigned)(16 + server.consumed));
	else	/* up to the link */
		referral_put(&b, server.link ? &server.link : end, 1,
			     (unsigned)((strstr(name, "\\l") - name + 2) * 2 + server.consumed));
	rsp.output = wr_done(&b);
	w->pos	   = SMB2_HDR_SIZE;
	smb2_ioctl_rsp_encode(w, 0, &rsp);
}

static bool
is_behind_link(void)
{
	return (strcmp(server.share, "real") == 0 ||
		(server.for_ever && strcmp(server.share, "end") == 0)) &&
	       (strcmp(server.opened, "l") == 0 || strncmp(server.opened, "l\\", 2) == 0);
}

/* Each share has its own tree; the last one connected to is not always the last one used. */
static const char *const shares[] = { "IPC$", "ns", "real", "end" };

static void
answer_tree(const struct smb2_element *e, struct smb2_hdr *h, struct wr *w)
{
	struct smb2_tree_connect_req req;
	struct rd r = e->body;
	char unc[128];
	uint32_t i = 0;

	assert_status(smb2_tree_connect_req_decode(&r, &req), STATUS_SUCCESS);
	text_of(req.path, unc, sizeof unc);
	while (i < NELEM(shares) && strcmp(strrchr(unc, '\\') + 1, shares[i]) != 0)
		i++;
	h->tree_id = i + 1;
	if (i == 1 || i == NELEM(shares))
		answer_failure(h, w, STATUS_BAD_NETWORK_NAME);
}

static void
send_on(struct peer *p, const struct smb2_element *e, struct smb2_hdr *h, struct wr *w)
{
	static bool elsewhere;
	struct smb2_create_req req;
	struct rd r = e->body;

	(void)p;
	if (h->command == SMB2_CMD_tree_connect)
		answer_tree(e, h, w);
	else if (h->command == SMB2_CMD_ioctl)
		answer_ioctl(e, w);
	else if (h->command == SMB2_CMD_create) {
		assert_status(smb2_create_req_decode(&r, &req), STATUS_SUCCESS);
		assert_in_range(e->hdr.tree_id, 1, NELEM(shares));
		(void)strcpy(server.share, shares[e->hdr.tree_id - 1]);
		text_of(req.name, server.opened, sizeof server.opened);
		elsewhere = is_behind_link();
		if (elsewhere)
			answer_failure(h, w, STATUS_PATH_NOT_COVERED);
	} else if (elsewhere)
		answer_failure(h, w, STATUS_PATH_NOT_COVERED);	/* the rest of the compound */
}

static void
begin(uint32_t flags)
{
	memset(&server, 0, sizeof server);
	server.ttl = 300;
	stage	   = stage_new("", "");
	peer	   = peer_new(stage, NULL, send_on);
	peer->session->flags = flags;
}

static void
end(void)
{
	peer_drop(peer);
	stage_drop(stage);
}

static nt
look(const char *path)
{
	struct client_stat_req req = { .session = peer->session->id, .share = str_of("ns"),
				       .path = str_of(path) };
	struct call *c;
	nt s = stage_ask(stage, &client_stat_desc, &req, SPAN_NONE, -1, &c);

	(void)snprintf(why, sizeof why, "%.*s", nt_ok(s) ? 0 : (int)c->data_n, (const char *)c->data);
	call_drop(c);
	return s;
}

static void
a_link_is_asked_for_by_the_names_that_the_script_said(void **state)
{
	(void)state;
	begin(CLIENT_DFS);
	assert_status(look("d/f"), STATUS_SUCCESS);
	assert_string_equal(server.name[0], "\\peer\\ns");
	assert_string_equal(server.share, "real");
	assert_string_equal(server.opened, "d\\f");
	assert_status(look("l/f"), STATUS_SUCCESS);
	assert_string_equal(server.name[1], "\\peer\\ns\\l\\f");
	assert_string_equal(server.share, "end");
	assert_string_equal(server.opened, "f");
	assert_int_equal(server.asked, 2);
	end();
}

static void
answers_are_remembered_as_long_as_they_say(void **state)
{
	(void)state;
	begin(CLIENT_DFS);
	for (int i = 0; i < 3; i++)
		assert_status(look(i < 2 ? "l/f" : "l/other"), STATUS_SUCCESS);
	assert_int_equal(server.asked, 2);
	end();
	begin(CLIENT_DFS);
	server.ttl = 0;
	for (int i = 0; i < 2; i++)
		assert_status(look("l/f"), STATUS_SUCCESS);
	assert_int_equal(server.asked, 4);
	end();
}

static void
a_dead_target_is_passed_over_once(void **state)
{
	(void)state;
	begin(CLIENT_DFS);
	server.root[0] = "\\dead\\real";
	server.root[1] = "\\peer\\none";
	server.root[2] = "\\peer\\real";
	for (int i = 0; i < 3; i++)
		assert_status(look("f"), STATUS_SUCCESS);
	assert_int_equal(stage->dials, 1);
	assert_string_equal(stage->dialled[0], "dead");
	assert_string_equal(server.share, "real");
	end();
	begin(CLIENT_DFS);
	server.root[0] = "\\peer\\none";
	assert_status(look("f"), STATUS_BAD_NETWORK_NAME);
	assert_non_null(strstr(why, "\\peer\\ns is at \\peer\\none, which cannot be reached"));
	end();
}

static void
referrals_that_lie_are_not_followed(void **state)
{
	static const struct {
		const char *path, *root, *link;
		int consumed;
	} rows[] = {
		{ .path = "f", .consumed = 2 },		/* more than was asked */
		{ .path = "f", .consumed = -2 },	/* in the middle of a name */
		{ .path = "f", .consumed = -4 },	/* the server alone */
		{ .path = "f", .consumed = -1 },
		{ .path = "f", .root = "\\peer" },
		{ .path = "f", .root = "\\\\" },
		{ .path = "f", .root = "real" },
		{ .path = "l/ff", .consumed = 4 },
		{ .path = "l/f", .consumed = 6 },
		{ .path = "l/f", .link = "\\peer\\" },
		{ .path = "l/f", .link = "\\\\\\x" },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		begin(CLIENT_DFS);
		if (rows[i].path[0] == 'l')
			assert_status(look("d"), STATUS_SUCCESS);	/* the root is known */
		server.root[0]	= rows[i].root;
		server.link	= rows[i].link;
		server.consumed = rows[i].consumed;
		assert_status(look(rows[i].path), rows[i].path[0] == 'l' ? STATUS_PATH_NOT_COVERED
									 : STATUS_BAD_NETWORK_NAME);
		assert_int_equal(stage->dials, 0);
		end();
	}
}

static void
a_way_without_end_ends(void **state)
{
	(void)state;
	begin(CLIENT_DFS);
	server.for_ever = true;
	server.link	= "\\peer\\end\\l";
	assert_status(look("l/f"), STATUS_PATH_NOT_COVERED);
	assert_in_range(server.asked, 2, 8);
	assert_non_null(strstr(why, "more than 8 referrals and links"));
	end();
}

static void
nothing_is_asked_without_leave(void **state)
{
	(void)state;
	begin(0);
	assert_status(look("l/f"), STATUS_BAD_NETWORK_NAME);
	assert_int_equal(server.asked, 0);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_is_asked_for_by_the_names_that_the_script_said),
		cmocka_unit_test(answers_are_remembered_as_long_as_they_say),
		cmocka_unit_test(a_dead_target_is_passed_over_once),
		cmocka_unit_test(referrals_that_lie_are_not_followed),
		cmocka_unit_test(a_way_without_end_ends),
		cmocka_unit_test(nothing_is_asked_without_leave),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
