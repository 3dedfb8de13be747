/* test_fsd_open.c - CREATE against a real directory.  [MS-FSA] 2.1.5.1 */
#include "fsd/doom.h"
#include "fsd/oplock.h"
#include "tests/unit/fsd/stage.h"

/* [MS-SMB2] 2.2.13: what each disposition does without and with the file. */
static const struct {
	uint32_t disposition;
	uint32_t missing, existing;	/* NT_*; if it succeeds ... */
	uint32_t made, found;		/* ... the action */
} dispositions[] = {
	{ FILE_SUPERSEDE, NT_SUCCESS, NT_SUCCESS, FILE_CREATED, FILE_SUPERSEDED },
	{ FILE_OPEN, NT_OBJECT_NAME_NOT_FOUND, NT_SUCCESS, 0, FILE_OPENED },
	{ FILE_CREATE, NT_SUCCESS, NT_OBJECT_NAME_COLLISION, FILE_CREATED, 0 },
	{ FILE_OPEN_IF, NT_SUCCESS, NT_SUCCESS, FILE_CREATED, FILE_OPENED },
	{ FILE_OVERWRITE, NT_OBJECT_NAME_NOT_FOUND, NT_SUCCESS, 0, FILE_OVERWRITTEN },
	{ FILE_OVERWRITE_IF, NT_SUCCESS, NT_SUCCESS, FILE_CREATED, FILE_OVERWRITTEN },
};

static void
open_dispositions_do_what_the_table_says(void **state)
{
	struct stage *s = *state;
	struct fsd_open_rsp rsp;
	char name[8];

	place_file(s->place, "there");
	for (size_t i = 0; i < NELEM(dispositions); i++) {
		uint32_t d = dispositions[i].disposition;

		(void)snprintf(name, sizeof name, "new%u", d);
		assert_status(stage_open(s, name, d, &rsp), (nt){ dispositions[i].missing });
		if (dispositions[i].missing == NT_SUCCESS) {
			assert_int_equal(rsp.action, dispositions[i].made);
			stage_close(s, rsp.file);
		}
		assert_int_equal(stage_has(s, name), dispositions[i].missing == NT_SUCCESS);
		assert_status(stage_open(s, "there", d, &rsp), (nt){ dispositions[i].existing });
		if (dispositions[i].existing == NT_SUCCESS) {
			assert_int_equal(rsp.action, dispositions[i].found);
			stage_close(s, rsp.file);
		}
	}
}

static void
open_truncates_only_when_it_overwrites(void **state)
{
	struct stage *s = *state;
	struct fsd_open_rsp rsp;
	int fd = openat(s->place->fd, "f", O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

	assert_int_equal(write(fd, "data", 4), 4);
	close(fd);
	assert_status(stage_open(s, "f", FILE_OPEN_IF, &rsp), STATUS_SUCCESS);
	assert_int_equal(rsp.eof, 4);
	stage_close(s, rsp.file);
	assert_status(stage_open(s, "f", FILE_OVERWRITE, &rsp), STATUS_SUCCESS);
	assert_int_equal(rsp.eof, 0);
	stage_close(s, rsp.file);
}

static void
open_of_another_case_is_the_same_file(void **state)
{
	struct stage *s = *state;
	struct fsd_open_rsp a, b;

	assert_status(stage_open(s, "Name.TXT", FILE_CREATE, &a), STATUS_SUCCESS);
	assert_status(stage_open(s, "nAME.txt", FILE_OPEN_IF, &b), STATUS_SUCCESS);
	assert_int_equal(b.action, FILE_OPENED);
	assert_int_equal(a.file_id, b.file_id);
	assert_status(stage_open(s, "NAME.TXT", FILE_CREATE, &b), STATUS_OBJECT_NAME_COLLISION);
}

static void
open_tells_files_from_directories(void **state)
{
	struct stage *s         = *state;
	struct fsd_open_req req = stage_req(s, "dir", FILE_OPEN);
	struct fsd_open_rsp rsp;

	place_dir(s->place, "dir");
	place_file(s->place, "file");
	req.options = FILE_NON_DIRECTORY_FILE;
	assert_status(stage_run(s, &req, &rsp), STATUS_FILE_IS_A_DIRECTORY);
	req.options = FILE_DIRECTORY_FILE;
	req.path    = str_of("file");
	assert_status(stage_run(s, &req, &rsp), STATUS_NOT_A_DIRECTORY);
	req.options |= FILE_NON_DIRECTORY_FILE;
	assert_status(stage_run(s, &req, &rsp), STATUS_INVALID_PARAMETER);
	assert_status(stage_open(s, "file/x", FILE_OPEN, &rsp), STATUS_OBJECT_PATH_NOT_FOUND);
	assert_status(stage_open(s, "none/x", FILE_CREATE, &rsp), STATUS_OBJECT_PATH_NOT_FOUND);
}

static void
open_never_opens_fifos_or_what_links_lead_out_to(void **state)
{
	struct stage *s = *state;
	struct fsd_open_rsp rsp;

	assert_int_equal(mkfifoat(s->place->fd, "fifo", 0666), 0);
	assert_int_equal(symlinkat("/etc/passwd", s->place->fd, "out"), 0);
	assert_int_equal(symlinkat("/tmp/bh-fsd-not-there", s->place->fd, "dangling"), 0);
	for (uint32_t d = FILE_SUPERSEDE; d <= FILE_OVERWRITE_IF; d++) {
		assert_true(nt_failed(stage_open(s, "fifo", d, &rsp)));
		assert_true(nt_failed(stage_open(s, "out", d, &rsp)));
		assert_true(nt_failed(stage_open(s, "dangling", d, &rsp)));
	}
	assert_int_not_equal(access("/tmp/bh-fsd-not-there", F_OK), 0);
}

static void
open_through_a_reading_tree_changes_nothing(void **state)
{
	struct stage *s = *state;
	struct fsd_open_req req;
	struct fsd_open_rsp rsp;
	struct tree *ro;

	place_file(s->place, "there");
	assert_status(tree_new(&s->fsd, s->peer, s->grant, s->share, true, &ro), STATUS_SUCCESS);
	req        = stage_req(s, "new", FILE_OPEN_IF);
	req.tree   = ro->id;
	req.access = FILE_READ_DATA;
	assert_status(stage_run(s, &req, &rsp), STATUS_ACCESS_DENIED);
	assert_false(stage_has(s, "new"));
	req.path = str_of("there");
	assert_status(stage_run(s, &req, &rsp), STATUS_SUCCESS);
	req.access = FILE_WRITE_ATTRIBUTES;
	assert_status(stage_run(s, &req, &rsp), STATUS_ACCESS_DENIED);
	req.access      = FILE_READ_DATA;
	req.disposition = FILE_OVERWRITE;
	assert_status(stage_run(s, &req, &rsp), STATUS_ACCESS_DENIED);
	req.access      = MAXIMUM_ALLOWED;
	req.disposition = FILE_OPEN;
	assert_status(stage_run(s, &req, &rsp), STATUS_SUCCESS);
	assert_int_equal(rsp.granted & (FILE_WRITE_DATA | FILE_APPEND_DATA | DELETE), 0);
}

static void
open_that_does_not_share_keeps_others_out(void **state)
{
	struct stage *s         = *state;
	struct fsd_open_req req = stage_req(s, "f", FILE_OPEN_IF);
	struct fsd_open_rsp first, second;

	req.share = FILE_SHARE_READ;
	assert_status(stage_run(s, &req, &first), STATUS_SUCCESS);
	assert_status(stage_open(s, "F", FILE_OPEN, &second), STATUS_SHARING_VIOLATION);
	req.access = FILE_READ_ATTRIBUTES;
	assert_status(stage_run(s, &req, &second), STATUS_SUCCESS);
	stage_close(s, first.file);
	assert_status(stage_open(s, "f", FILE_OPEN, &first), STATUS_SUCCESS);
}

static void
delete_on_close_waits_for_the_last_open(void **state)
{
	struct stage *s         = *state;
	struct fsd_open_req req = stage_req(s, "f", FILE_CREATE);
	struct fsd_open_rsp first, second, third;

	req.options = FILE_DELETE_ON_CLOSE;
	assert_status(stage_run(s, &req, &first), STATUS_SUCCESS);
	assert_status(stage_open(s, "f", FILE_OPEN, &second), STATUS_SUCCESS);
	stage_close(s, first.file);
	assert_true(stage_has(s, "f"));
	assert_status(stage_open(s, "f", FILE_OPEN, &third), STATUS_DELETE_PENDING);
	stage_close(s, second.file);
	assert_false(stage_has(s, "f"));
}

static void
deletion_does_not_hit_what_came_by_that_name(void **state)
{
	struct stage *s = *state;
	struct fsd_open_rsp rsp;

	assert_status(stage_open(s, "f", FILE_CREATE, &rsp), STATUS_SUCCESS);
	assert_status(doom_check(stage_handle(s, rsp.file)), STATUS_SUCCESS);
	doom_set(stage_handle(s, rsp.file));
	assert_int_equal(renameat(s->place->fd, "f", s->place->fd, "moved"), 0);
	place_file(s->place, "f");
	stage_close(s, rsp.file);
	assert_true(stage_has(s, "f"));
}

static void
deletion_of_full_directories_is_not_promised(void **state)
{
	struct stage *s         = *state;
	struct fsd_open_req req = stage_req(s, "d", FILE_OPEN);
	struct fsd_open_rsp rsp;

	place_dir(s->place, "d");
	place_file(s->place, "d/f");
	req.options = FILE_DIRECTORY_FILE | FILE_DELETE_ON_CLOSE;
	assert_status(stage_run(s, &req, &rsp), STATUS_DIRECTORY_NOT_EMPTY);
	req.options = FILE_DIRECTORY_FILE;
	assert_status(stage_run(s, &req, &rsp), STATUS_SUCCESS);
	assert_status(doom_check(stage_handle(s, rsp.file)), STATUS_DIRECTORY_NOT_EMPTY);
	req.path    = str_of("");
	req.options = FILE_DELETE_ON_CLOSE;
	assert_status(stage_run(s, &req, &rsp), STATUS_ACCESS_DENIED);
}

static void
batch_oplock_makes_the_next_open_wait(void **state)
{
	struct stage *s         = *state;
	struct fsd_open_req req = stage_req(s, "f", FILE_OPEN_IF);
	struct fsd_open_rsp first, second;
	struct handle *holder;

	req.oplock = SMB2_OPLOCK_LEVEL_BATCH;
	assert_status(stage_run(s, &req, &first), STATUS_SUCCESS);
	assert_int_equal(first.oplock, SMB2_OPLOCK_LEVEL_BATCH);
	assert_status(stage_run(s, &req, &second), STATUS_PENDING);
	holder = stage_handle(s, first.file);
	assert_int_equal(holder->breaking_to, SMB2_OPLOCK_LEVEL_II);
	/* What was not broken to cannot be kept. */
	assert_status(oplock_acknowledge(holder, SMB2_OPLOCK_LEVEL_II), STATUS_SUCCESS);
	assert_status(oplock_acknowledge(holder, SMB2_OPLOCK_LEVEL_II),
	    STATUS_INVALID_OPLOCK_PROTOCOL);
	assert_status(stage_run(s, &req, &second), STATUS_SUCCESS);
	assert_int_equal(second.oplock, SMB2_OPLOCK_LEVEL_II);
	oplock_change_breaks(holder);
	assert_int_equal(holder->oplock, SMB2_OPLOCK_LEVEL_NONE);
	assert_int_equal(stage_handle(s, second.file)->oplock, SMB2_OPLOCK_LEVEL_NONE);
}

static void
exclusive_oplock_is_not_broken_for_who_may_not_share(void **state)
{
	struct stage *s         = *state;
	struct fsd_open_req req = stage_req(s, "f", FILE_OPEN_IF);
	struct fsd_open_rsp first, second;

	req.oplock = SMB2_OPLOCK_LEVEL_EXCLUSIVE;
	req.share  = 0;
	assert_status(stage_run(s, &req, &first), STATUS_SUCCESS);
	assert_int_equal(first.oplock, SMB2_OPLOCK_LEVEL_EXCLUSIVE);
	assert_status(stage_run(s, &req, &second), STATUS_SHARING_VIOLATION);
	assert_int_equal(stage_handle(s, first.file)->breaking_to, OPLOCK_STABLE);
	/* Who only looks does not disturb. */
	req.access = FILE_READ_ATTRIBUTES;
	assert_status(stage_run(s, &req, &second), STATUS_SUCCESS);
	assert_int_equal(second.oplock, SMB2_OPLOCK_LEVEL_NONE);
}

static void
opens_are_limited(void **state)
{
	struct stage *s = *state;
	struct fsd_open_rsp rsp;
	nt last = STATUS_SUCCESS;

	for (int i = 0; i < 65; i++)
		last = stage_open(s, "f", FILE_OPEN_IF, &rsp);
	assert_status(last, STATUS_TOO_MANY_OPENED_FILES);
	stage_close(s, rsp.file);
	assert_status(stage_open(s, "f", FILE_OPEN, &rsp), STATUS_SUCCESS);
}

static void
open_on_anothers_tree_finds_none(void **state)
{
	struct stage *s         = *state;
	struct fsd_open_req req = stage_req(s, "f", FILE_OPEN_IF);
	struct peer other       = { .id = 2 };
	struct fsd_open_rsp rsp;
	struct file *waits;

	assert_status(open_run(&s->fsd, &other, &req, &rsp, &waits), STATUS_NETWORK_NAME_DELETED);
	s->grant->expires = 1;
	assert_status(stage_run(s, &req, &rsp), STATUS_NETWORK_SESSION_EXPIRED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		on_stage(open_dispositions_do_what_the_table_says),
		on_stage(open_truncates_only_when_it_overwrites),
		on_stage(open_of_another_case_is_the_same_file),
		on_stage(open_tells_files_from_directories),
		on_stage(open_never_opens_fifos_or_what_links_lead_out_to),
		on_stage(open_through_a_reading_tree_changes_nothing),
		on_stage(open_that_does_not_share_keeps_others_out),
		on_stage(delete_on_close_waits_for_the_last_open),
		on_stage(deletion_does_not_hit_what_came_by_that_name),
		on_stage(deletion_of_full_directories_is_not_promised),
		on_stage(batch_oplock_makes_the_next_open_wait),
		on_stage(exclusive_oplock_is_not_broken_for_who_may_not_share),
		on_stage(opens_are_limited),
		on_stage(open_on_anothers_tree_finds_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
