/* nowait.c - see nowait.h. */
#include "fsd/nowait.h"

#include <linux/magic.h>
#include <sys/uio.h>
#include <sys/vfs.h>

#include "fsd/file.h"

int
nowait_flags(const struct file *f)
{
	return f->in_memory ? 0 : RWF_NOWAIT;
}

int
nowait_write_flags(const struct file *f)
{
	return f->in_memory || f->writes_blind ? 0 : RWF_NOWAIT;
}

/* tmpfs knows no RWF_NOWAIT, and no disk to wait for either (but swap). */
bool
nowait_learn(struct file *f, int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) != 0)
		return false;
	f->in_memory = fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC;
	return f->in_memory;
}
