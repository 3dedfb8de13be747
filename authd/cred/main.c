/*
 * main.c - the birth of cred in order: configuration, crypto, sandbox, links,
 * loop.
 */
#include <signal.h>

#include "authd/authd.h"
#include "authd/cred/cred.h"
#include "authd/cred/forge.h"
#include "base/fatal.h"

/* OpenSSL loads what it needs on first use, which must not be behind the seal. */
static void
crypto_warm(void)
{
	static const uint8_t info[] = { 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0 }; /* empty names */
	uint8_t hash[NTLM_KEY_SIZE], message[1024], sum[NTLM_SIGNATURE_SIZE];
	const struct ntlm_client a = { .hash	    = hash,
				       .user	    = "",
				       .domain	    = "",
				       .workstation = "",
				       .target	    = "",
				       .flags	    = NTLM_CLIENT_FLAGS,
				       .target_info = SPAN(info, sizeof info) };
	struct wr w		   = wr_init(message, sizeof message);
	struct ntlm_client_keys keys;

	if (nt_failed(ntlm_hash("", hash)) || nt_failed(ntlm_client_answer(&a, &w, &keys)))
		fatal("NTLMv2 is not available");
	ntlm_client_sign(&keys, wr_done(&w), sum);
}

static void
cred_join(struct cred *me, const struct birth *b, const char *links)
{
	const struct node_conf conf = {
		.loop	   = me->loop,
		.role	   = PEER_CRED,
		.self	   = b->self,
		.channel   = b->channel,
		.links	   = links,
		.listens   = true,
		.methods   = cred_methods,
		.n_methods = cred_methods_n,
		.events	   = &cred_events,
		.me	   = me,
	};

	me->node = node_new(&conf);
}

/*
 * SIGTERM comes from the spawner when there is no directory left to say it.
 * Ctrl-C in a terminal reaches every process of the tree: the spawner decides.
 */
static void
on_signal(void *ctx, int signo)
{
	if (signo == SIGTERM)
		cred_events.stop(ctx);
}

int
cred_main(const struct birth *b)
{
	static struct cred me;
	char links[PATH_BOUND + 16];

	if (nt_failed(cred_configure(&me, b->part)))
		fatal("no usable configuration came");
	me.logins    = logins_new(LOGINS_MAX);
	me.nobody    = login_new(); /* CRED_ANONYMOUS is 0 */
	me.exchanges = exchanges_new(EXCHANGES_MAX);
	crypto_warm();
	me.loop = loop_new();
	loop_on_signal(me.loop, SIGINT, on_signal, &me);
	loop_on_signal(me.loop, SIGTERM, on_signal, &me);
	acquire_settle(me.conf.skew_s, me.conf.rc4);
	handshake_settle();
	forge_settle();
	me.jobs = jobs_new(me.loop, kdc_ask, &me);
	cred_isolate(&me, b, links, sizeof links);
	jobs_start(me.jobs);
	cred_join(&me, b, links);
	cred_seal(&me);
	cred_sweep(&me);
	node_serve(me.node, sandbox_walls(&me.box));
	return loop_run(me.loop);
}
