/*
 * rec.c - one record's bytes: header and body, on every lane the same.
 */
#include "ipc/internal.h"

void
rec_write(struct wr *w, const struct ipc_rec *rec)
{
	wr_u8(w, IPC_VERSION);
	wr_u8(w, rec->kind);
	wr_u16(w, rec->msg);
	wr_u32(w, rec->kind == IPC_REPLY ? rec->status.code : rec->chain);
	wr_u32(w, (uint32_t)rec->body.n);
	wr_u32(w, rec->data_n);
	wr_u64(w, rec->id);
	wr_span(w, rec->body);
}

nt
rec_read(struct rd *r, struct ipc_rec *ret)
{
	struct ipc_rec rec = { 0 };
	uint8_t version    = rd_u8(r);
	uint32_t word, n;

	rec.kind   = rd_u8(r);
	rec.msg    = rd_u16(r);
	word       = rd_u32(r);
	n          = rd_u32(r);
	rec.data_n = rd_u32(r);
	rec.id     = rd_u64(r);
	REQUIRE(rd_ok(r) && version == IPC_VERSION, STATUS_INVALID_PARAMETER);
	REQUIRE(n <= MSG_BODY_MAX && rec.data_n <= MSG_DATA_MAX, STATUS_INVALID_PARAMETER);
	REQUIRE(rec.kind >= IPC_REQUEST && rec.kind <= IPC_NOTE, STATUS_INVALID_PARAMETER);
	REQUIRE(rec.msg < IPC_ID_MAX, STATUS_INVALID_PARAMETER);
	if (rec.kind == IPC_REPLY)
		rec.status = (nt){ word };
	else
		rec.chain = word;
	rec.body = rd_bytes(r, n);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret = rec;
	return STATUS_SUCCESS;
}
