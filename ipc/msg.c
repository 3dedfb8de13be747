/*
 * msg.c - roles by name, the encoding room, and the table-driven codec that
 * JSON, the api and the hostile tests use.
 */
#include "ipc/msg.h"

#include <stdlib.h>

#include "base/fatal.h"

static const char *const role_names[PEER_MAX] = {
	[PEER_NONE] = "none",	[PEER_SPAWNER] = "spawner", [PEER_DIRECTORY] = "directory",
	[PEER_API] = "api",	[PEER_STORE] = "store",	    [PEER_KRB] = "krb",
	[PEER_NET] = "net",	[PEER_NAMES] = "names",	    [PEER_GATE] = "gate",
	[PEER_WORKER] = "worker", [PEER_FSD] = "fsd",	    [PEER_SESSION] = "session",
	[PEER_DIALER] = "dialer", [PEER_CRED] = "cred",
	[PEER_BRIDGE] = "bridge", [PEER_RELAY] = "relay",
};

const char *
peer_role_name(enum peer_role role)
{
	return (unsigned)role < PEER_MAX ? role_names[role] : "unknown";
}

enum peer_role
peer_role_find(const char *name)
{
	for (int i = PEER_NONE + 1; i < PEER_MAX; i++)
		if (strcmp(role_names[i], name) == 0)
			return (enum peer_role)i;
	return PEER_NONE;
}

/* Messages are encoded one at a time on the loop's thread and copied away at once. */
struct wr
msg_room(void)
{
	static uint8_t room[MSG_BODY_MAX];

	return wr_init(room, sizeof room);
}

void
msg_encode(struct wr *w, const struct msg_field *f, size_t n, const void *obj)
{
	for (size_t i = 0; i < n; i++) {
		const void *at = (const uint8_t *)obj + f[i].at;

		switch (f[i].type) {
#define CASE(word, ctype, json, max)    \
	case MSG_T_##word:              \
		wr_msg_##word(w, at);   \
		break;
			MSG_TYPES(CASE)
#undef CASE
		case MSG_T_MAX:
			fatal("no such field type");
		}
	}
}

nt
msg_decode(struct span body, const struct msg_field *f, size_t n, void *ret)
{
	struct rd r = rd_init(body);

	for (size_t i = 0; i < n; i++) {
		void *at = (uint8_t *)ret + f[i].at;

		switch (f[i].type) {
#define CASE(word, ctype, json, max)    \
	case MSG_T_##word:              \
		rd_msg_##word(&r, at);  \
		break;
			MSG_TYPES(CASE)
#undef CASE
		case MSG_T_MAX:
			fatal("no such field type");
		}
	}
	REQUIRE(rd_ok(&r) && rd_left(&r) == 0, STATUS_INVALID_PARAMETER);
	return STATUS_SUCCESS;
}
