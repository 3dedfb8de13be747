/* file.c - the hash of open files by device and inode. */
#include "fsd/file.h"

#include <stddef.h>
#include <stdlib.h>

#include "base/fatal.h"

#define FILE_BUCKETS 8192u

struct files {
	struct file *buckets[FILE_BUCKETS];
};

struct files *
files_new(void)
{
	return xcalloc(1, sizeof(struct files));
}

static struct file **
slot(struct files *all, uint64_t dev, uint64_t ino)
{
	struct file **at = &all->buckets[(ino * 0x9E3779B97F4A7C15u ^ dev) % FILE_BUCKETS];

	while (*at && ((*at)->dev != dev || (*at)->ino != ino))
		at = &(*at)->next;
	return at;
}

struct file *
file_find(struct files *all, uint64_t dev, uint64_t ino)
{
	return *slot(all, dev, ino);
}

struct file *
file_get(struct files *all, uint64_t dev, uint64_t ino)
{
	struct file **at = slot(all, dev, ino);

	if (!*at) {
		*at                   = xcalloc(1, sizeof **at);
		(*at)->dev            = dev;
		(*at)->ino            = ino;
		(*at)->lock_waits_end = &(*at)->lock_waits;
	}
	return *at;
}

void
file_put(struct files *all, struct file *f)
{
	struct file **at;

	if (f->handles)
		return;
	ENSURE(!f->locks && !f->lock_waits);
	at = slot(all, f->dev, f->ino);
	ENSURE(*at == f);
	*at = f->next;
	free(f);
}

void
files_drop(struct files *all)
{
	if (!all)
		return;
	for (unsigned i = 0; i < FILE_BUCKETS; i++)
		while (all->buckets[i])
			file_put(all, all->buckets[i]);
	free(all);
}
