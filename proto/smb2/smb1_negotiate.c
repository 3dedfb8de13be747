/*
 * smb1_negotiate.c - the SMB1 NEGOTIATE that offers SMB2.
 * [MS-SMB2] 3.3.5.3.1, [MS-CIFS] 2.2.3, 2.2.4.52.1
 */
#include "proto/smb2/smb1_negotiate.h"

#include "proto/smb2/header.h"

#define SMB_COM_NEGOTIATE      0x72
#define SMB1_HDR_REST	       27 /* of the 32-byte header, behind Command */
#define SMB1_DIALECTS_MAX      64
#define BUFFER_FORMAT_DIALECT  0x02
#define FLAGS2_UNICODE_NT_LONG 0xC843 /* what a client says that knows SMB2 */

/* One dialect: a format byte and a string with its terminator. */
static nt
dialect_read(struct rd *r, struct smb1_negotiate *c)
{
	uint8_t format	    = rd_u8(r);
	const uint8_t *text = r->base + r->pos;
	const uint8_t *nul;
	struct span name;

	REQUIRE(rd_ok(r) && format == BUFFER_FORMAT_DIALECT, STATUS_INVALID_PARAMETER);
	REQUIRE(rd_left(r) > 0, STATUS_INVALID_PARAMETER);
	nul = memchr(text, 0, rd_left(r));
	REQUIRE(nul != NULL, STATUS_INVALID_PARAMETER);
	name = rd_bytes(r, (size_t)(nul - text));
	rd_zero(r, 1);
	c->has_2002 |= span_eq(name, SPAN_STR("SMB 2.002"));
	c->has_wild |= span_eq(name, SPAN_STR("SMB 2.???"));
	c->dialect_count++;
	return STATUS_SUCCESS;
}

nt
smb1_negotiate_decode(struct span frame, struct smb1_negotiate *ret)
{
	struct smb1_negotiate c = { 0 };
	struct rd r		= rd_init(frame);
	uint32_t magic		= rd_u32(&r);
	uint8_t command		= rd_u8(&r);
	uint8_t word_count;
	uint16_t byte_count;
	struct rd dialects;

	rd_zero(&r, SMB1_HDR_REST);
	word_count = rd_u8(&r);
	byte_count = rd_u16(&r);
	dialects   = rd_init(rd_bytes(&r, byte_count));
	REQUIRE(rd_ok(&r), STATUS_INVALID_PARAMETER);
	REQUIRE(magic == SMB1_MAGIC && command == SMB_COM_NEGOTIATE && word_count == 0,
		STATUS_INVALID_PARAMETER);
	while (rd_left(&dialects) > 0) {
		REQUIRE(c.dialect_count < SMB1_DIALECTS_MAX, STATUS_INVALID_PARAMETER);
		TRY(dialect_read(&dialects, &c));
	}
	*ret = c;
	return STATUS_SUCCESS;
}

static void
dialect_write(struct wr *w, const char *name)
{
	wr_u8(w, BUFFER_FORMAT_DIALECT);
	wr_bytes(w, name, strlen(name) + 1);
}

void
smb1_negotiate_encode(struct wr *w, const struct smb1_negotiate *c)
{
	size_t count_at;

	wr_u32(w, SMB1_MAGIC);
	wr_u8(w, SMB_COM_NEGOTIATE);
	wr_u32(w, 0);	/* Status */
	wr_u8(w, 0x18); /* Flags: canonical, case-insensitive paths */
	wr_u16(w, FLAGS2_UNICODE_NT_LONG);
	wr_zero(w, 20); /* PIDHigh to MID */
	wr_u8(w, 0);
	count_at = wr_hole(w, 2);
	if (c->has_2002)
		dialect_write(w, "SMB 2.002");
	if (c->has_wild)
		dialect_write(w, "SMB 2.???");
	wr_patch16(w, count_at, (uint16_t)(w->pos - count_at - 2));
}
