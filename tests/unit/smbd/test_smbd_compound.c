/*
 * test_smbd_compound.c - frames in, frames out of a worker's connection over a
 * socket pair, without fsd: pipes, echoes and what is refused before any
 * handler.  [MS-SMB2] 3.3.5.2
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proto/rpc/srvsvc.h"
#include "proto/smb2/close.h"
#include "proto/smb2/create.h"
#include "proto/smb2/echo.h"
#include "proto/smb2/flush.h"
#include "proto/smb2/tree_connect.h"
#include "proto/transport.h"
#include "base/utf16.h"
#include "smbd/rq.h"
#include "tests/unit/check.h"

#define SESSION 77u
#define ALL_ONES  ((struct smb2_fid){ UINT64_MAX, UINT64_MAX })

static struct smbd smbd;
static struct worker *w;
static struct conn *conn;
static int client;
static uint64_t mid;
static uint8_t out[65536], in[65536];
static struct wr msg;

static const struct node_events no_events;

static int
setup(void **state)
{
	struct handover h = { .params = { .dialect = SMB2_DIALECT_210,
				  .server_caps     = SMB2_GLOBAL_CAP_LARGE_MTU } };
	struct worker_session_req s = { .session = SESSION, .ctx = SESSION, .flags = AUTH_GUEST };
	struct session *session;
	struct chan *ch;
	int fds[2];

	(void)state;
	memset(&smbd, 0, sizeof smbd);
	smbd.conf.server.max_io      = 8u << 20;
	smbd.conf.server.max_credits = 64;
	smbd.loop                    = loop_new();
	w                            = worker_begin(&smbd);
	smbd.node = node_new(&(struct node_conf){ .loop = smbd.loop, .role = PEER_WORKER,
	    .channel = -1, .events = &no_events, .me = w });
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	client = fds[0];
	window_init(&h.window, 2 * COMPOUND_MAX);
	assert_int_equal(window_grant(&h.window, 1, 100, WINDOW_MAX), 100);
	conn = conn_new(w, fds[1], &h);
	assert_non_null(conn);
	assert_status(session_new(w, &s, &session), STATUS_SUCCESS);
	assert_status(session_attach(session, conn, 0, &h.session_hash, &ch), STATUS_SUCCESS);
	mid = 0;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	conn_close(conn, NULL);
	w->tick.fn(w);
	close(client);
	table_drop(w->opens);
	idmap_drop(&w->sessions);
	for (struct rq *rq; (rq = w->free_rqs);) {
		w->free_rqs = rq->next;
		free(rq);
	}
	for (struct frame *f; (f = w->free_frames);) {
		w->free_frames = f->next_free;
		free(f);
	}
	free(w->scratch);
	loop_timer_clear(&w->idle);
	node_drop(smbd.node);
	loop_drop(smbd.loop);
	free(w);
	return 0;
}

/* ---- the client ---- */

static size_t element_at;

static void
begin(void)
{
	msg = wr_init(out, sizeof out);
	wr_zero(&msg, TRANSPORT_HDR_SIZE);
}

/* Opens an element; the one before is closed first. */
static size_t
element(uint16_t command, uint32_t flags, uint32_t tree)
{
	struct smb2_hdr h = { .credit_charge = 1, .command = command, .credits = 1, .flags = flags,
		.message_id = mid++, .tree_id = tree, .session_id = SESSION };

	if (msg.pos > TRANSPORT_HDR_SIZE)
		smb2_hdr_close_element(&msg, element_at);
	element_at = msg.pos;
	smb2_hdr_encode(&msg, &h);
	return element_at;
}

/* Sends what was built; what came back is in in[]. */
static struct smb2_chain
talk(void)
{
	ssize_t n;

	assert_true(wr_ok(&msg));
	transport_encode(out, (uint32_t)(msg.pos - TRANSPORT_HDR_SIZE));
	assert_int_equal(write(client, out, msg.pos), (ssize_t)msg.pos);
	conn_receive(conn);
	w->tick.fn(w);
	n = read(client, in, sizeof in);
	if (n <= 0)
		return smb2_chain_init(SPAN_NONE);
	return smb2_chain_init(SPAN(in + TRANSPORT_HDR_SIZE, (size_t)n - TRANSPORT_HDR_SIZE));
}

static struct smb2_element
next(struct smb2_chain *c)
{
	struct smb2_element e;

	assert_true(smb2_chain_more(c));
	assert_status(smb2_chain_next(c, &e), STATUS_SUCCESS);
	return e;
}

static void
put_echo(uint32_t flags)
{
	smb2_echo_req_encode(&msg, element(SMB2_CMD_echo, flags, 0), &(struct smb2_echo_req){ 0 });
}

static void
put_create(uint32_t flags, uint32_t tree, const char *name)
{
	uint8_t wide[64];
	struct wr nw             = wr_init(wide, sizeof wide);
	struct smb2_create_req c = { .impersonation = 2, .desired_access = 3, .disposition = FILE_OPEN };

	wr_utf16(&nw, name);
	c.name = wr_done(&nw);
	smb2_create_req_encode(&msg, element(SMB2_CMD_create, flags, tree), &c);
}

static void
put_close(uint32_t flags, uint32_t tree, struct smb2_fid fid)
{
	smb2_close_req_encode(&msg, element(SMB2_CMD_close, flags, tree),
	    &(struct smb2_close_req){ .fid = fid });
}

static void
put_flush(uint32_t flags, uint32_t tree, struct smb2_fid fid)
{
	smb2_flush_req_encode(&msg, element(SMB2_CMD_flush, flags, tree),
	    &(struct smb2_flush_req){ .fid = fid });
}

static uint32_t
connect_ipc(void)
{
	uint8_t wide[64];
	struct wr nw = wr_init(wide, sizeof wide);
	struct smb2_chain c;
	struct smb2_element e;

	wr_utf16(&nw, "\\\\h\\IPC$");
	begin();
	smb2_tree_connect_req_encode(&msg, element(SMB2_CMD_tree_connect, 0, 0),
	    &(struct smb2_tree_connect_req){ .path = wr_done(&nw) });
	c = talk();
	e = next(&c);
	assert_status(e.hdr.status, STATUS_SUCCESS);
	return e.hdr.tree_id;
}

#define RELATED SMB2_FLAGS_RELATED_OPERATIONS

/* ---- the tests ---- */

static void
unrelated_elements_each_get_their_answer(void **state)
{
	struct smb2_chain c;

	(void)state;
	begin();
	put_echo(0);
	put_close(0, 5, ALL_ONES);
	put_echo(0);
	c = talk();
	assert_status(next(&c).hdr.status, STATUS_SUCCESS);
	assert_status(next(&c).hdr.status, STATUS_NETWORK_NAME_DELETED);
	assert_status(next(&c).hdr.status, STATUS_SUCCESS);
	assert_false(smb2_chain_more(&c));
}

static void
only_the_last_answer_grants_credits(void **state)
{
	struct smb2_chain c;

	(void)state;
	begin();
	put_echo(0);
	put_echo(0);
	c = talk();
	assert_int_equal(next(&c).hdr.credits, 0);
	assert_int_equal(next(&c).hdr.credits, 2);
}

static void
related_elements_use_the_file_of_the_create_before(void **state)
{
	uint32_t tree = connect_ipc();
	struct smb2_chain c;

	(void)state;
	begin();
	put_create(0, tree, "srvsvc");
	put_flush(RELATED, 0, ALL_ONES);
	put_close(RELATED, 0, ALL_ONES);
	c = talk();
	assert_status(next(&c).hdr.status, STATUS_SUCCESS);
	assert_status(next(&c).hdr.status, STATUS_SUCCESS);
	assert_status(next(&c).hdr.status, STATUS_SUCCESS);
	assert_int_equal(table_count(w->opens), 0);
}

static void
a_failed_create_passes_its_status_on(void **state)
{
	uint32_t tree = connect_ipc();
	struct smb2_chain c;

	(void)state;
	begin();
	put_create(0, tree, "nothing");
	put_flush(RELATED, 0, ALL_ONES);
	put_close(RELATED, 0, ALL_ONES);
	c = talk();
	for (int i = 0; i < 3; i++)
		assert_status(next(&c).hdr.status, STATUS_OBJECT_NAME_NOT_FOUND);
}

static void
the_first_element_cannot_be_related(void **state)
{
	uint32_t tree = connect_ipc();
	struct smb2_chain c;

	(void)state;
	begin();
	put_create(RELATED, tree, "srvsvc");
	put_close(RELATED, tree, ALL_ONES);
	put_close(0, tree, ALL_ONES);
	c = talk();
	assert_status(next(&c).hdr.status, STATUS_INVALID_PARAMETER);
	assert_status(next(&c).hdr.status, STATUS_INVALID_PARAMETER);
	assert_status(next(&c).hdr.status, STATUS_FILE_CLOSED);
}

static void
nothing_is_inherited_from_an_element_without_file(void **state)
{
	uint32_t tree = connect_ipc();
	struct smb2_chain c;

	(void)state;
	begin();
	put_create(0, tree, "srvsvc");
	put_echo(RELATED);
	put_close(0, tree, ALL_ONES);
	c = talk();
	assert_status(next(&c).hdr.status, STATUS_SUCCESS);
	assert_status(next(&c).hdr.status, STATUS_SUCCESS);
	assert_status(next(&c).hdr.status, STATUS_FILE_CLOSED);
}

static void
an_unknown_command_is_answered(void **state)
{
	struct smb2_chain c;

	(void)state;
	begin();
	element(0x00ff, 0, 0);
	wr_u32(&msg, 4);
	c = talk();
	assert_status(next(&c).hdr.status, STATUS_INVALID_PARAMETER);
}

static void
a_wrong_structure_size_is_refused(void **state)
{
	struct smb2_chain c;

	(void)state;
	begin();
	element(SMB2_CMD_echo, 0, 0);
	wr_u32(&msg, 5);
	c = talk();
	assert_status(next(&c).hdr.status, STATUS_INVALID_PARAMETER);
}

static void
an_id_used_twice_ends_the_connection(void **state)
{
	(void)state;
	begin();
	put_echo(0);
	(void)talk();
	mid--;
	begin();
	put_echo(0);
	(void)talk();
	assert_null(TAILQ_FIRST(&w->conns));
	conn = NULL;
}

static void
a_compound_that_points_outside_ends_the_connection(void **state)
{
	(void)state;
	begin();
	put_echo(0);
	wr_patch32(&msg, TRANSPORT_HDR_SIZE + SMB2_HDR_AT_NEXT, 72);
	(void)talk();
	assert_null(TAILQ_FIRST(&w->conns));
	conn = NULL;
}

static void
more_elements_than_allowed_end_the_connection(void **state)
{
	(void)state;
	begin();
	for (uint32_t i = 0; i <= COMPOUND_MAX; i++)
		put_echo(0);
	(void)talk();
	assert_null(TAILQ_FIRST(&w->conns));
	conn = NULL;
}

/* A frame cut into single bytes is the same frame. */
static void
bytes_may_come_one_at_a_time(void **state)
{
	struct smb2_chain c;
	ssize_t n;

	(void)state;
	begin();
	put_echo(0);
	transport_encode(out, (uint32_t)(msg.pos - TRANSPORT_HDR_SIZE));
	for (size_t i = 0; i < msg.pos; i++) {
		assert_int_equal(write(client, out + i, 1), 1);
		conn_receive(conn);
	}
	w->tick.fn(w);
	n = read(client, in, sizeof in);
	assert_true(n > TRANSPORT_HDR_SIZE);
	c = smb2_chain_init(SPAN(in + TRANSPORT_HDR_SIZE, (size_t)n - TRANSPORT_HDR_SIZE));
	assert_status(next(&c).hdr.status, STATUS_SUCCESS);
}

static int
teardown_closed(void **state)
{
	if (conn)
		return teardown(state);
	/* It was buried by the tick; the rest is the same. */
	{
		struct handover h = { 0 };
		int fds[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
		close(fds[0]);
		window_init(&h.window, 1);
		conn = conn_new(w, fds[1], &h);
	}
	return teardown(state);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown_closed)
	const struct CMUnitTest tests[] = {
		T(unrelated_elements_each_get_their_answer),
		T(only_the_last_answer_grants_credits),
		T(related_elements_use_the_file_of_the_create_before),
		T(a_failed_create_passes_its_status_on),
		T(the_first_element_cannot_be_related),
		T(nothing_is_inherited_from_an_element_without_file),
		T(an_unknown_command_is_answered),
		T(a_wrong_structure_size_is_refused),
		T(an_id_used_twice_ends_the_connection),
		T(a_compound_that_points_outside_ends_the_connection),
		T(more_elements_than_allowed_end_the_connection),
		T(bytes_may_come_one_at_a_time),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
