/*
 * remote.c - the scripting socket for other machines: TCP, CURVE (RFC 26), and
 * only for who holds an authorised key.
 *
 * A stranger gets as far as libzmq's handshake, on a ZeroMQ thread of its own.
 * Of too many strangers some are cut (ipc/strangers.h).  Who has shown a key stays.
 *
 * Not for: who may do what.  Revocation is looked at with every request.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

#include "base/fatal.h"
#include "base/log.h"
#include "broker/api/api.h"

#define HANDSHAKE_MS	10000
#define BEAT_MS		15000  /* is the other machine still there */
#define BEAT_LOST_MS	45000
#define REMOTE_IN	4      /* requests of one connection that wait for us */

/* ---- who ---- */

static bool
remote_admit(void *ctx, uint32_t uid, uint32_t pid, struct span key, char *user_id)
{
	struct api *me	    = ctx;
	const struct key *k = key.n == KEY_BYTES ? keys_find_public(&me->keys, key.p) : NULL;

	(void)pid;
	if (!k || k->revoked || k->role == KEY_STORAGE)
		return false;
	(void)snprintf(user_id, 64, "%u:0:%llu:%llu", uid, (unsigned long long)k->number,
		       (unsigned long long)++me->door.connections);
	return true;
}

void
remote_known(struct api *me, int fd, const struct api_user *u)
{
	strangers_known(&me->remote.strangers, fd, u->key);
}

/* ---- opening ---- */

/* libzmq closes what it is given; ours stays. */
static void
listener_lend(struct remote *r, size_t i)
{
	int fd	 = fcntl(r->listeners[i], F_DUPFD_CLOEXEC, 3);
	size_t n = sizeof r->endpoints[i];

	if (fd < 0 || zmq_setsockopt(r->door.sock, ZMQ_USE_FD, &fd, sizeof fd) != 0 ||
	    zmq_bind(r->door.sock, "tcp://127.0.0.1:0") != 0 ||
	    zmq_getsockopt(r->door.sock, ZMQ_LAST_ENDPOINT, r->endpoints[i], &n) != 0)
		fatal("scripts of other machines cannot be accepted: %s", zmq_strerror(errno));
}

static void
sock_set(void *sock, int option, int value)
{
	ENSURE(zmq_setsockopt(sock, option, &value, sizeof value) == 0);
}

void
remote_open(struct api *me, const int *listeners, size_t n)
{
	struct remote *r = &me->remote;
	uint64_t second	 = 2;
	void *sock;

	if (n == 0 || me->keys.fd < 0)
		return;
	ENSURE(n <= NELEM(r->listeners));
	memcpy(r->listeners, listeners, n * sizeof *listeners);
	r->n = n;
	sock = door_socket(me, &r->door, "remote");
	ENSURE(zmq_setsockopt(sock, ZMQ_AFFINITY, &second, sizeof second) == 0);
	sock_set(sock, ZMQ_RCVHWM, REMOTE_IN);
	sock_set(sock, ZMQ_HANDSHAKE_IVL, HANDSHAKE_MS);
	sock_set(sock, ZMQ_HEARTBEAT_IVL, BEAT_MS);
	sock_set(sock, ZMQ_HEARTBEAT_TIMEOUT, BEAT_LOST_MS);
	sock_set(sock, ZMQ_CURVE_SERVER, 1);
	ENSURE(zmq_setsockopt(sock, ZMQ_CURVE_SECRETKEY, me->keys.secret, KEY_BYTES) == 0);
	node_on_admit(me->node, "remote", remote_admit, me);
	r->strangers.port = "scripts";
	strangers_watch(&r->strangers, me->loop, node_zmq(me->node), sock);
	for (size_t i = 0; i < n; i++)
		listener_lend(r, i);
	door_watch(&r->door);
}

json_t *
remote_json(const struct api *me)
{
	const struct remote *r = &me->remote;
	json_t *listen	       = json_array();

	for (size_t i = 0; i < r->n; i++)
		(void)json_array_append_new(listen, json_string(r->endpoints[i]));
	return json_pack("{s:o, s:s, s:I, s:I, s:I}", "listen", listen, "server_key",
			 me->keys.public, "connections", (json_int_t)r->strangers.connections, "refused",
			 (json_int_t)r->strangers.refused, "cut", (json_int_t)r->strangers.cut);
}
