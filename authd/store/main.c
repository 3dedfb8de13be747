/*
 * main.c - the store's birth in order: configuration, database, crypto,
 * sandbox, links, loop.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authd/authd.h"
#include "authd/store/logon.h"
#include "base/fatal.h"
#include "base/log.h"
#include "base/secret.h"
#include "proto/auth/mapfile.h"

#define SWEEP_MS 15000u /* a worker that lives is introduced again sooner than this */

static void
store_open(struct store *s, const struct birth *b)
{
	char path[PATH_BOUND + 32];

	ENSURE(b->state && strlen(b->state) < PATH_BOUND);
	if (mkdir(b->state, 0700) != 0 && errno != EEXIST)
		fatal("cannot make %s: %s", log_qs(b->state), strerror(errno));
	(void)snprintf(path, sizeof path, "%s/accounts.mdb", b->state);
	if (nt_failed(db_open(path, ACCOUNTS_MAP, true, &s->accounts)) ||
	    nt_failed(kept_open(b->state, KEPT_FOR_SPAWNER, &s->sessions)) ||
	    nt_failed(kept_open(b->state, KEPT_FOR_BOOT, &s->counters)) ||
	    nt_failed(machine_sid(s->accounts, s->machine)))
		fatal("the account store in %s cannot be used", log_qs(b->state));
}

/* `idmap file` is an administrator's and may be readable by root alone: read here, once. */
static void
map_open(struct store *s)
{
	const char *path = s->conf.idmap_file.s;
	struct stat st;
	uint8_t *text;
	int fd;

	if (!path || !*path)
		return;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > MAPFILE_MAX)
		fatal("`idmap file` cannot be used: %s", log_qs(path));
	text = xcalloc(1, (size_t)st.st_size + 1);
	if (read(fd, text, (size_t)st.st_size) != st.st_size)
		fatal("`idmap file` cannot be read: %s", log_qs(path));
	close(fd);
	s->map = SPAN(text, (size_t)st.st_size);
	map_check(s->map);
}

/* OpenSSL loads what it needs on first use, which must not be behind the seal. */
static void
crypto_warm(struct store *s)
{
	static const uint8_t zero[NTLM_CHALLENGE_SIZE], end[4];
	uint8_t response[128], key[NTLM_KEY_SIZE], out[NTLM_SIGNATURE_SIZE];
	const struct net_addr nowhere = { 0 };
	struct wr w		      = wr_init(response, sizeof response);

	random_bytes(s->nobody, sizeof s->nobody);
	if (nt_failed(ntlm_hash("", s->empty)))
		fatal("MD4 is not available");
	wr_zero(&w, NTLM_PROOF_SIZE);
	ntlm_v2_blob_encode(&w, 0, zero, SPAN(end, sizeof end));
	const struct ntlm_v2_check check = { s->nobody, zero, SPAN_NONE, SPAN_NONE, wr_done(&w) };
	if (!nt_is(ntlm_v2_verify(&check, key), STATUS_WRONG_PASSWORD))
		fatal("a proof of zeroes is not refused");
	ntlm_signature(NTLM_EXTENDED_SESSIONSECURITY | NTLM_KEY_EXCH | NTLM_128 | NTLM_SIGN,
		       s->nobody, NTLM_SERVER, 0, wr_done(&w), out);
	(void)throttle_outcome(s->throttle, "", &nowhere, 0, true);
}

static void
store_join(struct store *s, const struct birth *b, const char *links)
{
	const struct node_conf conf = {
		.loop	   = s->loop,
		.role	   = PEER_STORE,
		.self	   = b->self,
		.channel   = b->channel,
		.links	   = links,
		.listens   = true,
		.methods   = store_methods,
		.n_methods = store_methods_n,
		.events	   = &store_events,
		.me	   = s,
	};

	s->node = node_new(&conf);
}

static void
store_init(struct store *s)
{
	TAILQ_INIT(&s->logons);
	s->contexts = contexts_new(CONTEXTS_MAX);
	s->throttle = throttle_new(COUNTERS_MAX, s->counters);
	store_apply(s);
}

/*
 * SIGTERM comes from the spawner when there is no directory left to say it.
 * Ctrl-C in a terminal reaches every process of the tree: the spawner decides.
 */
static void
on_signal(void *ctx, int signo)
{
	if (signo == SIGTERM)
		store_events.stop(ctx);
}

int
store_main(const struct birth *b)
{
	static struct store me;
	char links[PATH_BOUND + 16];

	if (nt_failed(store_configure(&me, b->part)))
		fatal("no usable configuration came");
	store_open(&me, b);
	map_open(&me);
	store_init(&me);
	crypto_warm(&me);
	me.loop = loop_new();
	loop_on_signal(me.loop, SIGINT, on_signal, &me);
	loop_on_signal(me.loop, SIGTERM, on_signal, &me);
	store_isolate(&me, b, links, sizeof links);
	store_join(&me, b, links);
	store_seal(&me);
	loop_timer_set(me.loop, &me.sweep, SWEEP_MS, sessions_sweep, &me);
	node_serve(me.node, sandbox_walls(&me.box));
	return loop_run(me.loop);
}
