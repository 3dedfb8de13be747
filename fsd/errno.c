/* errno.c - the one table from errno to NTSTATUS.  [MS-ERREF] 2.3.1, [MS-FSA] 2.1.5 */
#include "fsd/errno.h"

#include <errno.h>
#include <stddef.h>

static const struct errno_row {
	int err;
	uint32_t status;
} rows[] = {
	{ EACCES, NT_ACCESS_DENIED },
	{ EPERM, NT_ACCESS_DENIED },
	{ ENOENT, NT_OBJECT_NAME_NOT_FOUND },
	{ ENOTDIR, NT_OBJECT_PATH_NOT_FOUND },
	{ EEXIST, NT_OBJECT_NAME_COLLISION },
	{ ENOTEMPTY, NT_DIRECTORY_NOT_EMPTY },
	{ EISDIR, NT_FILE_IS_A_DIRECTORY },
	{ ENOSPC, NT_DISK_FULL },
	{ EFBIG, NT_DISK_FULL },
	{ EDQUOT, NT_QUOTA_EXCEEDED },
	{ EIO, NT_IO_DEVICE_ERROR },
	{ EROFS, NT_MEDIA_WRITE_PROTECTED },
	{ EMFILE, NT_TOO_MANY_OPENED_FILES },
	{ ENFILE, NT_TOO_MANY_OPENED_FILES },
	{ ENOMEM, NT_NO_MEMORY },
	{ ENAMETOOLONG, NT_OBJECT_NAME_INVALID },
	{ EILSEQ, NT_OBJECT_NAME_INVALID },	/* a file system that wants UTF-8 */
	{ EXDEV, NT_NOT_SAME_DEVICE },
	{ ELOOP, NT_OBJECT_PATH_NOT_FOUND },
	{ ETXTBSY, NT_SHARING_VIOLATION },
	{ EBUSY, NT_SHARING_VIOLATION },
	{ EINVAL, NT_INVALID_PARAMETER },
	{ EOPNOTSUPP, NT_NOT_SUPPORTED },
	{ ENOSYS, NT_NOT_SUPPORTED },
	{ EMLINK, NT_TOO_MANY_LINKS },
	{ ENXIO, NT_NO_SUCH_DEVICE },
	{ ENODEV, NT_NO_SUCH_DEVICE },
	{ ESTALE, NT_FILE_CLOSED },
	{ ENODATA, NT_NOT_FOUND },
};

nt
nt_from_errno(int err)
{
	for (size_t i = 0; i < NELEM(rows); i++)
		if (rows[i].err == err)
			return (nt){ rows[i].status };
	return STATUS_UNSUCCESSFUL;
}
