/*
 * commands.c - the handlers by command, from the one table of commands.  Each
 * has a file cmd_<name>.c; CANCEL is dispatch's own business (async.c).
 */
#include "smbd/rq.h"

#define C(code, name, req, rsp, need, handle, charge, flags) \
	extern const struct smbd_cmd smbd_cmd_##name;
SMB2_COMMANDS(C)
#undef C

#define C(code, name, req, rsp, need, handle, charge, flags) [code] = &smbd_cmd_##name,
const struct smbd_cmd *const smbd_cmds[SMB2_CMD_MAX] = { SMB2_COMMANDS(C) };
#undef C
