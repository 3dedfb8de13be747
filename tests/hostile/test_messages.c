/*
 * test_messages.c - what a captured process can do with the message tables:
 * every message, from every role, in every phase, cut at each length, too
 * long, with each field out of bounds.  The rows are the real ones; the handler
 * behind them only counts that it was reached.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ipc/internal.h"
#include "tests/unit/check.h"

#define PEER_ID 5u

static struct {
	struct loop *loop;
	struct node *node;
	int peer;			/* our end of the hostile peer's channel */
	unsigned reached;
	struct loop_timer stop;
} t;

/* What MSG_SERVE does, for any row. */
static void
serve_any(const struct msg_desc *d, struct call *c, struct span body)
{
	void *req = calloc(1, d->req_size + 1);
	nt s      = msg_decode(body, d->req(), d->n_req, req);

	free(req);
	if (!nt_failed(s))
		t.reached++;
	call_answer(c, s, SPAN_NONE);
}

/* One serving function per row: the table's function does not get the row, so it looks it up. */
static void
serve_row(void *me, struct call *c, struct span body)
{
	(void)me;
	serve_any(c->method->desc, c, body);
}

static void
stop_now(void *ctx)
{
	loop_stop(ctx, 0);
}

static void
run(void)
{
	loop_timer_set(t.loop, &t.stop, 0, stop_now, t.loop);
	loop_run(t.loop);
}

/*
 * The rows that daemons serve: introductions are served inside ipc/, configuration and the rows of
 * listings are no calls.
 */
static bool
is_served(const struct msg_desc *d)
{
	return d->id >= 0x0200 && d->callers != 0;
}

static void
node_of_role(enum peer_role role)
{
	static struct ipc_method methods[256];
	struct node_conf conf = { .role = PEER_SPAWNER, .channel = -1, .methods = methods };
	int p[2];

	t.loop = loop_new();
	for (size_t i = 0; i < msg_all_n; i++)
		if (is_served(msg_all[i]) && conf.n_methods < NELEM(methods))
			methods[conf.n_methods++] = (struct ipc_method){ msg_all[i], serve_row };
	assert_true(conf.n_methods < NELEM(methods));
	conf.loop = t.loop;
	t.node    = node_new(&conf);
	node_set_phase(t.node, PHASE_SERVING);
	assert_status(fdpass_pair(p), STATUS_SUCCESS);
	node_adopt(t.node, PEER_ID, role, 0, 0, p[0]);
	t.peer    = p[1];
	t.reached = 0;
}

static void
node_end(void)
{
	close(t.peer);
	node_drop(t.node);
	loop_drop(t.loop);
}

static bool
peer_lives(void)
{
	return node_find(t.node, PEER_ID) != NULL;
}

static void
put(const struct ipc_rec *rec)
{
	static uint8_t buf[FDPASS_DATAGRAM];
	struct wr w = wr_init(buf, sizeof buf);
	struct iovec iov;

	rec_write(&w, rec);
	wr_span(&w, rec->data);
	assert_true(wr_ok(&w));
	iov = (struct iovec){ buf, w.pos };
	assert_status(fdpass_send(t.peer, &iov, 1, NULL, 0), STATUS_SUCCESS);
	run();
}

/* The status of the answer; STATUS_PIPE_BROKEN if the link was cut instead. */
static nt
answer(void)
{
	static uint8_t buf[FDPASS_DATAGRAM];
	int fds[FDPASS_MAX];
	size_t n, n_fds;
	struct ipc_rec rec;
	struct rd r;

	if (!peer_lives())
		return STATUS_PIPE_BROKEN;
	assert_status(fdpass_recv(t.peer, buf, sizeof buf, &n, fds, &n_fds), STATUS_SUCCESS);
	r = rd_init(SPAN(buf, n));
	assert_status(rec_read(&r, &rec), STATUS_SUCCESS);
	return rec.status;
}

static nt
ask(const struct msg_desc *d, struct span body)
{
	struct ipc_rec rec = { .kind = IPC_REQUEST, .msg = d->id, .id = 1, .body = body };

	put(&rec);
	return answer();
}

/* A well-formed body: all zero fields, which every type admits. */
static struct span
plain_body(const struct msg_desc *d)
{
	void *req   = calloc(1, d->req_size + 1);
	struct wr w = msg_room();

	msg_encode(&w, d->req(), d->n_req, req);
	free(req);
	assert_true(wr_ok(&w));
	return wr_done(&w);
}

#define EACH_SERVED(d)                                                  \
	for (size_t i_ = 0; i_ < msg_all_n; i_++)                       \
		for (const struct msg_desc *d = msg_all[i_]; d && is_served(d); d = NULL)

static void
only_the_callers_in_the_table_reach_a_handler(void **state)
{
	(void)state;
	EACH_SERVED(d)
		for (int role = PEER_NONE; role < PEER_MAX; role++) {
			bool may = d->callers & (1u << role);

			node_of_role((enum peer_role)role);
			assert_status(ask(d, plain_body(d)), may ? STATUS_SUCCESS : STATUS_PIPE_BROKEN);
			assert_int_equal(t.reached, may ? 1 : 0);
			assert_int_equal(peer_lives(), may);
			node_end();
		}
}

static enum peer_role
a_caller(const struct msg_desc *d)
{
	for (int role = PEER_NONE; role < PEER_MAX; role++)
		if (d->callers & (1u << role))
			return (enum peer_role)role;
	fail_msg("nobody may send %s", d->name);
	return PEER_NONE;
}

static void
the_wrong_phase_is_refused_without_reaching_a_handler(void **state)
{
	static const uint32_t phases[] = { PHASE_START, PHASE_SERVING, PHASE_STOP };

	(void)state;
	EACH_SERVED(d)
		for (size_t i = 0; i < NELEM(phases); i++) {
			bool may = d->phase & phases[i];

			node_of_role(a_caller(d));
			node_set_phase(t.node, phases[i]);
			assert_status(ask(d, plain_body(d)),
			    may ? STATUS_SUCCESS : STATUS_REQUEST_OUT_OF_SEQUENCE);
			assert_int_equal(t.reached, may ? 1 : 0);
			node_end();
		}
}

static void
a_body_cut_or_grown_is_refused(void **state)
{
	static uint8_t longer[MSG_BODY_MAX];

	(void)state;
	EACH_SERVED(d) {
		struct span body = plain_body(d);

		memcpy(longer, body.p, body.n);
		longer[body.n] = 0;
		for (size_t n = 0; n <= body.n + 1; n++) {
			if (n == body.n)
				continue;
			node_of_role(a_caller(d));
			assert_status(ask(d, SPAN(longer, n)), STATUS_INVALID_PARAMETER);
			assert_int_equal(t.reached, 0);
			node_end();
		}
	}
}

static void
what_may_be_said_once_costs_the_link_the_second_time(void **state)
{
	unsigned tried = 0;

	(void)state;
	EACH_SERVED(d) {
		bool once = d->phase & PHASE_ONCE;

		node_of_role(a_caller(d));
		assert_status(ask(d, plain_body(d)), STATUS_SUCCESS);
		assert_status(ask(d, plain_body(d)), once ? STATUS_PIPE_BROKEN : STATUS_SUCCESS);
		assert_int_equal(t.reached, once ? 1 : 2);
		node_end();
		tried += once;
	}
	assert_true(tried > 0);
}

/* A value of this type that is just out of bounds; false if the type has none. */
static bool
write_beyond(struct wr *w, enum msg_type type)
{
	static const uint32_t bounds[MSG_T_MAX] = { [MSG_T_name] = NAME_BOUND,
		[MSG_T_text] = TEXT_BOUND, [MSG_T_path] = PATH_BOUND, [MSG_T_blob] = BLOB_BOUND,
		[MSG_T_secret] = SECRET_BOUND, [MSG_T_token] = TOKEN_BOUND };

	switch (type) {
	case MSG_T_name:
	case MSG_T_text:
	case MSG_T_path:
		wr_u16(w, (uint16_t)(bounds[type] + 1));
		for (uint32_t i = 0; i <= bounds[type]; i++)
			wr_u8(w, 'x');
		wr_u8(w, 0);
		return true;
	case MSG_T_blob:
	case MSG_T_secret:
	case MSG_T_token:
		wr_u32(w, bounds[type] + 1);
		wr_zero(w, bounds[type] + 1);
		return true;
	case MSG_T_gids:
		wr_u16(w, GIDS_MAX + 1);
		wr_zero(w, 4 * (GIDS_MAX + 1));
		return true;
	case MSG_T_flag:
	case MSG_T_addr:
		wr_u8(w, 2);
		wr_zero(w, type == MSG_T_addr ? 18 : 0);
		return true;
	default:
		return false;
	}
}

static void
each_field_out_of_bounds_is_refused(void **state)
{
	static uint8_t buf[MSG_BODY_MAX];
	unsigned tried = 0;

	(void)state;
	EACH_SERVED(d)
		for (size_t k = 0; k < d->n_req; k++) {
			const struct msg_field *f = d->req();
			void *req                 = calloc(1, d->req_size + 1);
			struct wr w               = wr_init(buf, sizeof buf);
			bool has;

			msg_encode(&w, f, k, req);
			has = write_beyond(&w, f[k].type);
			msg_encode(&w, f + k + 1, d->n_req - k - 1, req);
			free(req);
			assert_true(wr_ok(&w));
			if (!has || w.pos + IPC_HDR > FDPASS_DATAGRAM)
				continue;
			node_of_role(a_caller(d));
			assert_status(ask(d, wr_done(&w)), STATUS_INVALID_PARAMETER);
			assert_int_equal(t.reached, 0);
			node_end();
			tried++;
		}
	assert_true(tried > 50);
}

static void
garbage_instead_of_a_record_costs_the_link(void **state)
{
	(void)state;
	for (unsigned seed = 0; seed < 200; seed++) {
		uint8_t junk[96];
		struct iovec iov = { junk, 1 + seed % sizeof junk };

		srand(seed);
		for (size_t i = 0; i < sizeof junk; i++)
			junk[i] = (uint8_t)rand();
		junk[0] = (uint8_t)(junk[0] | 0x80);	/* neither a record nor a log datagram */
		node_of_role(PEER_GATE);
		assert_status(fdpass_send(t.peer, &iov, 1, NULL, 0), STATUS_SUCCESS);
		run();
		assert_false(peer_lives());
		node_end();
	}
}

static void
answers_to_questions_never_asked_do_nothing(void **state)
{
	struct ipc_rec rec = { .kind = IPC_REPLY, .msg = 0x0301, .id = 0x1234567800000001ull };

	(void)state;
	node_of_role(PEER_GATE);
	put(&rec);
	assert_true(peer_lives());
	assert_int_equal(t.reached, 0);
	node_end();
}

static void
an_unknown_message_costs_the_link(void **state)
{
	struct ipc_rec rec = { .kind = IPC_REQUEST, .msg = IPC_ID_MAX - 1, .id = 1 };

	(void)state;
	node_of_role(PEER_WORKER);
	put(&rec);
	assert_false(peer_lives());
	node_end();
	rec.msg = IPC_ID_MAX;
	node_of_role(PEER_WORKER);
	put(&rec);
	assert_false(peer_lives());
	node_end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_callers_in_the_table_reach_a_handler),
		cmocka_unit_test(the_wrong_phase_is_refused_without_reaching_a_handler),
		cmocka_unit_test(what_may_be_said_once_costs_the_link_the_second_time),
		cmocka_unit_test(a_body_cut_or_grown_is_refused),
		cmocka_unit_test(each_field_out_of_bounds_is_refused),
		cmocka_unit_test(garbage_instead_of_a_record_costs_the_link),
		cmocka_unit_test(answers_to_questions_never_asked_do_nothing),
		cmocka_unit_test(an_unknown_message_costs_the_link),
	};

	log_set_level(LOG_LEVEL_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
