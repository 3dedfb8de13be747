/* test_directory_alive.c - is who does not answer ended, and nobody else? */
#include "directory_stage.h"

#include "ipc/internal.h"

#define PATIENCE 1200u /* ms */

/* One that has greeted and never answers: nobody reads what it is sent. */
static struct actor
actor_silent(enum tree_row_no row, const struct wire *ask)
{
	struct actor a = actor_new(row, ask);

	loop_del(&node_directory(a.node)->watch);
	return a;
}

static void
who_does_not_answer_is_ended_and_counted(void **state)
{
	struct got got;
	struct actor hung;
	struct wire m;

	(void)state;
	ask(&store, "alice", false, &got);
	m    = hear(WIRE_SPAWN);
	hung = actor_silent(ROW_WORKER, &m);
	alive_begin(dir, PATIENCE);
	for (int i = 0; i < 1000 && dir->hung[ROW_WORKER] == 0; i++)
		spin(); /* beats that come late do not count */
	m = hear(WIRE_KILL);
	assert_int_equal(m.peer, hung.id);
	assert_int_equal(dir->hung[ROW_WORKER], 1);
	silence(WIRE_KILL);
	assert_int_equal(dir->hung[ROW_STORE], 0);
	actor_end(&hung);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STAGED(who_does_not_answer_is_ended_and_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
