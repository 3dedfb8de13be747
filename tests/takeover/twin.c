/*
 * twin.c - where the attacks get in: a constructor, and the four functions that
 * the linker puts in front of their originals.
 */
#include "tests/takeover/twin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fatal.h"
#include "ipc/msg/authd.msg.h"
#include "ipc/msg/fsd.msg.h"
#include "sandbox/sandbox.h"

#define TICK_MS	 100u
#define DEATH_MS 500u /* until who is condemned is dead */
#define PATIENCE 50u  /* ticks until a peer has to be there */

struct loot loot;
struct own own;
const char *twin_role = "";
unsigned twin_life;

static int report_fd = -1;
static char home[512];

/* ---- what to do, before main() ---- */

static void
hex_take(const char *text, struct id16 *ret)
{
	for (size_t i = 0; i < sizeof ret->b; i++) {
		unsigned v;

		if (sscanf(text + 2 * i, "%2x", &v) != 1)
			return;
		ret->b[i] = (uint8_t)v;
	}
}

static void
line_take(const char *key, const char *value)
{
	const struct {
		const char *key;
		char *text;
		uint64_t *number;
	} rows[] = {
		{ "share", loot.share, NULL }, { "secret", loot.secret, NULL },
		{ "state", loot.state, NULL }, { "runtime", loot.runtime, NULL },
		{ "user", loot.user, NULL },   { "tree", NULL, &loot.tree },
		{ "file", NULL, &loot.file },  { "session", NULL, &loot.session },
		{ "cred", NULL, &loot.cred },
	};

	for (size_t i = 0; i < NELEM(rows); i++) {
		if (strcmp(rows[i].key, key) != 0)
			continue;
		if (rows[i].text)
			(void)snprintf(rows[i].text, 512, "%s", value);
		else
			*rows[i].number = strtoull(value, NULL, 10);
	}
	if (strcmp(key, "grant") == 0)
		hex_take(value, &loot.grant);
	if (strcmp(key, "port") == 0)
		loot.port = atoi(value);
}

static void
loot_read(void)
{
	char path[600], line[600], key[32], value[512];
	FILE *f;

	(void)snprintf(path, sizeof path, "%s/takeover.txt", home);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof line, f)) {
		if (sscanf(line, "%31s %511[^\n]", key, value) == 2)
			line_take(key, value);
	}
	if (f)
		fclose(f);
}

/* The first life of a role makes lives/role.0, the next lives/role.1. */
static void
life_count(void)
{
	char path[600];

	for (twin_life = 0; twin_life < 1000; twin_life++) {
		(void)snprintf(path, sizeof path, "%s/lives/%s.%u", home, twin_role, twin_life);
		if (mkdir(path, 0700) == 0 || errno != EEXIST)
			return;
	}
}

__attribute__((constructor)) static void
twin_begin(int argc, char **argv)
{
	char path[600];
	ssize_t n = readlink("/proc/self/exe", home, sizeof home - 1);

	if (argc < 2 || n <= 0)
		return;
	home[n]             = '\0';
	*strrchr(home, '/') = '\0';
	twin_role           = argv[1];
	(void)snprintf(path, sizeof path, "%s/report.txt", home);
	report_fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	loot_read();
	loot.sibling = getppid(); /* the spawner */
	if (report_fd >= 0)
		life_count();
}

void
report(const char *what, const char *outcome)
{
	char line[512];
	int n = snprintf(line, sizeof line, "%s %d %u %s %s\n", twin_role, (int)getpid(), twin_life,
			 what, outcome);

	if (report_fd >= 0 && write(report_fd, line, (size_t)n) != n)
		_exit(3);
}

/* ---- the kernel: in children that seal themselves ---- */

void __real_sandbox_seal(struct sandbox *, const struct sandbox_rule *, size_t);
void __wrap_sandbox_seal(struct sandbox *, const struct sandbox_rule *, size_t);

static void
call_try(const struct call_attack *a, struct sandbox *box, const struct sandbox_rule *rules,
	 size_t n)
{
	char what[64];
	int status = 0, e;
	pid_t child;

	(void)snprintf(what, sizeof what, "call:%s", a->name);
	child = fork();
	if (child == 0) {
		__real_sandbox_seal(box, rules, n);
		e = a->try();
		report(what, e == 0 ? "GOT-THROUGH" : strerrorname_np(e));
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child)
		report(what, "NOT-TRIED");
	else if (WIFSIGNALED(status))
		report(what, WTERMSIG(status) == SIGSYS ? "KILLED" : "OTHER-SIGNAL");
}

void
__wrap_sandbox_seal(struct sandbox *box, const struct sandbox_rule *rules, size_t n)
{
	char count[16];

	if (twin_life == 0 && report_fd >= 0) {
		for (size_t i = 0; i < n_call_attacks; i++)
			call_try(&call_attacks[i], box, rules, n);
		(void)snprintf(count, sizeof count, "%zu", n_call_attacks);
		report("calls", count);
	}
	__real_sandbox_seal(box, rules, n);
}

/* ---- peers: from the event loop, one after the other ---- */

struct node *__real_node_new(const struct node_conf *);
struct node *__wrap_node_new(const struct node_conf *);
int __real_loop_run(struct loop *);
int __wrap_loop_run(struct loop *);

static struct node *node;
static enum peer_role role;
static struct loop_timer timer;
static struct loop *loop;
static const struct link_attack *current;
static size_t next_attack;
static unsigned waited;

struct node *
__wrap_node_new(const struct node_conf *conf)
{
	node = __real_node_new(conf);
	role = conf->role;
	return node;
}

static void attacks_go_on(void *ctx);

struct link *
twin_peer(enum peer_role who)
{
	return who == PEER_DIRECTORY ? node_directory(node) : node_peer(node, who);
}

/* Lives of workers: 0 is the victim, from 1 on they attack. */
static unsigned
attacking_life(void)
{
	return role == PEER_WORKER ? twin_life - 1 : twin_life;
}

/*
 * The harmless ones in the first life; of those that cost the link the n-th in
 * the n-th life, and the rest if that did not end it.
 */
static bool
attack_due(size_t i)
{
	unsigned nth = 0;

	if (link_attacks[i].from != role)
		return false;
	if (!link_attacks[i].last)
		return attacking_life() == 0;
	for (size_t k = 0; k < i; k++)
		nth += link_attacks[k].from == role && link_attacks[k].last;
	return attacking_life() <= nth;
}

void
attack_answered(nt status)
{
	char what[64];

	(void)snprintf(what, sizeof what, "link:%s", current->name);
	report(what, nt_failed(status) ? nt_name(status) : "GOT-THROUGH");
	loop_timer_set(loop, &timer, current->last ? DEATH_MS : 1, attacks_go_on, NULL);
}

static void
attack_start(const struct link_attack *a)
{
	struct link *l = twin_peer(a->to);
	char what[64];
	nt s;

	if (!l && ++waited < PATIENCE) {
		next_attack--;
		loop_timer_set(loop, &timer, TICK_MS, attacks_go_on, NULL);
		return;
	}
	current = a;
	(void)snprintf(what, sizeof what, "try:%s", a->name);
	report(what, l ? "STARTED" : "NO-LINK");
	s = l ? a->try(l) : STATUS_CONNECTION_RESET;
	if (nt_failed(s))
		attack_answered(s);
}

static void
attacks_go_on(void *ctx)
{
	(void)ctx;
	/* A worker attacks when it has an identity of its own to compare with. */
	if (role == PEER_WORKER && !own.has_file && ++waited < PATIENCE) {
		loop_timer_set(loop, &timer, TICK_MS, attacks_go_on, NULL);
		return;
	}
	while (next_attack < n_link_attacks) {
		size_t i = next_attack++;

		if (attack_due(i)) {
			attack_start(&link_attacks[i]);
			return;
		}
	}
	report("links", "DONE");
}

/* So that nobody takes an attack that was not made for one that failed. */
static void
attacks_announce(void)
{
	unsigned all = 0;
	char text[32];

	for (size_t i = 0; i < n_link_attacks; i++)
		all += link_attacks[i].from == role;
	(void)snprintf(text, sizeof text, "%u", all);
	report("attacks", text);
}

int
__wrap_loop_run(struct loop *l)
{
	loop = l;
	if (node && report_fd >= 0 && !(role == PEER_WORKER && twin_life == 0)) {
		attacks_announce();
		loop_timer_set(loop, &timer, TICK_MS, attacks_go_on, NULL);
	}
	return __real_loop_run(l);
}

/* ---- a captured worker knows its own numbers ---- */

nt __real_link_call(struct link *, const struct msg_desc *, struct span, const struct call_opt *,
		    msg_deliver *, msg_done *, void *, uint64_t *);
nt __wrap_link_call(struct link *, const struct msg_desc *, struct span, const struct call_opt *,
		    msg_deliver *, msg_done *, void *, uint64_t *);

static void
number_learn(const char *what, uint64_t *at, uint64_t v)
{
	char text[32];

	if (*at == v || v == FILE_CHAIN)
		return;
	*at = v;
	(void)snprintf(text, sizeof text, "%llu", (unsigned long long)v);
	report(what, text);
}

static void
grant_learn(const struct id16 *grant)
{
	char text[33];

	if (own.has_grant)
		return;
	own.grant     = *grant;
	own.has_grant = true;
	for (size_t i = 0; i < sizeof grant->b; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", grant->b[i]);
	report("own:grant", text);
}

static void
own_learn(const struct msg_desc *d, struct span body)
{
	struct fsd_tree_connect_req connect;
	struct fsd_open_req opened;
	struct auth_session_info_req info;

	if (d == &fsd_tree_connect_desc && nt_ok(fsd_tree_connect_req_decode(body, &connect)))
		grant_learn(&connect.grant);
	if (d == &auth_session_info_desc && nt_ok(auth_session_info_req_decode(body, &info)))
		number_learn("own:session", &own.session, info.session);
	if (d == &fsd_open_desc && nt_ok(fsd_open_req_decode(body, &opened))) {
		number_learn("own:tree", &own.tree, opened.tree);
		own.has_tree = true;
	}
}

/* In front of the answer to a worker's own fsd_open. */
struct opening {
	msg_deliver *deliver;
	msg_done *done;
	void *ctx;
};

static void
open_seen(msg_done *done, void *ctx, nt status, struct span body, struct span data)
{
	struct opening o = *(struct opening *)ctx;
	struct fsd_open_rsp rsp;

	(void)done;
	free(ctx);
	if (nt_ok(status) && nt_ok(fsd_open_rsp_decode(body, &rsp))) {
		number_learn("own:file", &own.file, rsp.file);
		own.has_file = true;
	}
	o.deliver(o.done, o.ctx, status, body, data);
}

nt
__wrap_link_call(struct link *l, const struct msg_desc *d, struct span body,
		 const struct call_opt *opt, msg_deliver *deliver, msg_done *done, void *ctx,
		 uint64_t *ret_id)
{
	struct opening *o;

	/* Our own forgeries are no knowledge. */
	if (role == PEER_WORKER && next_attack == 0) {
		own_learn(d, body);
		if (d == &fsd_open_desc) {
			o       = xcalloc(1, sizeof *o);
			*o      = (struct opening){ deliver, done, ctx };
			deliver = open_seen;
			ctx     = o;
		}
	}
	return __real_link_call(l, d, body, opt, deliver, done, ctx, ret_id);
}
