/*
 * redact.c - everything behind the fixed part of a body goes, without looking at
 * the offsets in it: those are the peer's word.
 */
#include "proto/smb2/redact.h"

#include "proto/smb2/commands.h"
#include "proto/smb2/header.h"

#define SMB1_AT_COMMAND	   4	/* [MS-CIFS] 2.2.3.1 */
#define SMB1_COM_NEGOTIATE 0x72
#define ALL		   SIZE_MAX

/* The fixed parts, header included. */
static const struct part {
	uint16_t command;
	uint16_t request, answer;
	bool always;	/* whatever was asked for */
} parts[] = {
	{ SMB2_CMD_session_setup, SMB2_HDR_SIZE + 24, SMB2_HDR_SIZE + 8, true },
	{ SMB2_CMD_read, SMB2_HDR_SIZE + 48, SMB2_HDR_SIZE + 16, false },
	{ SMB2_CMD_write, SMB2_HDR_SIZE + 48, SMB2_HDR_SIZE + 16, false },
	{ SMB2_CMD_ioctl, SMB2_HDR_SIZE + 56, SMB2_HDR_SIZE + 48, false },
};

static size_t
element_shown(uint16_t command, bool answer, bool payload)
{
	if (command >= SMB2_CMD_MAX)
		return SMB2_HDR_SIZE;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		if (parts[i].command == command && (parts[i].always || !payload))
			return answer ? parts[i].answer : parts[i].request;
	}
	return ALL;
}

/* Nothing from `from` on, wherever the bytes at hand end. */
static struct smb2_shown
cut(uint8_t *p, size_t n, size_t from, bool blank)
{
	if (from < n)
		memset(p + from, 0, n - from);
	return (struct smb2_shown){ .n = from < n ? from : n, .blank = blank && from <= n };
}

static struct smb2_shown
chain_redact(uint8_t *p, size_t n, size_t total, bool answer, bool payload)
{
	size_t at = 0;

	while (at < n) {
		struct rd r = rd_init(SPAN(p + at, n - at));
		struct smb2_hdr h;
		size_t size, shown;

		if (nt_failed(smb2_hdr_decode(&r, &h)))
			return cut(p, n, at, false);
		size = h.next == 0 ? total - at : h.next;
		if (size < SMB2_HDR_SIZE || size > total - at)
			return cut(p, n, at + SMB2_HDR_SIZE, false);
		shown = element_shown(h.command, answer, payload);
		if (shown < size && size == total - at)
			return cut(p, n, at + shown, true);
		if (shown < size && shown < n - at)
			memset(p + at + shown, 0, (size < n - at ? size : n - at) - shown);
		at += size;
	}
	return (struct smb2_shown){ .n = n };
}

/* A NEGOTIATE has no secrets; what else old clients say first may be a password. */
static struct smb2_shown
smb1_redact(uint8_t *p, size_t n)
{
	struct rd r = rd_init(SPAN(p, n));

	rd_zero(&r, SMB1_AT_COMMAND);
	return rd_u8(&r) == SMB1_COM_NEGOTIATE ? (struct smb2_shown){ .n = n } :
						 cut(p, n, SMB1_AT_COMMAND + 1, false);
}

struct smb2_shown
smb2_redact(uint8_t *p, size_t n, size_t total, bool answer, bool payload)
{
	if (smb2_kind_of(SPAN(p, n)) == SMB2_KIND_SMB1)
		return smb1_redact(p, n);
	return chain_redact(p, n, total, answer, payload);
}
