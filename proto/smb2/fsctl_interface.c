/*
 * fsctl_interface.c - the list that FSCTL_QUERY_NETWORK_INTERFACE_INFO answers.
 * [MS-SMB2] 2.2.32.5
 */
#include "proto/smb2/fsctl.h"

#define ENTRY_SIZE	  152
#define SOCKADDR_SIZE	  128
#define FAMILY_INTERNET	  0x0002
#define FAMILY_INTERNETV6 0x0017

/* 2.2.32.5.1 SOCKADDR_STORAGE.  Port and address are in network order. */
static nt
sockaddr_read(struct rd *r, struct smb2_interface *c)
{
	uint16_t family = rd_u16(r);
	uint8_t port[2];

	rd_copy(r, port, sizeof port);
	c->port	   = (uint16_t)(port[0] << 8 | port[1]);
	c->is_ipv6 = family == FAMILY_INTERNETV6;
	if (c->is_ipv6) {
		rd_zero(r, 4); /* FlowInfo */
		rd_copy(r, c->addr, 16);
	} else {
		rd_copy(r, c->addr, 4);
	}
	REQUIRE(rd_ok(r), STATUS_INVALID_PARAMETER);
	REQUIRE(c->is_ipv6 || family == FAMILY_INTERNET, STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}

nt
smb2_interface_next(struct span *list, struct smb2_interface *ret)
{
	struct smb2_interface c = { 0 };
	struct rd r		= rd_init(*list);
	uint32_t next		= rd_u32(&r);
	size_t step		= next == 0 ? list->n : next;
	struct rd addr;

	c.index	     = rd_u32(&r);
	c.capability = rd_u32(&r);
	rd_zero(&r, 4);
	c.link_speed = rd_u64(&r);
	addr	     = rd_init(rd_bytes(&r, SOCKADDR_SIZE));
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	REQUIRE(step >= ENTRY_SIZE && step <= list->n, STATUS_INVALID_PARAMETER);
	TRY(sockaddr_read(&addr, &c));
	*list = SPAN(list->p + step, list->n - step);
	*ret  = c;
	return STATUS_SUCCESS;
}

void
smb2_interface_encode(struct wr *w, const struct smb2_interface *c, bool last)
{
	size_t addr_at;

	wr_u32(w, last ? 0 : ENTRY_SIZE);
	wr_u32(w, c->index);
	wr_u32(w, c->capability);
	wr_u32(w, 0);
	wr_u64(w, c->link_speed);
	addr_at = w->pos;
	wr_u16(w, c->is_ipv6 ? FAMILY_INTERNETV6 : FAMILY_INTERNET);
	wr_u8(w, (uint8_t)(c->port >> 8));
	wr_u8(w, (uint8_t)c->port);
	if (c->is_ipv6)
		wr_u32(w, 0);
	wr_bytes(w, c->addr, c->is_ipv6 ? 16 : 4);
	if (!w->bad)
		wr_zero(w, SOCKADDR_SIZE - (w->pos - addr_at));
}
