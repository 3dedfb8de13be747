/*
 * carry_frame.c - struct carry_frame to bytes and back.
 */
#include "broker/bridge/carry.h"

#define HAS_MEMORY 1u

void
carry_write(struct wr *w, const struct carry_frame *f)
{
	wr_u8(w, (uint8_t)f->kind);
	wr_u8(w, f->has_memory ? HAS_MEMORY : 0);
	wr_u16(w, 0);
	wr_u32(w, f->stream);
	wr_u32(w, f->born);
	wr_u32(w, (uint32_t)f->datagram.n);
	wr_span(w, f->datagram);
}

nt
carry_read(struct span s, struct carry_frame *ret)
{
	struct rd r		   = rd_init(s);
	uint8_t kind		   = rd_u8(&r);
	uint8_t flags		   = rd_u8(&r);
	uint16_t zero		   = rd_u16(&r);
	struct carry_frame f	   = { .stream = rd_u32(&r), .born = rd_u32(&r) };
	uint32_t n		   = rd_u32(&r);

	REQUIRE(rd_ok(&r) && zero == 0 && flags <= HAS_MEMORY, STATUS_INVALID_PARAMETER);
	REQUIRE(kind >= CARRY_OPEN && kind <= CARRY_CLOSE, STATUS_INVALID_PARAMETER);
	REQUIRE(n <= FDPASS_DATAGRAM, STATUS_INVALID_PARAMETER);
	f.kind	     = (enum carry_kind)kind;
	f.has_memory = flags & HAS_MEMORY;
	f.datagram   = rd_bytes(&r, n);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	f.memory = rd_rest(&r);
	REQUIRE(f.memory.n <= CARRY_MEMORY, STATUS_INVALID_PARAMETER);
	REQUIRE(f.has_memory || f.memory.n == 0, STATUS_INVALID_PARAMETER);
	REQUIRE(kind == CARRY_DATA || (n == 0 && f.born == 0 && !f.has_memory), STATUS_INVALID_PARAMETER);
	REQUIRE(kind != CARRY_DATA || n > 0, STATUS_INVALID_PARAMETER);
	*ret = f;
	return STATUS_SUCCESS;
}
