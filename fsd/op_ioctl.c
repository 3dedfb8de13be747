/*
 * op_ioctl.c - fsd_ioctl: FSCTLs on files, one row each.  What has no row is
 * STATUS_INVALID_DEVICE_REQUEST.  [MS-SMB2] 3.3.5.15, [MS-FSCC] 2.3
 */
#include "fsd/ioctl.h"
#include "proto/smb2/const.h"
#include "proto/smb2/fsctl.h"

static nt
resume_key(struct fsd *me, struct handle *h, struct span in, struct wr *w)
{
	struct smb2_resume_key_rsp rsp;

	(void)in;
	resume_key_put(me, h, rsp.key);
	smb2_resume_key_rsp_encode(w, &rsp);
	return STATUS_SUCCESS;
}

static nt
set_sparse(struct fsd *me, struct handle *h, struct span in, struct wr *w)
{
	(void)me;
	(void)w;
	return ioctl_set_sparse(h, in);
}

static nt
set_zero_data(struct fsd *me, struct handle *h, struct span in, struct wr *w)
{
	(void)me;
	(void)w;
	return ioctl_set_zero_data(h, in);
}

static nt
allocated_ranges(struct fsd *me, struct handle *h, struct span in, struct wr *w)
{
	(void)me;
	return ioctl_allocated_ranges(h, in, w);
}

/* FILE_OBJECTID_BUFFER type 1, [MS-FSCC] 2.1.3.1: device and inode name the object. */
static nt
object_id(struct fsd *me, struct handle *h, struct span in, struct wr *w)
{
	(void)me;
	(void)in;
	wr_u64(w, h->file->ino);
	wr_u64(w, h->file->dev);
	wr_zero(w, 48);
	return STATUS_SUCCESS;
}

static nt
get_compression(struct fsd *me, struct handle *h, struct span in, struct wr *w)
{
	(void)me;
	(void)h;
	(void)in;
	wr_u16(w, 0);	/* COMPRESSION_FORMAT_NONE */
	return STATUS_SUCCESS;
}

static nt
set_compression(struct fsd *me, struct handle *h, struct span in, struct wr *w)
{
	(void)me;
	(void)h;
	(void)w;
	REQUIRE(in.n >= 2, STATUS_INVALID_PARAMETER);
	/* Not compressed is what it is already. */
	return in.p[0] == 0 && in.p[1] == 0 ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED;
}

static nt
get_reparse_point(struct fsd *me, struct handle *h, struct span in, struct wr *w)
{
	(void)me;
	(void)h;
	(void)in;
	(void)w;
	return STATUS_NOT_A_REPARSE_POINT;
}

/* SRV_SNAPSHOT_ARRAY with none in it, [MS-SMB2] 2.2.32.2. */
static nt
snapshots(struct fsd *me, struct handle *h, struct span in, struct wr *w)
{
	(void)me;
	(void)h;
	(void)in;
	wr_zero(w, 16);
	return STATUS_SUCCESS;
}

static const struct ioctl_row {
	uint32_t code;
	uint32_t access;	/* one of these, unless 0 */
	nt (*run)(struct fsd *, struct handle *, struct span in, struct wr *);
} rows[] = {
	{ FSCTL_SRV_REQUEST_RESUME_KEY, 0, resume_key },
	{ FSCTL_SET_SPARSE, FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_WRITE_ATTRIBUTES, set_sparse },
	{ FSCTL_SET_ZERO_DATA, FILE_WRITE_DATA, set_zero_data },
	{ FSCTL_QUERY_ALLOCATED_RANGES, FILE_READ_DATA, allocated_ranges },
	{ FSCTL_CREATE_OR_GET_OBJECT_ID, 0, object_id },
	{ FSCTL_GET_OBJECT_ID, 0, object_id },
	{ FSCTL_GET_COMPRESSION, 0, get_compression },
	{ FSCTL_SET_COMPRESSION, 0, set_compression },
	{ FSCTL_GET_REPARSE_POINT, 0, get_reparse_point },
	{ FSCTL_SRV_ENUMERATE_SNAPSHOTS, 0, snapshots },
};

static nt
run(struct fsd *me, struct handle *h, const struct ioctl_row *row, const struct fsd_ioctl_req *req,
    struct wr *w)
{
	REQUIRE(row->access == 0 || (h->access & row->access), STATUS_ACCESS_DENIED);
	TRY(row->run(me, h, req->input, w));
	REQUIRE(wr_ok(w), STATUS_BUFFER_TOO_SMALL);
	return STATUS_SUCCESS;
}

nt
fsd_ioctl(struct fsd *me, struct call *c, const struct fsd_ioctl_req *req,
    struct fsd_ioctl_rsp *rsp)
{
	size_t n = req->max < TOKEN_BOUND ? req->max : TOKEN_BOUND;
	struct handle *h;
	struct wr w;

	TRY(handle_use(me, c, req->file, &h));
	if (req->code == FSCTL_SRV_COPYCHUNK || req->code == FSCTL_SRV_COPYCHUNK_WRITE)
		return ioctl_copychunk(me, c, h, req);
	for (size_t i = 0; i < NELEM(rows); i++) {
		if (rows[i].code != req->code)
			continue;
		w = wr_init(call_scratch(c, n > 0 ? n : 1), n);
		TRY(run(me, h, &rows[i], req, &w));
		rsp->output = wr_done(&w);
		return STATUS_SUCCESS;
	}
	return STATUS_INVALID_DEVICE_REQUEST;
}
