/* place.h - a directory for one test, gone afterwards. */
#ifndef TESTS_UNIT_FSD_PLACE_H
#define TESTS_UNIT_FSD_PLACE_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fsd/path.h"
#include "tests/unit/check.h"

struct place {
	char dir[64];
	int fd;
};

static inline int
place_forget(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline int
place_make(void **state)
{
	struct place *p = calloc(1, sizeof *p);

	assert_non_null(p);
	(void)snprintf(p->dir, sizeof p->dir, "/tmp/bh-fsd-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	assert_int_equal(chmod(p->dir, 0755), 0);
	p->fd = open(p->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(p->fd >= 0);
	assert_status(path_proc_open(), STATUS_SUCCESS);
	assert_status(path_proc_enter(), STATUS_SUCCESS);
	(void)umask(0);
	*state = p;
	return 0;
}

static inline int
place_drop(void **state)
{
	struct place *p = *state;

	close(p->fd);
	(void)nftw(p->dir, place_forget, 16, FTW_DEPTH | FTW_PHYS);
	free(p);
	return 0;
}

static inline void
place_file(const struct place *p, const char *name)
{
	int fd = openat(p->fd, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	close(fd);
}

static inline void
place_dir(const struct place *p, const char *name)
{
	assert_int_equal(mkdirat(p->fd, name, 0755), 0);
}

#define in_place(test) cmocka_unit_test_setup_teardown(test, place_make, place_drop)

#endif
