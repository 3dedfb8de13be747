/*
 * commands.c - the command table as data, and what it says about credits.
 */
#include "proto/smb2/commands.h"

#define C(code, cmd, req, rsp, need_, handle, charge_, flags_)                                     \
	[code] = { .name      = #cmd,                                                              \
		   .req_size  = (req),                                                             \
		   .rsp_size  = (rsp),                                                             \
		   .need      = (need_),                                                           \
		   .handle_at = (handle),                                                          \
		   .charge    = (charge_),                                                         \
		   .flags     = (flags_) },
const struct smb2_command smb2_commands[SMB2_CMD_MAX] = { SMB2_COMMANDS(C) };
#undef C

const struct smb2_command *
smb2_command_find(uint16_t code)
{
	return code < SMB2_CMD_MAX ? &smb2_commands[code] : NULL;
}

const char *
smb2_command_name(uint16_t code)
{
	const struct smb2_command *c = smb2_command_find(code);

	return c ? c->name : "unknown";
}

/*
 * Where a body keeps its lengths, counted from StructureSize; 0 for none.
 * What is sent is one sum, what may come back is the other.  3.3.5.2.5
 */
static const struct {
	uint8_t sent[2];
	uint8_t allowed[2];
} lengths[SMB2_CMD_MAX] = {
	[SMB2_CMD_read]		   = { .allowed = { 4 } },
	[SMB2_CMD_write]	   = { .sent = { 4 } },
	[SMB2_CMD_ioctl]	   = { .sent = { 28, 40 }, .allowed = { 32, 44 } },
	[SMB2_CMD_query_directory] = { .allowed = { 28 } },
	[SMB2_CMD_change_notify]   = { .allowed = { 4 } },
	[SMB2_CMD_query_info]	   = { .sent = { 12 }, .allowed = { 4 } },
	[SMB2_CMD_set_info]	   = { .sent = { 4 } },
};

static uint64_t
length_at(struct rd body, uint8_t at)
{
	if (at == 0)
		return 0;
	rd_zero(&body, at);
	return rd_u32(&body);
}

uint64_t
smb2_payload_size(uint16_t code, struct rd body)
{
	uint64_t sent, allowed;

	if (code >= SMB2_CMD_MAX)
		return 0;
	sent = length_at(body, lengths[code].sent[0]) + length_at(body, lengths[code].sent[1]);
	allowed =
	    length_at(body, lengths[code].allowed[0]) + length_at(body, lengths[code].allowed[1]);
	return sent > allowed ? sent : allowed;
}

uint64_t
smb2_charge_for(uint64_t payload)
{
	return payload == 0 ? 1 : 1 + (payload - 1) / 65536;
}
