/*
 * directory_stage.h - a directory under test, with a store, an fsd, a gate and a names
 * process that it has met.
 */
#ifndef TESTS_UNIT_BROKER_DIRECTORY_STAGE_H
#define TESTS_UNIT_BROKER_DIRECTORY_STAGE_H

#include "../check.h"

#include "broker/directory/directory.h"

#define PATIENCE_MS 5000u

struct actor {
	struct node *node;
	int channel;
	uint64_t id;
};

/* What was asked, and answered. */
struct got {
	bool done;
	nt status;
	uint64_t worker;
};

#define STAGED(test) cmocka_unit_test_setup_teardown(test, stage_setup, stage_teardown)

extern struct loop *loop;
extern struct directory *dir;
extern struct wire_end spawner;
extern struct wire heard[64];	/* what the directory has said to the spawner */
extern size_t n_heard;
extern int far_ends[64];
extern size_t n_far;
extern int given;	/* what session_give brought */
extern struct actor store, fsd, gate, names;

/* Runs the loop a little. */
void spin(void);
/* Until the directory has said this to the spawner. */
struct wire hear(uint32_t kind);
void silence(uint32_t kind);
struct actor actor_spawn(enum tree_row_no row, const struct wire *ask);
void actor_serve(struct actor *, enum tree_row_no row);
struct actor actor_new(enum tree_row_no row, const struct wire *ask);
void actor_end(struct actor *);
void ask(struct actor *who, const char *identity, bool fresh, struct got *);
void await(const struct got *);
int stage_setup(void **state);
int stage_teardown(void **state);

#endif
