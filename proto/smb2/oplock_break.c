/*
 * oplock_break.c - OPLOCK_BREAK, both forms of all three messages.
 * [MS-SMB2] 2.2.23, 2.2.24, 2.2.25
 */
#include "proto/smb2/oplock_break.h"

#include "proto/smb2/body.h"

enum form_size {
	OPLOCK_SIZE	  = 24,
	LEASE_NOTIFY_SIZE = 44,
	LEASE_ACK_SIZE	  = 36,
};

/* The form is told by StructureSize, which is one of two. */
static nt
form_open(struct rd *r, uint16_t lease_size, bool *ret_is_lease)
{
	uint16_t size = rd_u16(r);

	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	REQUIRE(size == OPLOCK_SIZE || size == lease_size, STATUS_INVALID_PARAMETER);
	*ret_is_lease = size == lease_size;
	return STATUS_SUCCESS;
}

/* 2.2.23.1, 2.2.24.1 and 2.2.25.1 are one layout. */
static void
oplock_read(struct rd *r, uint8_t *level, struct smb2_fid *fid)
{
	*level = rd_u8(r);
	rd_zero(r, 5);
	*fid = rd_fid(r);
}

static void
oplock_put(struct wr *w, size_t hdr_at, uint8_t level, struct smb2_fid fid)
{
	body_begin(w, hdr_at, OPLOCK_SIZE);
	wr_u8(w, level);
	wr_zero(w, 5);
	wr_fid(w, fid);
}

/* 2.2.24.2, 2.2.25.2 */
static void
lease_ack_read(struct rd *r, struct smb2_oplock_break *b)
{
	rd_zero(r, 2);
	b->lease_flags = rd_u32(r);
	rd_copy(r, b->lease_key, sizeof b->lease_key);
	b->lease_state	  = rd_u32(r);
	b->lease_duration = rd_u64(r);
}

static nt
ack_decode(struct rd *r, struct smb2_oplock_break *ret)
{
	struct smb2_oplock_break b = { 0 };

	TRY(form_open(r, LEASE_ACK_SIZE, &b.is_lease));
	if (b.is_lease)
		lease_ack_read(r, &b);
	else
		oplock_read(r, &b.oplock_level, &b.fid);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret = b;
	return STATUS_SUCCESS;
}

static void
ack_encode(struct wr *w, size_t hdr_at, const struct smb2_oplock_break *b)
{
	if (!b->is_lease) {
		oplock_put(w, hdr_at, b->oplock_level, b->fid);
		return;
	}
	body_begin(w, hdr_at, LEASE_ACK_SIZE);
	wr_u16(w, 0);
	wr_u32(w, b->lease_flags);
	wr_bytes(w, b->lease_key, sizeof b->lease_key);
	wr_u32(w, b->lease_state);
	wr_u64(w, b->lease_duration);
}

nt
smb2_oplock_break_req_decode(struct rd *r, struct smb2_oplock_break_req *ret)
{
	return ack_decode(r, &ret->b);
}

nt
smb2_oplock_break_rsp_decode(struct rd *r, struct smb2_oplock_break_rsp *ret)
{
	return ack_decode(r, &ret->b);
}

void
smb2_oplock_break_req_encode(struct wr *w, size_t hdr_at, const struct smb2_oplock_break_req *c)
{
	ack_encode(w, hdr_at, &c->b);
}

void
smb2_oplock_break_rsp_encode(struct wr *w, size_t hdr_at, const struct smb2_oplock_break_rsp *c)
{
	ack_encode(w, hdr_at, &c->b);
}

/* 2.2.23.2.  BreakReason and the two mask hints are reserved. */
static void
lease_notify_read(struct rd *r, struct smb2_oplock_break_notify *c)
{
	c->new_epoch   = rd_u16(r);
	c->lease_flags = rd_u32(r);
	rd_copy(r, c->lease_key, sizeof c->lease_key);
	c->current_state = rd_u32(r);
	c->new_state	 = rd_u32(r);
	rd_zero(r, 12);
}

nt
smb2_oplock_break_notify_decode(struct rd *r, struct smb2_oplock_break_notify *ret)
{
	struct smb2_oplock_break_notify c = { 0 };

	TRY(form_open(r, LEASE_NOTIFY_SIZE, &c.is_lease));
	if (c.is_lease)
		lease_notify_read(r, &c);
	else
		oplock_read(r, &c.oplock_level, &c.fid);
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	*ret = c;
	return STATUS_SUCCESS;
}

void
smb2_oplock_break_notify_encode(struct wr *w, size_t hdr_at,
				const struct smb2_oplock_break_notify *c)
{
	if (!c->is_lease) {
		oplock_put(w, hdr_at, c->oplock_level, c->fid);
		return;
	}
	body_begin(w, hdr_at, LEASE_NOTIFY_SIZE);
	wr_u16(w, c->new_epoch);
	wr_u32(w, c->lease_flags);
	wr_bytes(w, c->lease_key, sizeof c->lease_key);
	wr_u32(w, c->current_state);
	wr_u32(w, c->new_state);
	wr_zero(w, 12);
}
