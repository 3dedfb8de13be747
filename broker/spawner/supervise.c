/*
 * supervise.c - keeps the seats filled: start, reap, start again with a pause
 * that doubles, and the orderly end.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "broker/broker.h"
#include "broker/spawner/spawner.h"

#define WAIT_FIRST_MS 100u
#define WAIT_MAX_MS   5000u
#define LIFE_GOOD_NS  10000000000ull /* who lived this long starts again at once */
#define START_TRIES   5u	     /* before we were ever ready: then it is no accident */
#define STOP_MS	      8500u
#define STOP_LAST_MS  1000u

struct child *
child_by_peer(struct spawner *sp, uint64_t peer)
{
	struct child *c = sp->children;

	while (c && c->peer != peer)
		c = c->next;
	return c;
}

bool
supervise_ours(const struct spawner *sp, enum tree_row_no row)
{
	bool external = sp->kind == KIND_SERVER && sp->inst.external & 1u << tree[row].role;

	return sp->post.roles ? (sp->post.roles & 1u << tree[row].role) != 0 : !external;
}

static bool
seat_wanted(const struct spawner *sp, enum tree_row_no row)
{
	if (sp->post.storage)
		return row == ROW_FSD; /* whether the instance has one besides us or not */
	return supervise_ours(sp, row) &&
	       tree_runs(row, sp->kind, sp->inst.wanted) == TREE_ALWAYS;
}

static void seat_fill(void *ctx);

static void
seat_retry(struct seat *s)
{
	struct spawner *sp = s->sp;

	if (sp->stopping)
		return;
	if (!sp->ready && s->restarts >= START_TRIES) {
		log_error("giving up role=%s: it has not come up",
			  peer_role_name(tree[s->row].role));
		supervise_stop(sp, EXIT_REFUSED);
		return;
	}
	s->restarts++;
	loop_timer_set(sp->loop, &s->again, s->wait_ms, seat_fill, s);
	s->wait_ms = s->wait_ms == 0 ? WAIT_FIRST_MS : s->wait_ms * 2;
	if (s->wait_ms > WAIT_MAX_MS)
		s->wait_ms = WAIT_MAX_MS;
}

/* The directory's own channel is the wire; the others' go to the directory. */
static void
seat_fill(void *ctx)
{
	struct seat *s	   = ctx;
	struct spawner *sp = s->sp;

	s->child = spawn(sp, s->row, 0, 0, "");
	if (!s->child) {
		seat_retry(s);
		return;
	}
	if (s->row == ROW_DIRECTORY) {
		requests_open(sp, s->child->channel);
		s->child->channel = -1;
	} else {
		requests_spawned(sp, s->child);
	}
}

/* One that nobody has asked for before; when it dies it is started again like all. */
void
supervise_ask(struct spawner *sp, enum tree_row_no row)
{
	struct seat *s = &sp->seats[row];

	if (!s->child && s->restarts == 0)
		seat_fill(s);
}

void
supervise_start(struct spawner *sp)
{
	for (enum tree_row_no row = 0; row < ROW_MAX; row++) {
		sp->seats[row] = (struct seat){ .sp = sp, .row = row };
		if (seat_wanted(sp, row))
			seat_fill(&sp->seats[row]);
	}
}

/* ---- deaths ---- */

static struct child *
child_take(struct spawner *sp, pid_t pid)
{
	struct child **at = &sp->children;
	struct child *c;

	while (*at && (*at)->pid != pid)
		at = &(*at)->next;
	c = *at;
	if (c)
		*at = c->next;
	return c;
}

static void
death_log(const struct spawner *sp, const struct child *c, int status)
{
	const char *role	= peer_role_name(tree[c->row].role);
	unsigned long long peer = c->peer;
	bool expected		= sp->stopping || tree[c->row].flags & TREE_MANY;

	if (WIFSIGNALED(status))
		log_at(sp->stopping ? LOG_LEVEL_INFO : LOG_LEVEL_ERROR,
		       "process died role=%s peer=%llu pid=%d signal=%s%s", role, peer, (int)c->pid,
		       sigabbrev_np(WTERMSIG(status)),
		       WTERMSIG(status) == SIGSYS ? " (a system call that its table does not have)"
						  : "");
	else
		log_at(expected && WEXITSTATUS(status) == 0 ? LOG_LEVEL_INFO : LOG_LEVEL_WARN,
		       "process ended role=%s peer=%llu pid=%d exit=%d", role, peer, (int)c->pid,
		       WEXITSTATUS(status));
}

static void
seat_empty(struct spawner *sp, const struct child *c)
{
	struct seat *s = &sp->seats[c->row];

	if (s->child != c)
		return;
	s->child = NULL;
	if (clock_mono_ns() - c->born >= LIFE_GOOD_NS)
		s->wait_ms = 0;
	seat_retry(s);
}

/* When only the directory is left, the closed wire tells it to go. */
static void
stop_progress(struct spawner *sp)
{
	if (!sp->stopping)
		return;
	if (!sp->children)
		loop_stop(sp->loop, sp->exit_code);
	else if (!sp->children->next && sp->children->row == ROW_DIRECTORY)
		wire_close(&sp->wire);
}

void
supervise_reaped(struct spawner *sp, pid_t pid, int status)
{
	struct child *c = child_take(sp, pid);
	struct wire m	= { .kind = WIRE_EXITED, .pid = (uint32_t)pid, .status = (uint32_t)status };

	if (!c)
		return;
	m.row  = c->row;
	m.peer = c->peer;
	if (c->row == ROW_DIRECTORY) {
		wire_close(&sp->wire);
		log_channel(-1);
	}
	/* That the directory goes last is no news, and nobody is left to print it in form. */
	if (c->row != ROW_DIRECTORY || !sp->stopping || status != 0)
		death_log(sp, c, status);
	wire_post(&sp->wire, &m, NULL, 0);
	seat_empty(sp, c);
	if (c->channel >= 0)
		close(c->channel);
	free(c);
	stop_progress(sp);
}

/* ---- the end ---- */

static void
children_signal(struct spawner *sp, int signo)
{
	for (struct child *c = sp->children; c; c = c->next)
		(void)kill(c->pid, signo);
}

static void
stop_hard(void *ctx)
{
	struct spawner *sp = ctx;

	log_warn("processes had to be killed: they did not end in time");
	children_signal(sp, SIGKILL);
	loop_timer_set(sp->loop, &sp->stop_timer, STOP_LAST_MS, stop_hard, sp);
}

void
supervise_stop(struct spawner *sp, int exit_code)
{
	struct wire m = { .kind = WIRE_STOP };

	if (sp->stopping)
		return;
	sp->stopping  = true;
	sp->exit_code = exit_code;
	notify_say("STOPPING=1");
	log_info("stopping");
	for (enum tree_row_no row = 0; row < ROW_MAX; row++)
		loop_timer_clear(&sp->seats[row].again);
	if (wire_is_open(&sp->wire))
		wire_post(&sp->wire, &m, NULL, 0);
	else
		children_signal(sp, SIGTERM);
	loop_timer_set(sp->loop, &sp->stop_timer, STOP_MS, stop_hard, sp);
	stop_progress(sp);
}
