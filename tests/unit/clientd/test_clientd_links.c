/*
 * test_clientd_links.c - a server that stops on symbolic links, and what it says of
 * them: they are followed within the share, and nowhere else.  [MS-SMB2] 2.2.2.2.1
 */
#include "clientd/session/client.h"
#include "proto/fscc/file_info.h"
#include "proto/smb2/create.h"
#include "proto/smb2/error.h"
#include "proto/smb2/set_info.h"
#include "tests/unit/clientd/peer.h"

/* A server with one link. */
static struct {
	const char *asked;	/* the name on which it stops */
	const char *rest;	/* what it says is behind the link */
	const char *target;
	bool absolute, bare, odd, empty, for_ever;
	bool renames;		/* it stops at new names, too */
	size_t cut;
	char renamed[64];
	char opened[64];
	unsigned stops;
} server;
static struct peer *peer;
static char why[1024];	/* the failure's sentence */

static void
answer_link(struct smb2_hdr *h, struct wr *w)
{
	static uint8_t sub[256], rest[256], body[512], ctx[600];
	struct wr sw = wr_init(sub, sizeof sub), rw = wr_init(rest, sizeof rest);
	struct wr b = wr_init(body, sizeof body), c = wr_init(ctx, sizeof ctx);
	struct smb2_symlink_error l = { .flags = server.absolute ? 0 : SMB2_SYMLINK_FLAG_RELATIVE };
	struct smb2_error_rsp rsp = { .context_count = !server.bare };

	server.stops++;
	(void)wr_utf16(&sw, server.target);
	(void)wr_utf16(&rw, server.rest);
	l.substitute	  = wr_done(&sw);
	l.unparsed_length = (uint16_t)(rw.pos + server.odd);
	smb2_symlink_error_encode(&b, &l);
	smb2_error_context_encode(&c, &(struct smb2_error_context){ .data = SPAN(body, b.pos - server.cut) });
	rsp.data = server.bare ? SPAN(body, b.pos - server.cut) : wr_done(&c);
	if (server.empty)
		rsp = (struct smb2_error_rsp){ 0 };
	h->status = STATUS_STOPPED_ON_SYMLINK;
	w->pos	  = SMB2_HDR_SIZE;
	smb2_error_rsp_encode(w, 0, &rsp);
}

/* A new name with the link in it; where that leads the server does not say. */
static void
rename_answer(const struct smb2_element *e, struct smb2_hdr *h, struct wr *w)
{
	struct smb2_set_info_req req;
	struct fscc_rename to;
	struct rd r = e->body;
	size_t n;

	assert_status(smb2_set_info_req_decode(&r, &req), STATUS_SUCCESS);
	assert_status(fscc_rename_decode(req.buffer, &to), STATUS_SUCCESS);
	assert_status(utf16_to_utf8(to.name, server.renamed, sizeof server.renamed, &n),
		      STATUS_SUCCESS);
	w->pos = SMB2_HDR_SIZE;
	if (server.renames && strncmp(server.renamed, server.asked, strlen(server.asked)) == 0) {
		h->status = STATUS_STOPPED_ON_SYMLINK;
		smb2_error_rsp_encode(w, 0, &(struct smb2_error_rsp){ 0 });
	} else {
		smb2_set_info_rsp_encode(w, 0, &(struct smb2_set_info_rsp){ 0 });
	}
}

static void
stop_on_link(struct peer *p, const struct smb2_element *e, struct smb2_hdr *h, struct wr *w)
{
	static bool stopped;
	struct smb2_create_req req;
	struct rd r = e->body;
	size_t n;

	(void)p;
	if (h->command == SMB2_CMD_create) {
		assert_status(smb2_create_req_decode(&r, &req), STATUS_SUCCESS);
		assert_status(utf16_to_utf8(req.name, server.opened, sizeof server.opened, &n),
			      STATUS_SUCCESS);
		stopped = server.for_ever || strcmp(server.opened, server.asked) == 0;
		if (stopped)
			answer_link(h, w);
	} else if (!stopped && h->command == SMB2_CMD_set_info) {
		rename_answer(e, h, w);
	} else if (stopped && h->command != SMB2_CMD_tree_connect) {
		h->status = STATUS_STOPPED_ON_SYMLINK;	/* the rest of the compound */
		w->pos	  = SMB2_HDR_SIZE;
		smb2_error_rsp_encode(w, 0, &(struct smb2_error_rsp){ 0 });
	}
}

static nt
fetch(const char *path, uint32_t flags)
{
	struct client_get_req req = { .share = str_of("s"), .path = str_of(path) };
	struct call *c;
	nt s;

	stage = stage_new("", "");
	peer  = peer_new(stage, NULL, stop_on_link);
	peer->session->flags = flags;
	req.session	     = peer->session->id;
	s = stage_ask(stage, &client_get_desc, &req, SPAN_NONE, -1, &c);
	if (nt_ok(s))
		assert_int_equal(c->data_n, 10);
	(void)snprintf(why, sizeof why, "%.*s", nt_ok(s) ? 0 : (int)c->data_n, (const char *)c->data);
	call_drop(c);
	peer_drop(peer);
	stage_drop(stage);
	return s;
}

static void
a_relative_link_is_followed_within_the_share(void **state)
{
	static const struct {
		const char *path, *rest, *target, *leads;
	} rows[] = {
		{ "link", "", "x", "x" },
		{ "a/link", "", "x", "a\\x" },
		{ "a/link", "", "..\\x", "x" },
		{ "a/b/link/f/g", "\\f\\g", "../c", "a\\c\\f\\g" },
		{ "a/link/f", "f", ".\\.\\c\\", "a\\c\\f" },
		{ "a/link", "", "..\\b\\..\\c", "c" },
		{ "l\xc3\xa4nk/f", "\\f", "d\xc3\xb6rt", "d\xc3\xb6rt\\f" },
	};

	(void)state;
	for (size_t i = 0; i < 2 * NELEM(rows); i++) {
		char sent[64];

		(void)snprintf(sent, sizeof sent, "%s", rows[i / 2].path);
		for (char *p = sent; *p; p++)
			if (*p == '/')
				*p = '\\';
		memset(&server, 0, sizeof server);
		server.asked  = sent;
		server.rest   = rows[i / 2].rest;
		server.target = rows[i / 2].target;
		server.bare   = i % 2;
		assert_status(fetch(rows[i / 2].path, 0), STATUS_SUCCESS);
		assert_string_equal(server.opened, rows[i / 2].leads);
		assert_int_equal(server.stops, 2);	/* the call, and the question */
	}
}

static void
what_leaves_the_share_or_lies_is_not_followed(void **state)
{
	static const struct {
		const char *rest, *target;
		bool absolute, odd, empty;
		size_t cut;
		const char *says;	/* NULL: a lie is worth no words */
	} rows[] = {
		{ .rest = "", .target = "..\\..\\etc", .says = "which leaves the share" },
		{ .rest = "", .target = "x\\..\\..\\..\\y", .says = "which leaves the share" },
		{ .rest = "", .target = "\\etc\\passwd", .says = "which is absolute" },
		{ .rest = "", .target = "/etc/\033[2J", .says = "\"/etc/?[2J\", which is absolute" },
		{ .rest = "", .target = "", .says = "which names nothing" },
		{ .rest = "", .target = "\\??\\C:\\secret", .absolute = true },
		{ .rest = "", .target = "\\??\\UNC\\elsewhere\\share\\f", .absolute = true },
		{ .rest = "", .target = "x", .absolute = true },
		{ .rest = "longer than the name was", .target = "x" },
		{ .rest = "k", .target = "x" },		/* not where a component begins */
		{ .rest = "a\\link", .target = "x" },	/* nothing is left for the link */
		{ .rest = "", .target = "x", .odd = true },
		{ .rest = "", .target = "x", .empty = true },
		{ .rest = "", .target = "x", .cut = 3 },
		{ .rest = "", .target = "x", .cut = 28 },
	};

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		memset(&server, 0, sizeof server);
		server.asked	= "a\\link";
		server.rest	= rows[i].rest;
		server.target	= rows[i].target;
		server.absolute = rows[i].absolute;
		server.odd	= rows[i].odd;
		server.empty	= rows[i].empty;
		server.cut	= rows[i].cut;
		assert_status(fetch("a/link", 0), STATUS_STOPPED_ON_SYMLINK);
		assert_string_equal(server.opened, "a\\link");
		if (rows[i].says)
			assert_ptr_equal(strstr(why, "a\\link is a symbolic link to \""), why);
		if (rows[i].says)
			assert_non_null(strstr(why, rows[i].says));
		else if (!rows[i].absolute)
			assert_string_equal(why, "");
	}
}

static void
links_that_lead_to_links_end(void **state)
{
	(void)state;
	memset(&server, 0, sizeof server);
	server.for_ever = true;
	server.rest	= "";
	server.target	= "again";
	assert_status(fetch("a/link", 0), STATUS_STOPPED_ON_SYMLINK);
	assert_in_range(server.stops, 3, 20);
}

static void
none_is_followed_where_links_are_refused(void **state)
{
	(void)state;
	memset(&server, 0, sizeof server);
	server.asked  = "link";
	server.rest   = "";
	server.target = "x";
	assert_status(fetch("link", CLIENT_NO_LINKS), STATUS_STOPPED_ON_SYMLINK);
	assert_string_equal(server.opened, "link");
	assert_string_equal(why, "link is a symbolic link to \"x\", and this session follows none");
}

static nt
rename_to(const char *to, uint32_t flags)
{
	struct client_mv_req req = { .share = str_of("s"), .path = str_of("f"), .to = str_of(to) };
	struct call *c;
	nt s;

	stage = stage_new("", "");
	peer  = peer_new(stage, NULL, stop_on_link);
	peer->session->flags = flags;
	req.session	     = peer->session->id;
	s = stage_ask(stage, &client_mv_desc, &req, SPAN_NONE, -1, &c);
	(void)snprintf(why, sizeof why, "%.*s", nt_ok(s) ? 0 : (int)c->data_n, (const char *)c->data);
	call_drop(c);
	peer_drop(peer);
	stage_drop(stage);
	return s;
}

static void
a_link_in_a_new_name_is_followed_or_said(void **state)
{
	(void)state;
	memset(&server, 0, sizeof server);
	server.renames = true;
	server.asked   = "a\\link";
	server.rest    = "";
	server.target  = "..\\c";
	assert_status(rename_to("a/link/g", 0), STATUS_SUCCESS);
	assert_string_equal(server.renamed, "c\\g");
	assert_status(rename_to("a/link/g", CLIENT_NO_LINKS), STATUS_STOPPED_ON_SYMLINK);
	assert_string_equal(why, "a\\link is a symbolic link to \"..\\c\", and this session follows none");
	server.target = "..\\..\\c";
	assert_status(rename_to("a/link/g", 0), STATUS_STOPPED_ON_SYMLINK);
	assert_non_null(strstr(why, "which leaves the share"));
	assert_status(rename_to("b/g", 0), STATUS_SUCCESS);
	assert_string_equal(server.renamed, "b\\g");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_relative_link_is_followed_within_the_share),
		cmocka_unit_test(what_leaves_the_share_or_lies_is_not_followed),
		cmocka_unit_test(links_that_lead_to_links_end),
		cmocka_unit_test(a_link_in_a_new_name_is_followed_or_said),
		cmocka_unit_test(none_is_followed_where_links_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
