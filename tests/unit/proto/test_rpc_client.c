/*
 * test_rpc_client.c - the client's end of an association: what it sends our own
 * pipe understands, answers come in any cut and in fragments, nonsense ends it.
 * [C706] 12.6, [MS-RPCE] 2.2.2.11, 3.3.2
 */
#include "tests/unit/check.h"

#include "proto/rpc/client.h"
#include "proto/rpc/pipe.h"

static const struct rpc_op ops[]	 = { { 7, "echo" } };
static const struct rpc_iface echo_iface = {
	"echo", { { { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 } }, 1 }, ops, 1
};

static uint8_t room[RPC_STUB_MAX], wire[2 * RPC_STUB_MAX], stub[RPC_STUB_MAX];
static struct rpc_client client;
static struct rpc_pipe server;

/* Feeds in steps; the last event. */
static nt
feed(struct span bytes, size_t step, enum rpc_event *ret)
{
	*ret = RPC_EVENT_NONE;
	while (bytes.n > 0) {
		struct span part = SPAN(bytes.p, step < bytes.n ? step : bytes.n);
		size_t had	 = part.n;

		TRY(rpc_client_feed(&client, &part, ret));
		bytes = SPAN(bytes.p + had - part.n, bytes.n - had + part.n);
		if (*ret != RPC_EVENT_NONE)
			break;
	}
	return STATUS_SUCCESS;
}

static struct span
server_says(void)
{
	size_t n = 0, got;
	bool more;

	while ((got = rpc_pipe_read(&server, wire + n, sizeof wire - n, &more)) > 0)
		n += got;
	return SPAN(wire, n);
}

static void
bound(size_t step)
{
	struct wr w = wr_init(wire, sizeof wire);
	enum rpc_event event;

	rpc_pipe_init(&server, &echo_iface, 1);
	rpc_client_init(&client, &echo_iface.syntax, NULL, room, sizeof room);
	rpc_client_bind(&client, &w);
	assert_status(rpc_pipe_write(&server, wr_done(&w)), STATUS_SUCCESS);
	assert_status(feed(server_says(), step, &event), STATUS_SUCCESS);
	assert_int_equal(event, RPC_EVENT_BOUND);
}

static void
echo(size_t n, size_t step)
{
	struct wr w = wr_init(wire, sizeof wire);
	struct rpc_call call;
	enum rpc_event event;

	for (size_t i = 0; i < n; i++)
		stub[i] = (uint8_t)(i * 7 + i / 256);
	rpc_client_call(&client, &w, 7, SPAN(stub, n));
	assert_true(wr_ok(&w) && w.pos <= rpc_client_room(n));
	assert_status(rpc_pipe_write(&server, wr_done(&w)), STATUS_SUCCESS);
	assert_true(rpc_pipe_call(&server, &call));
	rpc_pipe_reply(&server, call.stub);
	assert_status(feed(server_says(), step, &event), STATUS_SUCCESS);
	assert_int_equal(event, RPC_EVENT_REPLY);
	assert_true(span_eq(rpc_client_stub(&client), SPAN(stub, n)));
}

static void
calls_of_any_size_come_back_in_any_cut(void **state)
{
	static const size_t sizes[] = { 0, 1, 4000, 4256, 4257, 20000 };
	static const size_t steps[] = { 1, 15, 16, 17, 100000 };

	(void)state;
	for (size_t s = 0; s < NELEM(steps); s++) {
		bound(steps[s]);
		for (size_t i = 0; i < NELEM(sizes); i++)
			echo(sizes[i], steps[s]);
	}
}

static void
a_fault_fails_the_call_and_not_the_association(void **state)
{
	struct wr w;
	enum rpc_event event;

	(void)state;
	bound(1000);
	w = wr_init(wire, sizeof wire);
	rpc_client_call(&client, &w, 99, SPAN_NONE);
	assert_status(rpc_pipe_write(&server, wr_done(&w)), STATUS_SUCCESS);
	assert_status(feed(server_says(), 1000, &event), STATUS_SUCCESS);
	assert_int_equal(event, RPC_EVENT_FAULT);
	assert_int_equal(client.fault, RPC_NCA_OP_RNG_ERROR);
	echo(10, 1000);
}

static void
an_interface_that_is_not_there_is_not_supported(void **state)
{
	struct rpc_syntax other = echo_iface.syntax;
	struct wr w		= wr_init(wire, sizeof wire);
	enum rpc_event event;

	(void)state;
	other.version = 9;
	rpc_pipe_init(&server, &echo_iface, 1);
	rpc_client_init(&client, &other, NULL, room, sizeof room);
	rpc_client_bind(&client, &w);
	assert_status(rpc_pipe_write(&server, wr_done(&w)), STATUS_SUCCESS);
	assert_status(feed(server_says(), 1000, &event), STATUS_NOT_SUPPORTED);
}

static void
a_longer_answer_than_there_is_room_for_ends_it(void **state)
{
	struct wr w;
	enum rpc_event event;

	(void)state;
	bound(1000);
	client.cap = 100;
	w	   = wr_init(wire, sizeof wire);
	rpc_response_encode(&w, client.call_id + 1, RPC_FIRST_FRAG, 0, SPAN(stub, 60));
	rpc_response_encode(&w, client.call_id + 1, RPC_LAST_FRAG, 0, SPAN(stub, 60));
	client.call_id++;
	client.state = RPC_CLIENT_CALLING;
	assert_status(feed(wr_done(&w), 1000, &event), STATUS_UNEXPECTED_NETWORK_ERROR);
}

/* Each row: what the server says while we wait for the answer to call 2. */
static void
answers_out_of_order_end_it(void **state)
{
	static const struct {
		uint8_t flags;
		uint16_t context;
		uint32_t call_id;
	} rows[] = {
		{ RPC_LAST_FRAG, 0, 2 },		  /* begins in the middle */
		{ RPC_FIRST_FRAG | RPC_LAST_FRAG, 1, 2 }, /* another context */
		{ RPC_FIRST_FRAG | RPC_LAST_FRAG, 0, 1 }, /* another call */
		{ RPC_FIRST_FRAG | RPC_LAST_FRAG, 0, 3 },
	};
	enum rpc_event event;

	(void)state;
	for (size_t i = 0; i < NELEM(rows); i++) {
		struct wr w;

		bound(1000);
		w = wr_init(wire, sizeof wire);
		rpc_client_call(&client, &w, 7, SPAN(stub, 4));
		assert_int_equal(client.call_id, 2);
		w = wr_init(wire, sizeof wire);
		rpc_response_encode(&w, rows[i].call_id, rows[i].flags, rows[i].context,
				    SPAN(stub, 8));
		assert_status(feed(wr_done(&w), 1000, &event), STATUS_UNEXPECTED_NETWORK_ERROR);
	}
}

static void
bytes_that_nobody_asked_for_end_it(void **state)
{
	struct wr w = wr_init(wire, sizeof wire);
	enum rpc_event event;

	(void)state;
	bound(1000);
	w = wr_init(wire, sizeof wire);
	rpc_response_encode(&w, client.call_id, RPC_FIRST_FRAG | RPC_LAST_FRAG, 0, SPAN(stub, 8));
	assert_status(feed(wr_done(&w), 1000, &event), STATUS_UNEXPECTED_NETWORK_ERROR);
}

static void
a_call_before_the_bind_makes_the_writer_bad(void **state)
{
	struct wr w = wr_init(wire, sizeof wire);

	(void)state;
	rpc_client_init(&client, &echo_iface.syntax, NULL, room, sizeof room);
	rpc_client_call(&client, &w, 7, SPAN_NONE);
	assert_false(wr_ok(&w));
}

/* ---- with a provider: xor and a counter ---- */

struct toy {
	uint8_t sent, got;
};

static nt
toy_seal(void *ctx, uint8_t *body, size_t n, uint8_t *token)
{
	struct toy *t = ctx;

	for (size_t i = 0; i < n; i++)
		body[i] ^= 0x55;
	memset(token, t->sent++, 8);
	return STATUS_SUCCESS;
}

static nt
toy_unseal(void *ctx, uint8_t *body, size_t n, struct span token)
{
	struct toy *t = ctx;

	for (size_t i = 0; i < n; i++)
		body[i] ^= 0x55;
	return token.p[0] == t->got++ ? STATUS_SUCCESS : STATUS_DATA_ERROR;
}

/* A sealed request is a sealed answer once its head says so: what we send, sent back to us. */
static size_t
turned_around(struct wr *w)
{
	struct rpc_header h;
	size_t at = 0, n = 0;

	for (; at < w->pos; at += h.frag_length, n++) {
		assert_status(rpc_header_decode(SPAN(w->base + at, w->pos - at), &h),
			      STATUS_SUCCESS);
		w->base[at + 2] = RPC_RESPONSE;
		memset(w->base + at + 20, 0, 4);
	}
	return n;
}

static void
sealed_fragments_are_opened_in_order(void **state)
{
	static struct toy toy;
	const struct rpc_auth auth = { .type	   = 0x44,
				       .level	   = 6,
				       .bind_token = SPAN("hello", 5),
				       .token_size = 8,
				       .ctx	   = &toy,
				       .seal	   = toy_seal,
				       .unseal	   = toy_unseal };
	struct wr w		   = wr_init(wire, sizeof wire);
	enum rpc_event event;

	(void)state;
	rpc_client_init(&client, &echo_iface.syntax, &auth, room, sizeof room);
	rpc_client_bind(&client, &w);
	assert_int_equal(wire[10], 5);
	assert_memory_equal(wire + w.pos - 5, "hello", 5);
	client.state	= RPC_CLIENT_IDLE;
	client.max_xmit = RPC_FRAG_MIN;

	w = wr_init(wire, sizeof wire);
	memset(stub, 0xa7, 3001);
	rpc_client_call(&client, &w, 7, SPAN(stub, 3001));
	assert_true(wr_ok(&w) && w.pos <= rpc_client_room(3001));
	assert_null(memmem(wire, w.pos, stub, 4));
	assert_int_equal(turned_around(&w), 3);
	assert_status(feed(wr_done(&w), 100, &event), STATUS_SUCCESS);
	assert_int_equal(event, RPC_EVENT_REPLY);
	assert_true(span_eq(rpc_client_stub(&client), SPAN(stub, 3001)));

	w = wr_init(wire, sizeof wire);
	rpc_client_call(&client, &w, 7, SPAN(stub, 8));
	(void)turned_around(&w);
	wire[w.pos - 8] ^= 1; /* the token */
	assert_status(feed(wr_done(&w), 100, &event), STATUS_UNEXPECTED_NETWORK_ERROR);
}

static void
an_answer_without_its_seal_is_refused(void **state)
{
	static struct toy toy;
	const struct rpc_auth auth = { .type	   = 0x44,
				       .level	   = 6,
				       .token_size = 8,
				       .ctx	   = &toy,
				       .seal	   = toy_seal,
				       .unseal	   = toy_unseal };
	struct wr w		   = wr_init(wire, sizeof wire);
	enum rpc_event event;

	(void)state;
	rpc_client_init(&client, &echo_iface.syntax, &auth, room, sizeof room);
	rpc_client_bind(&client, &w);
	client.state = RPC_CLIENT_IDLE;
	w	     = wr_init(wire, sizeof wire);
	rpc_client_call(&client, &w, 7, SPAN(stub, 8));
	w = wr_init(wire, sizeof wire);
	rpc_response_encode(&w, client.call_id, RPC_FIRST_FRAG | RPC_LAST_FRAG, 0, SPAN(stub, 8));
	assert_status(feed(wr_done(&w), 100, &event), STATUS_UNEXPECTED_NETWORK_ERROR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_of_any_size_come_back_in_any_cut),
		cmocka_unit_test(a_fault_fails_the_call_and_not_the_association),
		cmocka_unit_test(an_interface_that_is_not_there_is_not_supported),
		cmocka_unit_test(a_longer_answer_than_there_is_room_for_ends_it),
		cmocka_unit_test(answers_out_of_order_end_it),
		cmocka_unit_test(bytes_that_nobody_asked_for_end_it),
		cmocka_unit_test(a_call_before_the_bind_makes_the_writer_bad),
		cmocka_unit_test(sealed_fragments_are_opened_in_order),
		cmocka_unit_test(an_answer_without_its_seal_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
