/* sharemode.c - the table of what each share bit forgives. */
#include "fsd/sharemode.h"

#include "base/nt.h"
#include "fsd/file.h"
#include "fsd/handle.h"
#include "proto/smb2/const.h"

static const struct share_row {
	uint32_t access;	/* whoever wants one of these ... */
	uint32_t share;		/* ... needs this of all others */
} rows[] = {
	{ FILE_READ_DATA | FILE_EXECUTE, FILE_SHARE_READ },
	{ FILE_WRITE_DATA | FILE_APPEND_DATA, FILE_SHARE_WRITE },
	{ DELETE, FILE_SHARE_DELETE },
};

bool
access_is_stat(uint32_t access)
{
	return (access & ~(FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES | SYNCHRONIZE)) == 0;
}

bool
access_is_look(uint32_t access)
{
	return access_is_stat(access & ~READ_CONTROL);
}

static bool
takes_part(uint32_t access)
{
	for (unsigned i = 0; i < NELEM(rows); i++)
		if (access & rows[i].access)
			return true;
	return false;
}

bool
sharemode_conflict(uint32_t access_a, uint32_t share_a, uint32_t access_b, uint32_t share_b)
{
	if (!takes_part(access_a) || !takes_part(access_b))
		return false;
	for (unsigned i = 0; i < NELEM(rows); i++) {
		if ((access_a & rows[i].access) && !(share_b & rows[i].share))
			return true;
		if ((access_b & rows[i].access) && !(share_a & rows[i].share))
			return true;
	}
	return false;
}

nt
sharemode_check(const struct file *f, uint32_t access, uint32_t share, const struct handle *except)
{
	for (const struct handle *h = f->handles; h; h = h->file_next)
		if (h != except && sharemode_conflict(access, share, h->access, h->share))
			return STATUS_SHARING_VIOLATION;
	return STATUS_SUCCESS;
}
