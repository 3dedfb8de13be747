/*
 * names.c - names that other tables know already: statuses and commands.
 */
#include "dissect/names.h"

#include "proto/smb2/commands.h"

const struct names names_hex = { .hex = true };

/* A code we have no word for is printed as its number alone. */
static const char *
status_name(uint64_t v)
{
	const char *name = nt_name((nt){ (uint32_t)v });

	return strncmp(name, "STATUS_0x", 9) == 0 ? NULL : name;
}
const struct names names_status = { .hex = true, .find = status_name };

static const char *
command_name(uint64_t v)
{
	static const char *const upper[SMB2_CMD_MAX] = {
		"NEGOTIATE", "SESSION_SETUP", "LOGOFF",	 "TREE_CONNECT",    "TREE_DISCONNECT",
		"CREATE",    "CLOSE",	      "FLUSH",	 "READ",	    "WRITE",
		"LOCK",	     "IOCTL",	      "CANCEL",	 "ECHO",	    "QUERY_DIRECTORY",
		"CHANGE_NOTIFY", "QUERY_INFO", "SET_INFO", "OPLOCK_BREAK",
	};

	return v < SMB2_CMD_MAX ? upper[v] : NULL;
}
const struct names names_command = { .find = command_name };
