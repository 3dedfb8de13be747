/*
 * epm.c - ept_map and protocol towers.  A tower is a row of floors, each two
 * counted runs of bytes; unlike the rest, ports in them are big-endian.
 */
#include "proto/rpc/epm.h"

#include "proto/rpc/ndr.h"

#define FLOOR_UUID  0x0d
#define FLOOR_RPC   0x0b /* connection-oriented, version 5 */
#define FLOOR_TCP   0x07
#define FLOOR_IP    0x09
#define FLOORS	    5u
#define TOWERS_MAX  4u
#define HANDLE_SIZE 20u

/* e1af8308-5d1f-11c9-91a4-08002b14a0fa, version 3.0 */
const struct rpc_syntax epm_syntax = { { { 0x08, 0x83, 0xaf, 0xe1, 0x1f, 0x5d, 0xc9, 0x11, 0x91,
					   0xa4, 0x08, 0x00, 0x2b, 0x14, 0xa0, 0xfa } },
				       3 };

static void
floor_uuid_put(struct wr *w, const struct rpc_syntax *s)
{
	wr_u16(w, 19);
	wr_u8(w, FLOOR_UUID);
	wr_bytes(w, s->uuid.b, sizeof s->uuid.b);
	wr_u16(w, (uint16_t)s->version);
	wr_u16(w, 2);
	wr_u16(w, (uint16_t)(s->version >> 16));
}

static void
floor_put(struct wr *w, uint8_t protocol, size_t zeros)
{
	wr_u16(w, 1);
	wr_u8(w, protocol);
	wr_u16(w, (uint16_t)zeros);
	wr_zero(w, zeros);
}

void
epm_map_encode(struct wr *w, const struct rpc_syntax *wanted)
{
	struct ndr_ids ids = { 0 };
	size_t max, length, start;

	wr_ndr_ptr(w, &ids, true);
	wr_zero(w, 16); /* no object */
	wr_ndr_ptr(w, &ids, true);
	max    = wr_hole(w, 4);
	length = wr_hole(w, 4);
	start  = w->pos;
	wr_u16(w, FLOORS);
	floor_uuid_put(w, wanted);
	floor_uuid_put(w, &rpc_ndr32);
	floor_put(w, FLOOR_RPC, 2);
	floor_put(w, FLOOR_TCP, 2);
	floor_put(w, FLOOR_IP, 4);
	wr_patch32(w, max, (uint32_t)(w->pos - start));
	wr_patch32(w, length, (uint32_t)(w->pos - start));
	wr_align(w, 4);
	wr_zero(w, HANDLE_SIZE);
	wr_ndr_u32(w, TOWERS_MAX);
}

/* The port of the TCP floor, or 0. */
static uint16_t
tower_port(struct span tower)
{
	struct rd r	= rd_init(tower);
	uint16_t floors = rd_u16(&r);
	uint16_t port	= 0;

	for (unsigned i = 0; i < floors && rd_ok(&r) && i < 16; i++) {
		struct span protocol = rd_bytes(&r, rd_u16(&r));
		struct span address  = rd_bytes(&r, rd_u16(&r));

		if (protocol.n == 1 && protocol.p[0] == FLOOR_TCP && address.n == 2)
			port = (uint16_t)(address.p[0] << 8 | address.p[1]);
	}
	return rd_ok(&r) ? port : 0;
}

/* Reads the referents of n pointers; the first port found. */
static uint16_t
towers_read(struct rd *r, uint32_t n)
{
	uint16_t port = 0;

	for (uint32_t i = 0; i < n && rd_ok(r); i++) {
		uint32_t max	= ndr_u32(r);
		uint32_t length = ndr_u32(r);
		struct span tower;

		r->bad |= max != length;
		tower = rd_bytes(r, length);
		if (rd_ok(r) && port == 0)
			port = tower_port(tower);
	}
	return port;
}

nt
epm_map_decode(struct span stub, uint16_t *ret_port)
{
	struct rd r	= rd_init(stub);
	uint32_t actual = 0, status;
	uint16_t port;

	rd_zero(&r, HANDLE_SIZE);
	(void)ndr_u32(&r); /* num_towers, said again by the array */
	r.bad |= ndr_u32(&r) > TOWERS_MAX || ndr_u32(&r) != 0;
	actual = ndr_u32(&r);
	r.bad |= actual > TOWERS_MAX;
	for (uint32_t i = 0; i < actual && rd_ok(&r); i++)
		r.bad |= !ndr_ptr(&r);
	port   = towers_read(&r, rd_ok(&r) ? actual : 0);
	status = ndr_u32(&r);
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	REQUIRE(status == 0 && port != 0, STATUS_NOT_FOUND);
	*ret_port = port;
	return STATUS_SUCCESS;
}
