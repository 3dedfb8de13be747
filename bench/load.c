/*
 * load.c - bulkhead-load: keeps one workload going against an SMB server on
 * this machine and says what it cost the server.  bench/run.py calls it.
 *
 *	bulkhead-load PORT SHARE USER WORK plain|sign|seal DEPTH SECONDS CLOCK
 *
 * WORK: a row of work.c, or connect (logons in turn), or idle (DEPTH sessions,
 * until stdin ends).  CLOCK: a file with the server's CPU time (cpuacct.usage or
 * cpu.stat of its cgroup), read at both edges of the measured window.  The
 * password is in the environment.  One JSON line comes out.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fatal.h"
#include "base/log.h"
#include "base/loop.h"
#include "bench/logon.h"
#include "bench/work.h"
#include "proto/smb2/crypto.h"

#define WARM_NS	 UINT64_C(200000000)
#define IDLE_MAX 20000u

struct window {
	const char *clock;
	uint64_t length, began, ended;
	uint64_t server, client; /* CPU ns */
	uint64_t ops, bytes;
	bool open;
};

/* ---- the window ---- */

static uint64_t
server_ns(const char *path)
{
	FILE *f	   = fopen(path, "re");
	uint64_t v = 0;
	bool us;

	if (!f)
		fatal("no clock path=%s", path);
	us = fscanf(f, "usage_usec %" SCNu64, &v) == 1;
	rewind(f);
	if (!us && fscanf(f, "%" SCNu64, &v) != 1)
		fatal("no clock path=%s", path);
	fclose(f);
	return us ? v * 1000 : v;
}

static uint64_t
client_ns(void)
{
	return (uint64_t)clock() * (1000000000u / CLOCKS_PER_SEC);
}

/* After each operation; false when it is time to stop.  bytes: since the beginning. */
static bool
window_count(struct window *w, uint64_t bytes)
{
	uint64_t now = clock_mono_ns();

	w->ops++;
	if (!w->open && now - w->began >= WARM_NS) {
		w->open	  = true;
		w->ops	  = 0;
		w->server = server_ns(w->clock);
		w->client = client_ns();
		w->bytes  = bytes;
		w->began  = clock_mono_ns();
	} else if (w->open && now - w->began >= w->length) {
		w->ended  = now;
		w->server = server_ns(w->clock) - w->server;
		w->client = client_ns() - w->client;
		w->bytes  = bytes - w->bytes;
		return false;
	}
	return true;
}

static void
window_print(const struct window *w)
{
	printf("{\"ops\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"ns\": %" PRIu64
	       ", \"server_ns\": %" PRIu64 ", \"client_ns\": %" PRIu64 "}\n",
	       w->ops, w->bytes, w->ended - w->began, w->server, w->client);
}

/* ---- operations ---- */

static void
slot_ask(struct load *l, unsigned i)
{
	uint64_t first = l->wire.next_id;

	l->work->ask(l, &l->slots[i]);
	for (uint64_t id = first; id < l->wire.next_id; id++)
		l->owner[id % IDS] = (uint8_t)i;
	(void)wire_end(&l->wire);
}

/* Handles one answer. */
static enum progress
answer_take(struct load *l, unsigned *ret_slot)
{
	struct smb2_element e;

	wire_next(&l->wire, &e);
	*ret_slot = l->owner[e.hdr.message_id % IDS];
	return l->work->told(l, &l->slots[*ret_slot], &e);
}

/* As deep as asked for, once the server has granted the credits. */
static void
slots_fill(struct load *l, unsigned depth, unsigned *io_running)
{
	while (*io_running < depth && l->wire.credits >= l->work->charge)
		slot_ask(l, (*io_running)++);
}

static void
ops_run(struct load *l, unsigned depth, struct window *w)
{
	unsigned running = 0, slot;

	w->began = clock_mono_ns();
	slots_fill(l, depth, &running);
	for (;;) {
		enum progress p = answer_take(l, &slot);

		if (p == WAIT)
			continue;
		if (p == OVER && !window_count(w, l->bytes))
			return;
		if (p == OVER)
			l->slots[slot] = (struct slot){ 0 };
		slot_ask(l, slot);
		slots_fill(l, depth, &running);
	}
}

static void
connect_run(const struct account *a, enum protect p, struct window *w)
{
	static struct wire wire;

	w->began = clock_mono_ns();
	do {
		logon(&wire, a, p);
		wire_drop(&wire);
	} while (window_count(w, 0));
}

/* The buffers are one connection's: nothing more will be read or sent. */
static void
idle_run(const struct account *a, enum protect p, unsigned n)
{
	static struct wire wire;

	for (unsigned i = 0; i < n && i < IDLE_MAX; i++)
		logon(&wire, a, p);
	printf("{\"idle\": %u}\n", n);
	fflush(stdout);
	while (getchar() != EOF)
		continue;
}

/* ---- the call ---- */

static enum protect
protect_of(const char *s)
{
	static const char *const names[] = {
		[PLAIN] = "plain", [SIGNED] = "sign", [SEALED] = "seal"
	};

	for (unsigned i = 0; i < NELEM(names); i++)
		if (strcmp(s, names[i]) == 0)
			return (enum protect)i;
	fatal("plain, sign or seal");
}

static void
work_run(const struct account *a, const char *name, enum protect p, unsigned depth,
	 struct window *w)
{
	static struct load l;

	l.work = work_find(name);
	if (!l.work)
		fatal("no such workload: %s", name);
	logon(&l.wire, a, p);
	work_open(&l);
	ops_run(&l, depth, w);
}

int
main(int argc, char **argv)
{
	struct account a = { .password = getenv("BENCH_PASSWORD") };
	struct window w	 = { 0 };
	unsigned depth;

	log_open("load");
	if (argc != 9 || !a.password || nt_failed(smb2_crypto_init()))
		fatal("usage: bulkhead-load PORT SHARE USER WORK PROTECT DEPTH SECONDS CLOCK");
	a.port	 = (uint16_t)atoi(argv[1]);
	a.share	 = argv[2];
	a.user	 = argv[3];
	depth	 = (unsigned)atoi(argv[6]);
	w.length = (uint64_t)(atof(argv[7]) * 1e9);
	w.clock	 = argv[8];
	if (strcmp(argv[4], "idle") == 0) {
		idle_run(&a, protect_of(argv[5]), depth);
		return 0;
	}
	if (depth == 0 || depth >= DEPTH_MAX)
		fatal("no such depth");
	if (strcmp(argv[4], "connect") == 0)
		connect_run(&a, protect_of(argv[5]), &w);
	else
		work_run(&a, argv[4], protect_of(argv[5]), depth, &w);
	window_print(&w);
	return 0;
}
