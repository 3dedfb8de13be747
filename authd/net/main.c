/*
 * main.c - the birth of net, in the order of every daemon: the configuration,
 * the files it needs (secret, resolv.conf, hosts), then the walls.
 */
#include <signal.h>

#include "authd/authd.h"
#include "authd/net/domain.h"
#include "authd/net/kdc.h"
#include "base/fatal.h"
#include "base/log.h"
#include "proto/auth/ntlm_crypto.h"
#include "proto/smb2/crypto.h"

static void
on_stop(void *ctx)
{
	struct net *me = ctx;

	loop_stop(me->loop, 0);
}

/*
 * A secret that stands in a file cannot be read behind the walls: end, and be started
 * again by the spawner.  Who waits for a controller is asked about once more by the
 * store.  resolv.conf and hosts are read then as well.
 */
static void
on_reload(void *ctx, struct span part)
{
	struct net *me = ctx;

	if (nt_failed(net_configure(me, part)))
		fatal("a new configuration that cannot be read");
	if (account_in_file(&me->conf)) {
		log_info("starting again to read the machine account's secret");
		loop_stop(me->loop, 0);
		return;
	}
	kdcs_forget_all(me);
	domain_reconfigure(me->domain);
	log_info("net: configuration read again");
}

static const struct node_events net_events = { .stop = on_stop, .reload = on_reload };

/*
 * SIGTERM comes from the spawner when there is no directory left to say it.
 * Ctrl-C in a terminal reaches every process of the tree: the spawner decides.
 */
static void
on_signal(void *ctx, int signo)
{
	if (signo == SIGTERM)
		on_stop(ctx);
}

/* OpenSSL loads what it needs on first use, which must not be behind the seal. */
static void
crypto_warm(void)
{
	static const uint8_t zero[16];
	uint8_t key[NETLOGON_KEY_SIZE], body[16] = { 0 }, token[NETLOGON_TOKEN_SIZE];
	uint8_t hash[NTLM_KEY_SIZE], mic[NTLM_SIGNATURE_SIZE];
	struct netlogon_seal out, in;

	netlogon_session_key(zero, zero, zero, key);
	netlogon_seal_init(&out, key);
	netlogon_seal_init(&in, key);
	in.server = true;
	if (nt_failed(smb2_crypto_init()) || nt_failed(ntlm_hash("", hash)))
		fatal("the algorithms of SMB are not to be had");
	ntlm_signature(NTLM_KEY_EXCH | NTLM_EXTENDED_SESSIONSECURITY, hash, NTLM_CLIENT, 0, SPAN_NONE,
		       mic);
	if (nt_failed(netlogon_seal(&out, body, sizeof body, token)) ||
	    nt_failed(netlogon_unseal(&in, body, sizeof body, SPAN(token, sizeof token))))
		fatal("what was sealed cannot be opened");
}

static void
net_join(struct net *me, const struct birth *b, const char *links)
{
	const struct node_conf conf = {
		.loop	   = me->loop,
		.role	   = PEER_NET,
		.self	   = b->self,
		.channel   = b->channel,
		.links	   = links,
		.listens   = true,
		.methods   = net_methods,
		.n_methods = net_methods_n,
		.events	   = &net_events,
		.me	   = me,
	};

	me->node = node_new(&conf);
}

int
net_main(const struct birth *b)
{
	static struct net me;
	char links[PATH_BOUND + 16];

	if (nt_failed(net_configure(&me, b->part)))
		fatal("no usable configuration came");
	me.loop = loop_new();
	TAILQ_INIT(&me.exchanges);
	me.resolver = resolver_new(me.loop);
	me.kdcs	    = kdcs_new();
	me.domain   = domain_new(&me);
	crypto_warm();
	loop_on_signal(me.loop, SIGINT, on_signal, &me);
	loop_on_signal(me.loop, SIGTERM, on_signal, &me);
	net_isolate(&me, b, links, sizeof links);
	net_join(&me, b, links);
	net_seal(&me);
	node_serve(me.node, sandbox_walls(&me.box));
	return loop_run(me.loop);
}
