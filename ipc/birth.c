/*
 * birth.c - arguments from the spawner, configuration from the directory.
 */
#include "ipc/birth.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "ipc/internal.h"
#include "ipc/join.h"
#include "ipc/msg/link.msg.h"

#define BIRTH_WAIT_MS 10000
#define PART_SEALS    (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

/* Somebody started us by hand, or the spawner and we are of different builds. */
static _Noreturn void
birth_refuse(const char *program, const char *why, const char *what)
{
	fprintf(stderr, "%s: %s%s%s\n%s is started by bulkhead-broker; run `bulkhead serve`.\n",
	    program, why, what ? ": " : "", what ? what : "", program);
	exit(2);
}

struct birth_arg {
	const char *name;
	void (*set)(struct birth *, const char *value);
};

static uint64_t
number(const char *s)
{
	char *end;
	unsigned long long v = strtoull(s, &end, 10);

	ENSURE(s[0] != '\0' && *end == '\0');
	return v;
}

static void
set_channel(struct birth *b, const char *v)
{
	b->channel = (int)number(v);
}

static void
set_self(struct birth *b, const char *v)
{
	b->self = number(v);
}

static void
set_uid(struct birth *b, const char *v)
{
	b->uid = (uid_t)number(v);
}

static void
set_gid(struct birth *b, const char *v)
{
	b->gid = (gid_t)number(v);
}

static void
set_runtime(struct birth *b, const char *v)
{
	b->runtime = v;
}

static void
set_state(struct birth *b, const char *v)
{
	b->state = v;
}

static void
set_listener(struct birth *b, const char *v)
{
	ENSURE(b->n_listeners < BIRTH_LISTENERS);
	b->listeners[b->n_listeners++] = (int)number(v);
}

static void
set_join(struct birth *b, const char *v)
{
	b->join = v;
}

static void
set_key(struct birth *b, const char *v)
{
	b->key = v;
}

static const struct birth_arg birth_args[] = {
	{ "--channel", set_channel },	{ "--self", set_self },		{ "--uid", set_uid },
	{ "--gid", set_gid },		{ "--runtime", set_runtime },	{ "--state", set_state },
	{ "--listener", set_listener },	{ "--join", set_join },		{ "--key", set_key },
};

static void
birth_parse(struct birth *b, int argc, char **argv, const char *program)
{
	for (int i = 2; i < argc; i++) {
		const struct birth_arg *a = NULL;

		if (strcmp(argv[i], "--require-sandbox") == 0) {
			b->require_sandbox = true;
			continue;
		}
		for (size_t k = 0; k < NELEM(birth_args) && !a; k++)
			if (strcmp(birth_args[k].name, argv[i]) == 0)
				a = &birth_args[k];
		if (!a || i + 1 >= argc)
			birth_refuse(program, "cannot use argument", argv[i]);
		a->set(b, argv[++i]);
	}
}

/* The next datagram of the channel, which must be a record of that message. */
static void
birth_recv(struct birth *b, const char *program, const struct msg_desc *d, uint8_t *buf, size_t cap,
    struct ipc_rec *ret, struct fds *ret_fds)
{
	struct pollfd p = { .fd = b->channel, .events = POLLIN };
	struct rd r;
	size_t n;

	if (poll(&p, 1, BIRTH_WAIT_MS) != 1 ||
	    nt_failed(fdpass_recv(b->channel, buf, cap, &n, ret_fds->fd, &ret_fds->n)))
		birth_refuse(program, "the directory does not answer", NULL);
	r = rd_init(SPAN(buf, n));
	if (nt_failed(rec_read(&r, ret)) || ret->msg != d->id)
		fatal("the directory sent something else than %s", d->name);
}

/* Its first words; until they are there nothing else can be done. */
static void
birth_wait_part(struct birth *b, const char *program)
{
	uint8_t buf[IPC_HDR + 16];
	struct fds fds = { 0 };
	struct ipc_rec rec;

	birth_recv(b, program, &link_reload_desc, buf, sizeof buf, &rec, &fds);
	if (fds.n != 1 || nt_failed(part_map(fds.fd[0], &b->part)))
		fatal("the directory sent no configuration");
}

/* ---- joining an instance that did not start us ---- */

/* Introduces us by key; what comes back makes this connection our channel. */
static void
birth_join(struct birth *b, const char *program)
{
	struct dir_join_req req = { .role = (uint8_t)b->role };
	const char *why;
	nt s;

	if (!b->key)
		birth_refuse(program, "--join needs --key FILE", NULL);
	s = join_ask(b->join, b->key, &req, &b->channel, &b->self, &why);
	if (nt_failed(s))
		birth_refuse(program, why, nt_name(s));
}

void
birth_begin(struct birth *ret, int argc, char **argv, const char *program, uint32_t roles)
{
	struct birth b = { .channel = -1, .uid = (uid_t)-1, .gid = (gid_t)-1 };

	log_open(program);
	if (argc < 2)
		birth_refuse(program, "no role given", NULL);
	b.role = peer_role_find(argv[1]);
	if (b.role == PEER_NONE || !(roles & (1u << b.role)))
		birth_refuse(program, "no such role", argv[1]);
	birth_parse(&b, argc, argv, program);
	if (b.join)
		birth_join(&b, program);
	if (b.channel < 0 || b.self == 0 || !b.runtime)
		birth_refuse(program, "arguments are missing", NULL);
	log_channel(b.channel);
	if (fcntl(b.channel, F_SETFD, FD_CLOEXEC) != 0)
		fatal("the channel is not a descriptor");
	birth_wait_part(&b, program);
	*ret = b;
}

nt
birth_send_part(int channel, struct span part)
{
	struct ipc_rec rec = { .kind = IPC_NOTE, .msg = link_reload_desc.id };
	uint8_t head[IPC_HDR];
	struct wr w      = wr_init(head, sizeof head);
	struct iovec iov = { head, sizeof head };
	int fd           = memfd_create("bulkhead-part", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	nt s             = STATUS_INSUFFICIENT_RESOURCES;

	REQUIRE(fd >= 0, s);
	rec_write(&w, &rec);
	if (write(fd, part.p, part.n) == (ssize_t)part.n && fcntl(fd, F_ADD_SEALS, PART_SEALS) == 0)
		s = fdpass_send(channel, &iov, 1, &fd, 1);
	close(fd);
	return s;
}
