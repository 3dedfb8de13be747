/*
 * meet_steps.c - the calls of an introduction: one function a step.
 */
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "broker/directory/meet.h"
#include "ipc/arena.h"
#include "ipc/fdpass.h"
#include "ipc/msg/link.msg.h"
#include "ipc/ring.h"

#define STEP_MS	    8000u /* a step that takes longer has failed */
#define ARENA_SLOTS 256u  /* 16 MiB */

/* ---- answers ---- */

/* All kinds of answers say the same: it worked or it did not. */
#define MEET_ANSWER(msg)                                                                           \
	static void msg##_answered(void *ctx, nt status, const struct msg##_rsp *rsp,              \
				   struct span data)                                               \
	{                                                                                          \
		(void)rsp;                                                                         \
		(void)data;                                                                        \
		meet_answer(ctx, status);                                                          \
	}
MEET_ANSWER(link_expect)
MEET_ANSWER(link_connect)
MEET_ANSWER(link_channel)

/*
 * Both ends must have named the same memory.  If not, a directory died between
 * telling the one and the other, and they would never hear each other.
 */
static void
meet_memory(struct meet *m, nt status, uint64_t memory)
{
	if (m->memory == 0)
		m->memory = memory;
	meet_answer(m, memory == m->memory && memory != 0 ? status : STATUS_DATA_ERROR);
}

#define MEET_MEMORY(msg)                                                                           \
	static void msg##_answered(void *ctx, nt status, const struct msg##_rsp *rsp,              \
				   struct span data)                                               \
	{                                                                                          \
		(void)data;                                                                        \
		meet_memory(ctx, status, rsp ? rsp->memory : 0);                                   \
	}
MEET_MEMORY(link_share_arena)
MEET_MEMORY(link_share_ring)

/* ---- steps ---- */

/* A call that was not made counts as one that failed. */
static void
meet_called(struct meet *m, nt status)
{
	if (nt_failed(status))
		m->failed = true;
	else
		m->waiting++;
}

static void
step_expect(struct meet *m, struct peer *from, struct peer *to)
{
	struct link_expect_req req = { .peer = from->id,
				       .role = (uint8_t)tree[from->row].role,
				       .uid  = from->uid,
				       .pid  = peer_pid(from, to) };
	const struct call_opt opt  = { .timeout_ms = STEP_MS };

	if (peer_is_afar(to))
		req.key = from->key;
	meet_called(m, link_expect_call(to->link, &req, &opt, link_expect_answered, m));
}

static void
step_connect(struct meet *m, struct peer *from, struct peer *to)
{
	char endpoint[64];
	struct link_connect_req req = { .peer = to->id,
					.role = (uint8_t)tree[to->row].role,
					.uid  = to->uid,
					.pid  = peer_pid(to, from),
					.storage = str_of(to->storage) };
	const struct call_opt opt = { .timeout_ms = STEP_MS };

	(void)snprintf(endpoint, sizeof endpoint, "%s/%llu", peer_role_name(tree[to->row].role),
		       (unsigned long long)to->id);
	if (peer_is_afar(to)) { /* nobody here reaches it but the relay */
		(void)snprintf(endpoint, sizeof endpoint, "relay/%s", to->storage);
		req.key = to->key;
	}
	req.endpoint = str_of(endpoint);
	meet_called(m, link_connect_call(from->link, &req, &opt, link_connect_answered, m));
}

static void
arena_give(struct meet *m, struct peer *p, uint64_t other, int fd)
{
	const struct link_share_arena_req req = { .peer = other, .slots = ARENA_SLOTS };
	const struct call_opt opt	      = { .timeout_ms = STEP_MS, .fd = fd, .has_fd = true };

	meet_called(m, link_share_arena_call(p->link, &req, &opt, link_share_arena_answered, m));
}

static void
step_arena(struct meet *m, struct peer *from, struct peer *to)
{
	int fd = arena_memfd(ARENA_SLOTS);

	m->memory = 0;
	if (fd < 0) {
		m->failed = true;
		return;
	}
	arena_give(m, to, from->id, fd);
	arena_give(m, from, to->id, fd);
	close(fd);
}

static void
ring_give(struct meet *m, struct peer *p, uint64_t other, uint8_t side, int memfd,
	  const int bells[2])
{
	const struct link_share_ring_req req = { .peer = other, .side = side };
	const int more[]		     = { bells[side], bells[1 - side] };
	const struct call_opt opt	     = { .timeout_ms = STEP_MS,
						 .fd	     = memfd,
						 .has_fd     = true,
						 .more_fds   = more,
						 .n_more_fds = NELEM(more) };

	meet_called(m, link_share_ring_call(p->link, &req, &opt, link_share_ring_answered, m));
}

/* bells[i] wakes side i. */
static void
step_ring(struct meet *m, struct peer *from, struct peer *to)
{
	const int bells[2] = { eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
			       eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	int memfd	   = ring_memfd();

	m->memory = 0;
	if (memfd >= 0 && bells[0] >= 0 && bells[1] >= 0) {
		ring_give(m, to, from->id, 0, memfd, bells);
		ring_give(m, from, to->id, 1, memfd, bells);
	} else {
		m->failed = true;
	}
	close(memfd);
	close(bells[0]);
	close(bells[1]);
}

static void
channel_give(struct meet *m, struct peer *p, const struct peer *other, int fd)
{
	const struct link_channel_req req = { .peer = other->id,
					      .role = (uint8_t)tree[other->row].role,
					      .uid  = other->uid,
					      .pid  = peer_pid(other, p) };
	const struct call_opt opt	  = { .timeout_ms = STEP_MS, .fd = fd, .has_fd = true };

	meet_called(m, link_channel_call(p->link, &req, &opt, link_channel_answered, m));
}

static void
step_channel(struct meet *m, struct peer *from, struct peer *to)
{
	int pair[2];

	if (nt_failed(fdpass_pair(pair))) {
		m->failed = true;
		return;
	}
	channel_give(m, from, to, pair[0]);
	channel_give(m, to, from, pair[1]);
	close(pair[0]);
	close(pair[1]);
}

static void (*const steps[])(struct meet *, struct peer *, struct peer *) = {
	[MEET_EXPECT] = step_expect, [MEET_CONNECT] = step_connect, [MEET_ARENA] = step_arena,
	[MEET_RING] = step_ring,     [MEET_CHANNEL] = step_channel,
};

void
meet_step(struct meet *m, struct peer *from, struct peer *to)
{
	steps[m->step](m, from, to);
}
