/*
 * unsupported.c - rows of the contract that this version answers with
 * STATUS_NOT_SUPPORTED.  One that gets a file of its own leaves this list.
 */
#include "clientd/session/client.h"

#define UNSUPPORTED(msg)                                                                    \
	nt msg(struct client *me, struct job *j, const struct msg##_req *req,               \
	       struct msg##_rsp *rsp)                                                       \
	{                                                                                   \
		(void)me;                                                                   \
		(void)j;                                                                    \
		(void)req;                                                                  \
		(void)rsp;                                                                  \
		return STATUS_NOT_SUPPORTED;                                                \
	}

UNSUPPORTED(client_copy)
UNSUPPORTED(client_watch)
UNSUPPORTED(client_unwatch)
UNSUPPORTED(smb_tree_connect)
UNSUPPORTED(smb_tree_disconnect)
UNSUPPORTED(smb_create)
UNSUPPORTED(smb_close)
UNSUPPORTED(smb_flush)
UNSUPPORTED(smb_read)
UNSUPPORTED(smb_write)
UNSUPPORTED(smb_lock)
UNSUPPORTED(smb_ioctl)
UNSUPPORTED(smb_echo)
UNSUPPORTED(smb_query_directory)
UNSUPPORTED(smb_change_notify)
UNSUPPORTED(smb_query_info)
UNSUPPORTED(smb_set_info)
UNSUPPORTED(smb_oplock_break)
UNSUPPORTED(smb_raw)

/* No oplock is ever asked for, so nothing is to be given back. */
void
break_received(struct conn *c, struct rd *r)
{
	(void)c;
	(void)r;
}
