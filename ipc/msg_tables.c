/*
 * msg_tables.c - the codecs, stubs and descriptions of every message, made from
 * the rows in ipc/msg/.
 */
#include "ipc/msg.h"

#include "ipc/msg/authd.msg.h"
#include "ipc/msg/bridge.msg.h"
#include "ipc/msg/client.msg.h"
#include "ipc/msg/conf.msg.h"
#include "ipc/msg/cred.msg.h"
#include "ipc/msg/dir.msg.h"
#include "ipc/msg/fsd.msg.h"
#include "ipc/msg/hook.msg.h"
#include "ipc/msg/keys.msg.h"
#include "ipc/msg/krb.msg.h"
#include "ipc/msg/link.msg.h"
#include "ipc/msg/net.msg.h"
#include "ipc/msg/smbd.msg.h"
#include "ipc/msg/trace.msg.h"

CONF_MESSAGES(MSG_DEFINE)
LINK_MESSAGES(MSG_DEFINE)
DIR_MESSAGES(MSG_DEFINE)
BRIDGE_MESSAGES(MSG_DEFINE)
AUTH_MESSAGES(MSG_DEFINE)
NAMES_MESSAGES(MSG_DEFINE)
WORKER_MESSAGES(MSG_DEFINE)
FSD_MESSAGES(MSG_DEFINE)
DIALER_MESSAGES(MSG_DEFINE)
SESSION_MESSAGES(MSG_DEFINE)
API_MESSAGES(MSG_DEFINE)
CLIENT_ROWS(MSG_DEFINE)
KEY_FIELDS(MSG_DEFINE)
WORKER_HOOK_MESSAGES(MSG_DEFINE)
API_HOOK_MESSAGES(MSG_DEFINE)
API_LOGON_MESSAGES(MSG_DEFINE)
HOOK_ROWS(MSG_DEFINE)
CRED_MESSAGES(MSG_DEFINE)
KRB_MESSAGES(MSG_DEFINE)
NET_MESSAGES(MSG_DEFINE)
TAP_MESSAGES(MSG_DEFINE)
API_TRACE_MESSAGES(MSG_DEFINE)
TRACE_ROWS(MSG_DEFINE)

#define DESC(id_, msg, callers_, phase_, REQ, RSP) &msg##_desc,
const struct msg_desc *const msg_all[] = {
	CONF_MESSAGES(DESC) LINK_MESSAGES(DESC) DIR_MESSAGES(DESC) AUTH_MESSAGES(DESC)
	NAMES_MESSAGES(DESC) WORKER_MESSAGES(DESC) FSD_MESSAGES(DESC) DIALER_MESSAGES(DESC)
	SESSION_MESSAGES(DESC) API_MESSAGES(DESC) CLIENT_ROWS(DESC) KEY_FIELDS(DESC) CRED_MESSAGES(DESC)
	KRB_MESSAGES(DESC) NET_MESSAGES(DESC) WORKER_HOOK_MESSAGES(DESC) API_HOOK_MESSAGES(DESC)
	HOOK_ROWS(DESC) BRIDGE_MESSAGES(DESC) TAP_MESSAGES(DESC) API_TRACE_MESSAGES(DESC)
	TRACE_ROWS(DESC) API_LOGON_MESSAGES(DESC)
};
const size_t msg_all_n = NELEM(msg_all);

const struct msg_desc *
msg_desc_find(uint16_t id)
{
	for (size_t i = 0; i < msg_all_n; i++)
		if (msg_all[i]->id == id)
			return msg_all[i];
	return NULL;
}
