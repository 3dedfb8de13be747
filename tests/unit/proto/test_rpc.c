/*
 * test_rpc.c - RPC pipes: what clients send is understood in any cut, answers
 * come in fragments, nonsense breaks the pipe.  [C706] 12.6, 14, [MS-SRVS] 3.1.4
 */
#include "tests/unit/check.h"

#include "proto/rpc/ndr.h"
#include "proto/rpc/pipe.h"
#include "proto/rpc/srvsvc.h"
#include "proto/rpc/wkssvc.h"

static const struct srvsvc_share shares[] = {
	{ "demo", "a share", "C:\\demo", STYPE_DISKTREE, UINT32_MAX, 1 },
	{ "IPC$", "", "", STYPE_IPC | STYPE_SPECIAL, UINT32_MAX, 0 },
	{ "käse", "Käse", "C:\\käse", STYPE_DISKTREE, 5, 0 },
};

static struct rpc_pipe *
pipe_new(const struct rpc_iface *iface)
{
	struct rpc_pipe *p = malloc(sizeof *p);

	assert_non_null(p);
	rpc_pipe_init(p, iface, 0x5151);
	return p;
}

static nt
feed(struct rpc_pipe *p, const char *vector)
{
	uint8_t buf[4096];

	return rpc_pipe_write(p, vector_load(vector, buf, sizeof buf));
}

/* Reads one whole PDU, 7 bytes at a time. */
static struct span
pdu_read(struct rpc_pipe *p, uint8_t *buf, size_t cap)
{
	size_t n  = 0;
	bool more = true;

	while (more) {
		assert_true(n + 7 <= cap);
		n += rpc_pipe_read(p, buf + n, 7, &more);
	}
	return SPAN(buf, n);
}

static struct rpc_pipe *
bound_new(const struct rpc_iface *iface)
{
	struct rpc_pipe *p = pipe_new(iface);
	uint8_t bytes[256], ack[512];
	struct wr w = wr_init(bytes, sizeof bytes);

	rpc_bind_encode(&w, 1, &iface->syntax);
	assert_status(rpc_pipe_write(p, wr_done(&w)), STATUS_SUCCESS);
	(void)pdu_read(p, ack, sizeof ack);
	return p;
}

static void
bind_accepts_ndr32_and_answers_feature_negotiation(void **state)
{
	struct rpc_pipe *p = pipe_new(&srvsvc_iface);
	struct rpc_bind_ack ack;
	uint8_t buf[512];

	(void)state;
	assert_status(feed(p, "rpc/bind_srvsvc.hex"), STATUS_SUCCESS);
	assert_status(rpc_bind_ack_decode(pdu_read(p, buf, sizeof buf), &ack), STATUS_SUCCESS);
	assert_int_equal(ack.ptype, RPC_BIND_ACK);
	assert_int_equal(ack.count, 2);
	assert_int_equal(ack.verdicts[0].result, RPC_ACCEPTED);
	assert_int_equal(ack.verdicts[1].result, RPC_NEGOTIATE_ACK);
	assert_int_equal(ack.assoc_group, 0x5151);
	assert_int_equal(rpc_pipe_unread(p), 0);
	free(p);
}

static void
bind_to_another_interface_is_rejected_and_its_calls_faulted(void **state)
{
	struct rpc_pipe *p = pipe_new(&wkssvc_iface);
	struct rpc_bind_ack ack;
	struct rpc_response rsp;
	uint8_t buf[512];

	(void)state;
	assert_status(feed(p, "rpc/bind_srvsvc.hex"), STATUS_SUCCESS);
	assert_status(rpc_bind_ack_decode(pdu_read(p, buf, sizeof buf), &ack), STATUS_SUCCESS);
	assert_int_equal(ack.verdicts[0].result, RPC_PROVIDER_REJECTION);
	assert_int_equal(ack.verdicts[0].reason, RPC_ABSTRACT_SYNTAX);
	assert_status(feed(p, "rpc/share_enum_1.hex"), STATUS_SUCCESS);
	assert_status(rpc_response_decode(pdu_read(p, buf, sizeof buf), &rsp), STATUS_SUCCESS);
	assert_int_equal(rsp.status, RPC_NCA_UNK_IF);
	free(p);
}

/* Security belongs to the SMB session; a bind that brings its own is told so. */
static void
bind_with_authentication_is_refused(void **state)
{
	struct rpc_pipe *p = pipe_new(&srvsvc_iface);
	struct rpc_header h;
	uint8_t buf[512];
	struct wr w = wr_init(buf, sizeof buf);

	(void)state;
	rpc_bind_encode(&w, 1, &srvsvc_iface.syntax);
	wr_zero(&w, 8 + 4); /* a trailer and four bytes of token */
	wr_patch16(&w, 8, (uint16_t)w.pos);
	wr_patch16(&w, 10, 4);
	assert_status(rpc_pipe_write(p, wr_done(&w)), STATUS_SUCCESS);
	assert_status(rpc_header_decode(pdu_read(p, buf, sizeof buf), &h), STATUS_SUCCESS);
	assert_int_equal(h.ptype, RPC_BIND_NAK);
	assert_int_equal(buf[RPC_HEADER_SIZE], RPC_NAK_AUTH_TYPE);
	free(p);
}

static void
second_bind_breaks_the_pipe_but_alter_context_does_not(void **state)
{
	struct rpc_pipe *p = bound_new(&srvsvc_iface);
	struct rpc_bind_ack ack;
	uint8_t buf[512];
	struct wr w = wr_init(buf, sizeof buf);

	(void)state;
	rpc_bind_encode(&w, 2, &srvsvc_iface.syntax);
	buf[2] = RPC_ALTER_CONTEXT;
	assert_status(rpc_pipe_write(p, wr_done(&w)), STATUS_SUCCESS);
	assert_status(rpc_bind_ack_decode(pdu_read(p, buf, sizeof buf), &ack), STATUS_SUCCESS);
	assert_int_equal(ack.ptype, RPC_ALTER_RESP);
	assert_int_equal(ack.verdicts[0].result, RPC_ACCEPTED);
	assert_status(feed(p, "rpc/bind_srvsvc.hex"), STATUS_PIPE_BROKEN);
	free(p);
}

static void
request_before_bind_breaks_the_pipe_for_good(void **state)
{
	struct rpc_pipe *p = pipe_new(&srvsvc_iface);

	(void)state;
	assert_status(feed(p, "rpc/share_enum_1.hex"), STATUS_PIPE_BROKEN);
	assert_status(feed(p, "rpc/bind_srvsvc.hex"), STATUS_PIPE_BROKEN);
	free(p);
}

static void
unknown_opnum_is_faulted(void **state)
{
	struct rpc_pipe *p = bound_new(&srvsvc_iface);
	struct rpc_response rsp;
	struct rpc_call call;
	uint8_t buf[512];
	struct wr w = wr_init(buf, sizeof buf);

	(void)state;
	rpc_request_encode(&w, 9, RPC_FIRST_FRAG | RPC_LAST_FRAG, 200, SPAN_NONE);
	assert_status(rpc_pipe_write(p, wr_done(&w)), STATUS_SUCCESS);
	assert_false(rpc_pipe_call(p, &call));
	assert_status(rpc_response_decode(pdu_read(p, buf, sizeof buf), &rsp), STATUS_SUCCESS);
	assert_int_equal(rsp.status, RPC_NCA_OP_RNG_ERROR);
	free(p);
}

static void
call_is_handed_out_whole_from_any_cut(void **state)
{
	uint8_t vec[4096];
	struct span req;
	struct rpc_call call;

	(void)state;
	req = vector_load("rpc/share_enum_1.hex", vec, sizeof vec);
	for (size_t cut = 1; cut < req.n; cut++) {
		struct rpc_pipe *p = bound_new(&srvsvc_iface);
		struct srvsvc_share_enum q;

		assert_status(rpc_pipe_write(p, SPAN(req.p, cut)), STATUS_SUCCESS);
		assert_false(rpc_pipe_call(p, &call));
		assert_status(rpc_pipe_write(p, SPAN(req.p + cut, req.n - cut)), STATUS_SUCCESS);
		assert_true(rpc_pipe_call(p, &call));
		assert_int_equal(call.op->opnum, SRVSVC_SHARE_ENUM);
		assert_status(srvsvc_share_enum_decode(call.stub, &q), STATUS_SUCCESS);
		assert_int_equal(q.level, 1);
		assert_int_equal(q.preferred_max, UINT32_MAX);
		assert_false(q.has_resume);
		free(p);
	}
}

static void
call_in_fragments_is_put_together(void **state)
{
	struct rpc_pipe *p = bound_new(&srvsvc_iface);
	struct rpc_call call;
	uint8_t buf[512];
	struct wr w = wr_init(buf, sizeof buf);

	(void)state;
	rpc_request_encode(&w, 9, RPC_FIRST_FRAG, SRVSVC_SHARE_ENUM, SPAN("abcd", 4));
	rpc_request_encode(&w, 9, 0, SRVSVC_SHARE_ENUM, SPAN("ef", 2));
	rpc_request_encode(&w, 9, RPC_LAST_FRAG, SRVSVC_SHARE_ENUM, SPAN("gh", 2));
	assert_status(rpc_pipe_write(p, wr_done(&w)), STATUS_SUCCESS);
	assert_true(rpc_pipe_call(p, &call));
	assert_span(call.stub, "abcdefgh", 8);
	assert_status(rpc_pipe_write(p, SPAN("x", 1)), STATUS_PIPE_BUSY);
	free(p);
}

static void
fragment_of_another_call_breaks_the_pipe(void **state)
{
	struct rpc_pipe *p = bound_new(&srvsvc_iface);
	uint8_t buf[512];
	struct wr w = wr_init(buf, sizeof buf);

	(void)state;
	rpc_request_encode(&w, 9, RPC_FIRST_FRAG, SRVSVC_SHARE_ENUM, SPAN_NONE);
	rpc_request_encode(&w, 10, RPC_LAST_FRAG, SRVSVC_SHARE_ENUM, SPAN_NONE);
	assert_status(rpc_pipe_write(p, wr_done(&w)), STATUS_PIPE_BROKEN);
	free(p);
}

static void
request_beyond_the_limit_breaks_the_pipe(void **state)
{
	static uint8_t body[4000], buf[4200];
	struct rpc_pipe *p = bound_new(&srvsvc_iface);
	uint8_t flags	   = RPC_FIRST_FRAG;
	nt s		   = STATUS_SUCCESS;
	size_t sent	   = 0;

	(void)state;
	for (; nt_ok(s) && sent <= RPC_PIPE_IN_MAX; sent += sizeof body) {
		struct wr w = wr_init(buf, sizeof buf);

		rpc_request_encode(&w, 9, flags, SRVSVC_SHARE_ENUM, SPAN(body, sizeof body));
		s     = rpc_pipe_write(p, wr_done(&w));
		flags = 0;
	}
	assert_status(s, STATUS_PIPE_BROKEN);
	assert_true(sent > RPC_PIPE_IN_MAX);
	free(p);
}

static void
fragment_longer_than_offered_breaks_the_pipe(void **state)
{
	struct rpc_pipe *p = bound_new(&srvsvc_iface);
	uint8_t h[16]	   = { 5, 0, 0, 3, 0x10, 0, 0, 0, 0xff, 0xff };

	(void)state;
	assert_status(rpc_pipe_write(p, SPAN(h, 16)), STATUS_SUCCESS);
	assert_status(rpc_pipe_write(p, SPAN(h, 1)), STATUS_PIPE_BROKEN);
	free(p);
}

static void
long_answer_is_cut_into_fragments(void **state)
{
	static uint8_t stub[20000], back[20000], buf[8192];
	struct rpc_pipe *p = bound_new(&srvsvc_iface);
	struct rpc_response rsp;
	struct rpc_header h;
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof stub; i++)
		stub[i] = (uint8_t)(i * 7);
	assert_status(feed(p, "rpc/share_enum_1.hex"), STATUS_SUCCESS);
	rpc_pipe_reply(p, SPAN(stub, sizeof stub));
	do {
		struct span pdu = pdu_read(p, buf, sizeof buf);

		assert_status(rpc_header_decode(pdu, &h), STATUS_SUCCESS);
		assert_true(pdu.n <= RPC_FRAG_MAX);
		assert_int_equal(!!(h.flags & RPC_FIRST_FRAG), n == 0);
		assert_status(rpc_response_decode(pdu, &rsp), STATUS_SUCCESS);
		memcpy(back + n, rsp.stub.p, rsp.stub.n);
		n += rsp.stub.n;
	} while (!(h.flags & RPC_LAST_FRAG));
	assert_int_equal(n, sizeof stub);
	assert_memory_equal(back, stub, n);
	assert_int_equal(rpc_pipe_unread(p), 0);
	free(p);
}

static void
client_that_never_reads_is_cut_off(void **state)
{
	static uint8_t stub[RPC_STUB_MAX];
	struct rpc_pipe *p = bound_new(&srvsvc_iface);
	unsigned calls	   = 0;
	struct rpc_call call;

	(void)state;
	while (nt_ok(feed(p, "rpc/share_enum_1.hex"))) {
		assert_true(calls++ < 10000);
		if (rpc_pipe_call(p, &call))
			rpc_pipe_reply(p, SPAN(stub, sizeof stub));
	}
	assert_true(calls > 1);
	assert_status(feed(p, "rpc/share_enum_1.hex"), STATUS_PIPE_BROKEN);
	free(p);
}

/* A listing written by the server is read by the client. */
struct seen {
	unsigned n;
	struct srvsvc_found last;
};

static void
seen_add(void *ctx, const struct srvsvc_found *f)
{
	struct seen *s = ctx;

	s->n++;
	s->last = *f;
}

static void
share_list_goes_from_server_to_client(void **state)
{
	const struct srvsvc_share_enum q = { .level = 1, .preferred_max = UINT32_MAX };
	uint8_t buf[4096];
	struct wr w	 = wr_init(buf, sizeof buf);
	struct seen seen = { 0 };
	struct srvsvc_page page;

	(void)state;
	srvsvc_share_enum_encode(&w, &q, shares, NELEM(shares));
	assert_true(wr_ok(&w));
	assert_status(srvsvc_share_enum_response(wr_done(&w), seen_add, &seen, &page),
		      STATUS_SUCCESS);
	assert_int_equal(page.werror, WERR_OK);
	assert_int_equal(seen.n, 3);
	assert_string_equal(seen.last.name, "käse");
	assert_string_equal(seen.last.comment, "Käse");
}

static void
share_list_is_continued_at_its_resume_handle(void **state)
{
	struct srvsvc_share_enum q = { .level = 1, .preferred_max = 250, .has_resume = true };
	uint8_t buf[4096];
	struct wr w	 = wr_init(buf, sizeof buf);
	struct seen seen = { 0 };
	struct srvsvc_page page;

	(void)state;
	srvsvc_share_enum_encode(&w, &q, shares, NELEM(shares));
	assert_status(srvsvc_share_enum_response(wr_done(&w), seen_add, &seen, &page),
		      STATUS_SUCCESS);
	assert_int_equal(page.werror, WERR_MORE_DATA);
	assert_in_range(seen.n, 1, 2);
	q.resume	= seen.n;
	q.preferred_max = UINT32_MAX;
	w		= wr_init(buf, sizeof buf);
	srvsvc_share_enum_encode(&w, &q, shares, NELEM(shares));
	assert_status(srvsvc_share_enum_response(wr_done(&w), seen_add, &seen, &page),
		      STATUS_SUCCESS);
	assert_int_equal(page.werror, WERR_OK);
	assert_int_equal(seen.n, 3);
}

static uint32_t
last_u32(const struct wr *w)
{
	struct rd r = rd_init(wr_done(w));

	rd_zero(&r, w->pos - 4);
	return rd_u32(&r);
}

static void
levels_nobody_knows_are_refused(void **state)
{
	const struct srvsvc_share_enum q = { .level = 3 };
	uint8_t buf[512];
	struct wr w = wr_init(buf, sizeof buf);

	(void)state;
	srvsvc_share_enum_encode(&w, &q, shares, NELEM(shares));
	assert_int_equal(last_u32(&w), WERR_INVALID_LEVEL);
	w = wr_init(buf, sizeof buf);
	srvsvc_share_get_info_encode(&w, 7, shares, WERR_OK);
	assert_int_equal(last_u32(&w), WERR_INVALID_LEVEL);
	w = wr_init(buf, sizeof buf);
	srvsvc_server_get_info_encode(&w, 103, NULL);
	assert_int_equal(last_u32(&w), WERR_INVALID_LEVEL);
	w = wr_init(buf, sizeof buf);
	wkssvc_get_info_encode(&w, 102, NULL);
	assert_int_equal(last_u32(&w), WERR_INVALID_LEVEL);
	w = wr_init(buf, sizeof buf);
	srvsvc_share_get_info_encode(&w, 1, NULL, WERR_NET_NAME_NOT_FOUND);
	assert_int_equal(last_u32(&w), WERR_NET_NAME_NOT_FOUND);
}

static struct span
stub_load(const char *vector, uint8_t *buf, size_t cap)
{
	struct rpc_request c;

	assert_status(rpc_request_decode(vector_load(vector, buf, cap), &c), STATUS_SUCCESS);
	return c.stub;
}

static void
requests_of_a_real_client_are_understood(void **state)
{
	struct srvsvc_share_get_info g;
	uint8_t buf[1024];
	uint32_t level;

	(void)state;
	assert_status(srvsvc_share_get_info_decode(
			  stub_load("rpc/share_get_info_2.hex", buf, sizeof buf), &g),
		      STATUS_SUCCESS);
	assert_string_equal(g.share, "demo");
	assert_int_equal(g.level, 2);
	assert_status(srvsvc_server_get_info_decode(
			  stub_load("rpc/server_get_info_101.hex", buf, sizeof buf), &level),
		      STATUS_SUCCESS);
	assert_int_equal(level, 101);
	assert_status(wkssvc_get_info_decode(
			  stub_load("rpc/wksta_get_info_100.hex", buf, sizeof buf), &level),
		      STATUS_SUCCESS);
	assert_int_equal(level, 100);
}

static void
string_without_nul_or_with_an_odd_count_is_refused(void **state)
{
	static const uint8_t good[] = { 2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 'a', 0, 0, 0 };
	uint8_t s[sizeof good];
	char out[8];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		static const uint8_t at[]  = { 14, 0, 4, 8 };
		static const uint8_t val[] = { 'b', 1, 1, 3 };
		struct rd r;

		memcpy(s, good, sizeof s);
		r = rd_init(SPAN(s, sizeof s));
		ndr_string(&r, out, sizeof out);
		assert_true(rd_ok(&r));
		assert_string_equal(out, "a");
		s[at[i]] = val[i];
		r	 = rd_init(SPAN(s, sizeof s));
		ndr_string(&r, out, sizeof out);
		assert_false(rd_ok(&r));
	}
}

static void
ignore_found(void *ctx, const struct srvsvc_found *f)
{
	(void)ctx;
	assert_true(memchr(f->name, 0, sizeof f->name) != NULL);
}

static void
try_all(struct span s)
{
	struct srvsvc_share_enum q;
	struct srvsvc_share_get_info g;
	struct rpc_bind_ack ack;
	struct rpc_response rsp;
	struct rpc_request req;
	struct rpc_bind bind;
	struct srvsvc_page page;
	struct rpc_call call;
	uint32_t v;
	struct rpc_pipe *p = bound_new(&srvsvc_iface);

	check_decided(srvsvc_share_enum_decode(s, &q));
	check_decided(srvsvc_share_get_info_decode(s, &g));
	check_decided(srvsvc_server_get_info_decode(s, &v));
	check_decided(srvsvc_share_enum_response(s, ignore_found, NULL, &page));
	check_decided(rpc_bind_decode(s, &bind));
	check_decided(rpc_request_decode(s, &req));
	check_decided(rpc_response_decode(s, &rsp));
	check_decided(rpc_bind_ack_decode(s, &ack));
	check_decided(rpc_pipe_write(p, s));
	if (rpc_pipe_call(p, &call))
		rpc_pipe_fault(p, RPC_BAD_STUB_DATA);
	free(p);
	p = pipe_new(&srvsvc_iface);
	check_decided(rpc_pipe_write(p, s));
	free(p);
}

static void
everything_survives_cuts_and_mutations(void **state)
{
	static const char *const names[] = { "rpc/bind_srvsvc.hex", "rpc/share_enum_1.hex",
					     "rpc/share_get_info_2.hex" };
	const struct srvsvc_share_enum q = { .level = 1, .preferred_max = UINT32_MAX };
	uint8_t buf[4096];
	struct wr w = wr_init(buf, sizeof buf);

	(void)state;
	srvsvc_share_enum_encode(&w, &q, shares, NELEM(shares));
	check_cuts(wr_done(&w), try_all);
	check_mutations(wr_done(&w), try_all);
	for (size_t i = 0; i < NELEM(names); i++) {
		check_cuts(vector_load(names[i], buf, sizeof buf), try_all);
		check_mutations(vector_load(names[i], buf, sizeof buf), try_all);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bind_accepts_ndr32_and_answers_feature_negotiation),
		cmocka_unit_test(bind_to_another_interface_is_rejected_and_its_calls_faulted),
		cmocka_unit_test(bind_with_authentication_is_refused),
		cmocka_unit_test(second_bind_breaks_the_pipe_but_alter_context_does_not),
		cmocka_unit_test(request_before_bind_breaks_the_pipe_for_good),
		cmocka_unit_test(unknown_opnum_is_faulted),
		cmocka_unit_test(call_is_handed_out_whole_from_any_cut),
		cmocka_unit_test(call_in_fragments_is_put_together),
		cmocka_unit_test(fragment_of_another_call_breaks_the_pipe),
		cmocka_unit_test(request_beyond_the_limit_breaks_the_pipe),
		cmocka_unit_test(fragment_longer_than_offered_breaks_the_pipe),
		cmocka_unit_test(long_answer_is_cut_into_fragments),
		cmocka_unit_test(client_that_never_reads_is_cut_off),
		cmocka_unit_test(share_list_goes_from_server_to_client),
		cmocka_unit_test(share_list_is_continued_at_its_resume_handle),
		cmocka_unit_test(levels_nobody_knows_are_refused),
		cmocka_unit_test(requests_of_a_real_client_are_understood),
		cmocka_unit_test(string_without_nul_or_with_an_odd_count_is_refused),
		cmocka_unit_test(everything_survives_cuts_and_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
