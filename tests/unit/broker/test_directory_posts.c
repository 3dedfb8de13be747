/* test_directory_posts.c - spawners elsewhere, and storages: what each is believed. */
#include "directory_stage.h"

#include <sys/socket.h>
#include <unistd.h>

#include "ipc/birth.h"
#include "ipc/fdpass.h"
#include "ipc/msg/fsd.msg.h"

#define POST_ID (JOIN_ID | 4096u)

/* One that may fill krb's seat and start workers; our end of its wire, the configuration read. */
static int
outpost_join(void)
{
	const struct ucred who = { .uid = getuid(), .gid = getgid(), .pid = getpid() };
	uint8_t buf[WIRE_SIZE];
	int pair[2], fds[FDPASS_MAX];
	size_t n, n_fds;

	dir->joins.roles = FROM(KRB) | FROM(WORKER);
	assert_true(outpost_roles_free(dir, FROM(KRB) | FROM(WORKER)));
	assert_false(outpost_roles_free(dir, FROM(NET)));	/* not left to others */
	assert_status(fdpass_pair(pair), STATUS_SUCCESS);
	outpost_open(dir, POST_ID, &who, FROM(KRB) | FROM(WORKER), "", true, false, pair[1]);
	assert_false(outpost_roles_free(dir, FROM(KRB)));
	spin();
	assert_status(fdpass_recv(pair[0], buf, sizeof buf, &n, fds, &n_fds), STATUS_SUCCESS);
	assert_int_equal(n_fds, 1);
	close(fds[0]);
	return pair[0];
}

/* Says that it has started one, and tells whether the directory knows it then. */
static bool
outpost_says(int wire, struct wire m)
{
	uint8_t buf[WIRE_SIZE];
	struct wr w	 = wr_init(buf, sizeof buf);
	struct iovec iov = { buf, sizeof buf };
	int pair[2];

	m.kind = WIRE_SPAWNED;
	wire_write(&w, &m);
	assert_status(fdpass_pair(pair), STATUS_SUCCESS);
	assert_status(fdpass_send(wire, &iov, 1, &pair[1], 1), STATUS_SUCCESS);
	close(pair[1]);
	far_ends[n_far++] = pair[0];
	spin();
	return peer_find(dir, m.peer) != NULL;
}

static void
an_outpost_is_believed_about_its_own_children_alone(void **state)
{
	const uint32_t uid = dir->uid_first + ROW_KRB;
	const struct wire good = { .row = ROW_KRB, .peer = POST_ID + 1, .uid = uid };
	struct wire lies[] = { good, good, good, good };

	(void)state;
	lies[0].row  = ROW_STORE;		/* a role that is not its */
	lies[1].uid  = dir->uid_first;		/* another's uid */
	lies[2].peer = 7;			/* a number of our spawner's */
	lies[3].row  = ROW_MAX;			/* none at all */
	for (size_t i = 0; i < NELEM(lies); i++) {
		int wire = outpost_join();

		assert_false(outpost_says(wire, lies[i]));
		assert_null(dir->outposts);
		close(wire);
	}
}

/* One whose only child is the fsd of that storage. */
static int
storage_join(uint64_t id, const char *storage)
{
	const struct ucred who = { .uid = getuid(), .gid = getgid(), .pid = getpid() };
	int pair[2];

	assert_status(fdpass_pair(pair), STATUS_SUCCESS);
	outpost_open(dir, id, &who, FROM(FSD), storage, false, false, pair[1]);
	return pair[0];
}

static bool
part_has_share(struct span part, const char *name)
{
	struct rd r = rd_init(part);
	struct conf_share_req s;
	struct span body;
	uint16_t id;

	while (conf_next(&r, &id, &body)) {
		if (id == part_conf_share && !nt_failed(conf_share_req_decode(body, &s)) &&
		    strcmp(s.name.s, name) == 0)
			return true;
	}
	return false;
}

static void
a_storages_seat_is_had_once_and_has_its_own_shares(void **state)
{
	struct wire m = { .row	= ROW_FSD,
			  .peer = POST_ID + 1,
			  .uid	= dir->uid_first + ROW_FSD };
	const struct peer *own, *vault;
	int wire;

	(void)state;
	assert_true(outpost_storage_free(dir, "vault"));
	assert_false(outpost_storage_free(dir, "cellar")); /* no share is there */
	wire = storage_join(POST_ID, "vault");
	assert_false(outpost_storage_free(dir, "vault"));
	assert_true(outpost_says(wire, m));
	own   = peer_row(dir, ROW_FSD);
	vault = peer_storage(dir, "vault");
	assert_true(own->id == fsd.id && vault->id == m.peer);
	assert_true(part_has_share(own->part, "a") && !part_has_share(own->part, "v"));
	assert_true(part_has_share(vault->part, "v") && !part_has_share(vault->part, "a"));
	close(wire);
	spin();
	assert_true(outpost_storage_free(dir, "vault"));
}

static void
a_storage_has_one_fsd_and_nothing_else(void **state)
{
	const struct wire good = { .row	 = ROW_FSD,
				   .peer = POST_ID + 1,
				   .uid	 = dir->uid_first + ROW_FSD };
	struct wire bad[]      = { good, good };

	(void)state;
	bad[0].peer++;		  /* a second fsd */
	bad[1].row = ROW_STORE;
	for (size_t i = 0; i < NELEM(bad); i++) {
		int wire = storage_join(POST_ID, "vault");

		if (i == 0)
			assert_true(outpost_says(wire, good));
		assert_false(outpost_says(wire, bad[i]));
		assert_null(peer_storage(dir, "vault"));
		close(wire);
	}
}

static void
an_outposts_children_go_with_it(void **state)
{
	const struct wire good = { .row	 = ROW_KRB,
				   .peer = POST_ID + 1,
				   .uid	 = dir->uid_first + ROW_KRB };
	int wire = outpost_join();

	(void)state;
	assert_true(outpost_says(wire, good));
	assert_true(peer_find(dir, good.peer)->foreign);
	close(wire);
	spin();
	assert_null(peer_find(dir, good.peer));
	assert_null(dir->outposts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		STAGED(an_outpost_is_believed_about_its_own_children_alone),
		STAGED(an_outposts_children_go_with_it),
		STAGED(a_storages_seat_is_had_once_and_has_its_own_shares),
		STAGED(a_storage_has_one_fsd_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
