/*
 * orders.c - the directory's word to every process besides introductions: what to
 * log, a new configuration, the end; and how we make ourselves known to it.
 */
#include "ipc/internal.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "ipc/msg/dir.msg.h"
#include "ipc/msg/link.msg.h"

#define MSG_ME struct node
LINK_MESSAGES(MSG_HANDLER)

nt
link_log_level(struct node *node, struct call *c, const struct link_log_level_req *req,
    struct link_log_level_rsp *rsp)
{
	(void)node;
	(void)c;
	(void)rsp;
	REQUIRE(req->level < LOG_LEVEL_MAX, STATUS_INVALID_PARAMETER);
	log_set_level((enum log_level)req->level);
	return STATUS_SUCCESS;
}

nt
link_alive(struct node *node, struct call *c, const struct link_alive_req *req,
    struct link_alive_rsp *rsp)
{
	(void)node;
	(void)c;
	(void)req;
	(void)rsp;
	return STATUS_SUCCESS;
}

nt
part_map(int fd, struct span *ret)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat st;
	void *mem = MAP_FAILED;

	/* Some roles need to know nothing: their part is empty. */
	if (seals >= 0 && (seals & F_SEAL_WRITE) && fstat(fd, &st) == 0)
		mem = st.st_size == 0
			  ? NULL
			  : mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	REQUIRE(mem != MAP_FAILED, STATUS_INVALID_PARAMETER);
	*ret = mem ? SPAN(mem, (size_t)st.st_size) : SPAN_NONE;
	return STATUS_SUCCESS;
}

nt
link_reload(struct node *node, struct call *c, const struct link_reload_req *req,
    struct link_reload_rsp *rsp)
{
	int fd = call_take_fd(c);
	struct span part;

	(void)req;
	(void)rsp;
	REQUIRE(fd >= 0, STATUS_INVALID_PARAMETER);
	TRY(part_map(fd, &part));
	if (node->conf.events && node->conf.events->reload)
		node->conf.events->reload(node->conf.me, part);
	if (part.n > 0)
		munmap((void *)(uintptr_t)part.p, part.n);
	return STATUS_SUCCESS;
}

nt
link_stop(struct node *node, struct call *c, const struct link_stop_req *req,
    struct link_stop_rsp *rsp)
{
	(void)c;
	(void)req;
	(void)rsp;
	node->phase = PHASE_STOP;
	if (node->conf.events && node->conf.events->stop)
		node->conf.events->stop(node->conf.me);
	else
		loop_stop(node->loop, 0);
	return STATUS_SUCCESS;
}

/* ---- being known to the directory ---- */

static void
hello_answered(void *ctx, nt status, const struct dir_hello_rsp *rsp, struct span data)
{
	(void)ctx;
	(void)rsp;
	(void)data;
	if (nt_failed(status) && !nt_is(status, STATUS_CONNECTION_RESET))
		fatal("the directory does not want us: %s", nt_name(status));
}

static void
node_say_hello(struct node *node)
{
	struct dir_hello_req req = { .walls = node->walls, .key = node->public };

	if (nt_failed(dir_hello_call(node->directory, &req, NULL, hello_answered, node)))
		fatal("the directory cannot be greeted");
}

void
node_serve(struct node *node, uint32_t walls)
{
	node->walls   = walls;
	node->serving = true;
	node->phase   = PHASE_SERVING;
	if (node->directory)
		node_say_hello(node);
}

/* Whoever died while there was no directory is one that the next does not know. */
static void
doubt_over(void *ctx)
{
	struct node *node = ctx;

	for (struct link *l = node->links; l; l = l->next) {
		if (!l->unsure || l->state == LINK_DEAD)
			continue;
		log_warn("the new directory does not know a peer role=%s peer=%llu",
		    peer_role_name(l->role), (unsigned long long)l->peer);
		link_down(l);
	}
}

/* What we had asked the old directory will not be answered. */
nt
link_again(struct node *node, struct call *c, const struct link_again_req *req,
    struct link_again_rsp *rsp)
{
	(void)c;
	(void)req;
	(void)rsp;
	link_fail_pending(node->directory);
	for (struct link *l = node->links; l; l = l->next)
		l->unsure = l != node->directory;
	loop_timer_set(node->loop, &node->doubt, IPC_DOUBT_MS, doubt_over, node);
	if (node->serving)
		node_say_hello(node);
	return STATUS_SUCCESS;
}
