/* fsinfo.c - statvfs in Windows' words. */
#include "fsd/fsinfo.h"

#include <errno.h>
#include <sys/statvfs.h>

#include "fsd/errno.h"
#include "fsd/handle.h"

#define SECTOR 512u
#define CLUSTER_MAX 65536u	/* some programs cannot count larger ones */

#define FS_ATTRIBUTES                                                                      \
	(FILE_CASE_SENSITIVE_SEARCH | FILE_CASE_PRESERVED_NAMES | FILE_UNICODE_ON_DISK |   \
	 FILE_PERSISTENT_ACLS | FILE_SUPPORTS_SPARSE_FILES | FILE_SUPPORTS_HARD_LINKS)

/* Programs tell volumes apart by their serials: from the share's name, for ever the same. */
static uint32_t
serial(const char *name)
{
	uint32_t h = 2166136261u;

	for (; *name; name++)
		h = (h ^ (uint8_t)*name) * 16777619u;
	return h;
}

static void
units(const struct statvfs *v, struct fscc_fs *fs)
{
	uint64_t unit  = v->f_frsize ? v->f_frsize : SECTOR;
	uint64_t scale = 1;

	while (unit / scale > CLUSTER_MAX)
		scale *= 2;
	fs->bytes_per_sector = SECTOR;
	fs->sectors_per_unit = (uint32_t)(unit / scale / SECTOR);
	if (fs->sectors_per_unit == 0)
		fs->sectors_per_unit = 1;
	fs->units_total  = v->f_blocks * scale;
	fs->units_free   = v->f_bfree * scale;
	fs->units_caller = v->f_bavail * scale;
}

nt
fsinfo_fill(const struct handle *h, struct fscc_fs *ret)
{
	const struct share *s = h->tree->share;
	struct fscc_fs fs     = { .attributes = FS_ATTRIBUTES, .fs_name = "NTFS" };
	struct statvfs v;
	struct look root;

	if (fstatvfs(h->fd, &v) != 0)
		return nt_from_errno(errno);
	TRY(look_stat(s->root, &root));
	units(&v, &fs);
	fs.creation_time = stat_creation(&root);
	fs.label         = s->name;
	fs.serial        = serial(s->name);
	fs.name_max      = 255;
	fs.read_only     = (v.f_flag & ST_RDONLY) != 0 || h->tree->read_only;
	if (s->flags & SHARE_EAS)
		fs.attributes |= FILE_SUPPORTS_EXTENDED_ATTRIBUTES;
	if (fs.read_only)
		fs.attributes |= FILE_READ_ONLY_VOLUME;
	for (unsigned i = 0; i < sizeof fs.object_id; i++)
		fs.object_id[i] = (uint8_t)(fs.serial >> 8 * (i % 4));
	*ret = fs;
	return STATUS_SUCCESS;
}
