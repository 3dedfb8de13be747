/*
 * transport.c - the four bytes before every message.  [MS-SMB2] 2.1
 */
#include "proto/transport.h"

#include "base/fatal.h"

nt
transport_decode(const uint8_t hdr[TRANSPORT_HDR_SIZE], uint32_t *ret_len)
{
	struct rd r   = rd_init(SPAN(hdr, TRANSPORT_HDR_SIZE));
	uint32_t word = rd_u32be(&r);

	REQUIRE(word <= TRANSPORT_LEN_MAX, STATUS_INVALID_PARAMETER);
	*ret_len = word;
	return STATUS_SUCCESS;
}

void
transport_encode(uint8_t hdr[TRANSPORT_HDR_SIZE], uint32_t len)
{
	struct wr w = wr_init(hdr, TRANSPORT_HDR_SIZE);

	ENSURE(len <= TRANSPORT_LEN_MAX);
	wr_u32be(&w, len);
}

size_t
transport_begin(struct wr *w)
{
	return wr_hole(w, TRANSPORT_HDR_SIZE);
}

void
transport_end(struct wr *w, size_t at)
{
	size_t len;

	if (w->bad)
		return;
	len = w->pos - at - TRANSPORT_HDR_SIZE;
	if (len > TRANSPORT_LEN_MAX)
		w->bad = true;
	else
		transport_encode(w->base + at, (uint32_t)len);
}
