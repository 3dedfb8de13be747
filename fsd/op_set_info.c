/* op_set_info.c - fsd_set_info: which class needs which right.  [MS-SMB2] 3.3.5.21 */
#include "fsd/ea.h"
#include "fsd/handle.h"
#include "fsd/notify.h"
#include "fsd/park.h"
#include "fsd/security.h"
#include "fsd/setinfo.h"
#include "proto/fscc/file_info.h"
#include "proto/fscc/notify.h"
#include "proto/smb2/const.h"

static nt
set_position(struct fsd *me, struct handle *h, struct span s)
{
	(void)me;
	return fscc_size_decode(s, &h->position);
}

/* [MS-FSA] 2.1.5.15: of the options, those that an open may change its mind about. */
static nt
set_mode(struct fsd *me, struct handle *h, struct span s)
{
	const uint32_t may = FILE_WRITE_THROUGH | FILE_SEQUENTIAL_ONLY;
	uint32_t mode;

	(void)me;
	TRY(fscc_mode_decode(s, &mode));
	h->options = (h->options & ~may) | (mode & may);
	return STATUS_SUCCESS;
}

/* Would show what the disk held before: a privilege that nobody has here. */
static nt
refuse_valid_length(struct fsd *me, struct handle *h, struct span s)
{
	(void)me;
	(void)h;
	(void)s;
	return STATUS_PRIVILEGE_NOT_HELD;
}

static nt
set_ea(struct fsd *me, struct handle *h, struct span s)
{
	REQUIRE(h->tree->share->flags & SHARE_EAS, STATUS_EAS_NOT_SUPPORTED);
	TRY(ea_set(h->fd, s));
	notify_event(me, h->tree->share, h->path, FILE_NOTIFY_CHANGE_EA, FILE_ACTION_MODIFIED);
	return STATUS_SUCCESS;
}

/* [MS-FSA] 2.1.5.15 */
static const struct set_row {
	uint8_t class;
	uint32_t access;
	nt (*set)(struct fsd *, struct handle *, struct span);
} rows[] = {
	{ FSCC_FILE_BASIC, FILE_WRITE_ATTRIBUTES, setinfo_basic },
	{ FSCC_FILE_RENAME, DELETE, setinfo_rename },
	{ FSCC_FILE_RENAME_EX, DELETE, setinfo_rename_ex },
	{ FSCC_FILE_LINK, 0, setinfo_link },
	{ FSCC_FILE_DISPOSITION, DELETE, setinfo_disposition },
	{ FSCC_FILE_DISPOSITION_EX, DELETE, setinfo_disposition_ex },
	{ FSCC_FILE_POSITION, 0, set_position },
	{ FSCC_FILE_MODE, 0, set_mode },
	{ FSCC_FILE_ALLOCATION, FILE_WRITE_DATA, setinfo_allocation },
	{ FSCC_FILE_END_OF_FILE, FILE_WRITE_DATA, setinfo_end_of_file },
	{ FSCC_FILE_VALID_DATA_LENGTH, FILE_WRITE_DATA, refuse_valid_length },
	{ FSCC_FILE_FULL_EA, FILE_WRITE_EA, set_ea },
};

static nt
set_file(struct fsd *me, struct handle *h, const struct fsd_set_info_req *req)
{
	for (size_t i = 0; i < NELEM(rows); i++) {
		if (rows[i].class != req->class_)
			continue;
		REQUIRE((h->access & rows[i].access) == rows[i].access, STATUS_ACCESS_DENIED);
		return rows[i].set(me, h, req->buffer);
	}
	return STATUS_INVALID_INFO_CLASS;
}

static nt
set_security(struct fsd *me, struct handle *h, const struct fsd_set_info_req *req)
{
	uint32_t info = req->additional, need = 0;
	struct look l;

	if (info & (OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION))
		need |= WRITE_OWNER;
	if (info & DACL_SECURITY_INFORMATION)
		need |= WRITE_DAC;
	REQUIRE((h->access & need) == need, STATUS_ACCESS_DENIED);
	TRY(look_stat(h->fd, &l));
	TRY(security_set(h->fd, &l, h->who, req->buffer, info));
	notify_event(me, h->tree->share, h->path, FILE_NOTIFY_CHANGE_SECURITY,
	    FILE_ACTION_MODIFIED);
	return STATUS_SUCCESS;
}

nt
setinfo_run(struct fsd *me, struct handle *h, const struct fsd_set_info_req *req)
{
	switch (req->type) {
	case SMB2_0_INFO_FILE:
		return set_file(me, h, req);
	case SMB2_0_INFO_FILESYSTEM:
	case SMB2_0_INFO_QUOTA:
		return STATUS_NOT_SUPPORTED;
	case SMB2_0_INFO_SECURITY:
		return set_security(me, h, req);
	default:
		return STATUS_INVALID_PARAMETER;
	}
}

nt
fsd_set_info(struct fsd *me, struct call *c, const struct fsd_set_info_req *req,
    struct fsd_set_info_rsp *rsp)
{
	struct handle *h;
	nt s;

	(void)rsp;
	TRY(handle_use(me, c, req->file, &h));
	s = setinfo_run(me, h, req);
	return nt_is(s, STATUS_PENDING) ? park_set_info(me, c, h, req) : s;
}
