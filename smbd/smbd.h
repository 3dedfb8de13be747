/*
 * smbd.h - what both roles of bulkhead-smbd share: their part of the
 * configuration, what was negotiated on a connection, and birth.  The roles
 * themselves are gate.h (before authentication) and worker.h (after).
 */
#ifndef SMBD_SMBD_H
#define SMBD_SMBD_H

#include "base/loop.h"
#include "ipc/birth.h"
#include "ipc/msg/conf.msg.h"
#include "ipc/node.h"
#include "proto/smb2/negotiate.h"
#include "sandbox/sandbox.h"
#include "tap/tap.h"

/* A share that another than our own fsd has; worker only. */
struct smbd_place {
	char share[NAME_BOUND + 1];
	char storage[STORAGE_BOUND + 1];
};

/* Owns copies of its strings. */
struct smbd_conf {
	struct conf_server_req server;
	struct net_addr listen[BIRTH_LISTENERS];
	size_t n_listen;
	char names[3][NAME_BOUND + 1];
	struct smbd_place *places;
	size_t n_places;
};

/* False if the part holds no conf_server or a record that does not decode: ret is untouched. */
bool conf_load(struct smbd_conf *ret, struct span part) MUST_USE;

/* What NEGOTIATE fixed for the life of a connection; [MS-SMB2] 3.3.1.7. */
struct conn_params {
	struct net_addr client, server;
	uint16_t dialect;		/* 0: not negotiated yet */
	uint16_t cipher;		/* SMB2_CIPHER_NONE: no encryption */
	uint16_t signing_alg;
	uint32_t client_caps, server_caps;
	uint16_t client_mode, server_mode;
	struct id16 client_guid;
	uint16_t client_dialects[SMB2_DIALECTS_MAX];
	uint16_t n_client_dialects;
};

/* What a process holds whatever its role. */
struct smbd {
	struct birth birth;
	struct smbd_conf conf;
	struct loop *loop;
	struct node *node;
	struct taps taps;	/* who looks at its packets */
};

struct smbd_rules {
	const struct sandbox_rule *rows;
	size_t n;
};
extern const struct smbd_rules gate_rules, worker_rules;

/* What differs: handed to birth by main.c. */
struct smbd_role {
	enum peer_role role;
	const struct ipc_method *methods;
	size_t n_methods;
	const struct node_events *events;
	const struct smbd_rules *rules;
	const char *const *links;	/* role names whose sockets it sees, NULL-terminated */
	/* Before the walls, and once they stand and the node serves. */
	void *(*begin)(struct smbd *);
	void (*serve)(void *me);
};

extern const struct smbd_role gate_role;
extern const struct smbd_role worker_role;

/* 3.3.5.4: what we tell a client that it may move in one request, of any kind. */
uint32_t params_max_io(const struct conn_params *, const struct smbd_conf *) MUST_USE;

#endif
